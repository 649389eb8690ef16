"""Whether the machinery moves: heartbeats, a rest for a failing server, jobs that run once."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from common import clock
from outbox.choices import MessageStatus
from outbox.models import Message, Part, Run
from outbox.signals import machinery_checked

LATE = timedelta(minutes=10)
SILENT = timedelta(minutes=5)
SHORTEST_REST = 5.0
LONGEST_REST = 60.0
RUN_LEASE = timedelta(minutes=15)
KEEP_RUNS = timedelta(days=60)
SWEEPER = "outbox sweep"


def seen(name: str) -> None:
    """A heartbeat."""
    Part.objects.update_or_create(name=name, defaults={"seen_at": clock.now()})


def is_silent(name: str, silence: timedelta) -> bool:
    """Nobody has seen it for so long."""
    return not Part.objects.filter(name=name, seen_at__gt=clock.now() - silence).exists()


def rests(name: str) -> bool:
    return Part.objects.filter(name=name, rests_until__gt=clock.now()).exists()


def failing(name: str) -> bool:
    return Part.objects.filter(name=name, failures__gt=0).exists()


def fails(name: str, error: str) -> datetime:
    """Give it a rest: five seconds at first, a minute at most; until when."""
    now = clock.now()
    part, _created = Part.objects.get_or_create(name=name)
    bound = min(LONGEST_REST, SHORTEST_REST * 2 ** min(part.failures, 10))
    until = now + timedelta(seconds=random.uniform(bound / 2, bound))  # noqa: S311 - not a secret
    Part.objects.filter(pk=part.pk).update(
        failures=F("failures") + 1, rests_until=until, last_error=error[:300]
    )
    return until


def works(name: str) -> None:
    Part.objects.filter(name=name, failures__gt=0).update(failures=0, rests_until=None)


def run_once(job: str, due_at: datetime, what: Callable[[], None]) -> bool:
    """Run ``what`` for this due time unless somebody does or did; True when it was done here.

    A run whose worker died is taken over after a while.
    """
    now = clock.now()
    run, created = Run.objects.get_or_create(job=job, due_at=due_at, defaults={"claimed_at": now})
    lost = Run.objects.filter(pk=run.pk, done_at=None, claimed_at__lt=now - RUN_LEASE)
    if not created and not lost.update(claimed_at=now):
        return False
    what()
    Run.objects.filter(pk=run.pk).update(done_at=clock.now())
    Run.objects.filter(due_at__lt=now - KEEP_RUNS).delete()
    return True


def last_due(hour: int) -> datetime:
    """The last time at which it was ``hour`` o'clock (UTC)."""
    now = clock.now()
    today = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def troubles() -> list[str]:
    """What stands still, in words for the operator; nothing when all is well."""
    found = [*_late_mail(), *_silent_sweeper()]
    answers: Any = machinery_checked.send(Part)
    for _receiver, more in answers:
        found += more or []
    return found


def _late_mail() -> list[str]:
    oldest = Message.objects.all().due().first()
    unasked = Message.objects.filter(
        status=MessageStatus.SENDING, claimed_at__lt=clock.now() - LATE
    )
    found = []
    if oldest and clock.now() - oldest.next_attempt_at > LATE:
        found.append(f"the oldest due e-mail has waited since {oldest.next_attempt_at:%H:%M} UTC")
    if unasked.exists():
        found.append("e-mails of lost workers are not settled")
    return found


def _silent_sweeper() -> list[str]:
    part = Part.objects.filter(name=SWEEPER).first()
    if part is None or part.seen_at is None:
        return ["the sweeper has never run"]
    if clock.now() - part.seen_at > SILENT:
        return [f"the sweeper has not run since {part.seen_at:%Y-%m-%d %H:%M} UTC"]
    return []
