"""Work is held by one worker at a time; what stands still is told; what is over is not mailed."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from matching import tasks, work
from matching.choices import Effect
from matching.models import Suggestion, Work
from matching.policy import in_force
from outbox import delivery, machinery
from outbox.actions import put
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db


def test_who_lost_the_claim_changes_nothing() -> None:
    work.ask(Effect.REFRESH_NEED, 1)
    row = Work.objects.get()
    late = work._claim(row.pk)
    assert late is not None
    Work.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    other = work._claim(row.pk)
    assert other is not None
    work._postpone(late, ValueError())
    row.refresh_from_db()
    assert (row.claimed_by, row.last_error) == (other.claimed_by, "")


def test_night_happens_once_however_many_beats_ask(monkeypatch: Any) -> None:
    nights: list[int] = []
    monkeypatch.setattr(tasks, "nightly", lambda: nights.append(1))
    for _ in range(5):
        tasks.nightly_when_due()
    assert nights == [1]


def test_without_a_beat_whoever_gets_a_hint_sweeps(monkeypatch: Any) -> None:
    swept: list[int] = []
    monkeypatch.setattr(tasks, "sweep", lambda: swept.append(1))
    tasks.do_work(0)
    machinery.seen(tasks.SWEEPER)
    tasks.do_work(0)
    assert swept == [1]


def test_dead_man_check_is_quiet_while_everything_moves() -> None:
    machinery.seen(machinery.SWEEPER)
    call_command("check_machinery", stdout=StringIO())


def test_dead_man_check_tells_of_late_work_and_mail(author: User) -> None:
    work.ask(Effect.REFRESH_NEED, 1)
    put(MessageKind.DECISION, to=author, subject="S", text="T", dedupe_key="k")
    late = timezone.now() - timedelta(minutes=11)
    Work.objects.update(due_at=late)
    Message.objects.update(next_attempt_at=late)
    with pytest.raises(CommandError) as told:
        call_command("check_machinery")
    for words in ("sweeper has never run", "oldest due e-mail", "1 pieces of work have waited"):
        assert words in str(told.value)


@pytest.fixture
def suggestion(db: None) -> Suggestion:
    return Suggestion.objects.create(
        need=NeedFactory(),
        technology=TechnologyFactory(),
        score=80,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=5),
    )


def write_about(suggestion: Suggestion, to: User) -> Message:
    message = put(
        MessageKind.SUGGESTION, to=to, subject="S", text="T", dedupe_key="k", about=[suggestion]
    )
    assert message
    return message


def test_mail_about_an_open_suggestion_goes(author: User, suggestion: Suggestion) -> None:
    assert delivery.deliver(write_about(suggestion, author).pk) == MessageStatus.SENT


@pytest.mark.parametrize(
    "change",
    [
        {"closed_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(minutes=1)},
    ],
)
def test_mail_about_a_suggestion_that_is_over_is_withheld(
    author: User, suggestion: Suggestion, change: dict[str, Any]
) -> None:
    message = write_about(suggestion, author)
    Suggestion.objects.update(**change)
    assert delivery.deliver(message.pk) == MessageStatus.WITHHELD


def test_mail_to_an_erased_person_is_withheld(author: User) -> None:
    message = put(MessageKind.ACCOUNT, to=author, subject="S", text="T", dedupe_key="k")
    assert message
    author.delete()
    assert delivery.deliver(message.pk) == MessageStatus.WITHHELD
