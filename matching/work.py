"""Work as rows: asked for in the transaction that needs it, claimed, done, retried, parked."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from matching.choices import Effect
from matching.models import Work
from matching.signals import work_asked

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
MANY = 500


def ask(effect: Effect, subject_id: int, *, hint: bool = True) -> None:
    """Have ``effect`` done for a record soon; asking twice before it is done does it once."""
    row, created = Work.objects.get_or_create(effect=effect, subject_id=subject_id)
    while not created and not _ask_again(
        row.pk
    ):  # a worker finished the row between the two statements
        row, created = Work.objects.get_or_create(effect=effect, subject_id=subject_id)
    if hint:
        transaction.on_commit(lambda: work_asked.send(Work, pk=row.pk), robust=True)


def _ask_again(pk: int) -> int:
    return Work.objects.filter(pk=pk).update(wanted=F("wanted") + 1, **_afresh())


def _afresh() -> dict[str, Any]:
    return {"due_at": timezone.now(), "attempts": 0, "parked_at": None, "last_error": ""}


def ask_all(effect: Effect, subject_ids: Iterable[int]) -> None:
    """The same for many records at once; the sweep finds them."""
    ids = list(subject_ids)
    for start in range(0, len(ids), MANY):
        part = ids[start : start + MANY]
        rows = Work.objects.filter(effect=effect, subject_id__in=part)
        rows.update(wanted=F("wanted") + 1, **_afresh())
        new = [Work(effect=effect, subject_id=pk) for pk in part]
        Work.objects.bulk_create(new, ignore_conflicts=True)


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
    done, _rows = Work.objects.filter(pk=pk, wanted=seen.wanted).delete()
    if not done:  # asked again meanwhile
        Work.objects.filter(pk=pk).update(claimed_at=None, attempts=0)
    return True


def _claim(pk: int) -> Work | None:
    row = Work.objects.all().due().filter(pk=pk).first()
    if row is None:
        return None
    held = row.claimed_at
    rows = (
        Work.objects.filter(pk=pk, claimed_at=held)
        if held
        else Work.objects.filter(pk=pk, claimed_at__isnull=True)
    )
    now = timezone.now()
    if not rows.update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    row.refresh_from_db()
    if row.attempts > MAX_ATTEMPTS:
        Work.objects.filter(pk=pk).update(parked_at=now, claimed_at=None, last_error="WorkerDied")
        return None
    return row


def _postpone(row: Work, error: Exception) -> None:
    """Later again, after the fifth time not at all; afresh if it was asked for meanwhile."""
    now = timezone.now()
    last = row.attempts >= MAX_ATTEMPTS
    rows = Work.objects.filter(pk=row.pk)
    postponed = rows.filter(wanted=row.wanted).update(
        claimed_at=None,
        due_at=now + timedelta(seconds=2**row.attempts),
        parked_at=now if last else None,
        last_error=type(error).__name__,
    )
    if not postponed:
        rows.update(claimed_at=None, attempts=0, last_error=type(error).__name__)
