"""What answers teach about one need: its text moves, its criteria change their weight.

Rocchio 1971, "Relevance feedback in information retrieval"; Salton and Buckley 1990, "Improving
retrieval performance by relevance feedback", JASIS 41: the query moves towards the mean of the
accepted and, with less force, away from the mean of the declined; terms do not fall below 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum, sqrt

import numpy as np

from .records import CRITERIA, Demand
from .statistics import Floats

TOWARDS_EACH, TOWARDS_MOST = 0.25, 0.5  # force of the accepted: one says less than two
AWAY = 0.15  # force of the declined; the need itself has 1
TERMS_LEARNED = 40  # that a need takes on from the accepted, at most
Weights = Mapping[str, float]
Taught = tuple[Sequence[Weights], Sequence[Weights]]
"""Term weights of the accepted technologies and of the declined ones."""


def rocchio(
    need: Weights,
    liked: Sequence[Weights],
    disliked: Sequence[Weights],
    *,
    towards: float | None = None,
    away: float = AWAY,
    most: int = TERMS_LEARNED,
) -> dict[str, float]:
    """Term weights of the need after the answers, as long a vector as before.

    Every vector counts by its direction alone. Of the terms that the need does not have the `most`
    strongest are taken on. The order of the answers does not matter.
    """
    if not (liked or disliked):
        return dict(need)
    length = _length(need)
    if not length:
        return dict(need)
    if towards is None:
        towards = min(TOWARDS_EACH * len(liked), TOWARDS_MOST)
    moved = {term: weight / length for term, weight in need.items()}
    for force, group in ((towards, liked), (-away, disliked)):
        for term, weight in _mean(group).items():
            moved[term] = moved.get(term, 0.0) + force * weight
    learned = sorted((-weight, term) for term, weight in moved.items() if term not in need)
    kept = {term for _weight, term in learned[:most]} | need.keys()
    found = {term: moved[term] for term in sorted(kept) if moved[term] > 0}
    scale = length / (_length(found) or 1.0)
    return {term: weight * scale for term, weight in found.items()}


def _mean(group: Sequence[Weights]) -> dict[str, float]:
    shares: dict[str, list[float]] = {}
    for weights in group:
        length = _length(weights) or 1.0
        for term, weight in weights.items():
            shares.setdefault(term, []).append(weight / length)
    return {term: fsum(found) / len(group) for term, found in shares.items()}


def _length(weights: Weights) -> float:
    return sqrt(fsum(weight * weight for weight in weights.values()))


def likeness(one: Weights, other: Weights) -> float:
    """0..1: cosine of two texts, 1 for the same words as often (Salton and McGill 1983)."""
    lengths = _length(one) * _length(other)
    shared = one.keys() & other.keys()
    return fsum(one[term] * other[term] for term in shared) / lengths if lengths else 0.0


def emphases(demands: Iterable[Demand]) -> Floats:
    """(8, n) by how much each need multiplies the weight of each criterion; 1 for most."""
    rows = list(demands)
    found = np.ones((len(CRITERIA), len(rows)))
    for column, demand in enumerate(rows):
        for criterion, factor in demand.emphasis:
            found[CRITERIA.index(criterion), column] = factor
    return found
