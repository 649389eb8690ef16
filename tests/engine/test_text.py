"""Words of six languages, and texts that mean harm."""

from __future__ import annotations

import pytest
from cast import demand, supply
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Catalogue, analyse
from matching.engine.text import MAX_CHARACTERS, Speller, distance, fold


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "heat pumps", "Heat Pump"),
        ("fr", "les pompes à chaleur", "pompe a chaleur"),
        ("es", "bombas de calor", "bomba de calor"),
        ("ru", "тепловые насосы", "тепловых насосов"),
        ("ru", "утилизация надёжно", "утилизация надежно"),
        ("ar", "الأنابيب", "انابيب"),
        ("ar", "مِضَخَّة", "مضخه"),
        ("zh-hans", "屋顶的降温", "屋顶降温"),
        ("en", "CO₂ ½", "co2 1⁄2"),
    ],
)
def test_different_spellings_are_the_same_terms(language, one, other):
    left, right = analyse(one, language), analyse(other, language)
    shared = set(left) & set(right)
    assert shared
    assert len(shared) >= len(set(right)) - 2


def test_stop_words_carry_nothing():
    nothing = {
        "en": "the and of which were", "fr": "le la des avec", "es": "el los para con",
        "ru": "и в на который", "ar": "في من إلى التي", "zh-hans": "的了和在",
    }  # fmt: skip
    assert {language: analyse(text, language) for language, text in nothing.items()} == {
        language: {} for language in nothing
    }


def test_numbers_are_kept_in_one_spelling():
    assert analyse("1,000 m3 and 2,5 bar", "en").keys() >= {"1000", "2.5"}
    assert "100" in analyse("١٠٠ طن", "ar")


def test_other_scripts_inside_a_text_are_understood():
    terms = analyse("采用 heat pumps 的насосы", "zh-hans")
    assert {"heat", "pump", "насос", "采用"} <= terms.keys()


def test_han_text_gives_single_and_paired_characters():
    assert analyse("供水管网", "zh-hans") == dict.fromkeys(
        ["供", "水", "管", "网", "供水", "水管", "管网"], 1
    )


HOSTILE = [
    "\x00\x00roof\x00",
    "\ud800\udfff lone \udc00 roof",
    "\u202eroof\u202c \u200froof\ufeff",
    "a\u0301" * 1000,
    "\ufdfa" * 10_000,
    "x" * 1_000_000,
    "🏙️" * 1000,
    "1,2.3,4" * 1000,
    "'\"<script>%s{0}\\",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("language", ["en", "zh-hans", "ar", "xx", ""])
def test_hostile_text_is_only_text(text, language):
    analyse(text, language)
    catalogue = Catalogue([supply(1, language, title=text, description="roof")])
    catalogue.shortlist(demand(1, language, title=text, problem="roof"))
    catalogue.search(text, language, 5)


def test_of_an_enormous_text_only_the_beginning_counts():
    beginning = MAX_CHARACTERS // len("roof coating ")
    assert analyse("roof coating " * 800_000, "en")["roof"] <= beginning + 1
    many = " ".join(f"w{n:x}q" for n in range(1_000_000))
    assert analyse(many, "en") == analyse(many[:MAX_CHARACTERS], "en")
    assert sum(analyse("屋顶" * 5_000_000, "zh-hans").values()) <= 2 * MAX_CHARACTERS


@given(st.text(max_size=200), st.sampled_from(["en", "zh-hans", "fr", "es", "ru", "ar"]))
def test_any_string_can_be_analysed(text, language):
    assert all(term and count > 0 for term, count in analyse(text, language).items())


def test_bidi_marks_do_not_split_or_hide_words():
    assert fold("ro\u202eof") == "roof"


def test_near_misses_are_few_steps_away():
    assert distance("permaeble", "permeable") == 1
    assert distance("kitten", "sitting") == 3
    speller = Speller(["permeable", "perme", "paving", "pavement"])
    assert speller.near("permaeble") == [("permeable", 1)]
    assert speller.near("xy") == []
    assert speller.beginning("pav") == ["pavement", "paving"]
