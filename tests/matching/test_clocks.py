"""Time to answer in working days, two reminders at most, an end, and the next candidate at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.errors import Conflict, Incomplete
from matching import actions, clocks, index, tasks
from matching.choices import Effect, Side
from matching.models import Pause, Reminder, Suggestion, Work
from matching.policy import in_force
from needs.models import Need
from outbox.choices import MessageKind
from outbox.models import Message
from partners.models import Organisation
from tests.factories import NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: Any) -> Callable[[datetime], None]:
    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_to(MONDAY)
    return set_to


@pytest.fixture
def suggestion(at: Any, provider: Organisation, city: Organisation) -> Suggestion:
    Need.objects.all().delete()
    need = NeedFactory(organisation=city)
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    Suggestion.objects.update(told_need_at=timezone.now(), told_technology_at=timezone.now())
    return Suggestion.objects.get()


def on(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def reminders() -> list[tuple[str, date]]:
    return list(Reminder.objects.order_by("pk").values_list("side", "sent_on"))


def days_from(start: date, count: int) -> list[date]:
    return [start + timedelta(days=number) for number in range(count)]


@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        ("FR", date(2026, 7, 14), False),
        ("FR", date(2026, 11, 27), True),
        ("SA", date(2026, 11, 27), False),
        ("SA", date(2026, 11, 29), True),
        ("CN", date(2026, 10, 2), False),
        ("CN", date(2026, 10, 10), True),
        ("XX", date(2026, 11, 28), False),
        ("XX", date(2026, 11, 27), True),
    ],
)
def test_working_days_are_those_of_the_country(country: str, day: date, works: bool) -> None:
    assert clocks.is_working(country, day) == works


def test_deadline_gives_each_country_its_working_days() -> None:
    start = date(2026, 9, 30)
    france = clocks.deadline(["FR"], start, 3)
    china = clocks.deadline(["CN"], start, 3)
    assert france.date() == date(2026, 10, 5)
    assert china.date() == date(2026, 10, 10)
    assert clocks.deadline(["FR", "CN"], start, 3) == china
    assert clocks.after("FR", france.date(), -3) == start


def test_new_suggestion_has_its_clock(suggestion: Suggestion) -> None:
    due = dict(Work.objects.values_list("effect", "due_at"))
    assert suggestion.expires_at == clocks.deadline(["FR", "MA"], MONDAY.date(), 14)
    assert due[Effect.EXPIRE] == suggestion.expires_at
    assert due[Effect.REMIND].date() == min(
        day for side in Side for day in clocks.moments(suggestion, side)
    )


def test_scoring_again_leaves_the_clock_alone(suggestion: Suggestion, at: Any) -> None:
    before = list(Work.objects.order_by("pk").values_list("pk", "due_at", "wanted"))
    at(MONDAY + timedelta(days=3))
    tasks.ask_all(Effect.REFRESH_NEED, [suggestion.need_id])
    tasks.sweep()
    assert list(Work.objects.order_by("pk").values_list("pk", "due_at", "wanted")) == before
    assert Suggestion.objects.get().expires_at == suggestion.expires_at


def test_silent_sides_are_reminded_twice_on_working_days_and_then_it_ends(
    suggestion: Suggestion, at: Any, official: User
) -> None:
    for day in days_from(MONDAY.date(), 40):
        at(on(day))
        tasks.sweep()
    assert [side for side, _day in reminders()].count(Side.NEED) == 2
    assert [side for side, _day in reminders()].count(Side.TECHNOLOGY) == 2
    for side, day in reminders():
        assert clocks.is_working(clocks.country_of(suggestion, side), day)
    first, last = (day for side, day in reminders() if side == Side.NEED)
    end = suggestion.expires_at.date()
    assert (first, last) == (clocks.after("MA", end, -7), clocks.after("MA", end, -1))
    sent = Message.objects.filter(kind=MessageKind.REMINDER, address=official.email)
    assert sent.count() == 2
    suggestion.refresh_from_db()
    assert suggestion.closed_at
    assert suggestion.closed_at.date() > end
    assert not Work.objects.exists()


def test_side_that_answered_is_not_reminded_and_both_hear_of_the_end(
    suggestion: Suggestion, at: Any, author: User, official: User
) -> None:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    for day in days_from(MONDAY.date(), 40):
        at(on(day))
        tasks.sweep()
    assert {side for side, _day in reminders()} == {Side.NEED}
    ended = Message.objects.filter(dedupe_key__startswith="expired:")
    subjects = dict(ended.values_list("address", "subject"))
    assert subjects[author.email].startswith("No answer from Schools Office")
    assert subjects[official.email].startswith("The time to answer has passed")
    assert AuditEntry.objects.filter(verb="expire suggestion").count() == 1


def test_late_worker_reminds_once_not_for_every_day_missed(suggestion: Suggestion, at: Any) -> None:
    at(on(clocks.after("MA", suggestion.expires_at.date(), -1)))
    for _ in range(3):
        tasks.sweep()
    assert sorted(side for side, _day in reminders()) == [Side.NEED, Side.TECHNOLOGY]


def test_reminder_waits_for_a_working_day(suggestion: Suggestion, at: Any) -> None:
    sunday = date(2026, 6, 14)
    Suggestion.objects.update(expires_at=clocks.deadline(["FR"], sunday, 4))
    at(on(sunday))
    clocks.remind(suggestion.pk)
    assert reminders() == []
    assert Work.objects.get(effect=Effect.REMIND).due_at.date() == date(2026, 6, 15)


def test_side_that_was_not_told_is_not_reminded(suggestion: Suggestion, at: Any) -> None:
    Suggestion.objects.update(told_need_at=None)
    at(on(clocks.after("FR", suggestion.expires_at.date(), -7)))
    tasks.sweep()
    assert {side for side, _day in reminders()} == {Side.TECHNOLOGY}


def test_pause_rests_the_reminders_and_leaves_time_to_answer(
    suggestion: Suggestion, at: Any, official: User
) -> None:
    until = date(2026, 6, 18)
    actions.later(suggestion, by=official, side=Side.NEED, until=until)
    suggestion.refresh_from_db()
    assert suggestion.expires_at >= clocks.deadline(["MA"], until, 2)
    assert Work.objects.get(effect=Effect.EXPIRE).due_at == suggestion.expires_at
    for day in days_from(MONDAY.date(), 45):
        at(on(day))
        tasks.sweep()
    mine = [day for side, day in reminders() if side == Side.NEED]
    assert 1 <= len(mine) <= 2
    assert all(day >= until for day in mine)
    assert Suggestion.objects.get().closed_at


def test_pause_has_a_limit_that_does_not_move(
    suggestion: Suggestion, at: Any, official: User
) -> None:
    first, last = clocks.pause_range(suggestion, Side.NEED)
    assert last == clocks.after("MA", MONDAY.date(), 14)
    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        with pytest.raises(Incomplete):
            actions.later(suggestion, by=official, side=Side.NEED, until=day)
    actions.later(suggestion, by=official, side=Side.NEED, until=last)
    at(MONDAY + timedelta(days=5))
    with pytest.raises(Incomplete):
        actions.later(suggestion, by=official, side=Side.NEED, until=last + timedelta(days=3))
    actions.later(suggestion, by=official, side=Side.NEED, until=last - timedelta(days=3))
    assert Pause.objects.count() == 1


def test_who_has_answered_cannot_put_off(suggestion: Suggestion, official: User) -> None:
    actions.accept(suggestion, by=official, side=Side.NEED)
    with pytest.raises(Conflict):
        actions.later(
            suggestion, by=official, side=Side.NEED, until=MONDAY.date() + timedelta(days=7)
        )


def test_two_workers_end_it_once(suggestion: Suggestion, at: Any) -> None:
    at(suggestion.expires_at + timedelta(minutes=1))
    clocks.expire(suggestion.pk)
    clocks.expire(suggestion.pk)
    clocks.remind(suggestion.pk)
    assert AuditEntry.objects.filter(verb="expire suggestion").count() == 1
    assert reminders() == []


def test_expiry_asked_for_too_early_waits(suggestion: Suggestion) -> None:
    clocks.expire(suggestion.pk)
    assert Suggestion.objects.get().closed_at is None
    assert Work.objects.get(effect=Effect.EXPIRE).due_at == suggestion.expires_at


def test_introduction_stops_the_clocks(
    suggestion: Suggestion, at: Any, author: User, official: User
) -> None:
    actions.accept(suggestion, by=author, side=Side.TECHNOLOGY)
    actions.accept(suggestion, by=official, side=Side.NEED)
    at(suggestion.expires_at + timedelta(days=1))
    tasks.sweep()
    assert Suggestion.objects.get().closed_at is None
    assert reminders() == []
    assert not Work.objects.exists()


def test_scoring_an_overdue_pair_again_gives_it_no_new_time(
    suggestion: Suggestion, at: Any
) -> None:
    ended = suggestion.expires_at
    at(ended + timedelta(days=1))
    tasks.end_waiting()
    clocks.wind(suggestion.need_id)
    suggestion.refresh_from_db()
    assert suggestion.expires_at == ended
    clocks.expire(suggestion.pk)
    suggestion.refresh_from_db()
    assert suggestion.closed_at is not None


def test_next_best_is_offered_at_once(suggestion: Suggestion, at: Any) -> None:
    need = suggestion.need
    Need.objects.filter(pk=need.pk).update(capacity=1)
    TechnologyFactory()
    index.forget()
    at(suggestion.expires_at + timedelta(minutes=1))
    tasks.sweep()
    tasks.sweep()
    assert need.suggestions.filter(closed_at=None).exclude(pk=suggestion.pk).count() == 1


def test_pair_that_comes_back_gets_a_new_clock(
    suggestion: Suggestion, at: Any, author: User
) -> None:
    Suggestion.objects.update(closed_at=timezone.now())
    Reminder.objects.create(suggestion=suggestion, side=Side.NEED, number=1, sent_on=MONDAY.date())
    at(MONDAY + timedelta(days=4))
    tasks.ask_all(Effect.REFRESH_NEED, [suggestion.need_id])
    tasks.sweep()
    suggestion.refresh_from_db()
    assert suggestion.closed_at is None
    friday = (MONDAY + timedelta(days=4)).date()
    assert suggestion.expires_at == clocks.deadline(["FR", "MA"], friday, 14)
    assert Work.objects.get(effect=Effect.EXPIRE).due_at == suggestion.expires_at
    assert reminders() == []


def test_setting_clocks_takes_a_fixed_number_of_queries(
    city: Organisation, count_queries: Any
) -> None:
    def queries(number: int) -> int:
        need = NeedFactory(organisation=city)
        expires = timezone.now() + timedelta(days=9)
        for _ in range(number):
            Suggestion.objects.create(
                need=need,
                technology=TechnologyFactory(),
                score=80,
                policy=in_force(),
                expires_at=expires,
            )
        with count_queries() as found:
            clocks.wind(need.pk)
        return len(found)

    queries(1)
    assert queries(2) == queries(5)


def test_new_suggestion_is_written_once(
    provider: Organisation, city: Organisation, count_queries: Any
) -> None:
    need = NeedFactory(organisation=city)
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    with count_queries() as found:
        tasks.sweep()
    written = [query["sql"] for query in found if '"matching_suggestion"' in query["sql"]]
    assert any(sql.startswith("INSERT") for sql in written)
    assert not any(sql.startswith("UPDATE") and '"expires_at" =' in sql for sql in written)


def test_reminder_is_counted_by_the_database() -> None:
    names = {constraint.name for constraint in Reminder._meta.constraints}
    assert {"reminder_is_sent_once", "side_is_reminded_twice_at_most"} <= names
    assert all(isinstance(row, models.BaseConstraint) for row in Reminder._meta.constraints)
