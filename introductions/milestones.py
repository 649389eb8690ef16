"""Reporting milestones: one side says it, the other confirms or contests; nothing is edited."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import User
from common.errors import Conflict, Incomplete, NotAllowed
from introductions import emails
from introductions.actions import attach
from introductions.choices import CloseReason, Step, Word
from introductions.models import Milestone, MilestoneAnswer, Reminder
from introductions.permissions import hold_for, other, require_open, sides_of
from introductions.uploads import Checked
from matching.choices import Side
from matching.models import Introduction

ORDER = tuple(Step.values)
DAYS_TO_CONFIRM = 14
REMIND_AFTER = (5, 12)


@transaction.atomic
def report(
    introduction: Introduction,
    *,
    by: User,
    side: Side,
    step: str,
    day: date,
    note: str = "",
    file: Checked | None = None,
) -> Milestone:
    """Say that a milestone was reached; the other side is asked to confirm it."""
    row = hold_for(introduction, side, by=by)
    require_open(row)
    if step not in ORDER or step == Step.CLOSED:
        raise Incomplete({"step": _("Choose a milestone.")})
    known = Milestone.objects.standing().filter(introduction=row)
    if known.filter(step=step).exists():
        raise Incomplete({"step": _("This milestone has been reported already. Correct it there.")})
    _check_day(row, step, day)
    milestone = Milestone.objects.create(
        introduction=row, step=step, day=day, note=note, side=side, by=by
    )
    if file is not None:
        attach(file, milestone=milestone)
    record("report milestone", row, by=by, side=side, step=step, milestone=milestone.pk)
    _ask_to_confirm(milestone)
    return milestone


@transaction.atomic
def correct(
    milestone: Milestone,
    *,
    by: User,
    side: Side,
    day: date,
    note: str = "",
    file: Checked | None = None,
) -> Milestone:
    """A new entry takes the place of one's own; the old one stays in sight."""
    row = hold_for(milestone.introduction, side, by=by)
    old = Milestone.objects.for_timeline().get(pk=milestone.pk)
    if old.side != side:
        raise NotAllowed
    if old.is_replaced or old.step == Step.CLOSED:
        raise Conflict
    require_open(row)
    known = Milestone.objects.standing().filter(introduction=row, step=old.step)
    if known.exclude(pk=old.pk).exists():
        raise Conflict
    _check_day(row, old.step, day)
    new = Milestone.objects.create(
        introduction=row, step=old.step, day=day, note=note, side=side, by=by, corrects=old
    )
    if file is not None:
        attach(file, milestone=new)
    record("correct milestone", row, by=by, side=side, step=old.step, milestone=new.pk)
    _ask_to_confirm(new)
    return new


@transaction.atomic
def confirm(milestone: Milestone, *, by: User, side: Side) -> None:
    _answer(milestone, by=by, side=side, word=Word.CONFIRMED)


@transaction.atomic
def contest(milestone: Milestone, *, by: User, side: Side, reason: str) -> None:
    """It was not so, or not yet: the side that reported it reads why and can correct it."""
    if not reason.strip():
        raise Incomplete({"reason": _("Say what is not right: the other side will read it.")})
    _answer(milestone, by=by, side=side, word=Word.CONTESTED, reason=reason.strip())


def _answer(milestone: Milestone, *, by: User, side: Side, word: Word, reason: str = "") -> None:
    row = hold_for(milestone.introduction, side, by=by)
    held = Milestone.objects.for_timeline().get(pk=milestone.pk)
    if held.side == side:
        raise NotAllowed
    if not held.waits:
        raise Conflict
    MilestoneAnswer.objects.create(milestone=held, word=word, reason=reason, side=side, by=by)
    record(f"{word} milestone", row, by=by, side=side, milestone=held.pk, reason=reason)
    emails.milestone_answered(held, word)


@transaction.atomic
def close(
    introduction: Introduction, *, by: User, side: Side, reason: str, note: str = ""
) -> Milestone:
    """One side ends it: contact details and conversation close at once, for both."""
    row = hold_for(introduction, side, by=by)
    return _close(row, by=by, side=side, reason=reason, note=note)


@transaction.atomic
def close_for_safety(introduction: Introduction, *, by: User, note: str) -> None:
    """An admin ends it, with a reason that both sides read."""
    if not by.has_perm("matching.change_introduction") or sides_of(introduction, by):
        raise NotAllowed
    row = Introduction.objects.select_for_update(of=("self",)).get(pk=introduction.pk)
    _close(row, by=by, side="", reason=CloseReason.OTHER, note=note)


def _close(introduction: Introduction, *, by: User, side: str, reason: str, note: str) -> Milestone:
    require_open(introduction)
    if reason not in CloseReason.values:
        raise Incomplete({"reason": _("Choose a reason.")})
    milestone = Milestone.objects.create(
        introduction=introduction,
        step=Step.CLOSED,
        day=timezone.localdate(),
        note=note,
        reason=reason,
        side=side,
        by=by,
    )
    record("close introduction", introduction, by=by, reason=reason, side=side)
    emails.introduction_closed(milestone)
    if side:
        _remind_later(milestone)
    return milestone


def _check_day(introduction: Introduction, step: str, day: date) -> None:
    """Steps may be skipped and reported late, but they happened one after the other."""
    if day > timezone.localdate() + timedelta(days=1):  # it may be tomorrow already where they are
        raise Incomplete(
            {"day": _("Give a day that has come: plans belong into the conversation.")}
        )
    known = Milestone.objects.standing().filter(introduction=introduction).exclude(step=step)
    at = ORDER.index(step)
    for stood in known:
        before = ORDER.index(stood.step) < at
        if (before and day < stood.day) or (not before and day > stood.day):
            words = {"step": stood.get_step_display(), "day": stood.day.isoformat()}
            text = (
                _("It cannot be before this milestone: %(step)s, %(day)s.")
                if before
                else _("It cannot be after this milestone: %(step)s, %(day)s.")
            )
            raise Incomplete({"day": text % words})


def _ask_to_confirm(milestone: Milestone) -> None:
    emails.milestone_reported(milestone)
    _remind_later(milestone)


def _remind_later(milestone: Milestone) -> None:
    Reminder.objects.bulk_create(
        Reminder(milestone=milestone, due_at=milestone.at + timedelta(days=days))
        for days in REMIND_AFTER
    )


@transaction.atomic
def remind(pk: int) -> None:
    """Do a reminder that is due, once: nothing is sent when the other side has answered."""
    row = Reminder.objects.all().due().select_for_update().filter(pk=pk).first()
    if row is None:
        return
    milestone = Milestone.objects.for_timeline().get(pk=row.milestone_id)
    if milestone.waits:
        emails.milestone_waits(milestone, row)
    row.done_at = timezone.now()
    row.save(update_fields=["done_at"])


def may_answer(milestone: Milestone, sides: list[Side]) -> Side | None:
    """The side of the reader whose word a milestone waits for."""
    asked = other(milestone.side) if milestone.side else None
    return asked if milestone.waits and asked in sides else None
