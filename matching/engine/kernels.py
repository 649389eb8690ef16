"""The arithmetic over columns of records: one record against many, in either direction.

Every function here is the vectorised twin of a scalar one (criteria.py, score.py), operation for
operation, so that both give the same floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .criteria import (
    COST_RAMP,
    NEARBY_BONUS,
    NO_SHARED_TERMS,
    PARTLY,
    PERFORMANCE_RAMP,
    PLACE_FIT,
    TIMING_RAMP,
    evidence_level,
)
from .records import WORLDWIDE, Demand, Quantity, Supply
from .units import (
    LESS_IS_BETTER,
    REGION_OF,
    best_quantities,
    budget_ceiling,
    budget_kind,
    comparison,
    price_band,
    price_kind,
    scale_of,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Sets:
    """Sets of codes, one per row, inverted: which rows hold a code."""

    __slots__ = ("n", "rows_of", "single")

    def __init__(self, rows: Sequence[Iterable[str]]) -> None:
        self.n = len(rows)
        self.single = frozenset(rows[0]) if self.n == 1 else frozenset[str]()
        found: dict[str, list[int]] = {}
        for index, codes in enumerate(rows):
            for code in codes:
                found.setdefault(code, []).append(index)
        self.rows_of = {code: np.array(held, dtype=np.int64) for code, held in found.items()}

    def having(self, code: str) -> Bools:
        """(n,) which rows hold `code`."""
        held = np.zeros(self.n, dtype=np.bool_)
        rows = self.rows_of.get(code)
        if rows is not None:
            held[rows] = True
        return held

    def filled(self) -> Bools:
        """(n,) which rows hold anything."""
        held = np.zeros(self.n, dtype=np.bool_)
        for rows in self.rows_of.values():
            held[rows] = True
        return held


class Labels:
    """One code per row ("" for none), as numbers."""

    __slots__ = ("codes", "n", "numbers", "single")

    def __init__(self, rows: Sequence[str]) -> None:
        self.n = len(rows)
        self.single = rows[0] if self.n == 1 else ""
        self.codes = {code: number for number, code in enumerate(sorted(set(rows)))}
        self.numbers = np.array([self.codes[code] for code in rows], dtype=np.int64)

    def within(self, codes: frozenset[str]) -> Bools:
        """(n,) which rows carry one of `codes`."""
        wanted = np.array([code in codes for code in self.codes], dtype=np.bool_)
        return wanted[self.numbers] if self.n else np.zeros(0, dtype=np.bool_)


def member(labels: Labels, sets: Sets) -> Bools:
    """Is the label of one side in the set of the other? One of the two has a single row."""
    if labels.n == 1:
        return sets.having(labels.single) if labels.single else np.zeros(sets.n, dtype=np.bool_)
    return labels.within(sets.single - {""})


def overlap(left: Sets, right: Sets) -> Ints:
    """How many codes the sets share. One of the two has a single row."""
    one, many = (left, right) if left.n == 1 else (right, left)
    shared = np.zeros(many.n, dtype=np.int64)
    for code in one.single:
        rows = many.rows_of.get(code)
        if rows is not None:
            shared[rows] += 1
    return shared


class Postings:
    """Sparse rows inverted by term: for each term the rows that hold it, with a float32 value.

    Source: eager scoring of BM25S, Lù 2024, arXiv:2407.03618.
    """

    __slots__ = ("n", "rows", "start", "values")

    def __init__(
        self, ids: Sequence[NDArray[np.int32]], values: Sequence[NDArray[np.float32]], terms: int
    ) -> None:
        self.n = len(ids)
        lengths = np.array([len(row) for row in ids], dtype=np.int64)
        terms_of = np.concatenate(ids) if self.n else np.zeros(0, dtype=np.int32)
        held = np.concatenate(values) if self.n else np.zeros(0, dtype=np.float32)
        order = np.argsort(terms_of, kind="stable")
        self.rows = np.repeat(np.arange(self.n, dtype=np.int32), lengths)[order]
        self.values = held[order]
        self.start = np.zeros(terms + 1, dtype=np.int64)
        np.cumsum(np.bincount(terms_of, minlength=terms), out=self.start[1:])

    def dot(self, ids: NDArray[np.int32], weights: NDArray[np.float32]) -> Floats:
        """(n,) the dot product of every row with one sparse vector, summed in the order of `ids`.

        A product of two float32 is exact in float64, so the sum depends on the order alone.
        """
        spans, products = [], []
        terms = len(self.start) - 1
        for term, weight in zip(ids.tolist(), weights.astype(np.float64).tolist(), strict=True):
            if term < terms:
                a, b = self.start[term], self.start[term + 1]
                if a < b:
                    spans.append(self.rows[a:b])
                    products.append(self.values[a:b].astype(np.float64) * weight)
        if not spans:
            return np.zeros(self.n, dtype=np.float64)
        rows, weighed = np.concatenate(spans), np.concatenate(products)
        return np.bincount(rows, weights=weighed, minlength=self.n).astype(np.float64, copy=False)

    def rows_with(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The rows that hold a term and their values."""
        if not 0 <= term < len(self.start) - 1:
            return self.rows[:0], self.values[:0]
        a, b = self.start[term], self.start[term + 1]
        return self.rows[a:b], self.values[a:b]


