"""Who holds which e-mail: claims that expire, by the database's clock, and only their holder ends.

A claim is a row locked for a moment and marked with a name used once. Whoever comes late finds
another name, or none, and changes nothing.
"""

import logging
import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from common import clock
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message

log = logging.getLogger(__name__)
MOST_DEATHS = 20
INSIST_FOR = 30.0  # seconds: an answer of the mail server is worth waiting for the database
HELD = (MessageStatus.CLAIMED, MessageStatus.SENDING, MessageStatus.UNKNOWN)
FREE: dict[str, Any] = {"status": MessageStatus.QUEUED, "claimed_at": None, "claimed_by": ""}


def claim(limit: int, *, pk: int | None = None) -> list[Message]:
    """Up to ``limit`` due e-mails, oldest first, that nobody else holds or is about to hold."""
    now = clock.now()
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(8)}"
    with transaction.atomic():
        due = Message.objects.all().due(now)
        if pk is not None:
            due = due.filter(pk=pk)
        free = due.select_for_update(skip_locked=True).values_list("pk", flat=True)
        pks = list(free[:limit])
        if not pks:
            return []
        Message.objects.filter(pk__in=pks, status=MessageStatus.QUEUED).update(
            status=MessageStatus.CLAIMED, claimed_at=now, claimed_by=holder
        )
    mine = Message.objects.filter(pk__in=pks, claimed_by=holder, status=MessageStatus.CLAIMED)
    return list(mine.select_related("recipient").order_by("next_attempt_at", "pk"))


def begin_sending(message: Message) -> bool:
    """Written down just before the content is handed over; False when the claim has been lost."""
    mine = Message.objects.filter(
        pk=message.pk, status=MessageStatus.CLAIMED, claimed_by=message.claimed_by
    )
    return bool(mine.update(status=MessageStatus.SENDING, claimed_at=clock.now()))


def close(message: Message, **columns: Any) -> bool:
    """Write what became of a held e-mail, even if the database must come back first."""
    mine = Message.objects.filter(
        pk=message.pk, status__in=HELD, claimed_by=message.claimed_by
    ).exclude(claimed_by="")
    return bool(_insist(lambda: mine.update(**columns)))


def _insist(write: Callable[[], int]) -> int:
    give_up = time.monotonic() + INSIST_FOR
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > give_up:
                raise
            connection.close()
            time.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - a pause, not a secret


def release(messages: Iterable[Message]) -> None:
    """Give back what was claimed and not touched."""
    for message in messages:
        close(message, **FREE)


def queue_at(message: Message, at: datetime, **columns: Any) -> bool:
    return close(message, **{**FREE, "next_attempt_at": at, **columns})


def settle() -> None:
    """End the claims of workers that died: back to the queue, or to those nobody knows about."""
    for message in Message.objects.all().abandoned_before_data():
        _requeue_after_death(message)
    for message in Message.objects.all().abandoned_in_data():
        _declare_unknown(message)


def _requeue_after_death(message: Message) -> None:
    deaths = message.deaths + 1
    pause = timedelta(seconds=random.uniform(0, 5 * deaths))  # noqa: S311 - apart from its fellows
    columns = {**FREE, "deaths": deaths, "next_attempt_at": clock.now() + pause}
    if deaths >= MOST_DEATHS:
        log.error("message %s is given up: %s workers died with it", message.pk, deaths)
        columns |= {"status": MessageStatus.FAILED, "last_error": "WorkerDied"}
    _still_as_seen(message).update(**columns)


def _declare_unknown(message: Message) -> None:
    columns: dict[str, Any] = {
        "status": MessageStatus.UNKNOWN,
        "next_attempt_at": clock.now(),
        "last_error": "WorkerDied",
    }
    if message.kind == MessageKind.ACCOUNT:
        columns |= {"text": "", "html": ""}
    if _still_as_seen(message).update(**columns):
        log.warning("message %s is unknown: its worker died while handing it over", message.pk)


def _still_as_seen(message: Message) -> Any:
    return Message.objects.filter(
        pk=message.pk,
        status=message.status,
        claimed_by=message.claimed_by,
        claimed_at=message.claimed_at,
    )
