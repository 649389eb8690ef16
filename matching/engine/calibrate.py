"""The level of scores, refitted from decisions: intercept and slope of the log-odds.

Platt 1999, "Probabilistic outputs for support vector machines": a sigmoid fitted to scores by
maximum likelihood, with his smoothed targets; Cox 1958, "Two further applications of a model for
binary regression": intercept and slope against the log-odds tell whether forecasts are calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .evaluate import calibration_error
from .layout import Floats

FOLDS = 5
STEPS = 50
RIDGE = 1e-6  # keeps the steps finite where a class can be told apart completely
FURTHEST = 20.0  # log-odds beyond it are as good as certain
SHUFFLE = 20_260_101
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fit:
    """z' = intercept + slope · z, and what it does on decisions it has not seen.

    `loss` and `error` are log loss and calibration error over k folds, `loss_now` and `error_now`
    those of the log-odds as they are.
    """

    intercept: float
    slope: float
    loss: float
    loss_now: float
    error: float
    error_now: float

    @property
    def better(self) -> bool:
        """Log loss falls and calibration does not get worse, on decisions held out."""
        rising = self.slope > 0
        return rising and self.loss < self.loss_now and self.error <= self.error_now


def platt(z: Floats, fits: Bools) -> tuple[float, float]:
    """(intercept, slope) of greatest likelihood by Newton's method.

    The targets are Platt's, as if each class had one decision more of the other kind, so that a
    small sample does not claim certainty.
    """
    yes, no = int(fits.sum()), int((~fits).sum())
    target = np.where(fits, (yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0))
    design = np.column_stack([np.ones_like(z), z])
    found = np.array([0.0, 1.0])
    loss = _cross_entropy(design @ found, target)
    for _ in range(STEPS):
        chance = _sigmoid(design @ found)
        slope = design.T @ (chance - target)
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        shorter = 1.0
        while shorter > 1e-6 and _cross_entropy(design @ (found - shorter * step), target) > loss:
            shorter /= 2
        found = found - shorter * step
        loss = _cross_entropy(design @ found, target)
        if float(np.abs(shorter * step).max()) < 1e-9:
            break
    return float(found[0]), float(found[1])


def calibrate(z: Sequence[float], fits: Sequence[bool], folds: int = FOLDS) -> Fit:
    """Intercept and slope from all decisions, judged by folds dealt once by a fixed shuffle.

    Raises ValueError unless there are yes and no for each fold.
    """
    values = np.clip(np.array(z, dtype=np.float64), -FURTHEST, FURTHEST)
    labels = np.array(fits, dtype=np.bool_)
    if min(int(labels.sum()), int((~labels).sum())) < folds:
        raise ValueError(f"{len(labels)} decisions, {int(labels.sum())} of them yes: too few")
    held_out = np.empty_like(values)
    fold_of = _folds(labels, folds)
    for fold in range(folds):
        rest = fold_of != fold
        intercept, slope = platt(values[rest], labels[rest])
        held_out[~rest] = intercept + slope * values[~rest]
    intercept, slope = platt(values, labels)
    after, now = (100.0 * _sigmoid(odds) for odds in (held_out, values))
    return Fit(
        intercept=intercept,
        slope=slope,
        loss=log_loss(after.tolist(), fits),
        loss_now=log_loss(now.tolist(), fits),
        error=calibration_error(after.tolist(), fits),
        error_now=calibration_error(now.tolist(), fits),
    )


def log_loss(scores: Sequence[float], fits: Sequence[bool]) -> float:
    """Mean of -log of the chance given to what was decided; scores are 0..100."""
    chance = np.clip(np.array(scores, dtype=np.float64) / 100.0, 1e-9, 1 - 1e-9)
    return float(-np.log(np.where(np.array(fits, dtype=np.bool_), chance, 1 - chance)).mean())


def _folds(labels: Bools, folds: int) -> NDArray[np.int64]:
    """Yes and no dealt evenly."""
    found = np.empty(len(labels), dtype=np.int64)
    order = np.random.RandomState(SHUFFLE).permutation(len(labels))
    for kind in (True, False):
        rows = order[labels[order] == kind]
        found[rows] = np.arange(len(rows)) % folds
    return found


def _sigmoid(z: Floats) -> Floats:
    chance: Floats = 0.5 * (1.0 + np.tanh(0.5 * z))
    return chance


def _cross_entropy(z: Floats, target: Floats) -> float:
    return float((np.logaddexp(0.0, z) - target * z).sum())
