"""Unknown e-mails: asked about by Message-ID, sent again only when they are surely absent."""

from __future__ import annotations

import mailbox
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from outbox import reconcile, tasks
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message
from outbox.querysets import LEASE
from tests.outbox.conftest import Script, queue

pytestmark = pytest.mark.django_db
S = MessageStatus


@pytest.fixture
def record(settings: Any, tmp_path: Path) -> Path:
    settings.OUTBOX_RECONCILER = "outbox.reconcile.in_log"
    settings.OUTBOX_RECONCILER_PATH = str(tmp_path / "mail.log")
    return tmp_path / "mail.log"


def unknown(
    reader: User, key: str = "doubt", *, ago: timedelta = 2 * LEASE, **more: Any
) -> Message:
    message = queue(reader, key, **more)
    Message.objects.filter(pk=message.pk).update(
        status=S.UNKNOWN, claimed_at=timezone.now() - ago, claimed_by="dead"
    )
    message.refresh_from_db()
    return message


def sent(reader: User, key: str, ago: timedelta) -> str:
    message = queue(reader, key)
    Message.objects.filter(pk=message.pk).update(status=S.SENT, sent_at=timezone.now() - ago)
    return str(message.message_id)


def status_of(message: Message) -> str:
    message.refresh_from_db()
    return str(message.status)


def test_mail_in_the_log_was_sent(record: Path, server: Script, reader: User) -> None:
    message = unknown(reader)
    record.write_text(f"<= no-reply@greenmatch.example id={message.message_id}\n")
    tasks.sweep()
    assert status_of(message) == S.SENT
    assert message.sent_at == message.claimed_at
    assert not server.received


def test_mail_absent_from_a_log_that_covers_its_time_goes_again(
    record: Path, server: Script, reader: User
) -> None:
    message = unknown(reader)
    around = [sent(reader, "before", 3 * LEASE), sent(reader, "after", LEASE)]
    record.write_text("\n".join(around))
    tasks.sweep()
    assert status_of(message) == S.SENT
    assert len(server.received) == 1


@pytest.mark.parametrize("known", ["nothing", "before", "after"])
def test_log_that_may_be_too_short_says_nothing(
    record: Path, server: Script, reader: User, known: str
) -> None:
    message = unknown(reader)
    around = {"before": sent(reader, "b", 3 * LEASE), "after": sent(reader, "a", LEASE)}
    record.write_text(around.get(known, ""))
    tasks.sweep()
    assert status_of(message) == S.UNKNOWN
    assert message.next_attempt_at > timezone.now()
    assert not server.received


def test_server_that_may_still_be_reading_is_not_asked(
    record: Path, server: Script, reader: User
) -> None:
    message = unknown(reader, ago=LEASE / 2)
    record.write_text("\n".join([sent(reader, "b", LEASE), sent(reader, "a", LEASE / 4)]))
    tasks.sweep()
    assert status_of(message) == S.UNKNOWN


def test_postfix_notes_mail_that_it_does_not_keep() -> None:
    ours = [f"<{digit * 40}@greenmatch.example>" for digit in "ab"]
    log = (
        f"postfix/cleanup[1]: 4F1A2B3C4D: message-id={ours[0]}\n"
        "postfix/qmgr[1]: 4F1A2B3C4D: from=<no-reply@greenmatch.example>, size=9 (queue active)\n"
        f"postfix/cleanup[1]: 5F1A2B3C4D: message-id={ours[1]}\n"
    )
    assert reconcile.ids_in_log(log) == {ours[0]}


def test_copy_in_a_maildir_settles_it_too(
    settings: Any, tmp_path: Path, server: Script, reader: User
) -> None:
    settings.OUTBOX_RECONCILER = "outbox.reconcile.in_mailbox"
    settings.OUTBOX_RECONCILER_PATH = str(tmp_path / "copies")
    message = unknown(reader)
    box = mailbox.Maildir(settings.OUTBOX_RECONCILER_PATH)
    box.add(f"Message-ID: {message.message_id}\nSubject: x\n\nx\n".encode())
    tasks.sweep()
    assert status_of(message) == S.SENT


def test_without_anybody_to_ask_an_admin_decides(server: Script, reader: User) -> None:
    message = unknown(reader)
    tasks.sweep()
    assert status_of(message) == S.UNKNOWN
    assert not server.received


def test_reconciler_that_fails_changes_nothing(settings: Any, server: Script, reader: User) -> None:
    settings.OUTBOX_RECONCILER = "tests.outbox.test_reconcile.broken"
    message = unknown(reader)
    tasks.sweep()
    assert status_of(message) == S.UNKNOWN


def broken(messages: list[Message]) -> dict[int, reconcile.Answer]:
    raise OSError


def test_expired_code_is_not_sent_again(record: Path, server: Script, reader: User) -> None:
    message = unknown(reader, kind=MessageKind.ACCOUNT)
    record.write_text("\n".join([sent(reader, "b", 3 * LEASE), sent(reader, "a", LEASE)]))
    tasks.sweep()
    assert status_of(message) == S.FAILED
    assert not server.received
