"""When a person may be written to: their zone, their country's days of rest, their wish."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import User
from outbox import delivery
from outbox.choices import Frequency, MessageKind, MessageStatus
from outbox.hours import Hours, add_working_days, hours_of, is_working_day, zone_of_country
from outbox.models import Message, Preference
from partners.models import Organisation
from tests.factories import CityFactory
from tests.outbox.conftest import Script, queue

SUNDAY_NIGHT = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)


@pytest.fixture
def city(official: User) -> Organisation:
    return CityFactory(name="Schools Office", country="FR", place="Paris", members=[official])


def hours(country: str, frequency: str = Frequency.DAILY, weekday: int = 0, hour: int = 9) -> Hours:
    return Hours(zone_of_country(country), country, frequency, weekday, hour)


@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        ("FR", date(2026, 7, 14), False),
        ("FR", date(2026, 7, 15), True),
        ("EG", date(2026, 7, 10), False),  # a Friday
        ("EG", date(2026, 7, 12), True),  # a Sunday
        ("CN", date(2026, 10, 2), False),  # the national week
        ("", date(2026, 7, 11), False),
    ],
)
def test_days_of_rest_are_those_of_the_country(country: str, day: date, works: bool) -> None:
    assert is_working_day(day, country) == works


@pytest.mark.parametrize(
    ("country", "zone"),
    [("US", "America/New_York"), ("RU", "Europe/Moscow"), ("FR", "Europe/Paris"), ("", "UTC")],
)
def test_zone_is_that_of_the_capital(country: str, zone: str) -> None:
    assert zone_of_country(country) == ZoneInfo(zone)


@pytest.mark.parametrize("country", ["GB", "US", "CL", "EG", "CN", "AU", "IN", "FR", "RU", "BR"])
def test_a_digest_comes_at_the_chosen_hour_on_the_wall_all_year(country: str) -> None:
    daily = hours(country, hour=17)
    moment, days = datetime(2026, 1, 1, tzinfo=UTC), set()
    while moment.year == 2026:
        moment = daily.next_digest(moment)
        local = moment.astimezone(daily.zone)
        assert (local.hour, local.minute) == (17, 0)
        assert is_working_day(local.date(), country)
        days.add(local.date())
        moment += timedelta(seconds=1)
    assert len(days) >= 235


def test_a_week_chosen_on_a_day_of_rest_comes_on_the_next_working_day() -> None:
    weekly = hours("FR", Frequency.WEEKLY, weekday=1)
    before = datetime(2026, 7, 13, 12, tzinfo=UTC)
    assert weekly.day_of(weekly.next_digest(before)) == date(2026, 7, 15)
    assert weekly.day_of(weekly.next_digest(before + timedelta(days=3))) == date(2026, 7, 21)


def test_working_days_are_counted_without_weekends() -> None:
    assert add_working_days(date(2026, 7, 10), 3, "FR") == date(2026, 7, 16)
    assert add_working_days(date(2026, 7, 9), 1, "EG") == date(2026, 7, 12)


@pytest.mark.django_db
def test_without_a_zone_of_their_own_people_have_that_of_their_organisation(
    official: User, city: Organisation
) -> None:
    assert hours_of(official).zone == ZoneInfo("Europe/Paris")
    official.time_zone = "Asia/Tokyo"
    assert hours_of(official).zone == ZoneInfo("Asia/Tokyo")


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "day"), [(MessageKind.SUGGESTION, 9), (MessageKind.REMINDER, 9)])
def test_what_may_wait_is_planned_for_the_morning(
    official: User, city: Organisation, kind: MessageKind, day: int
) -> None:
    Preference.objects.create(person=official, frequency=Frequency.DAILY)
    with time_machine.travel(SUNDAY_NIGHT, tick=False):
        message = queue(official, kind=kind)
    assert message.next_attempt_at == datetime(2026, 3, day, 7, tzinfo=UTC)


@pytest.mark.django_db
def test_answers_and_introductions_go_at_once(official: User, city: Organisation) -> None:
    Preference.objects.create(person=official, frequency=Frequency.DAILY)
    with time_machine.travel(SUNDAY_NIGHT, tick=False):
        for kind in (MessageKind.ANSWER, MessageKind.INTRODUCTION, MessageKind.ACCOUNT):
            assert queue(official, kind, kind=kind).next_attempt_at == SUNDAY_NIGHT


@pytest.mark.django_db
def test_what_was_late_waits_for_the_hours_and_is_not_lost(
    server: Script, official: User, city: Organisation
) -> None:
    Preference.objects.create(person=official, frequency=Frequency.DAILY)
    with time_machine.travel(SUNDAY_NIGHT - timedelta(days=2), tick=False):
        message = queue(official, kind=MessageKind.REMINDER)
    Message.objects.update(next_attempt_at=SUNDAY_NIGHT - timedelta(hours=1))
    with time_machine.travel(SUNDAY_NIGHT, tick=False):
        assert delivery.deliver(message.pk) == MessageStatus.QUEUED
    with time_machine.travel(SUNDAY_NIGHT + timedelta(hours=8), tick=False):
        assert delivery.deliver(message.pk) == MessageStatus.SENT


@pytest.mark.django_db
def test_a_day_has_room_for_a_number_of_mails_and_account_mail_does_not_count(
    server: Script, official: User, settings: Any
) -> None:
    settings.MAILS_PER_DAY = 3
    with time_machine.travel(SUNDAY_NIGHT, tick=False):
        rows = [queue(official, f"{n}", kind=MessageKind.THREAD) for n in range(7)]
        code = queue(official, "code", kind=MessageKind.ACCOUNT)
        assert [delivery.deliver(row.pk) for row in rows] == [MessageStatus.SENT] * 3 + [""] * 4
        assert delivery.deliver(code.pk) == MessageStatus.SENT
    days = [row.next_attempt_at.date() for row in rows]
    assert [days.count(day) for day in sorted(set(days))] == [3, 3, 1]


@pytest.mark.django_db
def test_the_number_is_counted_again_when_mails_are_late(
    server: Script, official: User, settings: Any
) -> None:
    settings.MAILS_PER_DAY = 3
    rows = [queue(official, f"{n}", kind=MessageKind.THREAD) for n in range(5)]
    Message.objects.update(next_attempt_at=datetime(2026, 3, 1, tzinfo=UTC))
    said = [delivery.deliver(row.pk) for row in rows]
    assert said == [MessageStatus.SENT] * 3 + [MessageStatus.QUEUED] * 2
