"""Matching in the admin: one policy in force, history kept, machinery watched and not touched."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.errors import Conflict, NotAllowed
from matching import tasks
from matching.choices import Effect
from matching.models import Policy, Suggestion, Work
from matching.policy import as_engine_policy, in_force, put_in_force
from matching.policy_forms import initial_of
from needs.models import Need
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
def need() -> Need:
    need = NeedFactory()
    TechnologyFactory()
    tasks.ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    return need


def next_policy(**limits: float) -> Policy:
    current = in_force()
    return Policy.objects.create(
        version=current.version + 1,
        weights=current.weights,
        limits={**current.limits, **limits},
    )


def test_new_policy_scores_every_need_anew(need: Need, boss: User) -> None:
    policy = next_policy(min_score=99.9)
    put_in_force(policy, by=boss)
    assert list(Policy.objects.filter(in_force=True)) == [policy]
    assert Work.objects.filter(effect=Effect.REFRESH_NEED, subject_id=need.pk).exists()
    tasks.sweep()
    assert need.shortlist.__class__.objects.get().policy == policy
    assert AuditEntry.objects.filter(verb="put in force", by=boss).exists()


def test_policy_in_force_cannot_be_put_in_force(boss: User) -> None:
    with pytest.raises(Conflict):
        put_in_force(in_force(), by=boss)


def test_only_who_may_change_policies_puts_one_in_force(author: User) -> None:
    with pytest.raises(NotAllowed):
        put_in_force(next_policy(), by=author)


def test_admin_asks_before_a_policy_is_put_in_force(as_boss: Client) -> None:
    policy = next_policy()
    url = reverse("admin:matching_policy_changelist")
    answer = as_boss.post(url, {"action": "switch", "_selected_action": [policy.pk]})
    assert answer.url == reverse("admin:matching_policy_switch", args=[policy.pk])
    page = as_boss.get(answer.url)
    assert b"has not been rehearsed" in page.content
    assert in_force() != policy
    as_boss.post(answer.url)
    assert in_force() == policy


def test_policy_that_was_in_force_can_only_be_read(as_boss: Client, need: Need, boss: User) -> None:
    old = in_force()
    put_in_force(next_policy(), by=boss)
    url = reverse("admin:matching_policy_change", args=[old.pk])
    page = as_boss.get(url)
    assert page.status_code == 200
    assert b"Purpose: 4.95" in page.content
    assert as_boss.post(url, {"note": "x"}).status_code == 403
    fresh = Policy.objects.create(version=9, weights=old.weights, limits=old.limits)
    page = as_boss.get(reverse("admin:matching_policy_change", args=[fresh.pk]))
    assert b'name="weights_cost"' in page.content


def form_of(policy: Policy, **changed: object) -> dict[str, object]:
    values = {name: value for name, value in initial_of(policy).items() if value is not None}
    return {**values, "note": "", **changed}


def test_new_policy_starts_from_the_one_in_force_and_counts_on(as_boss: Client) -> None:
    current = in_force()
    url = reverse("admin:matching_policy_add")
    page = as_boss.get(url)
    assert b'name="limits_days_to_answer" value="14"' in page.content
    changed = form_of(
        current,
        note="Dearer",
        weights_cost=1.5,
        rates_EUR=1.2,
        rates_as_of="2026-11-01",
        intercept=-3,
        slope=0.5,
    )
    assert as_boss.post(url, changed).status_code == 302
    made = Policy.objects.latest("version")
    assert (made.version, made.note) == (current.version + 1, "Dearer")
    assert made.weights == {**current.weights, "cost": 1.5}
    assert made.limits == current.limits
    assert made.rates["EUR"] == 1.2
    assert str(made.rates_as_of) == "2026-11-01"
    read = as_engine_policy(made)
    assert (read.intercept, read.weights["cost"], read.rates["EUR"]) == (-3, 0.75, 1.2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weights_cost", -1),
        ("weights_cost", 21),
        ("weights_cost", ""),
        ("limits_min_score", 101),
        ("limits_per_need", 0),
        ("rates_EUR", 0),
        ("slope", 0),
        ("miss_cost", 2),
        ("intercept", "nan"),
    ],
)
def test_number_that_cannot_work_is_refused_beside_its_field(
    as_boss: Client, field: str, value: object
) -> None:
    page = as_boss.post(reverse("admin:matching_policy_add"), form_of(in_force(), **{field: value}))
    assert field in page.context["adminform"].form.errors
    assert Policy.objects.count() == 1


@pytest.mark.parametrize("name", ["suggestion", "introduction", "work"])
def test_machinery_is_looked_at_and_not_touched(as_boss: Client, need: Need, name: str) -> None:
    assert as_boss.get(reverse(f"admin:matching_{name}_changelist")).status_code == 200
    assert as_boss.get(reverse(f"admin:matching_{name}_add")).status_code == 403


def test_suggestion_in_the_admin_is_read_only(as_boss: Client, need: Need) -> None:
    suggestion = Suggestion.objects.get()
    url = reverse("admin:matching_suggestion_change", args=[suggestion.pk])
    assert as_boss.get(url).status_code == 200
    assert as_boss.post(url, {"score": 1}).status_code == 403


def test_parked_work_is_tried_again_by_hand(as_boss: Client) -> None:
    row = Work.objects.create(
        effect=Effect.REFRESH_NEED, subject_id=404, parked_at=timezone.now(), attempts=5
    )
    url = reverse("admin:matching_work_changelist")
    as_boss.post(url, {"action": "try_again", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.parked_at, row.attempts) == (None, 0)
    tasks.sweep()
    assert not Work.objects.exists()
