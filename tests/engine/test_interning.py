"""Terms are numbered as a dictionary would, however many come."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import interning
from matching.engine.interning import Interner
from matching.engine.statistics import Statistics
from matching.engine.vocabulary import written

TERMS = st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=6)


def text(terms):
    return b"\n".join(map(written, terms))


def as_a_dictionary(many):
    known = {}
    return [[known.setdefault(term, len(known)) for term in terms] for terms in many], list(known)


@given(st.lists(st.lists(TERMS, max_size=20), max_size=6))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_numbers_are_those_of_a_dictionary(many):
    held = Interner()
    numbers, known = as_a_dictionary(many)
    assert [held.numbers(text(terms), len(terms)).tolist() for terms in many] == numbers
    assert held.words() == known


def test_room_grows_with_the_terms(monkeypatch):
    monkeypatch.setattr(interning, "SLOTS", 4)
    monkeypatch.setattr(interning, "LETTERS", 8)
    many = [[f"word {n * n % 701}" for n in range(2_000)], ["a" * 100, "word 1", "b"]]
    held = Interner()
    numbers, known = as_a_dictionary(many)
    assert [held.numbers(text(terms), len(terms)).tolist() for terms in many] == numbers
    assert held.words() == known


def test_letters_that_no_text_should_have_are_kept_apart():
    terms = ["\ud800", "\udc00", "\0", "é", "e\u0301", "水", "\u200f"]
    held = Interner()
    assert held.numbers(text(terms), len(terms)).tolist() == list(range(len(terms)))
    assert held.words() == terms


def test_words_are_learned_once_only():
    statistics = Statistics()
    statistics.learn(["roof", "cool"])
    assert [statistics.number(term) for term in ("cool", "paint", "roof")] == [1, 2, 0]
    with pytest.raises(ValueError, match="numbers already"):
        statistics.learn(["pump"])
