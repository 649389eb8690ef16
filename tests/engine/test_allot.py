"""Suggestions are dealt within each side's capacity."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matching.engine import allot
from matching.engine.allot import allot_arrays

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


@settings(deadline=None)  # the first example waits for the compiler
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
    assert reached >= best_sum(edges, k, c) - 0.1 * len(pairs) - 1e-6


@settings(deadline=None)
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
def test_equal_scores_do_not_start_an_endless_war_of_prices(caps):
    edges = [(n, s, s // 3, 80.0) for n in range(60) for s in range(12)]
    pairs = allot(edges, *caps)
    assert len(pairs) == min(60 * caps[0], 4 * caps[1])


def optimum(needs, providers, scores, per_need, per_provider):
    """The greatest sum as a minimum cost flow, in thousandths (OR-Tools)."""
    flow, n, p = SimpleMinCostFlow(), needs.max() + 1, providers.max() + 1
    source, sink = n + p, n + p + 1

    def arcs(tails, heads, capacity, costs):
        flow.add_arcs_with_capacity_and_unit_cost(
            tails, heads, np.full(len(tails), capacity), costs.astype(np.int64)
        )

    arcs(needs, n + providers, 1, -np.round(scores * 1000))
    arcs(np.full(n, source), np.arange(n), per_need, np.zeros(n))
    arcs(n + np.arange(p), np.full(p, sink), per_provider, np.zeros(p))
    arcs(np.array([source]), np.array([sink]), n * per_need, np.zeros(1))
    flow.set_node_supply(source, int(n * per_need))
    flow.set_node_supply(sink, -int(n * per_need))
    assert flow.solve() == flow.OPTIMAL
    return -flow.optimal_cost() / 1000


CROWDS = {
    "many providers": (2000, 5, 5, lambda r, n: 60 + r.normal(size=n) * 8),
    "a few famous ones": (40, 3, 20, lambda r, n: 60 + r.normal(size=n) * 8),
    "whole numbers": (200, 5, 10, lambda r, n: np.round(60 + 40 * r.random(n))),
    "all alike": (100, 5, 10, lambda r, n: np.full(n, 80.0)),
    "hardly different": (200, 5, 10, lambda r, n: 80 + r.random(n) / 100),
    "steep": (100, 2, 10, lambda r, n: 100 * r.random(n) ** 8),
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_the_sum_is_within_a_thousandth_of_the_exact_optimum(crowd):
    providers, per_need, per_provider, draw = CROWDS[crowd]
    random = np.random.default_rng(7)
    needs = np.repeat(np.arange(1000), 20)
    supplies = np.concatenate([random.choice(5000, 20, replace=False) for _ in range(1000)])
    seller = (random.zipf(1.3, 5000) % providers)[supplies]
    scores = np.clip(draw(random, len(needs)), 0.1, 100)
    n = len(needs)
    chosen = allot_arrays(
        needs, supplies, seller, scores, np.full(n, per_need), np.full(n, per_provider)
    )
    assert np.bincount(needs[chosen]).max() <= per_need
    assert np.bincount(seller[chosen]).max() <= per_provider
    best = optimum(needs, seller, scores, per_need, per_provider)
    assert scores[chosen].sum() >= 0.999 * best


def test_rows_of_different_length_are_refused():
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="each edge"):
        allot_arrays(one, one, two, np.ones(1), one, one)
