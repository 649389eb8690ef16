"""Neither lost nor sent twice: what each answer of the mail server makes of an e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from outbox import actions, delivery, leases, tasks
from outbox.actions import put
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message, Preference
from outbox.querysets import LEASE
from tests.factories import UserFactory
from tests.outbox.conftest import Script, queue

pytestmark = pytest.mark.django_db
S = MessageStatus


def hold(message: Message, status: str, *, since: timedelta, by: str = "another") -> None:
    Message.objects.filter(pk=message.pk).update(
        status=status, claimed_at=timezone.now() - since, claimed_by=by
    )


def test_accepted_mail_is_sent_with_its_own_message_id(server: Script, reader: User) -> None:
    message = queue(reader)
    assert delivery.deliver(message.pk) == S.SENT
    (envelope,) = server.received
    text = envelope.content.decode()
    assert envelope.rcpt_tos == [reader.email]
    assert f"Message-ID: {message.message_id}" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "multipart/alternative" in text
    message.refresh_from_db()
    assert message.sent_at


def test_sent_mail_is_not_sent_again(server: Script, reader: User) -> None:
    message = queue(reader)
    for _ in range(3):
        delivery.deliver(message.pk)
        tasks.sweep()
    assert len(server.received) == 1


@pytest.mark.parametrize("step", ["recipient", "data"])
def test_come_back_later_queues_again(server: Script, reader: User, step: str) -> None:
    setattr(server, step, "451 Greylisted, try again later")
    message = queue(reader)
    assert delivery.deliver(message.pk) == S.QUEUED
    message.refresh_from_db()
    assert message.attempts == 1
    assert message.next_attempt_at > timezone.now()
    assert delivery.deliver(message.pk) == ""


def test_greylisted_mail_arrives_at_the_second_try(server: Script, reader: User) -> None:
    server.recipient = "451 Greylisted"
    message = queue(reader)
    delivery.deliver(message.pk)
    server.recipient = "250 OK"
    Message.objects.update(next_attempt_at=timezone.now())
    tasks.sweep()
    message.refresh_from_db()
    assert message.status == S.SENT
    assert len(server.received) == 1


@pytest.mark.parametrize("step", ["recipient", "data"])
def test_final_refusal_fails(server: Script, reader: User, step: str) -> None:
    setattr(server, step, "550 No such person")
    message = queue(reader)
    assert delivery.deliver(message.pk) == S.FAILED
    message.refresh_from_db()
    assert "550" in message.last_error or "Refused" in message.last_error


def test_no_server_queues_again(no_server: None, reader: User) -> None:
    message = queue(reader)
    assert delivery.deliver(message.pk) == S.QUEUED
    message.refresh_from_db()
    assert message.last_error == "ConnectionRefusedError"


def test_line_lost_in_data_is_unknown_and_never_sent_again_by_itself(
    server: Script, reader: User
) -> None:
    server.drop = True
    message = queue(reader)
    assert delivery.deliver(message.pk) == S.UNKNOWN
    Message.objects.update(next_attempt_at=timezone.now() - timedelta(days=1))
    tasks.sweep()
    assert len(server.received) == 1


def test_after_a_day_of_trying_it_fails(no_server: None, reader: User) -> None:
    message = queue(reader)
    Message.objects.update(first_attempt_at=timezone.now() - timedelta(hours=25))
    assert delivery.deliver(message.pk) == S.FAILED


def test_day_of_trying_counts_from_the_first_attempt(server: Script, reader: User) -> None:
    server.data = "451 Not now"
    message = queue(reader)
    Message.objects.update(created_at=timezone.now() - timedelta(days=9), status=S.UNKNOWN)
    actions.send_again(message, by=UserFactory(is_superuser=True))
    assert delivery.deliver(message.pk) == S.QUEUED


def test_worker_that_died_before_handing_over_loses_nothing(server: Script, reader: User) -> None:
    message = queue(reader)
    hold(message, S.CLAIMED, since=2 * LEASE)
    tasks.sweep()
    message.refresh_from_db()
    assert (message.status, message.deaths, message.claimed_by) == (S.QUEUED, 1, "")
    Message.objects.update(next_attempt_at=timezone.now())
    tasks.sweep()
    message.refresh_from_db()
    assert message.status == S.SENT


def test_mail_that_kills_every_worker_is_given_up(server: Script, reader: User) -> None:
    message = queue(reader)
    hold(message, S.CLAIMED, since=2 * LEASE)
    Message.objects.update(deaths=leases.MOST_DEATHS - 1)
    tasks.sweep()
    message.refresh_from_db()
    assert message.status == S.FAILED
    assert not server.received


def test_worker_that_died_while_handing_over_is_shown_to_an_admin(
    server: Script, reader: User
) -> None:
    message = queue(reader)
    hold(message, S.SENDING, since=2 * LEASE)
    tasks.sweep()
    message.refresh_from_db()
    assert message.status == S.UNKNOWN
    assert not server.received


def test_mail_claimed_by_another_worker_is_left_alone(server: Script, reader: User) -> None:
    message = queue(reader)
    hold(message, S.CLAIMED, since=timedelta())
    assert delivery.deliver(message.pk) == ""
    tasks.sweep()
    assert not server.received


def test_mail_that_cannot_be_built_fails_and_stops_nobody(
    server: Script, reader: User, monkeypatch: Any
) -> None:
    bad, good = queue(reader), queue(reader, "two")
    Message.objects.filter(pk=bad.pk).update(message_id="<broken\nheader>")
    tasks.sweep()
    states = dict(Message.objects.values_list("pk", "status"))
    assert states == {bad.pk: S.FAILED, good.pk: S.SENT}


def test_error_of_one_mail_does_not_stop_the_sweep(
    server: Script, reader: User, monkeypatch: Any, caplog: Any
) -> None:
    bad, good = queue(reader), queue(reader, "two")
    real = leases.begin_sending

    def begin_sending(message: Message) -> bool:
        if message.pk == bad.pk:
            raise RuntimeError
        return real(message)

    monkeypatch.setattr(leases, "begin_sending", begin_sending)
    tasks.sweep()
    good.refresh_from_db()
    assert good.status == S.SENT


def test_person_who_left_gets_nothing(server: Script, reader: User) -> None:
    message = queue(reader)
    User.objects.update(is_active=False)
    assert delivery.deliver(message.pk) == S.WITHHELD
    assert not server.received


def test_suggestions_are_withheld_from_whoever_unsubscribed_meanwhile(
    server: Script, reader: User
) -> None:
    suggestion = queue(reader, kind=MessageKind.SUGGESTION)
    decision = queue(reader, "two")
    Preference.objects.create(person=reader, off=[MessageKind.SUGGESTION])
    assert delivery.deliver(suggestion.pk) == S.WITHHELD
    assert delivery.deliver(decision.pk) == S.SENT


def test_suggestion_can_be_stopped_with_one_click(server: Script, reader: User) -> None:
    delivery.deliver(queue(reader, kind=MessageKind.SUGGESTION).pk)
    headers = server.received[0].content.decode()
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in headers
    assert "/mail/stop/" in headers.replace("\r\n ", "")


def test_mail_follows_a_person_to_a_new_address(server: Script, reader: User) -> None:
    message = queue(reader)
    code = queue(reader, "two", kind=MessageKind.ACCOUNT, address="new@people.example")
    User.objects.update(email="moved@people.example")
    delivery.deliver(message.pk)
    delivery.deliver(code.pk)
    assert [mail.rcpt_tos for mail in server.received] == [
        ["moved@people.example"],
        ["new@people.example"],
    ]


@pytest.mark.parametrize(
    ("answer", "status"), [("250 OK", S.SENT), ("550 No", S.FAILED), ("drop", S.UNKNOWN)]
)
def test_sign_in_codes_are_not_kept(server: Script, reader: User, answer: str, status: str) -> None:
    server.drop = answer == "drop"
    server.data = "250 OK" if server.drop else answer
    message = queue(reader, kind=MessageKind.ACCOUNT, text="Your code: 123456")
    assert delivery.deliver(message.pk) == status
    message.refresh_from_db()
    assert (message.text, message.html) == ("", "")


def test_same_key_writes_one_mail(reader: User) -> None:
    assert queue(reader, "same")
    again = put(MessageKind.DECISION, to=reader, subject="S", text="T", dedupe_key="same")
    assert again is None
    assert Message.objects.count() == 1


def test_lost_hint_costs_nothing(
    server: Script, reader: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HINTS = True
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    message = queue(reader)
    tasks.sweep()
    message.refresh_from_db()
    assert message.status == S.SENT