def ramp_above(ratio: Floats, ramp: tuple[float, float]) -> Floats:
    """criteria.ramp_above over an array; NaN stays NaN."""
    zero, worst = ramp
    near = 1.0 - (ratio - 1.0) / (zero - 1.0)
    far = np.maximum(-1.0, -(ratio - zero) / (worst - zero))
    return np.where(ratio <= 1, 1.0, np.where(ratio <= zero, near, far))


def ramp_below(ratio: Floats, ramp: tuple[float, float]) -> Floats:
    """criteria.ramp_below over an array; NaN stays NaN."""
    zero, worst = ramp
    near = (ratio - zero) / (1.0 - zero)
    far = np.maximum(-1.0, -(zero - ratio) / (zero - worst))
    return np.where(ratio >= 1, 1.0, np.where(ratio >= zero, near, far))


def best(scores: Floats, ids: Ints, k: int) -> Ints:
    """Positions of the k highest scores, best first, equal scores by id."""
    if k <= 0 or not len(scores):
        return np.zeros(0, dtype=np.int64)
    if k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        kept = np.flatnonzero(scores >= edge)
    else:
        kept = np.arange(len(scores))
    order = np.lexsort((ids[kept], -scores[kept]))
    chosen: Ints = kept[order[:k]]
    return chosen


def _numbers(values: Iterable[float | None]) -> Floats:
    """(n,) with NaN for what is not known or not finite."""
    held = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    held[~np.isfinite(held)] = np.nan
    return held


