"""Work as rows: asked for in the transaction that needs it, claimed, done, retried, parked."""

import logging
import random
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Least
from django.utils import timezone

from common import clock
from matching.choices import Effect
from matching.models import Work
from matching.signals import work_asked

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
MANY = 500
LATE = timedelta(minutes=10)
FREE: dict[str, Any] = {"claimed_at": None, "claimed_by": ""}


def ask(
    effect: Effect,
    subject_id: int,
    *,
    hint: bool = True,
    due_at: datetime | None = None,
    move: bool = False,
) -> None:
    """Have ``effect`` done for a record, soon or from ``due_at`` on; asking twice before it is done
    does it once, at the earlier time unless it shall ``move``.
    """
    first = {"due_at": due_at or timezone.now()}
    find = {"effect": effect, "subject_id": subject_id}
    row, created = Work.objects.get_or_create(**find, defaults=first)
    again = _afresh() | ({"due_at": _due(due_at, move=move)} if due_at else {})
    while not created and not _ask_again(row.pk, again):  # finished between the two statements
        row, created = Work.objects.get_or_create(**find, defaults=first)
    if hint:
        transaction.on_commit(lambda: work_asked.send(Work, pk=row.pk), robust=True)


def _due(moment: datetime, *, move: bool) -> Any:
    return moment if move else Least(F("due_at"), Value(moment, output_field=DateTimeField()))


def _ask_again(pk: int, columns: dict[str, Any]) -> int:
    return Work.objects.filter(pk=pk).update(wanted=F("wanted") + 1, **columns)


def _afresh() -> dict[str, Any]:
    return {"due_at": clock.now(), "attempts": 0, "parked_at": None, "last_error": ""}


def ask_all(effect: Effect, subject_ids: Iterable[int]) -> None:
    """The same for many records at once; the sweep finds them."""
    ids = list(subject_ids)
    for start in range(0, len(ids), MANY):
        part = ids[start : start + MANY]
        rows = Work.objects.filter(effect=effect, subject_id__in=part)
        rows.update(wanted=F("wanted") + 1, **_afresh())
        new = [Work(effect=effect, subject_id=pk, due_at=timezone.now()) for pk in part]
        Work.objects.bulk_create(new, ignore_conflicts=True)


def ask_each(effect: Effect, due: dict[int, datetime]) -> None:
    """For many records, each at its own moment, which takes the place of an earlier one."""
    known = Work.objects.filter(effect=effect, subject_id__in=due)
    for pk in list(known.values_list("subject_id", flat=True)):
        ask(effect, pk, due_at=due.pop(pk), move=True, hint=False)
    new = [Work(effect=effect, subject_id=pk, due_at=at) for pk, at in due.items()]
    Work.objects.bulk_create(new, ignore_conflicts=True, batch_size=MANY)


def do(pk: int, effects: dict[str, Callable[[int], None]]) -> bool:
    """Claim the row and bring its effect about; True when it was this call that did it."""
    seen = _claim(pk)
    if seen is None:
        return False
    try:
        effects[seen.effect](seen.subject_id)
    except Exception as error:
        log.exception("work %s failed", seen)
        _postpone(seen, error)
        return False
    mine = Work.objects.filter(pk=pk, claimed_by=seen.claimed_by)
    done, _rows = mine.filter(wanted=seen.wanted).delete()
    if not done:  # asked again meanwhile
        mine.update(**FREE, attempts=0)
    return True


def _claim(pk: int) -> Work | None:
    """Ours until the lease ends; whoever finds another name later changes nothing."""
    now = clock.now()
    with transaction.atomic():
        due = Work.objects.all().due(now).filter(pk=pk)
        row = due.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        mine = Work.objects.filter(pk=pk)
        if row.attempts >= MAX_ATTEMPTS:
            mine.update(**FREE, parked_at=now, last_error="WorkerDied")
            return None
        row.claimed_by, row.attempts = secrets.token_hex(16), row.attempts + 1
        mine.update(claimed_at=now, claimed_by=row.claimed_by, attempts=row.attempts)
    return row


def _postpone(row: Work, error: Exception) -> None:
    """Later again, after the fifth time not at all; afresh if it was asked for meanwhile."""
    now = clock.now()
    last = row.attempts >= MAX_ATTEMPTS
    pause = random.uniform(1, 2 * 2**row.attempts)  # noqa: S311 - apart from its fellows
    mine = Work.objects.filter(pk=row.pk, claimed_by=row.claimed_by)
    postponed = mine.filter(wanted=row.wanted).update(
        **FREE,
        due_at=now + timedelta(seconds=pause),
        parked_at=now if last else None,
        last_error=type(error).__name__,
    )
    if not postponed:
        mine.update(**FREE, attempts=0, last_error=type(error).__name__)


def standing_still() -> list[str]:
    """For the dead-man check: work that is late, and work that was given up."""
    now = clock.now()
    waiting = Work.objects.all().waiting()
    late = waiting.filter(due_at__lt=now - LATE).count()
    parked = Work.objects.filter(parked_at__isnull=False).count()
    found = [f"{late} pieces of work have waited for over ten minutes"] if late else []
    return [*found, f"{parked} pieces of work were given up"] if parked else found
