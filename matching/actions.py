"""Answering a suggestion; on the second yes an introduction opens, once."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from common.errors import Conflict, Incomplete, NotAllowed
from matching import emails
from matching.choices import Decision, DeclineReason, Effect, Side
from matching.models import Introduction, Response, Suggestion
from matching.signals import introduction_opened
from matching.work import ask

SEE_CONTACT = "see contact"


@transaction.atomic
def accept(suggestion: Suggestion, *, by: User, side: Side) -> Introduction | None:
    """Say yes for one side; the introduction, if the other side had said yes already."""
    row = _lock(suggestion, by=by, side=side)
    response, created = Response.objects.get_or_create(
        suggestion=row, side=side, defaults={"decision": Decision.ACCEPT, "answered_by": by}
    )
    if not created:
        if response.decision == Decision.ACCEPT:
            return Introduction.objects.filter(suggestion=row).first()
        raise Conflict
    record("accept suggestion", row, by=by, side=side)
    if row.responses.filter(decision=Decision.ACCEPT).count() < len(Side):
        emails.answered(row, side)
        return None
    introduction = Introduction.objects.create(suggestion=row)
    record("open introduction", introduction, by=by)
    emails.introduction_opened(introduction)
    introduction_opened.send(Introduction, introduction=introduction)
    return introduction


@transaction.atomic
def decline(suggestion: Suggestion, *, by: User, side: Side, reason: str, note: str = "") -> None:
    """Say no for one side: the suggestion is closed, the next best takes its place."""
    if reason not in DeclineReason.values:
        raise Incomplete({"reason": _("Choose a reason.")})
    row = _lock(suggestion, by=by, side=side)
    if row.response_of(side):
        raise Conflict
    Response.objects.create(
        suggestion=row,
        side=side,
        decision=Decision.DECLINE,
        decline_reason=reason,
        note=note,
        answered_by=by,
    )
    Suggestion.objects.filter(pk=row.pk).update(closed_at=timezone.now())
    record("decline suggestion", row, by=by, reason=reason, side=side)
    ask(Effect.REFRESH_NEED, row.need_id)


@transaction.atomic
def withdraw(suggestion: Suggestion, *, by: User, side: Side) -> None:
    """Take back a yes while the other side has not answered."""
    row = _lock(suggestion, by=by, side=side)
    if Introduction.objects.filter(suggestion=row).exists():
        raise Conflict
    gone, _rows = Response.objects.filter(
        suggestion=row, side=side, decision=Decision.ACCEPT
    ).delete()
    if not gone:
        raise Conflict
    record("withdraw acceptance", row, by=by, side=side)


@transaction.atomic
def open_contacts(introduction: Introduction, *, by: User) -> None:
    """Show the other side's contact details to one person; written down the first time."""
    if not Introduction.objects.all().visible_to(by).filter(pk=introduction.pk).exists():
        raise NotAllowed
    Introduction.objects.select_for_update().get(pk=introduction.pk)
    if not has_opened_contacts(introduction, by):
        record(SEE_CONTACT, introduction, by=by)


def has_opened_contacts(introduction: Introduction, user: User) -> bool:
    seen = AuditEntry.objects.filter(verb=SEE_CONTACT, by=user, subject_id=introduction.pk)
    return seen.filter(subject_type=introduction._meta.label_lower).exists()


def _lock(suggestion: Suggestion, *, by: User, side: Side) -> Suggestion:
    """The row, held to the end of the transaction: two answers at once wait for each other."""
    if not Suggestion.objects.all().answerable_by(by, side).filter(pk=suggestion.pk).exists():
        raise NotAllowed
    row = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    if row.closed_at or row.expires_at <= timezone.now():
        raise Conflict
    return row
