"""A policy is tried before it is switched on: seen, told in words, resumed, and without effect."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from common.errors import Conflict, NotAllowed
from matching import rehearsal, tasks
from matching.choices import Decision, Effect, Side
from matching.models import Policy, Rehearsal, RehearsedNeed, Response, Suggestion, Work
from matching.policy import in_force, put_in_force
from matching.rehearsal import ask_rehearsal, is_current
from matching.templatetags.rehearsals import count_words, figure_rows, why_words
from needs.models import Need
from technologies.models import Technology
from tests.factories import NeedFactory, TechnologyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def as_boss(boss: User) -> Client:
    browser = Client()
    browser.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def needs() -> list[Need]:
    for _ in range(2):
        TechnologyFactory()
    needs = [NeedFactory() for _ in range(3)]
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk for need in needs])
    tasks.sweep()
    return needs


def another(slope: float = 1.0, **limits: Any) -> Policy:
    current = in_force()
    return Policy.objects.create(
        version=current.version + 1,
        weights=current.weights,
        slope=slope,
        limits={**current.limits, **limits},
    )


def rehearsed(policy: Policy, boss: User) -> Rehearsal:
    row = ask_rehearsal(policy, by=boss)
    tasks.sweep()
    row.refresh_from_db()
    assert row.finished_at
    return row


def test_stricter_policy_lets_suggestions_vanish(needs: list[Need], boss: User) -> None:
    before = list(Suggestion.objects.values_list("pk", "score", "policy", "closed_at"))
    row = rehearsed(another(min_score=99.9), boss)
    assert (row.needs, row.done) == (3, 3)
    assert row.counts["vanish"] == len(before) == 6
    found = RehearsedNeed.objects.filter(rehearsal=row)
    assert [one.vanish for one in found] == [2, 2, 2]
    change = found[0].changes[0]
    assert change["old"] == pytest.approx(change["new"], abs=0.02)
    assert why_words(change, row) == "It falls below the lowest score, 99.9."
    assert before == list(Suggestion.objects.values_list("pk", "score", "policy", "closed_at"))
    assert "6 suggestions would vanish." in count_words(row)


def test_milder_policy_lets_suggestions_appear(needs: list[Need], boss: User) -> None:
    put_in_force(another(min_score=99.9), by=boss)
    tasks.sweep()
    Suggestion.objects.all().delete()
    row = rehearsed(another(min_score=10), boss)
    assert row.counts["appear"] == 6
    change = RehearsedNeed.objects.first().changes[0]
    assert why_words(change, row) == "It reaches the lowest score, 10."


def test_flatter_policy_moves_scores_and_says_by_which_criterion(
    needs: list[Need], boss: User
) -> None:
    row = rehearsed(another(slope=0.9), boss)
    assert row.counts["down"] == 6
    change = RehearsedNeed.objects.first().changes[0]
    assert change["new"] < change["old"]
    assert why_words(change, row).startswith("Purpose: ")


def test_policy_like_the_one_in_force_changes_nothing(needs: list[Need], boss: User) -> None:
    row = rehearsed(another(), boss)
    assert row.counts["same"] == 6
    assert not RehearsedNeed.objects.exists()


def test_full_list_gives_way_to_nobody_and_says_so(needs: list[Need], boss: User) -> None:
    need = needs[0]
    Suggestion.objects.filter(need=need).update(told_need_at=None, told_technology_at=None)
    row = rehearsed(another(per_need=1), boss)
    changes = RehearsedNeed.objects.get(rehearsal=row, need=need).changes
    assert [change["kind"] for change in changes] == ["vanish"]
    assert why_words(changes[0], row).startswith("Others come before it")


def test_rehearsal_goes_on_where_a_worker_stopped(
    needs: list[Need], boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "BATCH", 1)
    monkeypatch.setattr(rehearsal, "SLICE", -1.0)
    row = ask_rehearsal(another(min_score=99.9), by=boss)
    seen = []
    for _ in range(5):
        tasks.sweep()
        row.refresh_from_db()
        seen.append((row.done, row.finished_at is not None))
    assert seen[:3] == [(1, False), (2, False), (3, False)]
    assert seen[3] == (3, True)
    assert row.counts["vanish"] == 6
    assert not Work.objects.filter(effect=Effect.REHEARSE).exists()


def test_two_workers_do_not_count_twice(needs: list[Need], boss: User) -> None:
    row = ask_rehearsal(another(min_score=99.9), by=boss)
    stage = rehearsal._Stage(row)
    batch = rehearsal._next(row)
    tried = [stage.try_on(need) for need in batch]
    late = Rehearsal.objects.get(pk=row.pk)
    assert rehearsal._store(row, batch, tried)
    assert not rehearsal._store(late, batch, tried)
    late.refresh_from_db()
    assert late.done == 3


def test_rehearsal_that_is_asked_again_starts_over(needs: list[Need], boss: User) -> None:
    policy = another()
    first = ask_rehearsal(policy, by=boss)
    second = ask_rehearsal(policy, by=boss)
    assert not Rehearsal.objects.filter(pk=first.pk).exists()
    tasks.sweep()
    second.refresh_from_db()
    assert second.finished_at
    for _ in range(5):
        rehearsed(policy, boss)
    assert policy.rehearsals.count() == rehearsal.KEPT
    assert AuditEntry.objects.filter(verb="rehearse", by=boss).count() == 7


def test_only_who_may_change_policies_rehearses_one(author: User, boss: User) -> None:
    with pytest.raises(NotAllowed):
        ask_rehearsal(another(), by=author)
    with pytest.raises(Conflict):
        ask_rehearsal(in_force(), by=boss)


def test_rehearsal_is_out_of_date_after_an_edit(needs: list[Need], boss: User) -> None:
    policy = another()
    row = rehearsed(policy, boss)
    assert is_current(row)
    policy.weights = {**policy.weights, "cost": 2}
    policy.save()
    row = Rehearsal.objects.get(pk=row.pk)
    assert not is_current(row)


def decide(need: Need, decision: Decision, reason: str = "") -> None:
    suggestion = need.suggestions.first()
    Response.objects.create(
        suggestion=suggestion,
        side=Side.NEED,
        decision=decision,
        decline_reason=reason,
        answered_by=UserFactory(),
    )


def test_quality_is_measured_on_what_people_decided(needs: list[Need], boss: User) -> None:
    decide(needs[0], Decision.ACCEPT)
    decide(needs[1], Decision.DECLINE, "price")
    decide(needs[2], Decision.DECLINE, "no_capacity")  # says nothing about the pair
    row = rehearsed(another(slope=0.5), boss)
    now, then = row.figures["quality"]
    assert (now["decisions"], now["yes"]) == (2, 1)
    assert now["log_loss"] != then["log_loss"]
    rows = {line["label"]: (line["now"], line["then"]) for line in figure_rows(row)}
    assert rows["Order of decided pairs, nDCG@10"] == ("unknown", "unknown")


def test_order_counts_where_a_need_has_a_yes_and_a_no(boss: User) -> None:
    need = NeedFactory()
    TechnologyFactory()
    TechnologyFactory(
        title="Leak sensor",
        summary="Listens to water pipes.",
        description="Finds leaks at night.",
        problem_solved="Lost water.",
        benefits=[],
    )
    policy = in_force()
    policy.limits["min_score"] = 0
    policy.save()
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    good, bad = need.suggestions.order_by("-score")
    for suggestion, decision in ((good, Decision.ACCEPT), (bad, Decision.DECLINE)):
        Response.objects.create(
            suggestion=suggestion, side=Side.NEED, decision=decision, answered_by=boss
        )
    now, _then = rehearsed(another(), boss).figures["quality"]
    assert (now["needs"], now["ndcg"]) == (1, 1.0)


def test_page_shows_progress_then_changes_by_kind(
    as_boss: Client, needs: list[Need], count_queries: Any
) -> None:
    policy = another(min_score=99.9)
    url = reverse("admin:matching_policy_rehearsal", args=[policy.pk])
    assert b"has not been rehearsed yet" in as_boss.get(url).content
    assert as_boss.post(url).url == url
    assert b"0 of 3 needs" in as_boss.get(url).content
    part = as_boss.get(url, headers={"X-Fragment": "1"}).content
    assert part.startswith(b"<section")
    assert b"data-poll" in part
    tasks.sweep()
    page = as_boss.get(url)
    assert "6 suggestions would vanish." in page.content.decode()
    assert Technology.objects.first().title in page.content.decode()
    assert b"Nothing changes." in as_boss.get(url, {"kind": "appear"}).content
    with count_queries() as few:
        as_boss.get(url)
    assert len(few) < 25
    summary = as_boss.get(reverse("admin:matching_policy_switch", args=[policy.pk])).content
    assert b"6 suggestions would vanish." in summary


def test_page_of_a_rehearsal_is_for_those_who_may_change_policies(as_curator: Client) -> None:
    for name in ("rehearsal", "switch"):
        url = reverse(f"admin:matching_policy_{name}", args=[another().pk])
        assert as_curator.get(url).status_code == 403
        Policy.objects.latest("version").delete()
    assert as_curator.get(reverse("admin:matching_policy_changelist")).status_code == 403


def test_form_of_a_policy_leads_to_its_rehearsal(as_boss: Client) -> None:
    policy = another()
    page = as_boss.get(reverse("admin:matching_policy_change", args=[policy.pk])).content.decode()
    assert reverse("admin:matching_policy_rehearsal", args=[policy.pk]) in page
