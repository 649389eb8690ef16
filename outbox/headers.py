"""The headers of an e-mail that tell machines what it is and how to stop it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from outbox.actions import unsubscribe_address
from outbox.choices import OPTIONAL, MessageKind
from outbox.models import Message


def headers_of(message: Message) -> dict[str, str]:
    """All but the Message-ID. Nothing in them is about one person but the way out."""
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": message.language,
    }
    host = urlsplit(settings.SITE_URL).hostname or "greenmatch.example"
    if message.kind != MessageKind.ACCOUNT:
        headers["Feedback-ID"] = f"{message.kind}:{message.language}:greenmatch"
    if message.kind in OPTIONAL and message.recipient:
        way_out = unsubscribe_address(message.recipient, message.language, message.kind)
        headers["List-Id"] = f"GreenMatch {message.kind} <{message.kind}.{host}>"
        headers["List-Unsubscribe"] = f"<{way_out}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
