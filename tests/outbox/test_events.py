"""Bounces and complaints: told by a signed call or a mailbox, once, twice or ten times."""

from __future__ import annotations

import json
import mailbox
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from outbox import delivery, events, suppression, tasks
from outbox.choices import EventKind, MessageKind, MessageStatus
from outbox.models import MailEvent, Message, Suppression
from tests.outbox.conftest import Script, queue

pytestmark = pytest.mark.django_db
SECRET = "only for this test"


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.MAIL_WEBHOOK_SECRETS = ["an older one", SECRET]


def tell(body: Any, *, secret: str = SECRET, age: int = 0, browser: Client | None = None) -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(time.time()) - age)
    return (browser or Client(enforce_csrf_checks=True)).post(
        reverse("mail_events"),
        text,
        content_type="application/json",
        headers={"X-Timestamp": stamp, "X-Signature": events.signature(stamp, text, secret)},
    )


def bounce(message: Message, number: int = 1, **more: Any) -> dict[str, Any]:
    event = {"id": f"e{number}", "type": "bounce", "message_id": message.message_id, **more}
    return {"events": [event]}


def test_hard_bounce_is_enough_and_counts_once_however_often_it_is_told(
    server: Script, reader: User
) -> None:
    message = queue(reader)
    delivery.deliver(message.pk)
    for _ in range(10):
        assert tell(bounce(message)).status_code == 202
        events.process_due()
    assert MailEvent.objects.count() == 1
    assert suppression.reason_for(reader.email) == EventKind.HARD
    code = queue(reader, "two", kind=MessageKind.ACCOUNT)
    assert delivery.deliver(code.pk) == MessageStatus.WITHHELD
    assert len(server.received) == 1


def test_fourth_soft_bounce_is_enough(reader: User) -> None:
    message = queue(reader)
    for number in range(4):
        assert suppression.reason_for(reader.email) == ""
        tell(bounce(message, number, **{"class": "soft"}))
        events.process_due()
    assert suppression.reason_for(reader.email) == EventKind.SOFT


def test_soft_bounces_of_long_ago_are_forgotten(reader: User) -> None:
    for _ in range(3):
        suppression.bounced(reader.email, EventKind.SOFT)
    Suppression.objects.update(last_bounce_at=timezone.now() - timedelta(days=31))
    suppression.bounced(reader.email, EventKind.SOFT)
    assert suppression.reason_for(reader.email) == ""


def test_complaint_stays_a_complaint(reader: User) -> None:
    message = queue(reader)
    tell({"events": [{"id": "c", "type": "complaint", "message_id": message.message_id}]})
    tell(bounce(message))
    events.process_due()
    assert suppression.reason_for(reader.email.upper()) == EventKind.COMPLAINT


@pytest.mark.parametrize("trick", ["secret", "old", "ahead", "unsigned", "none set"])
def test_forged_call_is_refused_and_nothing_is_stored(
    reader: User, settings: Any, trick: str
) -> None:
    body = bounce(queue(reader))
    if trick == "none set":
        settings.MAIL_WEBHOOK_SECRETS = []
    if trick == "unsigned":
        answer = Client().post(reverse("mail_events"), body, content_type="application/json")
    else:
        age = {"old": 301, "ahead": -301}.get(trick, 0)
        answer = tell(body, secret="a guess" if trick == "secret" else SECRET, age=age)
    assert answer.status_code == 403
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"events": 1}', b'{"events": [1]}', b"[" * 9999, b"\xff",
        b'{"events": [{"id": "a", "type": "party", "message_id": "<x>"}]}',
        b'{"events": [{"id": "\\u0000", "type": "bounce", "message_id": "<x>"}]}',
        b'{"events": [{"id": "\\ud800", "type": "bounce", "message_id": "<x>"}]}',
        b'{"events": [{"id": 1, "type": "bounce", "message_id": "<x>"}]}',
    ],
)  # fmt: skip
def test_nonsense_is_told_apart_from_forgery(body: bytes) -> None:
    answer = tell(body)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert not MailEvent.objects.exists()


def test_report_about_an_unknown_mail_waits_five_minutes(reader: User) -> None:
    tell({"events": [{"id": "e", "type": "bounce", "message_id": "<nobody@knows>"}]})
    events.process_due()
    event = MailEvent.objects.get()
    assert event.processed_at is None
    assert event.next_attempt_at > timezone.now()
    MailEvent.objects.update(
        received_at=timezone.now() - timedelta(minutes=6), next_attempt_at=timezone.now()
    )
    tasks.sweep()
    event.refresh_from_db()
    assert event.outcome == "no such e-mail"


