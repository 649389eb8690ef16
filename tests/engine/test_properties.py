"""What holds for every pair, whatever is known about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cast import ASKS, FACTS, PARENTS, demand, demands, market, supplies, supply
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    CRITERIA,
    DEFAULT,
    RAISE_KEYS,
    VERDICT_KEYS,
    Board,
    Catalogue,
    Context,
    Glossary,
    score_pair,
)
from matching.engine.criteria import FAILING, findings

GLOSSARY = Glossary([{"concept": "roof", "en": "roof", "fr": "toit", "zh-hans": "屋顶"}])
MARKET = Catalogue(market(), parents=PARENTS, glossary=GLOSSARY)
CONTEXT = MARKET.context
settings.register_profile("engine", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("engine")


def score(need, technology):
    return score_pair(need, technology, CONTEXT).score


@given(demands(), supplies())
def test_parts_are_never_negative_and_add_up_to_the_score(need, technology):
    scored = score_pair(need, technology, CONTEXT)
    assert 0 <= scored.score <= 100
    assert sum(v.points for v in scored.verdicts) == pytest.approx(scored.score, abs=1e-9)
    assert all(0 <= v.points <= v.of + 1e-12 and v.of > 0 for v in scored.verdicts)
    assert tuple(v.criterion for v in scored.verdicts) == CRITERIA


@given(demands(), supplies())
def test_every_reason_has_a_key_that_translators_can_list(need, technology):
    scored = score_pair(need, technology, CONTEXT)
    assert all(v.key in VERDICT_KEYS[v.criterion] for v in scored.verdicts)
    assert all(r.key in RAISE_KEYS and r.score > scored.score for r in scored.raises)
    assert len(scored.raises) <= 2
    numbers = [n for v in scored.verdicts for n in v.numbers.values()]
    assert all(isinstance(number, (float, int, str)) for number in numbers)


@given(demands(), supplies())
def test_unknown_earns_nothing(need, technology):
    for verdict in score_pair(need, technology, CONTEXT).verdicts[1:]:
        if verdict.state == "unknown":
            assert verdict.points == 0


@given(st.data())
@settings(max_examples=15)
def test_a_pair_has_one_score_whoever_asks(data):
    technologies = [data.draw(supplies(n)) for n in range(100, 104)]
    needs = [data.draw(demands(n, must=True)) for n in range(200, 203)]
    catalogue = Catalogue([*market(), *technologies[:2]], parents=PARENTS, glossary=GLOSSARY)
    board = Board(needs[:2], catalogue.context)
    for technology in technologies[2:]:
        catalogue.add(technology)
    board.add(needs[2])
    forward = {(n.id, s): v for n in needs for s, v in catalogue.ranked(n, 99) if s >= 100}
    back = {(n, s.id): v for s in technologies for n, v in board.ranked(s, 99)}
    assert forward == back
    for (n, s), value in forward.items():
        pair = score_pair(needs[n - 200], technologies[s - 100], catalogue.context)
        assert pair.score == value
    shown = [r for n in needs for r in catalogue.shortlist(n, 99).results if r.supply_id >= 100]
    mirrored = [r for s in technologies for r in board.demands_for(s, 99).results]
    assert sorted(shown, key=repr) == sorted(mirrored, key=repr)


@given(st.data())
@settings(max_examples=15)
def test_the_order_of_arrival_does_not_matter(data):
    technologies = [*market(), *(data.draw(supplies(n)) for n in range(100, 103))]
    shuffled = data.draw(st.permutations(technologies))
    need = data.draw(demands())
    first = Catalogue(technologies, parents=PARENTS, glossary=GLOSSARY).shortlist(need)
    second = Catalogue(shuffled, parents=PARENTS, glossary=GLOSSARY).shortlist(need)
    assert first == second


UNKNOWN = {
    "benefits": (),
    "available_in": frozenset(),
    "price": None,
    "terms": frozenset(),
    "lead_time_weeks": None,
    "evidence": None,
    "concepts": frozenset(),
}


@given(demands(), supplies(), st.sampled_from(sorted(UNKNOWN)))
def test_unknown_never_lowers_what_falls_short_would_lower(need, technology, fact):
    known = score_pair(need, technology, CONTEXT)
    unknown = score_pair(need, replace(technology, **{fact: UNKNOWN[fact]}), CONTEXT)
    worse = [
        v.key for v in known.verdicts if v.key in FAILING and v.state == "miss" and v.points == 0
    ]
    criterion = {"benefits": "performance", "available_in": "place", "price": "cost"}.get(fact)
    if criterion and any(key.startswith(criterion) for key in worse):
        assert unknown.score >= known.score


FITTING = {
    "performance": ("benefits", FACTS["benefits"]),
    "place": ("available_in", FACTS["available_in"]),
    "cost": ("price", FACTS["price"]),
    "readiness": ("trl_low", 8),
    "terms": ("terms", FACTS["terms"]),
    "timing": ("lead_time_weeks", 6.0),
    "evidence": ("evidence", "verified"),
}


@given(supplies(), st.sampled_from(sorted(FITTING)))
def test_adding_a_fitting_fact_never_lowers(technology, criterion):
    need = demand(title="cool roof coating", **ASKS)
    fact, value = FITTING[criterion]
    bare = replace(technology, **{fact: type(value)() if fact != "price" else None})
    if fact in ("trl_low", "lead_time_weeks", "evidence"):
        bare = replace(technology, **{fact: None}, **({"trl_high": None} if "trl" in fact else {}))
    assert score(need, replace(bare, **{fact: value})) >= score(need, bare)


@given(supplies(), st.sampled_from(["topic:buildings.cooling", "field:buildings"]))
def test_adding_a_shared_concept_never_lowers(technology, code):
    need = demand(title="cool roof coating", **ASKS)
    richer = replace(technology, concepts=technology.concepts | {code})
    assert score(need, richer) >= score(need, technology)


@given(demands(must=True))
def test_hard_conditions_remove_what_is_known_to_fall_short_and_count_it(need):
    technologies = [supply(1, **FACTS), supply(2), supply(3, trl_low=2, price=FACTS["price"])]
    catalogue = Catalogue(technologies)
    short = catalogue.shortlist(need, 10)
    broken = {
        s.id: {
            c
            for c, f in zip(CRITERIA[1:], findings(need, s, DEFAULT), strict=True)
            if f.key in FAILING and c in need.must
        }
        for s in technologies
    }
    assert {r.supply_id for r in short.results} == {n for n, keys in broken.items() if not keys}
    counts = [c for keys in broken.values() for c in keys]
    assert short.excluded == {c: counts.count(c) for c in CRITERIA if c in counts}
    assert short.considered == 3


def test_a_context_without_technologies_still_scores():
    empty = Context()
    assert score_pair(demand(title="cool roof"), supply(title="cool roof"), empty).score > 10
    assert Catalogue([]).shortlist(demand(title="roof")).results == []
    assert Board([], empty).demands_for(supply(title="roof")).considered == 0
