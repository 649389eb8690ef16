"""Suggestions are dealt within each side's capacity."""

from __future__ import annotations

import itertools
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import allot
from matching.engine.allot import _Auction

EDGES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.floats(0, 100)), max_size=9
).map(lambda rows: [(n, s, s % 2, v) for n, s, v in rows])


def best_sum(edges, k, c):
    """The greatest sum by trying everything."""
    best = {}
    for need, supply, provider, score in edges:
        held = best.get((need, supply, provider), 0)
        best[need, supply, provider] = max(score, held)
    choices = list(best.items())
    found = 0.0
    for size in range(len(choices) + 1):
        for chosen in combinations(choices, size):
            needs = Counter(edge[0] for edge, _ in chosen)
            providers = Counter(edge[2] for edge, _ in chosen)
            if max(needs.values(), default=0) <= k and max(providers.values(), default=0) <= c:
                found = max(found, sum(score for _, score in chosen))
    return found


@given(EDGES, st.integers(1, 3), st.integers(1, 3))
def test_no_cap_is_broken_and_the_sum_is_the_best(edges, k, c):
    pairs = allot(edges, k, c)
    assert len(set(pairs)) == len(pairs)
    assert max(Counter(need for need, _ in pairs).values(), default=0) <= k
    assert max(Counter(supply % 2 for _, supply in pairs).values(), default=0) <= c
    value = {}
    for need, supply, _, score in edges:
        value[need, supply] = max(score, value.get((need, supply), 0))
    reached = sum(value[pair] for pair in pairs)
    assert reached >= best_sum(edges, k, c) - 0.05 * len(edges) - 1e-6


@given(EDGES, st.randoms())
def test_the_order_of_the_edges_does_not_matter(edges, random):
    shuffled = list(edges)
    random.shuffle(shuffled)
    assert allot(edges, 2, 2) == allot(shuffled, 2, 2)


def test_one_famous_provider_is_not_flooded():
    edges = [(need, 1, 1, 90.0) for need in range(100)]
    edges += [(need, 1000 + need, 1000 + need, 70.0) for need in range(100)]
    pairs = allot(edges, 1, 20)
    assert sum(supply == 1 for _, supply in pairs) == 20
    assert len({need for need, _ in pairs}) == 100


def test_capacities_can_differ_and_nobody_without_one_gets_anything():
    edges = [(1, 1, 1, 80.0), (1, 2, 2, 70.0), (2, 1, 1, 60.0), (3, 2, 2, 99.0)]
    assert allot(edges, {1: 2, 2: 1}, {1: 1, 2: 5}) == [(1, 1), (1, 2)]
    assert allot([], 5, 5) == []


@pytest.mark.parametrize("caps", [(1, 3), (5, 20)])
def test_equal_scores_do_not_start_an_endless_war_of_prices(caps, monkeypatch):
    bids, bid = itertools.count(1), _Auction._bid

    def counted(auction, row):
        assert next(bids) < 50_000, "twice what a price that rises by epsilon needs"
        return bid(auction, row)

    monkeypatch.setattr(_Auction, "_bid", counted)
    edges = [(n, s, s // 3, 80.0) for n in range(60) for s in range(12)]
    assert len(allot(edges, *caps)) == min(60 * caps[0], 4 * caps[1])
