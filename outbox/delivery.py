"""Handing e-mails to the mail server, so that each is neither lost nor sent twice.

queued → claimed → (connected, MAIL, RCPT) → sending, committed just before DATA → sent. What dies
before ``sending`` goes back to the queue; what dies in it becomes ``unknown``: the server is asked
(``reconcile``), or an admin sees it. It is never sent again blindly.
No transaction is open while the server is spoken to.
"""

import logging
import random
import re
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from common import clock
from outbox import leases, machinery, suppression
from outbox.choices import EventKind, MessageKind, MessageStatus
from outbox.handover import InDoubt, Line, Refused, ServerAway
from outbox.headers import headers_of
from outbox.limits import later, unwanted
from outbox.models import Message
from outbox.signals import Wait, Withhold, message_claimed

BATCH = 10  # claimed together: what a killed worker holds is late by one lease
SERVER = "mail server"
FIRST_PAUSE = 60.0
LONGEST_PAUSE = 3600.0
GIVE_UP_AFTER = timedelta(hours=24)  # counted from the first attempt
QUICK = (421, 450, 451, 452)
GREYLISTED = re.compile(r"gr[ae]y.?list", re.IGNORECASE)
NO_SUCH_ADDRESS = re.compile(r"5\.1\.[0-36]\b|5\.2\.1\b")
log = logging.getLogger(__name__)


def deliver(pk: int) -> str:
    """Send message ``pk`` if it is due; the status it has afterwards, "" if it was not ours."""
    if machinery.rests(SERVER):
        return ""
    with Line() as line:
        for message in leases.claim(1, pk=pk):
            try:
                return _carry(message, line)
            except ServerAway as away:
                return _give_back([message], away)
    return ""


def deliver_due(patience: float) -> None:
    """Send what is due, over one line, until nothing is or ``patience`` (seconds) ends."""
    ends = time.monotonic() + patience
    with Line() as line:
        while time.monotonic() < ends:
            if machinery.rests(SERVER):
                return
            # After a failure one e-mail finds out whether the server is back.
            batch = leases.claim(1 if machinery.failing(SERVER) else BATCH)
            if not batch or not _carry_all(batch, line, ends):
                return


def _carry_all(batch: list[Message], line: Line, ends: float) -> bool:
    for number, message in enumerate(batch):
        if time.monotonic() > ends:
            leases.release(batch[number:])
            return False
        try:
            _carry(message, line)
        except ServerAway as away:
            _give_back(batch[number:], away)
            return False
        except Exception:
            log.exception("message %s was not delivered", message.pk)
    return True


def _carry(message: Message, line: Line) -> str:
    objection = _objection(message)
    if isinstance(objection, Withhold):
        return _finish(message, MessageStatus.WITHHELD, objection.reason)
    if objection:
        leases.queue_at(message, objection.until, last_error=objection.reason[:300])
        return MessageStatus.QUEUED
    try:
        mail = _compose(message)
        mail.message()
    except Exception as error:  # noqa: BLE001 - an e-mail that cannot be built must not stop the others
        return _finish(message, MessageStatus.FAILED, type(error).__name__)
    return _send(message, mail, line)


def _send(message: Message, mail: EmailMultiAlternatives, line: Line) -> str:
    try:
        ours = line.hand_over(mail, lambda: leases.begin_sending(message))
    except Refused as error:
        machinery.works(SERVER)
        return _refused(message, error)
    except InDoubt as error:
        return _finish(message, MessageStatus.UNKNOWN, str(error))
    if not ours:
        return ""
    machinery.works(SERVER)
    return _finish(message, MessageStatus.SENT)


def _objection(message: Message) -> Withhold | Wait | None:
    """The world may have changed since the e-mail was written; those above are asked too."""
    person = message.recipient
    if person is None and (message.kind != MessageKind.ACCOUNT or message.about):
        return Withhold("erased")
    if person is not None and not person.is_active:
        return Withhold("suspended")
    if unwanted(message):
        return Withhold("unsubscribed")
    if reason := suppression.reason_for(_address(message)):
        return Withhold(f"suppressed: {reason}")
    answers: Any = message_claimed.send(Message, message=message)
    for _receiver, answer in answers:
        if isinstance(answer, Withhold | Wait):
            return answer
    moment = later(message)
    return Wait(moment, "hours of the person") if moment else None


def _compose(message: Message) -> EmailMultiAlternatives:
    headers = {"Message-ID": message.message_id, **headers_of(message)}
    mail = EmailMultiAlternatives(
        message.subject, message.text, None, [_address(message)], headers=headers
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _address(message: Message) -> str:
    """Where the person reads mail today; account mail goes where it was asked for."""
    if message.kind == MessageKind.ACCOUNT or message.recipient is None:
        return message.address
    return message.recipient.email


def _refused(message: Message, error: Refused) -> str:
    """4xx asks to come back, 5xx is final."""
    if error.code >= 500:
        if error.step == "RCPT" and NO_SUCH_ADDRESS.match(error.text):
            suppression.bounced(_address(message), EventKind.HARD)
        return _finish(message, MessageStatus.FAILED, str(error), error.code)
    now = clock.now()
    first = message.first_attempt_at or now
    if now - first > GIVE_UP_AFTER:
        return _finish(message, MessageStatus.FAILED, str(error), error.code)
    leases.queue_at(
        message,
        now + pause(now - first, error),
        attempts=message.attempts + 1,
        first_attempt_at=first,
        last_error=str(error),
        code=error.code,
    )
    return MessageStatus.QUEUED


def pause(since_first: timedelta, error: Refused) -> timedelta:
    """Full jitter under a bound that grows with the wait: at most a quarter of it again.

    A server that comes back after half an hour has all its e-mails within ten minutes.
    """
    share = 4 if error.code in QUICK else 2
    bound = min(LONGEST_PAUSE, max(FIRST_PAUSE, since_first.total_seconds() / share))
    least = FIRST_PAUSE / 2 if GREYLISTED.search(error.text) else 1.0
    return timedelta(seconds=random.uniform(least, bound))  # noqa: S311 - not a secret


def _give_back(messages: list[Message], away: ServerAway) -> str:
    """The server is away: the one that found out waits a little longer, none is counted."""
    tried, untouched = messages[0], messages[1:]
    rests_until = machinery.fails(SERVER, str(away))
    leases.release(untouched)
    now = clock.now()
    first = tried.first_attempt_at or now
    if now - first > GIVE_UP_AFTER:
        return _finish(tried, MessageStatus.FAILED, str(away), away.code)
    at = rests_until + timedelta(seconds=random.uniform(0, 10))  # noqa: S311 - not a secret
    leases.queue_at(tried, at, first_attempt_at=first, last_error=str(away), code=away.code)
    return MessageStatus.QUEUED


def _finish(
    message: Message, status: MessageStatus, error: str = "", code: int | None = None
) -> str:
    now = clock.now()
    columns: dict[str, Any] = {
        "status": status,
        "attempts": message.attempts + 1,
        "first_attempt_at": message.first_attempt_at or now,
        "next_attempt_at": now,
        "last_error": error[:300],
        "code": code,
        "address": _address(message),
    }
    if status == MessageStatus.SENT:
        columns["sent_at"] = now
    if message.kind == MessageKind.ACCOUNT and not settings.DEMO_MODE:
        columns |= {"text": "", "html": ""}  # sign-in codes are not kept
    leases.close(message, **columns)
    return status
