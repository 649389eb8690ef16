"""Handing one e-mail to the mail server, so that it is neither lost nor sent twice.

queued → claimed → (connected) → sending, committed just before the hand-over → sent. What dies
before ``sending`` goes back to the queue; what dies in it becomes ``unknown`` and is shown to an
admin, never sent again blindly.
No transaction is open while the server is spoken to.
"""

import random
import smtplib
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from outbox.actions import unsubscribe_address
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message

MAX_ATTEMPTS = 48
GIVE_UP_AFTER = timedelta(hours=24)


def deliver(pk: int) -> str:
    """Send message ``pk`` if it is due; the status it has afterwards."""
    if not _claim(pk):
        return ""
    message = Message.objects.select_related("recipient").get(pk=pk)
    if _withheld(message):
        return _finish(message, MessageStatus.WITHHELD)
    try:
        mail = _compose(message)
        mail.message()
    except Exception as error:  # noqa: BLE001 - an e-mail that cannot be built must not stop the others
        return _finish(message, MessageStatus.FAILED, error)
    connection = get_connection()
    try:
        connection.open()
        return _hand_over(message, mail, connection)
    except (OSError, smtplib.SMTPException) as error:
        return _retry(message, error)
    finally:
        with suppress(OSError, smtplib.SMTPException):  # a poor goodbye changes nothing
            connection.close()


def _claim(pk: int) -> bool:
    rows = Message.objects.filter(
        pk=pk, status=MessageStatus.QUEUED, next_attempt_at__lte=timezone.now()
    )
    return bool(rows.update(status=MessageStatus.CLAIMED, claimed_at=timezone.now()))


def _withheld(message: Message) -> bool:
    """The world may have changed since the e-mail was written."""
    person = message.recipient
    if person is None:
        return message.kind != MessageKind.ACCOUNT
    if not person.is_active:
        return True
    return message.kind == MessageKind.SUGGESTION and not person.wants_suggestions


def _hand_over(message: Message, mail: EmailMultiAlternatives, connection: Any) -> str:
    mine = Message.objects.filter(pk=message.pk, status=MessageStatus.CLAIMED)
    if not mine.update(status=MessageStatus.SENDING, claimed_at=timezone.now()):
        return ""
    try:
        sent = connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0] if error.recipients else 550
        return _refused(message, error, code)
    except smtplib.SMTPResponseException as error:
        return _refused(message, error, error.smtp_code)
    except (smtplib.SMTPNotSupportedError, ValueError) as error:  # before anything was handed over
        return _finish(message, MessageStatus.FAILED, error)
    except Exception as error:  # noqa: BLE001 - whatever broke, nobody can say how far the server got
        return _finish(message, MessageStatus.UNKNOWN, error)
    return _finish(message, MessageStatus.SENT if sent else MessageStatus.FAILED)


def _refused(message: Message, error: Exception, code: int) -> str:
    """4xx asks to come back, 5xx is final."""
    if 400 <= code < 500:
        return _retry(message, error)
    return _finish(message, MessageStatus.FAILED, error)


def _compose(message: Message) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": message.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": message.language,
    }
    if message.kind == MessageKind.SUGGESTION and message.recipient:
        headers["List-Id"] = "GreenMatch suggestions <suggestions.greenmatch>"
        headers["List-Unsubscribe"] = (
            f"<{unsubscribe_address(message.recipient, message.language)}>"
        )
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
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


def _retry(message: Message, error: Exception) -> str:
    attempts = message.attempts + 1
    if attempts >= MAX_ATTEMPTS or timezone.now() - message.created_at > GIVE_UP_AFTER:
        return _finish(message, MessageStatus.FAILED, error)
    pause = random.uniform(1, min(3600, 15 * 2**attempts))  # noqa: S311 - full jitter, not a secret
    Message.objects.filter(pk=message.pk).update(
        status=MessageStatus.QUEUED,
        attempts=attempts,
        next_attempt_at=timezone.now() + timedelta(seconds=pause),
        last_error=_short(error),
    )
    return MessageStatus.QUEUED


def _finish(message: Message, status: MessageStatus, error: Exception | None = None) -> str:
    columns: dict[str, Any] = {
        "status": status,
        "attempts": message.attempts + 1,
        "last_error": _short(error),
    }
    if status == MessageStatus.SENT:
        columns["sent_at"] = timezone.now()
    if message.kind == MessageKind.ACCOUNT and not settings.DEMO_MODE:
        columns |= {"text": "", "html": ""}  # sign-in codes are not kept
    Message.objects.filter(pk=message.pk).update(**columns)
    return status


def _short(error: Exception | None) -> str:
    return (
        f"{type(error).__name__}: {getattr(error, 'smtp_code', '')}".strip(": ")[:300]
        if error
        else ""
    )
