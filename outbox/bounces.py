"""Reading a mailbox of bounces: delivery reports (RFC 3464) and spam complaints (RFC 5965)."""

import hashlib
from collections.abc import Iterator
from email.message import Message as Mail

from outbox.choices import EventKind
from outbox.events import Report
from outbox.reconcile import OURS

# The address exists: its box is full, or the content or we were not liked.
SOFT_THOUGH_FINAL = ("5.2.2", "5.2.3", "5.3.", "5.4.", "5.6.", "5.7.")


def reports_in(mail: Mail) -> list[Report]:
    """What an e-mail reports about ours; nothing if it is about no e-mail that we can have sent."""
    message_id = _original_id(mail)
    if not message_id:
        return []
    kinds = dict.fromkeys([*_delivery_kinds(mail), *_complaint_kinds(mail)])
    return [Report(_event_id(mail, kind, message_id), kind, message_id) for kind in kinds]


def _event_id(mail: Mail, kind: EventKind, message_id: str) -> str:
    said = f"{mail.get('Message-ID', '')}|{mail.get('Date', '')}|{kind}|{message_id}"
    return f"mailbox:{hashlib.sha256(said.encode(errors='replace')).hexdigest()[:40]}"


def _original_id(mail: Mail) -> str:
    """Of the e-mail that is enclosed, whole or its headers; the outermost is the report itself."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            words = "\n".join(str(inner.get("Message-ID", "")) for inner in _inner(part))
        elif kind == "text/rfc822-headers":
            words = str(part.get_payload())
        else:
            continue
        if found := OURS.search(words):
            return found[0]
    return ""


def _inner(part: Mail) -> list[Mail]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Mail)] if isinstance(payload, list) else []


def _delivery_kinds(mail: Mail) -> Iterator[EventKind]:
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _inner(part):  # the first is about the report, each other about a recipient
            action = str(block.get("Action", "")).strip().lower()
            status = str(block.get("Status", "")).strip()
            if action == "failed":
                yield _kind_of(status)
            elif action == "delivered":
                yield EventKind.DELIVERED


def _kind_of(status: str) -> EventKind:
    final = status.startswith("5") and not status.startswith(SOFT_THOUGH_FINAL)
    return EventKind.HARD if final else EventKind.SOFT


def _complaint_kinds(mail: Mail) -> Iterator[EventKind]:
    for part in mail.walk():
        if part.get_content_type() != "message/feedback-report":
            continue
        payload = part.get_payload()
        blocks = "\n".join(map(str, payload)) if isinstance(payload, list) else str(payload)
        if "feedback-type: not-spam" not in blocks.lower():
            yield EventKind.COMPLAINT
