"""The level of scores is refitted from local decisions; a person puts it in force."""

from __future__ import annotations

import pytest
from django.utils import timezone

from matching import calibration, tasks
from matching.calibration import Decided, decided, propose
from matching.choices import Decision, Effect, Side
from matching.models import Policy, Response, Suggestion, Work
from matching.policy import as_engine_policy, in_force
from tests.factories import NeedFactory, TechnologyFactory, UserFactory

pytestmark = pytest.mark.django_db


def answer(suggestion: Suggestion, side: Side, decision: Decision, reason: str = "") -> None:
    Response.objects.create(
        suggestion=suggestion,
        side=side,
        decision=decision,
        decline_reason=reason,
        answered_by=UserFactory(),
    )


def suggested() -> Suggestion:
    return Suggestion.objects.create(
        need=NeedFactory(),
        technology=TechnologyFactory(),
        score=70,
        policy=in_force(),
        expires_at=timezone.now(),
    )


def test_no_from_either_side_outweighs_a_yes() -> None:
    both, split, silent = suggested(), suggested(), suggested()
    answer(both, Side.NEED, Decision.ACCEPT)
    answer(both, Side.TECHNOLOGY, Decision.ACCEPT)
    answer(split, Side.NEED, Decision.ACCEPT)
    answer(split, Side.TECHNOLOGY, Decision.DECLINE, "location")
    answer(silent, Side.NEED, Decision.DECLINE, "no_capacity")
    found = {pair.need_id: pair.fits for pair in decided()}
    assert found == {both.need_id: True, split.need_id: False}


@pytest.fixture
def cautious(monkeypatch: pytest.MonkeyPatch) -> list[Decided]:
    """People who say yes less often than the scores claim: 600 pairs, a third of them yes."""
    pairs = [Decided(number, number, fits=number % 3 == 0) for number in range(600)]
    given = [90.0 if pair.fits else 60.0 for pair in pairs]
    monkeypatch.setattr(calibration, "decided", lambda: pairs)
    monkeypatch.setattr(calibration, "scores", lambda _pairs, contexts: [given for _ in contexts])
    return pairs


def test_better_level_becomes_a_version_and_not_the_one_in_force(cautious: list[Decided]) -> None:
    present = in_force()
    made = propose()
    assert made is not None
    assert in_force() == present
    assert made.version == present.version + 1
    assert (made.weights, made.limits) == (present.weights, present.limits)
    assert made.figures["decisions"] == len(cautious)
    assert made.figures["loss"] < made.figures["loss_now"]
    assert as_engine_policy(made).weights["cost"] == pytest.approx(
        made.slope * present.weights["cost"]
    )


def test_refitted_level_gives_the_scores_that_were_promised(cautious: list[Decided]) -> None:
    present, made = in_force(), propose()
    assert made is not None
    a, b = made.figures["intercept"], made.figures["slope"]
    assert made.intercept == pytest.approx(a + b * present.intercept)
    assert made.slope == pytest.approx(b * present.slope)


def test_night_asks_for_it_and_replaces_what_nobody_looked_at(cautious: list[Decided]) -> None:
    tasks.nightly()
    assert Work.objects.filter(effect=Effect.CALIBRATE).exists()
    tasks.sweep()
    first = Policy.objects.get(figures__proposed=True)
    tasks.nightly()
    tasks.sweep()
    second = Policy.objects.get(figures__proposed=True)
    assert first.pk != second.pk
    assert in_force().version == 1


def test_few_decisions_propose_nothing(
    cautious: list[Decided], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = cautious[:150]
    monkeypatch.setattr(calibration, "decided", lambda: few)
    assert propose() is None
    one_kind = [Decided(number, number, fits=True) for number in range(400)]
    monkeypatch.setattr(calibration, "decided", lambda: one_kind)
    assert propose() is None


def test_level_that_does_not_help_is_not_proposed(
    cautious: list[Decided], monkeypatch: pytest.MonkeyPatch
) -> None:
    turned = [10.0 if pair.fits else 90.0 for pair in cautious]
    monkeypatch.setattr(calibration, "scores", lambda _pairs, contexts: [turned for _ in contexts])
    assert propose() is None
