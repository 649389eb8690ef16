"""Suggestions collected for a person: once, at their hour, and while they are here to read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from matching import tasks
from matching.actions import accept
from matching.choices import Effect, Side
from matching.models import Suggestion, Work
from needs.models import Need
from outbox import tasks as outbox
from outbox.choices import Frequency, MessageKind
from outbox.models import Message, Preference
from partners.models import Organisation
from tests.factories import CityFactory, NeedFactory, TechnologyFactory

pytestmark = pytest.mark.django_db
MONDAY_NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def city(official: User) -> Organisation:
    return CityFactory(name="Schools Office", country="FR", place="Paris", members=[official])


@pytest.fixture
def clock(settings: Any) -> Any:
    settings.DIGEST_DEFAULT = "daily"
    with time_machine.travel(MONDAY_NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def need(clock: Any, city: Organisation, provider: Organisation) -> Need:
    TechnologyFactory(organisation=provider)
    return NeedFactory(organisation=city)


def score(*needs: Need) -> None:
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk for need in needs])
    tasks.sweep()


def to(person: User) -> list[Message]:
    return list(Message.objects.filter(recipient=person).order_by("pk"))


def pass_time(clock: Any, *moments: timedelta) -> None:
    for ahead in moments:
        clock.shift(ahead)
        for sweep in (tasks.sweep, outbox.sweep) * 2:
            sweep()


def test_news_waits_for_the_next_morning_and_comes_once(
    clock: Any, need: Need, official: User
) -> None:
    score(need)
    assert to(official) == []
    pass_time(clock, 19 * HOUR)  # 8:00 in Paris
    assert to(official) == []
    pass_time(clock, HOUR)
    (digest,) = to(official)
    assert digest.dedupe_key == f"digest:{official.pk}:2026-03-10"
    pass_time(clock, DAY, DAY, DAY)
    assert len(to(official)) == 1
    assert not Work.objects.filter(effect=Effect.DIGEST).exists()


def test_a_day_of_many_changes_makes_one_mail_with_a_group_for_each_need(
    clock: Any, need: Need, city: Organisation, official: User
) -> None:
    other = NeedFactory(
        organisation=city, title="Cool the town hall", title_en="Cool the town hall"
    )
    score(need)
    pass_time(clock, HOUR)
    score(other)
    pass_time(clock, 19 * HOUR)
    (digest,) = to(official)
    assert digest.text.count("For your need: ") == 2
    assert digest.subject == "2 technologies fit your needs"
    assert "You get this e-mail because you act for Schools Office" in digest.text
    assert "private@contact.example" not in digest.text + digest.html


def test_what_comes_after_the_digest_waits_for_tomorrow(
    clock: Any, need: Need, city: Organisation, official: User
) -> None:
    score(need)
    pass_time(clock, 20 * HOUR, HOUR)
    score(NeedFactory(organisation=city))
    pass_time(clock, HOUR, 4 * HOUR)
    assert len(to(official)) == 1
    pass_time(clock, 18 * HOUR)
    assert len(to(official)) == 2


def test_weekly_comes_on_the_chosen_day_but_before_a_deadline(
    clock: Any, need: Need, official: User, author: User
) -> None:
    for person in (official, author):
        Preference.objects.create(person=person, frequency=Frequency.WEEKLY, weekday=3)
    score(need)
    pass_time(clock, 2 * DAY)
    assert to(official) == []
    pass_time(clock, DAY)
    assert len(to(official)) == 1


def test_a_deadline_does_not_wait_for_the_week(clock: Any, need: Need, official: User) -> None:
    Preference.objects.create(person=official, frequency=Frequency.WEEKLY, weekday=0)
    score(need)
    Suggestion.objects.update(expires_at=timezone.now() + 4 * DAY)
    tasks.ask_all(Effect.TELL_ORGANISATION, [need.organisation_id])
    tasks.sweep()
    pass_time(clock, 20 * HOUR)
    assert len(to(official)) == 1


def test_worker_that_slept_over_the_hour_writes_in_the_next_hours(
    clock: Any, need: Need, official: User
) -> None:
    score(need)
    clock.shift(33 * HOUR)  # Tuesday, 22:00 in Paris
    tasks.sweep()
    assert to(official) == []
    pass_time(clock, 10 * HOUR)
    assert len(to(official)) == 1


def test_what_the_side_has_answered_is_not_told(clock: Any, need: Need, official: User) -> None:
    score(need)
    accept(Suggestion.objects.get(), by=official, side=Side.NEED)
    pass_time(clock, 20 * HOUR)
    assert not Message.objects.filter(recipient=official, kind=MessageKind.SUGGESTION).exists()


def test_digests_pause_for_who_is_away_and_start_again_at_the_sign_in(
    clock: Any, need: Need, official: User, as_official: Client
) -> None:
    User.objects.filter(pk=official.pk).update(last_login=timezone.now() - 200 * DAY)
    score(need)
    pass_time(clock, 20 * HOUR, DAY, DAY)
    (mail,) = to(official)
    assert mail.dedupe_key.startswith("paused:")
    Client().force_login(official, backend="django.contrib.auth.backends.ModelBackend")
    pass_time(clock, DAY)
    assert [row.dedupe_key.partition(":")[0] for row in to(official)] == ["paused", "digest"]


def test_changing_the_hour_moves_the_digest(
    clock: Any, need: Need, official: User, as_official: Client
) -> None:
    score(need)
    form = {
        "kinds": ["suggestion", "answer"],
        "frequency": "daily",
        "weekday": 0,
        "hour": 16,
        "language": "fr",
        "time_zone": "",
    }
    assert as_official.post("/en/settings/mail/", form).status_code == 302
    assert Preference.objects.get(person=official).off == ["reminder", "thread", "news"]
    pass_time(clock, 2 * HOUR)
    assert to(official) == []
    pass_time(clock, HOUR)  # 16:00 in Paris
    (digest,) = to(official)
    assert digest.language == "fr"
