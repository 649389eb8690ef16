"""The level of scores is refitted from decisions, and kept where that would not help."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import calibrate, log_loss
from matching.engine.calibrate import platt

settings.register_profile(
    "steady",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
Z = np.random.RandomState(7).normal(0.0, 2.0, 600)
DRAWN = np.random.RandomState(8).uniform(size=600)


def decisions(intercept: float, slope: float) -> list[bool]:
    """What people who follow these log-odds would have said."""
    return [
        bool(u < 1 / (1 + exp(-(intercept + slope * z)))) for u, z in zip(DRAWN, Z, strict=True)
    ]


@pytest.mark.parametrize(("intercept", "slope"), [(-1.0, 0.5), (0.5, 2.0), (-2.0, 1.0)])
def test_level_that_people_follow_is_found(intercept, slope):
    fit = calibrate(Z.tolist(), decisions(intercept, slope))
    assert fit.intercept == pytest.approx(intercept, abs=0.4)
    assert fit.slope == pytest.approx(slope, abs=0.4)
    assert fit.better
    assert fit.loss < fit.loss_now
    assert fit.error < fit.error_now


def test_level_that_is_right_already_is_hardly_moved():
    fit = calibrate(Z.tolist(), decisions(0.0, 1.0))
    assert abs(fit.intercept) < 0.25
    assert fit.slope == pytest.approx(1.0, abs=0.2)


def test_scores_that_say_the_opposite_are_not_turned_round():
    assert not calibrate(Z.tolist(), decisions(0.0, -1.0)).better


@pytest.mark.parametrize("fits", [[True] * 50, [False] * 50, [True] * 3 + [False] * 47])
def test_too_few_of_a_kind_are_refused(fits):
    with pytest.raises(ValueError, match="too few"):
        calibrate([0.5] * 50, fits)


@given(st.lists(st.tuples(st.floats(-30, 30), st.booleans()), min_size=20, max_size=60))
def test_any_decisions_give_finite_numbers(rows):
    z, fits = [row[0] for row in rows], [row[1] for row in rows]
    if min(sum(fits), len(fits) - sum(fits)) < 5:
        return
    fit = calibrate(z, fits)
    assert np.isfinite([fit.intercept, fit.slope, fit.loss, fit.error]).all()
    assert fit == calibrate(z, fits)


@given(st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=10, max_size=40))
def test_fit_is_never_worse_than_the_start_on_its_own_targets(rows):
    z = np.array([row[0] for row in rows])
    fits = np.array([row[1] for row in rows])
    intercept, slope = platt(z, fits)
    yes, no = fits.sum(), (~fits).sum()
    target = np.where(fits, (yes + 1) / (yes + 2), 1 / (no + 2))

    def loss(odds):
        return float((np.logaddexp(0, odds) - target * odds).sum())

    assert loss(intercept + slope * z) <= loss(z) + 1e-9


def test_classes_told_apart_completely_do_not_claim_certainty():
    z = np.concatenate([np.full(30, -4.0), np.full(30, 4.0)])
    intercept, slope = platt(z, z > 0)
    assert 0 < intercept + slope * 4 < 5


def test_log_loss_of_a_coin_is_the_logarithm_of_two():
    assert log_loss([50.0, 50.0], [True, False]) == pytest.approx(np.log(2))