def test_report_proves_that_an_unknown_mail_was_taken(reader: User) -> None:
    message = queue(reader)
    Message.objects.update(status=MessageStatus.UNKNOWN, claimed_at=timezone.now())
    report = {"id": "d", "type": "delivered", "message_id": message.message_id}
    tell({"events": [report]})
    events.process_due()
    message.refresh_from_db()
    assert message.status == MessageStatus.SENT
    assert suppression.reason_for(reader.email) == ""


def test_address_that_the_server_does_not_know_is_suppressed_at_once(
    server: Script, reader: User
) -> None:
    server.recipient = "550 5.1.1 No such person"
    delivery.deliver(queue(reader).pk)
    assert suppression.reason_for(reader.email) == EventKind.HARD


@pytest.mark.parametrize("answer", ["550 5.7.1 Not liked", "552 5.2.2 Full", "550 No"])
def test_other_refusals_suppress_nobody(server: Script, reader: User, answer: str) -> None:
    server.recipient = answer
    delivery.deliver(queue(reader).pk)
    assert suppression.reason_for(reader.email) == ""


def test_suppression_does_not_know_the_address(reader: User) -> None:
    suppression.bounced(reader.email, EventKind.HARD)
    row = Suppression.objects.values().get()
    assert not [value for value in row.values() if "reader" in str(value)]


def test_what_was_told_is_forgotten_after_a_month(reader: User) -> None:
    tell(bounce(queue(reader)))
    events.process_due()
    MailEvent.objects.update(processed_at=timezone.now() - timedelta(days=31))
    events.forget_old()
    assert MailEvent.objects.get().raw == ""


def enclosing(message_id: str, kind: str, *lines: str, whole: bool = False) -> bytes:
    """A report as a mail server writes it."""
    head = [
        "From: mx@mx.example", "Message-ID: <r1@mx.example>", "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"', "",
    ]  # fmt: skip
    words = ["--b", "Content-Type: text/plain", "", "It could not be delivered.", ""]
    report = ["--b", f"Content-Type: message/{kind}", "", *lines, ""]
    enclosed = "message/rfc822" if whole else "text/rfc822-headers"
    original = [
        f"Message-ID: {message_id}",
        "Subject: Published",
        "",
        *(["Hello"] if whole else []),
    ]
    tail = ["--b", f"Content-Type: {enclosed}", "", *original, "", "--b--", ""]
    return "\n".join([*head, *words, *report, *tail]).encode()


FAILED = ("Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; r@p.example")
CASES = {
    "hard": ("delivery-status", [*FAILED, "Action: failed", "Status: 5.1.1"], "hard"),
    "full": ("delivery-status", [*FAILED, "Action: failed", "Status: 5.2.2"], "soft"),
    "late": ("delivery-status", [*FAILED, "Action: failed", "Status: 4.4.7"], "soft"),
    "delayed": ("delivery-status", [*FAILED, "Action: delayed", "Status: 4.4.1"], None),
    "spam": ("feedback-report", ["Feedback-Type: abuse", "Version: 1"], "complaint"),
    "not spam": ("feedback-report", ["Feedback-Type: not-spam", "Version: 1"], None),
}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_mailbox_is_read_as_often_as_one_likes(
    reader: User, tmp_path: Path, case: str, whole: bool
) -> None:
    kind, lines, meaning = CASES[case]
    message = queue(reader)
    box = mailbox.Maildir(str(tmp_path / "box"))
    box.add(enclosing(message.message_id, kind, *lines, whole=whole))
    box.add(b"From: x@y.example\nSubject: I am not here\n\nHoliday.\n")
    for _ in range(3):
        call_command("read_bounces", str(tmp_path / "box"), stdout=StringIO())
    assert list(MailEvent.objects.values_list("kind", flat=True)) == ([meaning] if meaning else [])
    assert suppression.reason_for(reader.email) == (
        meaning if meaning in ("hard", "complaint") else ""
    )


def test_report_about_a_mail_that_is_not_ours_is_left_alone(reader: User, tmp_path: Path) -> None:
    path = tmp_path / "box"
    box = mailbox.mbox(str(path))
    forged = enclosing("<guessed@greenmatch.example>", *CASES["hard"][:1], *CASES["hard"][1])
    box.add(forged)
    box.close()
    call_command("read_bounces", str(path), stdout=StringIO())
    assert not MailEvent.objects.exists()
