"""Answering a suggestion; on the second yes an introduction opens, once."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import User
from common.errors import Conflict, Incomplete, NotAllowed
from common.templatetags.dates import day
from matching import clocks, emails, lessons, notices
from matching.choices import Decision, DeclineReason, Effect, Side
from matching.models import Introduction, Pause, Response, Suggestion
from matching.signals import introduction_opened
from matching.work import ask


@transaction.atomic
def accept(
    suggestion: Suggestion, *, by: User, side: Side, message: str = ""
) -> Introduction | None:
    """Say yes for one side; the introduction, if the other side had said yes already.

    ``message`` is kept closed with the answer and becomes the first of the introduction's thread.
    """
    row = _lock(suggestion, by=by, side=side)
    said = {"decision": Decision.ACCEPT, "answered_by": by, "message": message.strip()}
    if said["message"]:
        said["message_language"] = get_language() or by.language
    response, created = Response.objects.get_or_create(suggestion=row, side=side, defaults=said)
    if not created:
        if response.decision == Decision.ACCEPT:
            return Introduction.objects.filter(suggestion=row).first()
        raise Conflict
    record("accept suggestion", row, by=by, side=side)
    lessons.follow(row, side)
    if row.responses.filter(decision=Decision.ACCEPT).count() < len(Side):
        emails.answered(row, side, response)
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
    lessons.follow(row, side, reason)
    notices.declined(row, side)
    ask(Effect.REFRESH_NEED, row.need_id)


@transaction.atomic
def later(suggestion: Suggestion, *, by: User, side: Side, until: date) -> None:
    """Put the answer of one side off: no reminder before that day, and time to answer after it."""
    row = _lock(suggestion, by=by, side=side)
    if row.response_of(side):
        raise Conflict
    first, last = clocks.pause_range(row, side)
    if not first <= until <= last:
        text = _("Choose a day from %(first)s to %(last)s.")
        raise Incomplete({"until": text % {"first": day(first), "last": day(last)}})
    said = {"until": until, "asked_by": by}
    Pause.objects.update_or_create(
        suggestion=row,
        side=side,
        defaults=said,
        create_defaults={**said, "asked_at": timezone.now()},
    )
    record("answer later", row, by=by, side=side, until=until.isoformat())
    clocks.put_off(row, side, until)


@transaction.atomic
def withdraw(suggestion: Suggestion, *, by: User, side: Side) -> None:
    """Take back a yes while the other side has not answered."""
    row = _lock(suggestion, by=by, side=side)
    if Introduction.objects.filter(suggestion=row).exists():
        raise Conflict
    response = Response.objects.filter(suggestion=row, side=side, decision=Decision.ACCEPT).first()
    if response is None:
        raise Conflict
    notices.withdrawn(row, side, answer=response.pk)
    response.delete()
    record("withdraw acceptance", row, by=by, side=side)
    lessons.follow(row, side)


def _lock(suggestion: Suggestion, *, by: User, side: Side) -> Suggestion:
    """The row, held to the end of the transaction: two answers at once wait for each other."""
    if not Suggestion.objects.all().answerable_by(by, side).filter(pk=suggestion.pk).exists():
        raise NotAllowed
    row = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    if row.closed_at or row.expires_at <= timezone.now():
        raise Conflict
    return row
