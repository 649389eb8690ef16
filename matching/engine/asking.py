"""One question to the kernels: the policy in numbers, scratch memory, room for the answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .codes import Codes
from .layout import ASKING_TABLE, Floats, Table
from .policy import Policy
from .records import CRITERIA
from .score import Scored, Shortlist, log_odds_at, sigmoid
from .units import comparison

FACTS = len(CRITERIA) - 1
KEPT_COMPARISONS = 1_000
Rates = Mapping[str, float]
_NONE: Floats = np.zeros(0)


class _Scratch(threading.local):
    """Memory for sums, for each thread its own, as large as the largest block so far."""

    def __init__(self) -> None:
        self.grow(0)

    def grow(self, n: int) -> None:
        self.n = n
        self.home, self.abroad = np.zeros(n, np.int32), np.zeros(n, np.int32)
        self.standing = np.zeros(n)


_scratch = _Scratch()


class Comparisons:
    """units.comparison of one kind of price or budget with all of the other side."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._kept: dict[tuple[str, int, int], tuple[Rates, Floats]] = {}

    def against_prices(self, budget: int, policy: Policy) -> Floats:
        """(3 · prices,) for one kind of budget."""
        return self._row("budgets", budget, policy)

    def against_budgets(self, price: int, policy: Policy) -> Floats:
        """(3 · budgets,) for one kind of price."""
        return self._row("prices", price, policy)

    def _row(self, kind: str, number: int, policy: Policy) -> Floats:
        own = self._codes.codes[kind][number]
        others = self._codes.codes["prices" if kind == "budgets" else "budgets"]
        key = (kind, number, len(others))
        rates, found = self._kept.get(key, (None, _NONE))
        if rates is not policy.rates:
            rows = [
                comparison(other, own, policy.rates)
                if kind == "budgets"
                else comparison(own, other, policy.rates)
                for other in others[: key[2]]
            ]
            if len(self._kept) >= KEPT_COMPARISONS:
                self._kept.clear()
            found = np.array(rows, dtype=np.float64).reshape(-1)
            self._kept[key] = (policy.rates, found)
        return found


class Answer(NamedTuple):
    """The best of one side for a record of the other: ids and log-odds, best first; the counts of
    rows that a hard condition removed, and of those that would fit without it."""

    best: list[tuple[int, float]]
    excluded: list[int]
    would_fit: list[int]
    considered: int

    def ranked(self) -> list[tuple[int, float]]:
        """(id, score)."""
        return [(number, 100.0 * sigmoid(z)) for number, z in self.best]

    def shortlist(self, results: list[Scored]) -> Shortlist:
        """The results with the counts around them."""
        named = list(zip(CRITERIA[1:], self.excluded, self.would_fit, strict=True))
        return Shortlist(
            results,
            self.considered,
            {criterion: removed for criterion, removed, _ in named if removed},
            {criterion: fitting for criterion, removed, fitting in named if removed},
        )


class Asking:
    """Room for one answer, filled by the kernels block by block."""

    def __init__(
        self, policy: Policy, k: int, room: int, comparisons: Floats, prices: int = 0
    ) -> None:
        """`room`: rows of the largest block (needs: versions); `prices`: width of comparisons."""
        weights = np.array([policy.weights[criterion] for criterion in CRITERIA])
        if _scratch.n < room:
            _scratch.grow(room)
        self._ids, self._z = np.zeros(max(k, 1), np.int64), np.zeros(max(k, 1))
        self._excluded, self._would_fit = np.zeros(FACTS, np.int64), np.zeros(FACTS, np.int64)
        given: dict[str, float | NDArray[Any]] = {
            "intercept": policy.intercept,
            "reach": float(weights.sum()),
            "good": log_odds_at(policy.min_score),
            "weights": weights,
            "miss_cost": policy.miss_cost,
            "comparisons": comparisons,
            "prices": prices,
            "k": k,
            "home": _scratch.home,
            "abroad": _scratch.abroad,
            "standing": _scratch.standing,
            "cuts": np.full(4, -np.inf),
            "best_ids": self._ids,
            "best_z": self._z,
            "excluded": self._excluded,
            "would_fit": self._would_fit,
        }
        self.table = Table(ASKING_TABLE, given)

    def fill(self, held: int) -> None:
        """Say how many of the best a kernel has kept."""
        self.table.put("held", held)

    def answer(self, considered: int) -> Answer:
        """What was found so far."""
        held = int(self.table.record[0]["held"])
        order = np.lexsort((self._ids[:held], -self._z[:held]))
        best = list(zip(self._ids[order].tolist(), self._z[order].tolist(), strict=True))
        return Answer(best, self._excluded.tolist(), self._would_fit.tolist(), considered)
