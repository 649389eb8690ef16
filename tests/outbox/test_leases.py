"""Who holds an e-mail, for how long, and what a late holder may still write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from common import clock
from outbox import delivery, leases, machinery, tasks
from outbox.choices import MessageStatus
from outbox.models import Message, Part, Run
from outbox.querysets import LEASE
from outbox.signals import Wait, Withhold, message_claimed
from tests.outbox.conftest import Script, queue

pytestmark = pytest.mark.django_db
S = MessageStatus


def status_of(message: Message) -> str:
    message.refresh_from_db()
    return str(message.status)


def test_two_workers_never_hold_the_same_mail(reader: User) -> None:
    for number in range(5):
        queue(reader, f"key {number}")
    first, second = leases.claim(3), leases.claim(3)
    assert (len(first), len(second)) == (3, 2)
    assert not {mail.pk for mail in first} & {mail.pk for mail in second}
    assert leases.claim(3) == []


def test_oldest_goes_first(reader: User) -> None:
    new, old = queue(reader, "new"), queue(reader, "old")
    Message.objects.filter(pk=old.pk).update(next_attempt_at=timezone.now() - timedelta(hours=1))
    assert [mail.pk for mail in leases.claim(2)] == [old.pk, new.pk]


def test_who_lost_the_claim_does_not_begin_to_send(server: Script, reader: User) -> None:
    queue(reader)
    (held,) = leases.claim(1)
    Message.objects.update(claimed_at=timezone.now() - 2 * LEASE)
    leases.settle()
    assert not leases.begin_sending(held)
    assert not leases.close(held, status=S.SENT, sent_at=timezone.now())
    assert status_of(held) == S.QUEUED


def test_answer_that_comes_late_settles_what_was_unknown(reader: User) -> None:
    queue(reader)
    (held,) = leases.claim(1)
    assert leases.begin_sending(held)
    Message.objects.update(claimed_at=timezone.now() - 2 * LEASE)
    leases.settle()
    assert status_of(held) == S.UNKNOWN
    assert leases.close(held, status=S.SENT, sent_at=timezone.now())
    assert status_of(held) == S.SENT


def test_what_is_given_back_is_free_at_once(reader: User) -> None:
    queue(reader)
    leases.release(leases.claim(1))
    assert len(leases.claim(1)) == 1


def test_tasks_end_before_their_lease(settings: Any) -> None:
    words = 3 * settings.EMAIL_TIMEOUT + settings.OUTBOX_DATA_TIMEOUT
    for task in (tasks.sweep, tasks.deliver_message):
        assert task.soft_time_limit < task.time_limit < LEASE.total_seconds()
    assert words < LEASE.total_seconds()
    assert tasks.sweep.soft_time_limit > tasks.PATIENCE


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_time_of_the_database_moves_within_a_transaction(settings: Any) -> None:
    settings.DATABASE_CLOCK = True
    assert clock.now() < clock.now()


def test_time_of_the_database_is_asked_only_where_hosts_may_differ(settings: Any) -> None:
    settings.DATABASE_CLOCK = True
    near = abs(clock.now() - timezone.now()) < timedelta(minutes=1)
    assert near or connection.vendor == "postgresql"


@pytest.fixture
def objection() -> Iterator[dict[str, Any]]:
    """What somebody above the outbox answers when a message is about to go."""
    says: dict[str, Any] = {"answer": None}

    def receiver(**_: Any) -> Any:
        return says["answer"]

    message_claimed.connect(receiver)
    yield says
    message_claimed.disconnect(receiver)


def test_those_above_may_withhold_a_mail(
    server: Script, reader: User, objection: dict[str, Any]
) -> None:
    objection["answer"] = Withhold("over")
    message = queue(reader)
    assert delivery.deliver(message.pk) == S.WITHHELD
    assert status_of(message) == S.WITHHELD
    assert message.last_error == "over"
    assert not server.received


def test_those_above_may_let_a_mail_wait(
    server: Script, reader: User, objection: dict[str, Any]
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    objection["answer"] = Wait(tomorrow, "night")
    message = queue(reader)
    assert delivery.deliver(message.pk) == S.QUEUED
    message.refresh_from_db()
    assert (message.next_attempt_at, message.attempts, message.first_attempt_at) == (
        tomorrow, 0, None,
    )  # fmt: skip
    objection["answer"] = None
    Message.objects.update(next_attempt_at=timezone.now())
    tasks.sweep()
    assert status_of(message) == S.SENT


def test_server_that_is_away_is_asked_once_and_given_a_rest(no_server: None, reader: User) -> None:
    for number in range(30):
        queue(reader, f"key {number}")
    for _ in range(5):
        tasks.sweep()
    part = Part.objects.get(name=delivery.SERVER)
    assert part.failures == 1
    assert timezone.now() < part.rests_until < timezone.now() + timedelta(minutes=1)
    assert Message.objects.exclude(first_attempt_at=None).count() == 1
    assert Message.objects.filter(status=S.QUEUED, attempts=0).count() == 30


def test_when_the_server_is_back_everything_goes(server: Script, reader: User) -> None:
    for number in range(12):
        queue(reader, f"key {number}")
    Part.objects.create(name=delivery.SERVER, failures=7, rests_until=timezone.now())
    tasks.sweep()
    assert len(server.received) == 12
    assert Part.objects.get(name=delivery.SERVER).failures == 0


def test_job_runs_once_for_each_due_time() -> None:
    done: list[int] = []
    due = datetime(2026, 11, 23, 2, tzinfo=UTC)
    for number in range(3):
        machinery.run_once("nightly", due, lambda n=number: done.append(n))
    machinery.run_once("nightly", due + timedelta(days=1), lambda: done.append(9))
    assert done == [0, 9]


def test_job_whose_worker_died_is_taken_over() -> None:
    done: list[int] = []
    due = datetime(2026, 11, 23, 2, tzinfo=UTC)
    Run.objects.create(job="nightly", due_at=due, claimed_at=timezone.now() - timedelta(hours=1))
    assert machinery.run_once("nightly", due, lambda: done.append(1))
    assert not machinery.run_once("nightly", due, lambda: done.append(2))
    assert done == [1]
