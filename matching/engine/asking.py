"""One question to the kernels: the policy in numbers, scratch memory, room for the answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .codes import Codes
from .layout import ASKING_TABLE, LIMITS, LISTED, STRIP, Arrays, Floats, Table
from .policy import Policy
from .records import CRITERIA
from .score import Scored, Shortlist, log_odds_at, sigmoid
from .units import comparison

FACTS = len(CRITERIA) - 1
DEFAULT_K = 50
KEPT_COMPARISONS = 1_000
Rates = Mapping[str, float]
_NONE: Floats = np.zeros(0)


class _Scratch(threading.local):
    """Memory for sums, for each thread its own, as large as the largest question so far."""

    def __init__(self) -> None:
        self.home = self.abroad = np.zeros(0, np.int32)
        self.lists, self.given = np.zeros(0, np.int64), np.zeros(0, np.uint16)
        self.breaks, self.shared = np.zeros(STRIP, np.uint8), np.zeros(STRIP, np.uint16)
        self.topical = np.zeros(STRIP + 1, np.uint32)

    def grow(self, sums: int, lists: int, given: int) -> None:
        """Make room for sums, for numbers that list terms, and for a level of each term."""
        if len(self.home) < sums:
            self.home, self.abroad = np.zeros(sums, np.int32), np.zeros(sums, np.int32)
        if len(self.lists) < lists:
            self.lists = np.zeros(lists, np.int64)
        if len(self.given) < given:
            self.given = np.zeros(given, np.uint16)


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

    def __init__(self, policy: Policy, k: int, comparisons: Floats, prices: int = 0) -> None:
        """`prices`: width of comparisons. Room for sums comes with `for_need`, `for_technology`."""
        weights = np.array([policy.weights[criterion] for criterion in CRITERIA])
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
            "breaks": _scratch.breaks,
            "shared": _scratch.shared,
            "topical": _scratch.topical,
            "place_list": np.zeros(2, np.int64),
            "cuts": np.full(3, -np.inf),
            "best_ids": self._ids,
            "best_z": self._z,
            "excluded": self._excluded,
            "would_fit": self._would_fit,
        }
        self.table = Table(ASKING_TABLE, given)

    def for_need(self, asker: Arrays) -> Asking:
        """Make room for the sums of a strip, for each version of a need."""
        versions = len(asker["units"])
        most = max(np.diff(asker[f"{side}_start"]).max(initial=0) for side in ("home", "abroad"))
        room = 2 + LISTED * int(most)
        _scratch.grow(versions * STRIP, 2 * versions * room, 0)
        self.table.put("lists", _scratch.lists)
        self.table.put("list_room", room)
        self.table.put("concept_lists", np.zeros(2 * len(asker["concepts"]), np.int64))
        self.table.put("limits", np.zeros(versions * LIMITS, np.int32))
        return self._with_sums()

    def for_technology(self, versions: int, terms: int) -> Asking:
        """Make room for a sum of each version of all needs of a block, and a level of each term."""
        _scratch.grow(versions, 0, terms)
        self.table.put("given", _scratch.given)
        self.table.put("given_known", terms)
        return self._with_sums()

    def _with_sums(self) -> Asking:
        self.table.put("home", _scratch.home)
        self.table.put("abroad", _scratch.abroad)
        return self

    def fill(self, held: int) -> None:
        """Say how many of the best a kernel has kept."""
        self.table.put("held", held)

    def answer(self, considered: int) -> Answer:
        """What was found so far."""
        held = int(self.table.record[0]["held"])
        order = np.lexsort((self._ids[:held], -self._z[:held]))
        best = list(zip(self._ids[order].tolist(), self._z[order].tolist(), strict=True))
        return Answer(best, self._excluded.tolist(), self._would_fit.tolist(), considered)


def few(k: int | None, most: int) -> int:
    """How many results are wanted: 50 unless told, never more than there are."""
    return max(0, min(DEFAULT_K if k is None else k, most))
