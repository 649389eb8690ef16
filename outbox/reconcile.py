"""Asking whether the mail server took what nobody knows about.

``OUTBOX_RECONCILER`` names a function that takes such messages and answers for each primary key.
Two are here; a provider's API is a third. Without one, they wait for an admin.
"""

import logging
import mailbox
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from common import clock
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message
from outbox.querysets import LEASE

log = logging.getLogger(__name__)
AT_ONCE = 200
MOST_BYTES = 64 * 1024 * 1024
WITNESSES = 50
OURS = re.compile(r"<[0-9a-f]{40}@[^>\s]+>")
QUEUED_BY_POSTFIX = re.compile(r"\b([0-9A-Za-z]{6,20}): message-id=")
KEPT_BY_POSTFIX = re.compile(r"\b([0-9A-Za-z]{6,20}): from=<")


class Answer(Enum):
    FOUND = "found"
    ABSENT = "absent"
    UNSURE = "cannot tell"


Reconciler = Callable[[list[Message]], dict[int, Answer]]


def ask_about_unknown() -> None:
    """Settle the unknown e-mails for which the server has an answer."""
    messages = list(Message.objects.all().to_ask_about()[:AT_ONCE])
    if not settings.OUTBOX_RECONCILER or not messages:
        return
    ask: Reconciler = import_string(settings.OUTBOX_RECONCILER)
    try:
        answers = ask(messages)
    except Exception:
        log.exception("the mail server could not be asked about unknown e-mails")
        answers = {}
    for message in messages:
        _settle(message, answers.get(message.pk, Answer.UNSURE))


def _settle(message: Message, answer: Answer) -> None:
    now = clock.now()
    handed_over = message.claimed_at or now
    if answer == Answer.FOUND:
        columns = {"status": MessageStatus.SENT, "sent_at": handed_over, "last_error": ""}
    elif answer == Answer.UNSURE:
        columns = {"next_attempt_at": now + max(LEASE / 6, (now - handed_over) / 4)}
    elif message.kind == MessageKind.ACCOUNT:  # its code was not kept and has expired
        columns = {"status": MessageStatus.FAILED}
    else:
        again = {"claimed_at": None, "claimed_by": "", "next_attempt_at": now}
        columns = {"status": MessageStatus.QUEUED, **again}
    Message.objects.filter(
        pk=message.pk, status=MessageStatus.UNKNOWN, claimed_by=message.claimed_by
    ).update(**columns)
    if answer != Answer.UNSURE:
        log.info("message %s was unknown, the mail server says: %s", message.pk, answer.value)


def in_log(messages: list[Message]) -> dict[int, Answer]:
    """By the log of the mail server (``OUTBOX_RECONCILER_PATH``) and its last rotation."""
    path = Path(settings.OUTBOX_RECONCILER_PATH)
    found: set[str] = set()
    for part in (path.with_name(f"{path.name}.1"), path):
        if part.is_file():
            found |= ids_in_log(_end_of(part))
    return _answers(messages, found)


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - MOST_BYTES))
        return file.read().decode(errors="replace")


def ids_in_log(text: str) -> set[str]:
    """Message-IDs of ours that the server has kept.

    Postfix notes the Message-ID before the e-mail is whole; it is kept when its queue has it.
    """
    kept = set(KEPT_BY_POSTFIX.findall(text))
    found = set()
    for line in text.splitlines():
        noted = QUEUED_BY_POSTFIX.search(line)
        if noted is None or noted[1] in kept:
            found.update(OURS.findall(line))
    return found


def in_mailbox(messages: list[Message]) -> dict[int, Answer]:
    """By a Maildir or mbox (``OUTBOX_RECONCILER_PATH``) in which the server keeps a copy of all."""
    place = Path(settings.OUTBOX_RECONCILER_PATH)
    found = {str(mail.get("Message-ID", "")).strip() for mail in mails_in(place)}
    return _answers(messages, found)


def mails_in(place: Path) -> Iterator[mailbox.Message]:
    """Of a Maildir or an mbox file; none if there is neither."""
    if not place.exists():
        return
    box: mailbox.Mailbox[Any] = (
        mailbox.Maildir(str(place), create=False)
        if place.is_dir()
        else mailbox.mbox(str(place), create=False)
    )
    with closing(box):
        yield from box


def _answers(messages: list[Message], found: set[str]) -> dict[int, Answer]:
    return {message.pk: _answer(message, found) for message in messages}


def _answer(message: Message, found: set[str]) -> Answer:
    """Absent only when the record covers the time: it holds e-mails from before and after."""
    if message.message_id in found:
        return Answer.FOUND
    sent = Message.objects.filter(status=MessageStatus.SENT).values_list("message_id", flat=True)
    at = message.claimed_at or clock.now()
    margin = timedelta(seconds=1)
    before = sent.filter(sent_at__lt=at - margin).order_by("-sent_at")[:WITNESSES]
    after = sent.filter(sent_at__gt=at + margin).order_by("sent_at")[:WITNESSES]
    covered = found.intersection(before) and found.intersection(after)
    return Answer.ABSENT if covered else Answer.UNSURE
