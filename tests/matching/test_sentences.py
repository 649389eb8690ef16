"""Every verdict, raise and hard condition has its sentence, made of the row's numbers alone."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from common.choices import Metric
from common.languages import CODES
from matching.engine import CRITERIA, RAISE_KEYS, VERDICT_KEYS
from matching.models import Shortlist, Suggestion
from matching.templatetags import chips, measures, raises, suggestions, voices
from matching.templatetags.measures import Row
from needs.choices import Must

NUMBERS: dict[str, Any] = {
    "coverage": 0.6, "topics": "", "fields": "", "strength": 0.8,
    "metric": "peak_power_reduction", "asked": 30.0, "asked_unit": "%", "offered": 34.0,
    "offered_unit": "%", "offered_evidence": "verified", "percent": 113.3, "targets": 1, "met": 1,
    "short": 0, "unknown": 0, "country": "MA", "region": "015", "countries": "DZ,TN", "sites": 3,
    "developed_in": "MA",
}  # fmt: skip
COST = {
    "offered_low": 55.0, "offered_high": 62.0, "offered_currency": "EUR", "offered_unit": "m2",
    "budget": 420.0, "budget_currency": "CNY", "budget_unit": "m2", "converted_low": 432.1,
    "converted_high": 487.1, "percent": 2.9, "scale": 1.0, "scale_unit": "m2",
}  # fmt: skip
LEVELS = {"trl_min": 7, "trl_low": 6, "trl_high": 8, "gap": 0}
TERMS = {"asked": "sale,pilot", "offered": "service", "shared": "pilot"}
WEEKS = {"lead_weeks": 20, "weeks": 8.4, "weeks_late": 11.6}
EVIDENCE = {"asked": "documented", "offered": "claimed", "sites": 2}
OF = {
    "cost": COST, "readiness": LEVELS, "terms": TERMS, "timing": WEEKS, "evidence": EVIDENCE,
}  # fmt: skip
KEYS = [(criterion, key) for criterion, keys in VERDICT_KEYS.items() for key in keys]
HOLE = re.compile(r"%\(|\bNone\b(?! of the)|\bnan\b|\{")

pytestmark = pytest.mark.django_db


def row(criterion: str, key: str, state: str = "check", **numbers: Any) -> Row:
    known = {**OF.get(criterion, NUMBERS), **numbers}
    return Row(criterion, points=1, of=2, state=state, key=key, numbers=known)


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize(("criterion", "key"), KEYS)
def test_verdict_has_its_words_in_both_voices(criterion: str, key: str, language: str) -> None:
    with translation.override(language):
        verdict = row(criterion, key)
        texts = [voices.asked(verdict), voices.offered(verdict), chips.chip_of(verdict)]
    asked, offered, chip = texts
    assert asked
    assert offered
    assert chip or key.endswith("_not_asked")
    assert not any(HOLE.search(text) for text in texts)


@pytest.mark.parametrize(("criterion", "key"), KEYS)
def test_row_of_an_older_engine_without_numbers_still_has_words(criterion: str, key: str) -> None:
    bare = Row(criterion, key=key)
    for write in (voices.asked, voices.offered, chips.chip_of):
        assert isinstance(write(bare), str)


def test_tables_of_words_name_no_key_that_the_engine_does_not_know() -> None:
    known = {key for _criterion, key in KEYS}
    assert set(chips.CHIPS) == known
    assert set(voices.OFFERS) == {key for key in known if not key.endswith("_not_asked")}
    assert set(voices.ASKS) == set(CRITERIA)
    assert set(raises.RAISES) == set(RAISE_KEYS)
    assert set(raises.EXCLUDED) == set(Must.values)
    assert set(measures.FIGURES) == set(Metric.values)


@pytest.mark.parametrize(
    ("criterion", "key", "numbers", "words"),
    [
        ("performance", "performance_met", {}, "34% less peak power, 30% asked"),
        ("cost", "cost_above", {"converted_low": 453.6}, "8% above the budget"),
        ("cost", "cost_within", {"converted_high": 386.4}, "8% below the budget"),
        ("cost", "cost_partly_within", {}, "Up to 16% above the budget"),
        ("cost", "cost_unknown", {"offered_currency": ""}, "Price not stated"),
        ("place", "place_deployed_nearby", {"countries": "DZ,LY"}, "In use in 2 countries nearby"),
        ("place", "place_not_listed", {}, "Not offered in Morocco"),
        ("readiness", "readiness_met", {"trl_low": 8}, "Level 8, level 7 asked"),
        ("readiness", "readiness_partly", {}, "Levels 6 to 8, level 7 asked"),
        ("terms", "terms_shared", {}, "Terms in common: Pilot"),
        ("timing", "timing_late", {}, "12 weeks after the decision date"),
        ("evidence", "evidence_met", {"offered": "verified"}, "Figures verified"),
    ],
)  # fmt: skip
def test_chip_reads_aloud(criterion: str, key: str, numbers: Any, words: str) -> None:
    assert chips.chip_of(row(criterion, key, **numbers)).replace("\xa0", " ") == words


def test_offered_price_is_shown_in_the_currency_of_the_city_too() -> None:
    text = voices.offered(row("cost", "cost_above")).replace("\xa0", " ")
    assert text == "€55 to €62 per m² (about ¥432 to ¥487 per m²), 3% above the budget"


def test_chips_are_few_and_what_costs_most_is_checked_first() -> None:
    rows = [row(name, VERDICT_KEYS[name][1]) for name in CRITERIA]
    rows[3] = Row("cost", 0, 9, "miss", "cost_above", COST)
    found = chips.doubtful(rows)
    assert len(found) == chips.MOST
    assert found[0].endswith("above the budget")
    assert chips.fitting(rows) == []


def test_raise_that_rounding_hides_is_not_promised() -> None:
    change = {"criterion": "cost", "key": "cost_if_met", "score": 88.4, "numbers": COST}
    suggestion = Suggestion(score=88.0, explanation={"raises": [change]})
    assert suggestions.raises_of(suggestion) == []
    change["score"] = 91.2
    (text,) = suggestions.raises_of(suggestion)
    assert text.replace("\xa0", " ") == (
        "If the whole price were within the budget (¥420 per m²): the score would be 91"
    )


@pytest.mark.parametrize("key", RAISE_KEYS)
def test_raise_has_its_sentence(key: str) -> None:
    numbers = OF.get(key.partition("_")[0], NUMBERS)
    text = raises.raise_of({"key": key, "score": 91.2, "numbers": numbers})
    assert text.endswith("the score would be 91")
    assert not HOLE.search(text)


def test_left_out_technologies_are_counted_by_condition_most_first() -> None:
    need: Any = SimpleNamespace(trl_min=8, country="MA", terms=["sale"], evidence_min="verified")
    excluded = {
        "place": {"removed": 9, "would_fit": 0},
        "terms": {"removed": 3, "would_fit": 1},
        "readiness": {"removed": 40, "would_fit": 12},
    }
    shortlist: Any = SimpleNamespace(excluded=excluded, need=need)
    assert suggestions.left_out(shortlist) == [
        "12 more would fit if you accepted less than readiness level 8.",
        "1 more would fit if you accepted terms other than Sale.",
    ]
    assert Shortlist._meta.get_field("excluded")


def test_words_that_differ_are_a_pair_across_languages() -> None:
    assert suggestions.is_pair({"demand_word": "制冷", "supply_word": "cooling"})
    assert not suggestions.is_pair({"demand_word": "Cooling", "supply_word": "cooling"})
