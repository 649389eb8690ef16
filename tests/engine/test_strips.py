"""Many rows are looked at strip by strip and block by block: the answer is that of one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from cast import ASKS, FACTS, HOT_SCHOOLS, PARENTS, demand, market, supply

from matching.engine import Catalogue
from matching.engine.blocks import Supplies, gather
from matching.engine.columns import SUPPLY_COLUMNS
from matching.engine.layout import BLOCK, STRIP

KINDS = [
    *market(),
    supply(50, title="Roof coating", **FACTS),
    supply(51, title="Cool roof coating of white quartz", **FACTS | {"trl_low": 3}),
    supply(52, title="Revêtement de toit", language="fr", available_in=frozenset({"KE"})),
    supply(53),
]
NEEDS = [
    demand(1, **HOT_SCHOOLS, **ASKS),
    demand(2, **HOT_SCHOOLS, **ASKS | {"must": frozenset({"readiness", "place", "cost"})}),
    demand(3, **HOT_SCHOOLS, **ASKS | {"must": frozenset({"terms", "timing", "performance"})}),
    demand(4, **ASKS | {"must": frozenset({"place"})}),
    replace(demand(5, **HOT_SCHOOLS, **ASKS), emphasis=(("cost", 2.0), ("place", 0.5))),
]


def many(catalogue: Catalogue, chosen: np.ndarray) -> Catalogue:
    """The technologies of a small catalogue again and again, numbered from 0."""
    large = catalogue.under(catalogue.context.policy)
    arrays = gather(catalogue._store.main.arrays, SUPPLY_COLUMNS, chosen)
    arrays["ids"] = np.arange(len(chosen), dtype=np.int64)
    large._hold(Supplies(arrays))
    return large


@pytest.fixture(scope="module", params=[2 * STRIP + 5, BLOCK + STRIP + 7], ids=["strips", "blocks"])
def markets(request):
    small = Catalogue(KINDS, parents=PARENTS)
    chosen = np.random.default_rng(3).integers(0, len(KINDS), request.param)
    large = many(small, chosen)
    for number in (0, STRIP, request.param - 1):
        large.remove(number)
        chosen[number] = len(KINDS)
    return small, large, chosen


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: f"need-{need.id}")
def test_many_rows_are_scored_and_counted_like_few(markets, need):
    small, large, chosen = markets
    order = small._store.main.ids.tolist()
    scores = dict(small.ranked(need, 99))
    times = Counter(chosen.tolist())
    few, whole = small.shortlist(need, 0), large.shortlist(need, 0)
    alone = {kind: Catalogue([s], parents=PARENTS) for kind, s in enumerate(
        sorted(KINDS, key=lambda s: s.id))}  # fmt: skip
    removed: Counter[str] = Counter()
    for kind, catalogue in alone.items():
        for criterion in catalogue.shortlist(need, 0).excluded:
            removed[criterion] += times[kind]
    assert whole.excluded == {c: n for c, n in removed.items() if n}
    assert set(few.would_fit) == set(whole.would_fit)
    assert all((few.would_fit[c] > 0) == (n > 0) for c, n in whole.would_fit.items())
    found = large.ranked(need, 70)
    expected = sorted(
        ((scores[order[kind]], row) for row, kind in enumerate(chosen.tolist())
         if kind < len(KINDS) and order[kind] in scores),
        key=lambda pair: (-pair[0], pair[1]),
    )[:70]  # fmt: skip
    assert found == [(row, score) for score, row in expected]
