"""Hints to look at the outbox; every task is safe to run twice."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from outbox import delivery, events, leases, machinery, reconcile

PATIENCE = settings.OUTBOX_LEASE / 4  # a mail server that hangs must not pile up sweeps
WITHOUT_BEAT = timedelta(seconds=30)  # then whoever gets a hint sweeps too
NIGHT = 3  # o'clock, UTC
# Shorter than the lease: nobody else can hold what a task still works on.
LIMITS = {
    "soft_time_limit": settings.OUTBOX_LEASE * 5 // 6,
    "time_limit": settings.OUTBOX_LEASE * 17 // 18,
}


@shared_task(**LIMITS)
def deliver_message(pk: int) -> None:
    delivery.deliver(pk)
    if machinery.is_silent(machinery.SWEEPER, WITHOUT_BEAT):
        sweep()


@shared_task(**LIMITS)
def sweep() -> None:
    """Send what a lost hint left, and settle what a dead worker left half done."""
    machinery.seen(machinery.SWEEPER)
    leases.settle()
    events.process_due()
    reconcile.ask_about_unknown()
    delivery.deliver_due(PATIENCE)
    machinery.run_once("forget mail events", machinery.last_due(NIGHT), events.forget_old)
