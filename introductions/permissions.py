"""Who takes part in an introduction: the members of its two sides, and nobody else."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from common.errors import Conflict, NotAllowed
from introductions.models import Milestone
from matching.choices import Side
from matching.models import Introduction
from partners.models import Membership, Organisation


def open_to(user: User | AnonymousUser) -> QuerySet[Introduction]:
    """Introductions whose confidential part the user may read."""
    rows: QuerySet[Introduction] = Introduction.objects.all().visible_to(user)
    return rows.select_related(
        "suggestion__need__organisation", "suggestion__technology__organisation"
    )


def organisation_of(introduction: Introduction, side: str) -> Organisation:
    organisation: Organisation = getattr(introduction.suggestion, side).organisation
    return organisation


def other(side: str) -> Side:
    return Side.TECHNOLOGY if side == Side.NEED else Side.NEED


def sides_of(introduction: Introduction, user: User) -> list[Side]:
    """The sides that the user acts for; both for somebody who belongs to both."""
    own = set(Membership.objects.filter(user=user).values_list("organisation", flat=True))
    return [side for side in Side if organisation_of(introduction, side).pk in own]


def hold(introduction: Introduction, *, by: User) -> Introduction:
    """The row, locked to the end of the transaction: what two people do at once waits in line."""
    row = open_to(by).select_for_update(of=("self",)).filter(pk=introduction.pk).first()
    if row is None:
        raise NotAllowed
    return row


def hold_for(introduction: Introduction, side: str, *, by: User) -> Introduction:
    row = hold(introduction, by=by)
    if side not in sides_of(row, by):
        raise NotAllowed
    return row


def is_closed(introduction: Introduction) -> bool:
    return Milestone.objects.closing().filter(introduction=introduction).exists()


def require_open(introduction: Introduction) -> None:
    if is_closed(introduction):
        raise Conflict
