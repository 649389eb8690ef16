"""Hints to look at the outbox; every task is safe to run twice."""

import logging
import time

from celery import shared_task

from outbox.choices import MessageKind, MessageStatus
from outbox.delivery import deliver
from outbox.models import Message

BATCH = 50
PATIENCE = 45.0  # seconds of one sweep: a mail server that hangs must not pile up sweeps
log = logging.getLogger(__name__)


@shared_task
def deliver_message(pk: int) -> None:
    deliver(pk)


@shared_task
def sweep() -> None:
    """Send what a lost hint left, and settle what a dead worker left half done."""
    settle()
    started = time.monotonic()
    due = Message.objects.all().due().order_by("next_attempt_at").values_list("pk", flat=True)
    for pk in list(due[:BATCH]):
        if time.monotonic() - started > PATIENCE:
            return
        try:
            deliver(pk)
        except Exception:
            log.exception("message %s was not delivered", pk)


def settle() -> None:
    Message.objects.all().abandoned_before_data().update(
        status=MessageStatus.QUEUED, claimed_at=None
    )
    lost = list(Message.objects.all().abandoned_in_data().values_list("pk", flat=True))
    rows = Message.objects.filter(pk__in=lost, status=MessageStatus.SENDING)
    rows.filter(kind=MessageKind.ACCOUNT).update(text="", html="")
    rows.update(status=MessageStatus.UNKNOWN)
