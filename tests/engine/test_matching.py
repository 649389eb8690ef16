"""A city looks for a technology, and the right one stands out with its reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cast import ASKS, COOL_ROOF, FACTS, HOT_SCHOOLS, PARENTS, demand, market, supply

from matching.engine import Board, Catalogue, Glossary, Price, Quantity, Text, score_pair

CATALOGUE = Catalogue(market(), parents=PARENTS)
NEED = demand(9, **HOT_SCHOOLS)
FULL_NEED = demand(9, **HOT_SCHOOLS, **ASKS)
FULL_ROOF = supply(1, **COOL_ROOF, **FACTS)


def full_score(**changes):
    return score_pair(FULL_NEED, replace(FULL_ROOF, **changes), CATALOGUE.context)


def verdict(criterion, **changes):
    return next(v for v in full_score(**changes).verdicts if v.criterion == criterion)


def test_the_right_technology_stands_out_from_text_alone():
    first, *others = CATALOGUE.shortlist(NEED).results
    assert first.supply_id == 1
    assert first.score >= 70
    assert all(other.score < 25 for other in others)


def test_a_pair_that_fits_in_every_way_scores_high():
    assert full_score().score > 92


def test_facts_alone_do_not_make_a_match():
    bikes = replace(FULL_ROOF, texts=market()[-1].texts, concepts=frozenset())
    assert score_pair(FULL_NEED, bikes, CATALOGUE.context).score < 15


def test_sharing_the_topic_helps_more_than_sharing_the_field():
    def with_concept(code):
        bare = supply(1, title="Something else", concepts=frozenset({code} if code else ()))
        return score_pair(FULL_NEED, bare, CATALOGUE.context).score

    same, sibling = (
        with_concept("topic:buildings.cooling"),
        with_concept("topic:buildings.insulation"),
    )
    assert same > 2 * sibling
    assert sibling > with_concept("topic:water.leakage")
    assert sibling - with_concept("") < 2, "naming another topic is not held against it much"
    assert with_concept("") - with_concept("topic:water.leakage") < 2


def test_shared_words_are_shown_as_each_side_writes_them():
    terms = CATALOGUE.shortlist(NEED).results[0].terms
    assert len(terms) == 5
    assert {("roofs", "roof"), ("coating", "coating")} & {
        (t.demand_word, t.supply_word) for t in terms
    }
    assert sum(t.share for t in terms) <= 1
    assert list(terms) == sorted(terms, key=lambda t: -t.share)


def test_what_the_need_says_and_the_technology_does_not_is_named():
    missing = CATALOGUE.shortlist(NEED).results[0].missing
    words = (HOT_SCHOOLS["title"] + " " + HOT_SCHOOLS["problem"]).lower()
    assert missing
    assert all(word in words and word not in COOL_ROOF["description"].lower() for word in missing)


def test_what_would_raise_the_score_most_is_named_with_the_score_then():
    scored = full_score(benefits=(), price=Price(50, 60, "EUR", "m2"))
    assert [r.key for r in scored.raises] == ["cost_if_met", "performance_if_stated"]
    fixed = full_score(price=Price(50, 60, "EUR", "m2"))
    assert scored.raises[1].score == pytest.approx(fixed.score)


@pytest.mark.parametrize(
    ("criterion", "changes", "key", "state"),
    [
        ("performance", {}, "performance_met", "fits"),
        ("performance", {"benefits": ()}, "performance_unknown", "unknown"),
        (
            "performance",
            {"benefits": (Quantity("peak_power_reduction", 27, "%"),)},
            "performance_short",
            "check",
        ),
        ("place", {}, "place_available", "fits"),
        ("place", {"available_in": frozenset("*")}, "place_worldwide", "fits"),
        ("place", {"available_in": frozenset({"FR"})}, "place_not_listed", "miss"),
        (
            "place",
            {"available_in": frozenset(), "deployed_in": frozenset({"JP"})},
            "place_deployed_nearby",
            "check",
        ),
        ("cost", {}, "cost_within", "fits"),
        ("cost", {"price": Price(12, 20, "EUR", "m2")}, "cost_partly_within", "check"),
        ("cost", {"price": Price(14, 20, "EUR", "m2")}, "cost_above", "check"),
        ("cost", {"price": Price(50, 60, "EUR", "m2")}, "cost_above", "miss"),
        ("cost", {"price": Price(50, 60, "XXX", "m2")}, "cost_unknown", "unknown"),
        ("readiness", {"trl_low": 6}, "readiness_partly", "check"),
        ("readiness", {"trl_low": 4, "trl_high": 5}, "readiness_below", "miss"),
        ("terms", {"terms": frozenset({"pilot"})}, "terms_none_shared", "miss"),
        ("timing", {"lead_time_weeks": 30.0}, "timing_late", "miss"),
        ("evidence", {"evidence": "claimed"}, "evidence_below", "check"),
    ],
)
def test_each_criterion_says_what_it_found(criterion, changes, key, state):
    found = verdict(criterion, **changes)
    assert (found.key, found.state) == (key, state)


def test_the_numbers_make_a_sentence():
    numbers = verdict("cost", price=Price(14, 20, "EUR", "m2")).numbers
    assert numbers["percent"] == pytest.approx(10, abs=0.1)
    assert (numbers["budget"], numbers["budget_currency"]) == (100, "CNY")
    assert verdict("performance").numbers["percent"] == pytest.approx(100 * 34 / 30)


def test_a_known_miss_costs_more_than_an_unknown():
    assert full_score(price=Price(50, 60, "EUR", "m2")).score < full_score(price=None).score


def test_a_must_excludes_and_says_how_many_would_fit_without_it():
    early = replace(FULL_ROOF, id=20, trl_low=5, trl_high=6)
    catalogue = Catalogue([*market(), FULL_ROOF, early], parents=PARENTS)
    short = catalogue.shortlist(replace(FULL_NEED, must=frozenset({"readiness"})))
    assert short.excluded == {"readiness": 1}
    assert short.would_fit == {"readiness": 1}
    assert 20 not in [r.supply_id for r in short.results]
    unknown = [r.supply_id for r in short.results if r.verdicts[4].state == "unknown"]
    assert unknown


def test_technologies_come_and_go():
    catalogue = Catalogue(market(), parents=PARENTS)
    catalogue.remove(1)
    catalogue.remove(12345)
    assert [s for s, _ in catalogue.ranked(NEED) if s == 1] == []
    catalogue.add(supply(1, **COOL_ROOF))
    assert catalogue.ranked(NEED)[0][0] == 1
    catalogue.add(supply(1, title="Something else"))
    assert catalogue.ranked(NEED)[0][0] != 1 or catalogue.ranked(NEED)[0][1] < 20
    assert len(catalogue) == len(market())


def test_many_additions_are_merged_and_score_the_same():
    catalogue = Catalogue(market(), parents=PARENTS)
    before = catalogue.ranked(NEED, 3)
    for number in range(100, 400):
        catalogue.add(supply(number, title=f"filler {number}"))
    assert catalogue.ranked(NEED, 3) == before


def test_a_new_technology_finds_the_needs():
    board = Board([NEED, demand(10, title="Finding leaks in water pipes")], CATALOGUE.context)
    assert [r.demand_id for r in board.demands_for(supply(1, **COOL_ROOF)).results] == [9, 10]
    board.remove(9)
    assert board.ranked(supply(1, **COOL_ROOF))[0][0] == 10


def test_search_finds_words_beginnings_and_misspellings():
    def found(query, language="en"):
        return [number for number, _ in CATALOGUE.search(query, language, 3)]

    assert found("roof coating")[0] == 1
    assert found("cargo bik")[0] == 7
    assert found("anaerobc digestion")[0] == 3
    assert found("permaeble")[0] == 5
    assert found("zzzzzz") == []
    assert found("") == []


ROWS = [
    {"en": "drinking water", "fr": "eau potable", "es": "agua potable", "ru": "питьевая вода",
     "ar": "مياه الشرب", "zh-hans": "饮用水", "concept": "drinking-water"},
    {"en": "leak|water loss", "fr": "fuite", "es": "fuga", "ru": "утечка", "ar": "تسرب",
     "zh-hans": "漏损|漏水", "concept": "leak"},
    {"en": "pipe network|pipes", "fr": "réseau|conduite", "es": "red|tubería", "ru": "труба|сеть",
     "ar": "شبكة|أنابيب", "zh-hans": "管网|管道", "concept": "pipes"},
]  # fmt: skip
LEAKS = {
    "en": "Finding leaks in drinking water pipes",
    "fr": "Trouver les fuites des conduites d'eau potable",
    "es": "Encontrar fugas en tuberías de agua potable",
    "ru": "Найти утечки в трубах питьевой воды",
    "ar": "كشف تسرب مياه الشرب في أنابيب المدينة",
    "zh-hans": "饮用水管道漏水检测",
}


@pytest.mark.parametrize("asked", LEAKS)
@pytest.mark.parametrize("offered", LEAKS)
def test_any_two_of_the_six_languages_meet(asked, offered):
    leak = supply(50, offered, title=LEAKS[offered])
    noise = [supply(60, offered, title="2030"), *(s for s in market() if s.id != 2)]
    catalogue = Catalogue([leak, *noise], glossary=Glossary(ROWS))
    number, score = catalogue.ranked(demand(1, asked, title=LEAKS[asked]))[0]
    assert number == 50
    assert score >= 55


def test_a_pivot_is_shown_in_the_words_of_both_sides():
    context = Catalogue([supply(1, "fr", title=LEAKS["fr"])], glossary=Glossary(ROWS)).context
    pair = score_pair(
        demand(1, "zh-hans", title=LEAKS["zh-hans"]), supply(1, "fr", title=LEAKS["fr"]), context
    )
    words = {(t.demand_word, t.supply_word) for t in pair.terms}
    assert ("漏水", "fuites") in words


def test_the_best_language_version_counts():
    both = demand(
        9, texts=(Text("fr", "title", "Toitures"), Text("en", "title", HOT_SCHOOLS["title"]))
    )
    english = demand(9, title=HOT_SCHOOLS["title"])
    (_, first), (_, second) = CATALOGUE.ranked(both)[0], CATALOGUE.ranked(english)[0]
    assert first == pytest.approx(second)
