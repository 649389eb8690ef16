"""Suggestions side by side, the draft of a first message, and how fast others answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from matching import actions, panels, tasks
from matching.choices import Decision, Effect, Side
from matching.drafts import first_message
from matching.models import Response, Suggestion
from matching.policy import in_force
from needs.models import Need
from outbox.models import Message
from partners.models import Organisation
from tests.factories import NeedFactory, SiteFactory, TechnologyFactory

pytestmark = pytest.mark.django_db


def pair(need: Need, **record: Any) -> Suggestion:
    return Suggestion.objects.create(
        need=need,
        technology=TechnologyFactory(**record),
        score=80,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=10),
        told_need_at=timezone.now(),
        told_technology_at=timezone.now(),
    )


@pytest.fixture
def need(city: Organisation) -> Need:
    return NeedFactory(organisation=city)


@pytest.fixture
def suggestion(need: Need, provider: Organisation) -> Suggestion:
    TechnologyFactory(organisation=provider)
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    return Suggestion.objects.get()


def address(need: Need, *rows: Suggestion) -> str:
    ticked = "&".join(f"compare={row.pk}" for row in rows)
    return f"{reverse('matching:compare', args=[need.pk])}?{ticked}"


def test_ticked_suggestions_stand_side_by_side(need: Need, as_official: Client) -> None:
    rows = [pair(need, cost_high=100, cost_currency="EUR", cost_unit="m2"), pair(need), pair(need)]
    SiteFactory(technology=rows[0].technology, place="Grenoble")
    text = as_official.get(address(need, *rows[:2])).content.decode()
    assert "2 technologies side by side" in text
    for words in (rows[0].technology.title, rows[1].technology.title, "Grenoble", "8 to 9 of 9"):
        assert words in text
    assert f'value="{rows[2].pk}">' in text


@pytest.mark.parametrize("number", [0, 1, 5])
def test_too_few_or_too_many_ticks_show_what_there_is_to_tick(
    need: Need, as_official: Client, number: int
) -> None:
    rows = [pair(need) for _ in range(5)]
    text = as_official.get(address(need, *rows[:number])).content.decode()
    assert "side by side</h2>" not in text
    assert ("Tick 2 to 4 technologies of this need." in text) == (number > 0)


@pytest.mark.parametrize("ticked", ["compare=x", "compare=999999&compare=1", "compare="])
def test_foreign_ticks_are_refused_without_an_error(
    need: Need, as_official: Client, ticked: str
) -> None:
    pair(need)
    page = as_official.get(f"{reverse('matching:compare', args=[need.pk])}?{ticked}")
    assert page.status_code == 200
    assert "Tick 2 to 4 technologies of this need." in page.content.decode()


def test_comparing_takes_a_fixed_number_of_queries(
    need: Need, as_official: Client, count_queries: Any
) -> None:
    rows = [pair(need) for _ in range(4)]

    def queries(number: int) -> int:
        with count_queries() as found:
            assert as_official.get(address(need, *rows[:number])).status_code == 200
        return len(found)

    queries(4)
    assert queries(2) == queries(4)


def test_shortlist_offers_to_compare_from_two_on(
    suggestion: Suggestion, need: Need, as_official: Client, as_author: Client
) -> None:
    assert 'id="compare"' not in as_official.get(need.get_absolute_url()).content.decode()
    pair(need)
    text = as_official.get(need.get_absolute_url()).content.decode()
    assert 'id="compare"' in text
    assert f'value="{suggestion.pk}" form="compare"' in text
    assert 'form="compare"' not in as_author.get(need.get_absolute_url()).content.decode()


def test_draft_speaks_of_both_records_and_of_nobody(suggestion: Suggestion) -> None:
    for side in Side:
        text = first_message(suggestion, side)
        assert suggestion.need.title in text
        assert suggestion.technology.title in text
        assert "30% less energy, 25% asked" in text
        for canary in ("Private Person", "private@contact.example", "Olga", "Ada"):
            assert canary not in text
    with translation.override("fr"):
        assert "25" in first_message(suggestion, Side.NEED)


def test_edited_message_is_kept_with_the_answer_and_stays_closed(
    suggestion: Suggestion, as_official: Client, as_author: Client
) -> None:
    url = reverse("matching:accept", args=[suggestion.pk])
    page = as_official.get(url).content.decode()
    assert "we would like to talk about your technology" in page
    said = {"side": "need", "message": "Shall we meet on the roof?"}
    as_official.post(url, said)
    response = Response.objects.get()
    assert (response.message, response.message_language) == (said["message"], "en")
    assert "on the roof" not in as_author.get(suggestion.get_absolute_url()).content.decode()
    assert not Message.objects.filter(text__contains="on the roof").exists()


def test_message_that_is_too_long_is_said_beside_the_field(
    suggestion: Suggestion, as_official: Client
) -> None:
    url = reverse("matching:accept", args=[suggestion.pk])
    page = as_official.post(url, {"side": "need", "message": "x" * 3001})
    assert "field--error" in page.content.decode()
    assert not Response.objects.exists()


def test_answered_suggestion_asks_no_second_time(
    suggestion: Suggestion, as_official: Client, official: User
) -> None:
    actions.accept(suggestion, by=official, side=Side.NEED)
    for name in ("accept", "decline", "later"):
        text = as_official.get(reverse(f"matching:{name}", args=[suggestion.pk])).content.decode()
        assert "Your side has answered: Accepted on" in text
        assert 'class="stack gap6' not in text


def answers(need: Need, provider: Organisation, author: User, days: list[int]) -> None:
    for number in days:
        row = pair(need, organisation=provider)
        told = timezone.now() - timedelta(days=40)
        Suggestion.objects.filter(pk=row.pk).update(told_technology_at=told)
        Response.objects.create(
            suggestion=row,
            side=Side.TECHNOLOGY,
            decision=Decision.ACCEPT,
            answered_by=author,
            answered_at=told + timedelta(days=number),
        )


def test_usual_time_is_the_median_and_shown_from_five_answers_on(
    need: Need, provider: Organisation, author: User, as_official: Client
) -> None:
    answers(need, provider, author, [1, 30, 2, 2])
    row = pair(NeedFactory(organisation=need.organisation), organisation=provider)
    assert panels.with_usual([row])[0].usual == {}
    assert "usually answers" not in as_official.get(row.get_absolute_url()).content.decode()
    answers(need, provider, author, [9])
    assert panels.with_usual([row])[0].usual == {Side.TECHNOLOGY: 2}
    text = as_official.get(row.get_absolute_url()).content.decode()
    assert "The provider usually answers within 2 days." in text
