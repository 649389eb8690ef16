"""Two answers at one moment: both count, one introduction opens. Row locks need PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.errors import Conflict
from faults import races
from introductions.actions import SEE_CONTACT, open_contacts
from matching import actions, clocks, scoring, storing, tasks, work
from matching.choices import Effect, Side
from matching.models import Introduction, Response, Suggestion, Work
from outbox.choices import MessageKind
from outbox.models import Message
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
]
ROUNDS = 5


@pytest.fixture(autouse=True)
def only_with_row_locks(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one after the other anyway")


@pytest.fixture
def suggestion(provider: Organisation, city: Organisation) -> Suggestion:
    need = NeedFactory(organisation=city)
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    return Suggestion.objects.get()


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return step()
        except Conflict as conflict:
            return conflict
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


@pytest.mark.parametrize("name", races.RACES)
def test_race_loses_doubles_and_reveals_nothing(name: str) -> None:
    found = races.run(races.RACES[name], 4 * ROUNDS, random.Random(1))
    assert not +found.broken
    assert sum(found.ways.values()) == 4 * ROUNDS


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_both_sides_accept_at_once(
    suggestion: Suggestion, author: User, official: User, attempt: int
) -> None:
    found = at_once(
        lambda: actions.accept(suggestion, by=author, side=Side.TECHNOLOGY),
        lambda: actions.accept(suggestion, by=official, side=Side.NEED),
    )
    assert [isinstance(result, Introduction) for result in found].count(True) == 1
    assert Introduction.objects.count() == 1
    assert Response.objects.count() == 2
    assert Message.objects.filter(kind=MessageKind.INTRODUCTION).count() == 3


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_two_members_accept_for_one_side_at_once(
    suggestion: Suggestion, author: User, colleague: User, attempt: int
) -> None:
    at_once(
        lambda: actions.accept(suggestion, by=author, side=Side.TECHNOLOGY),
        lambda: actions.accept(suggestion, by=colleague, side=Side.TECHNOLOGY),
    )
    assert Response.objects.count() == 1
    assert Message.objects.filter(kind=MessageKind.ANSWER).count() == 1


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_yes_of_one_side_and_no_of_the_other_at_once_open_nothing(
    suggestion: Suggestion, author: User, official: User, attempt: int
) -> None:
    at_once(
        lambda: actions.accept(suggestion, by=author, side=Side.TECHNOLOGY),
        lambda: actions.decline(suggestion, by=official, side=Side.NEED, reason="price"),
    )
    assert not Introduction.objects.exists()
    assert Suggestion.objects.get().closed_at


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_withdrawing_while_the_other_side_accepts_leaves_no_half_introduction(
    suggestion: Suggestion, author: User, official: User, attempt: int
) -> None:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    at_once(
        lambda: actions.withdraw(suggestion, by=author, side=Side.TECHNOLOGY),
        lambda: actions.accept(suggestion, by=official, side=Side.NEED),
    )
    assert Introduction.objects.exists() == (Response.objects.count() == 2)


def test_two_members_look_at_contacts_and_each_is_written_down_once(
    suggestion: Suggestion, author: User, official: User
) -> None:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    introduction = actions.accept(suggestion, by=official, side=Side.NEED)
    assert introduction
    at_once(*[lambda: open_contacts(introduction, by=author)] * 4)
    assert AuditEntry.objects.filter(verb=SEE_CONTACT).count() == 1


@pytest.mark.parametrize("attempt", range(20))
def test_work_asked_for_while_it_is_finished_is_not_lost(attempt: int) -> None:
    work.ask(Effect.REFRESH_NEED, 1)
    pk = Work.objects.get().pk
    done: list[int] = []
    at_once(
        lambda: work.do(pk, {Effect.REFRESH_NEED: done.append}),
        lambda: work.ask(Effect.REFRESH_NEED, 1),
    )
    if Work.objects.exists():
        assert work.do(Work.objects.get().pk, {Effect.REFRESH_NEED: done.append})
    assert done in ([1], [1, 1])
    assert not Work.objects.exists()


def test_what_expires_while_its_need_is_scored_is_not_opened_again(
    suggestion: Suggestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    Suggestion.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    pool, settled = ThreadPoolExecutor(1), storing.settled
    others: list[Future[None]] = []

    def expire() -> None:
        clocks.expire(suggestion.pk)
        connection.close()

    def settled_meanwhile(rows: Any) -> Any:
        found = list(settled(rows))
        others.append(pool.submit(expire))
        wait(others, timeout=2)  # it has to wait for who scores
        return settled(rows.filter(pk__in=[row.pk for row in found]))

    monkeypatch.setattr(storing, "settled", settled_meanwhile)
    scoring.refresh_need(suggestion.need_id)
    others[0].result(timeout=20)
    assert Suggestion.objects.get().closed_at
    assert AuditEntry.objects.filter(verb="expire suggestion").count() == 1