def _by_metric(rows: Sequence[Mapping[str, tuple[float, Quantity]]]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for index, row in enumerate(rows):
        for key, (value, _) in row.items():
            found.setdefault(key, np.full(len(rows), np.nan))[index] = value
    return dict(sorted(found.items()))


class SupplyColumns:
    """The facts of technologies as columns; rows in the order given."""

    def __init__(self, rows: Sequence[Supply]) -> None:
        self.n = len(rows)
        self.offers = _by_metric([best_quantities(s.benefits) for s in rows])
        self.available = Sets([s.available_in for s in rows])
        self.listed = self.available.filled()
        self.worldwide = self.available.having(WORLDWIDE)
        self.deployed = Sets([s.deployed_in for s in rows])
        self.regions = Sets([{REGION_OF.get(c, "") for c in s.deployed_in} - {""} for s in rows])
        self.developed = Sets([{s.developed_in} - {""} for s in rows])
        bands = [price_band(s.price) for s in rows]
        self.low = _numbers(band and band[0] for band in bands)
        self.high = _numbers(band and band[1] for band in bands)
        self.prices = Labels([price_kind(s.price) for s in rows])
        lows = _numbers(s.trl_low if s.trl_low is not None else s.trl_high for s in rows)
        highs = _numbers(s.trl_high if s.trl_high is not None else s.trl_low for s in rows)
        self.trl_low, self.trl_high = np.minimum(lows, highs), np.maximum(lows, highs)
        self.terms = Sets([s.terms for s in rows])
        self.with_terms = self.terms.filled()
        self.lead = _numbers(s.lead_time_weeks for s in rows)
        self.evidence = _numbers(evidence_level(s.evidence) for s in rows)


class DemandColumns:
    """What needs ask as columns; rows in the order given."""

    def __init__(self, rows: Sequence[Demand]) -> None:
        self.n = len(rows)
        targets = [best_quantities(d.targets) for d in rows]
        self.targets = _by_metric(targets)
        self.asked = np.array([len(target) for target in targets], dtype=np.float64)
        self.country = Labels([d.country for d in rows])
        self.placed = np.array([bool(d.country) for d in rows], dtype=np.bool_)
        self.region = Labels([REGION_OF.get(d.country, "") for d in rows])
        self.ceiling = _numbers(budget_ceiling(d) for d in rows)
        self.scale = np.array([scale_of(d)[0] or 1.0 for d in rows], dtype=np.float64)
        self.budgets = Labels([budget_kind(d) for d in rows])
        self.trl = _numbers(d.trl_min for d in rows)
        self.terms = Sets([d.terms for d in rows])
        self.with_terms = self.terms.filled()
        self.weeks = _numbers(d.weeks_to_decision for d in rows)
        self.evidence = _numbers(evidence_level(d.evidence_min) for d in rows)
        self.must = Sets([d.must for d in rows])


Fit = tuple[Floats, Bools]


def fit_performance(d: DemandColumns, s: SupplyColumns) -> Fit:
    """criteria.performance over columns."""
    n = max(d.n, s.n)
    total, short = np.zeros(n), np.zeros(n, dtype=np.bool_)
    for key, asked in d.targets.items():
        if key in s.offers:
            offered = s.offers[key]
            with np.errstate(over="ignore"):
                ratio = asked / offered if key in LESS_IS_BETTER else offered / asked
            total += np.nan_to_num(ramp_below(ratio, PERFORMANCE_RAMP))
            short |= ratio < 1
    return total / np.maximum(d.asked, 1.0), short


def fit_place(d: DemandColumns, s: SupplyColumns) -> Fit:
    """criteria.place over columns."""
    near = member(d.region, s.regions)
    tests = {
        "place_available": member(d.country, s.available),
        "place_deployed_here": member(d.country, s.deployed),
        "place_worldwide": s.worldwide,
        "place_not_listed": s.listed,
        "place_deployed_nearby": near,
        "place_developed_here": member(d.country, s.developed),
    }
    n = max(d.n, s.n)
    whole = [np.broadcast_to(test, n) for test in tests.values()]
    values = [np.full(n, PLACE_FIT[key]) for key in tests]
    values[2] = values[2] + NEARBY_BONUS * near
    missing = whole[3] & ~(whole[0] | whole[1] | whole[2]) & d.placed
    return np.where(d.placed, np.select(whole, values, 0.0), 0.0), missing


def _multiples(d: DemandColumns, s: SupplyColumns, rates: Mapping[str, float]) -> Floats:
    """(n,) units.price_multiple; NaN where prices cannot be compared."""
    table = np.full((len(d.budgets.codes), len(s.prices.codes), 3), np.nan)
    for budget, i in d.budgets.codes.items():
        for price, j in s.prices.codes.items():
            table[i, j] = comparison(price, budget, rates)
    power, factor, rate_of = np.moveaxis(table[d.budgets.numbers, s.prices.numbers], -1, 0)
    scaled = factor * d.scale
    multiple: Floats = (
        np.where(power == 0, factor, np.where(power > 0, scaled, 1 / scaled)) * rate_of
    )
    return multiple


def fit_cost(d: DemandColumns, s: SupplyColumns, rates: Mapping[str, float]) -> Fit:
    """criteria.cost over columns."""
    multiple = _multiples(d, s, rates)
    low, high = s.low * multiple / d.ceiling, s.high * multiple / d.ceiling
    value = np.where(low <= 1, PARTLY, ramp_above(low, COST_RAMP))
    return np.nan_to_num(np.where(high <= 1, 1.0, value)), low > 1


def fit_readiness(d: DemandColumns, s: SupplyColumns) -> Fit:
    """criteria.readiness over columns."""
    gap = d.trl - s.trl_high
    value = np.where(gap <= 0, PARTLY, np.maximum(-1.0, (1.0 - gap) / 2.0))
    return np.nan_to_num(np.where(s.trl_low >= d.trl, 1.0, value)), gap > 0


def fit_terms(d: DemandColumns, s: SupplyColumns) -> Fit:
    """criteria.terms over columns."""
    known = d.with_terms & s.with_terms
    shared = overlap(d.terms, s.terms) > 0
    return np.where(known, np.where(shared, 1.0, NO_SHARED_TERMS), 0.0), known & ~shared


def fit_timing(d: DemandColumns, s: SupplyColumns) -> Fit:
    """criteria.timing over columns."""
    ratio = s.lead / np.maximum(d.weeks, 1.0)
    return np.nan_to_num(ramp_above(ratio, TIMING_RAMP)), ratio > 1


def fit_evidence(d: DemandColumns, s: SupplyColumns) -> Fit:
    """criteria.evidence over columns."""
    gap = d.evidence - s.evidence
    shown = 0.5 * s.evidence
    asked = np.where(gap <= 0, 1.0, (1.0 - gap) / 2.0)
    return np.nan_to_num(np.where(np.isnan(d.evidence), shown, asked)), gap > 0


def fits(d: DemandColumns, s: SupplyColumns, rates: Mapping[str, float]) -> tuple[Floats, Bools]:
    """Fits (7, n) in -1..1 and what falls short (7, n), in the order of criteria.findings.

    One of the two sides has a single row; n is the length of the other.
    """
    n = max(d.n, s.n)
    if not min(d.n, s.n):
        return np.zeros((7, 0)), np.zeros((7, 0), dtype=np.bool_)
    found = (
        fit_performance(d, s),
        fit_place(d, s),
        fit_cost(d, s, rates),
        fit_readiness(d, s),
        fit_terms(d, s),
        fit_timing(d, s),
        fit_evidence(d, s),
    )
    values = np.vstack([np.broadcast_to(value, n) for value, _ in found])
    return values, np.vstack([np.broadcast_to(short, n) for _, short in found])
