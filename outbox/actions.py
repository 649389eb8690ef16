"""Writing e-mails into the outbox, in the caller's transaction."""

import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions import record
from accounts.models import User
from common.errors import Conflict, NotAllowed
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message
from outbox.signals import message_written

BLANK = re.compile(r"\n\s*\n")  # tags that print nothing leave lines behind
SIGNER = signing.Signer(salt="greenmatch.unsubscribe")  # no expiry: mail is kept for years
UNSUBSCRIBE_PAGE = "matching:unsubscribe"  # a name, because matching stands above


def write(
    kind: MessageKind,
    template: str,
    *,
    to: User,
    dedupe_key: str,
    context: dict[str, Any] | None = None,
) -> Message | None:
    """Render ``emails/<template>`` in the recipient's language; None when the key was used."""
    with translation.override(to.language):
        full = {
            "recipient": to,
            "site_url": settings.SITE_URL,
            "language": to.language,
            **(context or {}),
        }
        subject = " ".join(render_to_string(f"emails/{template}.subject.txt", full).split())
        text = BLANK.sub("\n\n", render_to_string(f"emails/{template}.txt", full)).strip() + "\n"
        html = render_to_string(f"emails/{template}.html", full)
    return put(kind, to=to, subject=subject, text=text, html=html, dedupe_key=dedupe_key)


def put(
    kind: MessageKind,
    *,
    to: User | None,
    subject: str,
    text: str,
    html: str = "",
    dedupe_key: str,
    address: str = "",
    language: str = "",
) -> Message | None:
    """Queue a finished e-mail. The same key twice writes one row."""
    message, created = Message.objects.get_or_create(
        dedupe_key=dedupe_key[:200],
        defaults={
            "kind": kind,
            "recipient": to,
            "address": address or (to.email if to else ""),
            "language": language or (to.language if to else settings.LANGUAGE_CODE),
            "subject": subject[:250],
            "text": text,
            "html": html,
            "message_id": message_id_for(dedupe_key),
        },
    )
    if not created:
        return None
    transaction.on_commit(lambda: message_written.send(Message, message=message), robust=True)
    return message


def message_id_for(dedupe_key: str) -> str:
    """The same e-mail has the same Message-ID however often it is built."""
    digest = hashlib.sha256(f"{settings.SECRET_KEY}:{dedupe_key}".encode()).hexdigest()[:40]
    return f"<{digest}@{urlsplit(settings.SITE_URL).hostname or 'greenmatch.example'}>"


@transaction.atomic
def send_again(message: Message, *, by: User) -> None:
    """Queue once more what was refused, or what nobody can say arrived."""
    if not by.has_perm("outbox.change_message"):
        raise NotAllowed
    if message.kind == MessageKind.ACCOUNT:
        raise Conflict
    again = Message.objects.filter(
        pk=message.pk, status__in=[MessageStatus.FAILED, MessageStatus.UNKNOWN]
    )
    if not again.update(status=MessageStatus.QUEUED, attempts=0, next_attempt_at=timezone.now()):
        raise Conflict
    record("send again", message, by=by)
    transaction.on_commit(lambda: message_written.send(Message, message=message), robust=True)


def unsubscribe_address(person: User, language: str) -> str:
    """A page that works without signing in, also for the button of mail programs (RFC 8058)."""
    token = SIGNER.sign(str(person.pk))
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse(UNSUBSCRIBE_PAGE, args=[token])}"


def subscriber(token: str) -> User | None:
    """Whose token it is; None when it was not made here."""
    try:
        pk = SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


@transaction.atomic
def unsubscribe(person: User) -> None:
    """No more suggestions by e-mail; decisions and introductions are still sent."""
    if User.objects.filter(pk=person.pk, wants_suggestions=True).update(wants_suggestions=False):
        record("unsubscribe", person, by=person)
