"""Hints to look at the work to do; every task is safe to run twice."""

import time
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from common.choices import Status
from common.errors import Conflict
from common.hints import hint
from listings.actions import expire
from matching import calibration, clocks, index, rehearsal, runs, scoring, telling
from matching.choices import Effect
from matching.models import Change, Epoch, Suggestion, Work
from matching.stages import STAGES
from matching.work import ask, ask_all, do
from needs.models import Need
from outbox import machinery
from technologies.models import Technology

LONG = {"soft_time_limit": 540, "time_limit": 570}  # a new index of a million takes minutes
BATCH = 100
TURN = 5.0  # seconds that a task gives to a run at a time
GRACE = timedelta(days=30)
KEEP_CHANGES = timedelta(days=2)
PATIENCE = 45.0  # seconds of one sweep: long work must not pile up sweeps
WITHOUT_BEAT = timedelta(seconds=30)  # then whoever gets a hint sweeps too
NIGHT = 2  # o'clock, UTC
SWEEPER = "matching sweep"
EFFECTS: dict[str, Callable[[int], None]] = {
    Effect.REFRESH_NEED: scoring.refresh_need,
    Effect.REFRESH_TECHNOLOGY: scoring.refresh_technology,
    Effect.REHEARSE: rehearsal.rehearse,
    Effect.CALIBRATE: calibration.propose_once,
    Effect.TELL_ORGANISATION: telling.tell_organisation,
    Effect.DIGEST: telling.tell_person,
    Effect.REMIND: clocks.remind,
    Effect.EXPIRE: clocks.expire,
    Effect.REBUILD: index.rebuild,
}
TELLING = (Effect.TELL_ORGANISATION, Effect.DIGEST)
DIGESTS = 500  # in one sweep
# What brings no news that a mail would wait for.
UNHEARD = (*TELLING, Effect.REHEARSE, Effect.CALIBRATE, Effect.REBUILD)


@shared_task(**LONG)
def do_work(pk: int) -> None:
    do(pk, EFFECTS)
    tell_when_at_rest()
    if machinery.is_silent(SWEEPER, WITHOUT_BEAT):
        sweep()


@shared_task(**LONG)
def advance_run(pk: int) -> None:
    """Take part in a run for a few seconds, then let other tasks have their turn."""
    if _advance():
        hint(advance_run, pk)


@shared_task(**LONG)
def sweep() -> None:
    """Do what a lost hint left."""
    machinery.seen(SWEEPER)
    _do_changes()
    _advance()
    tell_when_at_rest()


@shared_task
def nightly_when_due() -> None:
    """Asked for often, by one beat or two: each night once, and made up for after a standstill."""
    machinery.run_once("nightly", machinery.last_due(NIGHT), nightly)


@shared_task
def nightly() -> None:
    """Age listings, end the wait for answers, forget old changes, and match every need anew."""
    for model in (Technology, Need):
        _age(model)
    end_waiting()
    _forget_changes()
    ask(Effect.CALIBRATE, 0, hint=False)
    ask_all(Effect.TELL_ORGANISATION, telling.organisations_with_news())
    runs.start(timezone.localdate())


def _forget_changes() -> None:
    """Those that every index has seen: none is older than the epoch before the current one."""
    epochs = list(Epoch.objects.order_by("-pk").values_list("started_at", flat=True)[:2])
    until = min([timezone.now() - KEEP_CHANGES, *(at - index.OVERLAP for at in epochs)])
    Change.objects.filter(at__lt=until).delete()


def _do_changes() -> None:
    ends = time.monotonic() + PATIENCE
    rows = Work.objects.all().due().exclude(effect__in=TELLING)
    for pk in list(rows.values_list("pk", flat=True)[:BATCH]):
        if time.monotonic() > ends:
            return
        do(pk, EFFECTS)


def _advance() -> bool:
    """Do chunks of the run under way, single changes first; True when there may be more."""
    until = time.monotonic() + TURN
    while runs.step(STAGES):
        _do_changes()
        if time.monotonic() > until:
            return True
    return False


def _age(model: type[Technology] | type[Need]) -> None:
    today = timezone.localdate()
    aged = model.objects.filter(
        status__in=[Status.PUBLISHED, Status.CONFIRMATION_DUE],
        confirm_by__lt=today,
        organisation__imported=False,
    )
    late = aged.filter(status=Status.CONFIRMATION_DUE, confirm_by__lt=today - GRACE)
    for listing in [*late, *aged.filter(status=Status.PUBLISHED)]:
        try:
            expire(listing)
        except Conflict:  # its author was quicker
            continue


def end_waiting() -> None:
    """Overdue suggestions whose clock was never set are closed like the others."""
    overdue = Suggestion.objects.filter(
        closed_at__isnull=True, expires_at__lte=timezone.now(), introduction__isnull=True
    )
    ask_all(Effect.EXPIRE, overdue.values_list("pk", flat=True))


def tell_when_at_rest() -> None:
    """Write to people once no scoring is left, so that many changes make one e-mail; a digest
    whose hour has come waits for nothing.
    """
    scoring_left = Work.objects.all().pressing().exclude(effect__in=UNHEARD).exists()
    if not scoring_left and not runs.under_way():
        _do_due(Effect.TELL_ORGANISATION)
    _do_due(Effect.DIGEST)


def _do_due(effect: Effect) -> None:
    rows = Work.objects.all().due().filter(effect=effect)
    for pk in list(rows.values_list("pk", flat=True)[:DIGESTS]):
        do(pk, EFFECTS)
