"""All needs matched anew at once: as one by one, and within everybody's room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from matching import actions, runs, scoring, tasks
from matching.choices import Side
from matching.management.commands import match_all
from matching.models import Chunk, Run, Shortlist, Suggestion
from matching.policy import in_force
from matching.stages import STAGES
from needs.models import Need
from outbox.models import Message
from partners.models import Organisation
from tests.factories import UserFactory
from tests.matching.running import limit, pairs, run_through

pytestmark = pytest.mark.django_db


def test_a_run_suggests_what_scoring_one_by_one_suggests(market: list[Need]) -> None:
    run_through()
    together, explained = pairs(), list(Suggestion.objects.values("verdicts", "explanation"))
    noted = list(Shortlist.objects.order_by("need").values("need", "considered", "excluded"))
    Suggestion.objects.all().delete()
    for need in market:
        scoring.refresh_need(need.pk)
    assert len(together) == 25
    assert together == pairs()
    assert explained == list(Suggestion.objects.values("verdicts", "explanation"))
    assert noted == list(
        Shortlist.objects.order_by("need").values("need", "considered", "excluded")
    )


def test_a_second_run_changes_nothing(market: list[Need]) -> None:
    run_through()
    before = list(Suggestion.objects.order_by("pk").values())
    run_through()
    assert list(Suggestion.objects.order_by("pk").values()) == before


def test_places_of_both_sides_are_kept(market: list[Need]) -> None:
    limit(per_need=3, per_provider=2)
    run_through()
    rows = list(Suggestion.objects.values_list("need", "technology__organisation"))
    assert len(rows) == 6
    assert max(sum(need == pk for need, _ in rows) for pk, _ in rows) <= 3
    assert all(sum(owner == pk for _, owner in rows) == 2 for _, pk in rows)


def test_what_was_told_keeps_its_place(market: list[Need], city: Organisation) -> None:
    limit(per_need=1, per_provider=1)
    need = market[0]
    best = scoring.index.fresh().rank(scoring.demand_of(need, timezone.localdate()), 9).pairs
    weakest = best[-1][0]
    Suggestion.objects.create(
        need=need,
        technology_id=weakest,
        score=70,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=3),
        told_need_at=timezone.now(),
    )
    run_through()
    assert need.suggestions.get().technology_id == weakest
    taken = Suggestion.objects.values_list("technology__organisation", flat=True)
    assert len(set(taken)) == len(taken) == 3


def test_a_declined_pair_does_not_come_back(market: list[Need], official: User) -> None:
    run_through()
    first = market[0].suggestions.first()
    assert first
    actions.decline(first, by=official, side=Side.NEED, reason="price")
    run_through()
    first.refresh_from_db()
    assert first.closed_at
    assert market[0].suggestions.open().count() == 5


def test_night_comes_once_a_day(market: list[Need]) -> None:
    tasks.nightly()
    tasks.nightly()
    assert Run.objects.count() == 1
    tasks.sweep()
    tasks.nightly()
    assert Run.objects.get().finished_at
    assert not Chunk.objects.exists()


def test_a_run_counts_what_it_did(market: list[Need]) -> None:
    run_through()
    run = Run.objects.get()
    assert (run.needs, run.suggestions, run.under_way, run.last_error) == (5, 25, False, "")


def test_nobody_is_told_before_the_run_is_over(market: list[Need]) -> None:
    runs.start()
    while runs.step(STAGES):
        tasks.tell_when_at_rest()
        assert Message.objects.exists() == (not runs.under_way())
    tasks.sweep()
    assert Message.objects.filter(address="official@city.example").count() == 1


def test_an_empty_platform_has_a_run_too(db: None) -> None:
    run_through()
    assert Run.objects.get().finished_at


def test_an_admin_sees_how_far_a_run_is(market: list[Need], client: Client) -> None:
    boss = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    run = runs.start()
    runs.step(STAGES)
    runs.step(STAGES)
    url = reverse("admin:matching_run_changelist")
    page = client.get(url)
    assert b"1 of 3 parts" in page.content
    assert page["Refresh"] == "5"
    assert client.get(reverse("admin:matching_run_change", args=[run.pk])).status_code == 200
    assert client.get(reverse("admin:matching_run_add")).status_code == 403
    tasks.sweep()
    page = client.get(url)
    assert b"finished" in page.content
    assert "Refresh" not in page


def test_the_command_follows_a_run_and_says_what_came_of_it(
    market: list[Need], monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setattr(match_all.time, "sleep", lambda _seconds: runs.step(STAGES))
    monkeypatch.setattr(match_all.connection, "close", lambda: None)
    call_command("match_all")
    assert capsys.readouterr().out.startswith("5 needs, 25 suggestions open, ")
