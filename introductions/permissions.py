"""Who takes part in an introduction: the members of its two sides, and a programme manager whom
they let in.
"""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from accounts.models import User
from common.errors import Conflict, NotAllowed
from introductions.models import Broker, Milestone
from matching.choices import Side
from matching.models import Introduction
from partners.models import Membership, Organisation


def open_to(user: User | AnonymousUser) -> QuerySet[Introduction]:
    """Introductions whose confidential part the user may read."""
    rows: QuerySet[Introduction] = Introduction.objects.all().visible_to(user)
    if isinstance(user, User):
        also = Introduction.objects.all().in_good_standing()
        rows = Introduction.objects.filter(
            Q(pk__in=rows.values("pk"))
            | Q(pk__in=also.filter(pk__in=joined(user).values("introduction")).values("pk"))
        )
    return rows.select_related(
        "suggestion__need__organisation", "suggestion__technology__organisation"
    )


def joined(user: User) -> QuerySet[Broker]:
    """Where the user takes part as programme manager, and still is one."""
    needs = import_string(f"{settings.PROGRAMMES}.need_ids_of")(user)
    rows = Broker.objects.filter(person=user, joined_at__isnull=False, ended_at__isnull=True)
    return rows.filter(introduction__suggestion__need__in=needs)


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


def hold_to_speak(introduction: Introduction, side: str, *, by: User) -> Introduction:
    """For a side, or (``side`` empty) for the programme manager who has joined."""
    if side:
        return hold_for(introduction, side, by=by)
    row = hold(introduction, by=by)
    if sides_of(row, by) or not joined(by).filter(introduction=row).exists():
        raise NotAllowed
    return row


def is_closed(introduction: Introduction) -> bool:
    return Milestone.objects.closing().filter(introduction=introduction).exists()


def require_open(introduction: Introduction) -> None:
    if is_closed(introduction):
        raise Conflict
