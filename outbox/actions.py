"""Writing e-mails into the outbox, in the caller's transaction."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions import record
from accounts.models import User
from common import clock
from common.errors import Conflict, NotAllowed
from common.typography import spaced
from outbox.choices import OPTIONAL, MessageKind, MessageStatus
from outbox.hours import zone_of
from outbox.limits import first_moment, wanted
from outbox.models import Message, Preference
from outbox.signals import message_written, preferences_changed

BLANK = re.compile(r"\n\s*\n")  # tags that print nothing leave lines behind
# Control and line characters, and those that turn the direction of what follows.
UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
PREVIEW = 140  # characters
SIGNER = signing.Signer(salt="greenmatch.unsubscribe")  # no expiry: mail is kept for years


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail as its reader sees it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a signed link speaks for, and which kind of e-mail it was in."""

    person: User | None
    kind: MessageKind


def write(
    kind: MessageKind,
    template: str,
    *,
    to: User,
    dedupe_key: str,
    context: dict[str, Any] | None = None,
    about: Iterable[Model] = (),
    when: datetime | None = None,
) -> Message | None:
    """Write ``emails/<template>`` to a person; None when the key was used or nobody wants it.

    ``about``: the records that are looked at again before it is sent.
    """
    if not wanted(kind, to):
        return None
    letter = render(kind, template, to=to, context=context)
    return put(
        kind,
        to=to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        dedupe_key=dedupe_key,
        about=about,
        when=when,
    )


def render(
    kind: MessageKind, template: str, *, to: User, context: dict[str, Any] | None = None
) -> Letter:
    """In the recipient's language and time zone."""
    optional = kind in OPTIONAL
    with translation.override(to.language), timezone.override(zone_of(to)):
        full = {
            "recipient": to,
            "site_url": settings.SITE_URL,
            "language": to.language,
            "stop_url": unsubscribe_address(to, to.language, kind) if optional else "",
            "choices_url": choices_address(to, to.language, kind) if optional else "",
            **(context or {}),
        }
        subject = plain_line(render_to_string(f"emails/{template}.subject.txt", full))
        text = BLANK.sub("\n\n", render_to_string(f"emails/{template}.txt", full)).strip() + "\n"
        full["preview_text"] = _beginning(text)
        html = render_to_string(f"emails/{template}.html", full)
    return Letter(*(spaced(part, to.language) for part in (subject, text, html)))


def _beginning(text: str) -> str:
    """What mail programs show beside the subject: the first words under the heading."""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    return plain_line(paragraphs[1])[:PREVIEW] if len(paragraphs) > 1 else ""


def plain_line(text: str) -> str:
    """What a header may hold: one line of visible characters."""
    return " ".join(UNPRINTED.sub(" ", text).split())


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
    about: Iterable[Model] = (),
    when: datetime | None = None,
) -> Message | None:
    """Queue a finished e-mail, to go from ``when`` on. The same key twice writes one row."""
    if to is not None and not wanted(kind, to):
        return None
    records = [*about, *([to] if to else [])]
    message, created = Message.objects.get_or_create(
        dedupe_key=dedupe_key[:200],
        defaults={
            "kind": kind,
            "recipient": to,
            "address": plain_line(address or (to.email if to else "")),
            "language": language or (to.language if to else settings.LANGUAGE_CODE),
            "subject": plain_line(subject)[:250],
            "text": text.replace("\0", ""),
            "html": html.replace("\0", ""),
            "message_id": message_id_for(dedupe_key),
            "about": [f"{record._meta.label_lower}:{record.pk}" for record in records],
            "next_attempt_at": first_moment(kind, to, when or clock.now()),
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
    afresh = {"attempts": 0, "deaths": 0, "first_attempt_at": None, "next_attempt_at": clock.now()}
    if not again.update(status=MessageStatus.QUEUED, claimed_at=None, claimed_by="", **afresh):
        raise Conflict
    record("send again", message, by=by)
    transaction.on_commit(lambda: message_written.send(Message, message=message), robust=True)


def unsubscribe_address(person: User, language: str, kind: str) -> str:
    """Works without signing in, also for the button of mail programs (RFC 8058)."""
    return _address("outbox:unsubscribe", person, language, kind)


def choices_address(person: User, language: str, kind: str) -> str:
    """The person's choices about e-mail, without signing in."""
    return _address("outbox:choices", person, language, kind)


def _address(page: str, person: User, language: str, kind: str) -> str:
    token = SIGNER.sign(f"{person.pk}.{kind}")
    with translation.override(language):
        return f"{settings.SITE_URL}{reverse(page, args=[token])}"


def read_ticket(token: str) -> Ticket | None:
    """What a link says; None when it was not made here. The person may have gone since."""
    try:
        number, _dot, kind = SIGNER.unsign(token).partition(".")
    except signing.BadSignature:
        return None
    kind = kind or MessageKind.SUGGESTION  # links of the time when only these could be stopped
    if kind not in OPTIONAL:
        return None
    return Ticket(User.objects.filter(pk=number).first(), MessageKind(kind))


@transaction.atomic
def unsubscribe(person: User, kind: MessageKind) -> None:
    """No more e-mails of one kind; asking twice is asking once."""
    row = Preference.objects.select_for_update().get_or_create(person=person)[0]
    if kind not in row.off:
        row.off = [*row.off, kind]
        row.save(update_fields=["off"])
        record("unsubscribe", person, by=person, kind=kind)
        preferences_changed.send(Preference, person=person)


@transaction.atomic
def choose(wish: Preference, *, by: User) -> None:
    """Keep how a person wants to be written to."""
    if wish.person_id != by.pk:
        raise NotAllowed
    wish.save()
    User.objects.filter(pk=by.pk).update(language=by.language, time_zone=by.time_zone)
    record("choose e-mails", by, by=by, off=list(wish.off), frequency=wish.frequency)
    preferences_changed.send(Preference, person=by)
