"""Bounces and complaints: stored as they come, once each, and looked at later.

What a webhook brings is JSON, signed: ``X-Signature`` is the hexadecimal HMAC-SHA256 of the
``X-Timestamp`` header, a dot, and the body.
"""

import hashlib
import hmac
import json
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from common import clock
from outbox import suppression
from outbox.choices import EventKind, EventSource, MessageStatus
from outbox.models import MailEvent, Message

log = logging.getLogger(__name__)
FRESH = 300  # seconds: an older signature may be a copy
WAIT_FOR_MESSAGE = timedelta(minutes=5)
ASK_AGAIN = timedelta(seconds=20)
KEEP_RAW = timedelta(days=30)
MOST_IN_ONE_CALL = 1000
AT_ONCE = 500


class Malformed(Exception):
    """Signed, but not what was agreed; the words say what is missing."""


@dataclass(frozen=True)
class Report:
    """One thing said about one e-mail."""

    event_id: str
    kind: EventKind
    message_id: str
    raw: str = ""


def signature(timestamp: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_genuine(timestamp: str, signed: str, body: bytes) -> bool:
    """Signed with one of our secrets, and just now."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(time.time() - int(timestamp)) > FRESH:
        return False
    made = [signature(timestamp, body, secret) for secret in settings.MAIL_WEBHOOK_SECRETS]
    return any(hmac.compare_digest(one.encode(), signed.encode()) for one in made)


def read(body: bytes) -> list[Report]:
    """``{"events": [{"id", "type": "bounce" | "complaint" | "delivered", "message_id", …}]}``."""
    try:
        found = json.loads(body)["events"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Malformed("a JSON object with a list `events` was expected") from None
    if not isinstance(found, list) or len(found) > MOST_IN_ONE_CALL:
        raise Malformed(f"`events` must be a list of at most {MOST_IN_ONE_CALL}")
    return [_report(number, event) for number, event in enumerate(found)]


def _report(number: int, event: Any) -> Report:
    if not isinstance(event, dict):
        raise Malformed(f"event {number} is not an object")
    for name in ("id", "type", "message_id"):
        value = event.get(name)
        if not isinstance(value, str) or not value.strip() or not _storable(value):
            raise Malformed(f"event {number}: `{name}` must be a text")
    kind = _kind(event)
    if kind is None:
        raise Malformed(f"event {number}: `type` must be bounce, complaint or delivered")
    if len(event["id"]) > 190 or len(event["message_id"]) > 250:
        raise Malformed(f"event {number}: `id` or `message_id` is too long")
    message_id = f"<{event['message_id'].strip().strip('<>')}>"
    return Report(f"hook:{event['id']}", kind, message_id, json.dumps(event)[:20_000])


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _kind(event: dict[str, Any]) -> EventKind | None:
    if event["type"] == "bounce":
        return EventKind.SOFT if event.get("class") == "soft" else EventKind.HARD
    others = {"complaint": EventKind.COMPLAINT, "delivered": EventKind.DELIVERED}
    return others.get(event["type"])


@transaction.atomic
def store(reports: list[Report], source: EventSource) -> int:
    """Write down what is new; how many that were. The same event is one row, however often told."""
    new = 0
    for report in reports:
        _event, created = MailEvent.objects.get_or_create(
            event_id=report.event_id[:200],
            defaults={
                "source": source,
                "kind": report.kind,
                "message_id": report.message_id[:250],
                "raw": report.raw,
            },
        )
        new += created
    return new


def process_due() -> None:
    """Look at what has come; one that fails does not stop the others."""
    due = MailEvent.objects.filter(processed_at=None, next_attempt_at__lte=clock.now())
    for pk in list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        try:
            _process(pk)
        except Exception:
            log.exception("mail event %s was not processed", pk)


@transaction.atomic
def _process(pk: int) -> None:
    event = MailEvent.objects.select_for_update().filter(pk=pk, processed_at=None).first()
    if event is None:
        return
    now = clock.now()
    message = Message.objects.filter(message_id=event.message_id).first()
    if message is None and now - event.received_at < WAIT_FOR_MESSAGE:
        MailEvent.objects.filter(pk=pk).update(next_attempt_at=now + ASK_AGAIN)
        return
    outcome = _apply(event, message) if message else "no such e-mail"
    MailEvent.objects.filter(pk=pk).update(processed_at=now, outcome=outcome)


def _apply(event: MailEvent, message: Message) -> str:
    # Who tells what became of it has taken it.
    Message.objects.filter(pk=message.pk, status=MessageStatus.UNKNOWN).update(
        status=MessageStatus.SENT, sent_at=message.claimed_at or clock.now(), last_error=""
    )
    if event.kind == EventKind.DELIVERED:
        return "delivered"
    suppression.bounced(message.address, EventKind(event.kind))
    Message.objects.filter(pk=message.pk).update(last_error=f"came back: {event.kind}")
    return "applied"


def forget_old() -> None:
    """What was told holds an address: after a month only that it was told is kept."""
    MailEvent.objects.filter(processed_at__lt=clock.now() - KEEP_RAW).exclude(raw="").update(raw="")
