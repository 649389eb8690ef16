"""Many rows built at once say what they say when they are added one by one."""

from __future__ import annotations

import pytest
from cast import ASKS, FACTS, HOT_SCHOOLS, PARENTS, demand, market, supplies, supply
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Board, Catalogue, encode_supply
from matching.engine.encoding import decode_supply

NEED = demand(9, **HOT_SCHOOLS, **ASKS)


def built(technologies):
    rows = [encode_supply(technology) for technology in technologies]
    return Catalogue.build(rows, fetch=lambda _ids: {}, parents=PARENTS)


@given(st.data())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_rows_built_at_once_are_those_of_single_records(data):
    technologies = [*market(), *(data.draw(supplies(n)) for n in range(100, 106))]
    kept, at_once = Catalogue(technologies, parents=PARENTS), built(technologies)
    assert at_once.ranked(NEED, 99) == kept.ranked(NEED, 99)
    for words in ("roof", "rof coat", "sens"):
        assert at_once.search(words, "en") == kept.search(words, "en")
    ours, theirs = at_once.context.statistics, kept.context.statistics
    for language in ("*", "en", "fr", "zh-hans"):
        assert ours.documents(language) == theirs.documents(language)
        assert ours.mean(language) == theirs.mean(language)
        for term in theirs.all_words():
            assert ours.holding(term, language) == theirs.holding(term, language)


def test_order_does_not_matter_and_the_last_of_a_number_counts():
    old = supply(1, title="Something else entirely", **FACTS)
    shuffled = [old, *reversed(market())]
    assert built(shuffled).ranked(NEED, 99) == built(market()).ranked(NEED, 99)
    assert len(built(shuffled)) == len(market())


def test_a_board_is_saved_and_opened_and_says_the_same(tmp_path):
    catalogue = built(market())
    needs = [NEED, demand(3, title="Wet cellars", problem="Water comes in.")]
    board = Board.build(needs, catalogue.context, fetch=lambda _ids: {})
    board.save(tmp_path / "needs")
    catalogue.save(tmp_path / "technologies")
    opened = Catalogue.open(tmp_path / "technologies", fetch=lambda _ids: {}, parents=PARENTS)
    mapped = Board.open(tmp_path / "needs", opened.context, fetch=lambda _ids: {})
    asked = [board.ranked(technology) for technology in market()]
    assert [mapped.ranked(technology) for technology in market()] == asked
    changed = demand(3, title="Wet cellars and roofs", problem="Water comes in from above.")
    for held in (board, mapped):
        held.add(changed)
        held.remove(9)
    asked = [board.ranked(technology) for technology in market()]
    assert [mapped.ranked(technology) for technology in market()] == asked
    assert {number for pairs in asked for number, _ in pairs} == {3}


def test_a_technology_without_words_is_held(tmp_path):
    bare = supply(40, title="")
    assert decode_supply(encode_supply(bare)).readings in ({}, {"en": ({}, 0.0)})
    assert 40 in built([*market(), bare])


def test_an_empty_catalogue_can_be_saved(tmp_path):
    built([]).save(tmp_path / "index")
    assert len(Catalogue.open(tmp_path / "index", fetch=lambda _ids: {})) == 0


@pytest.mark.parametrize("at_once", [1, 3])
def test_parts_are_not_felt(at_once, monkeypatch):
    whole = built(market()).ranked(NEED, 99)
    monkeypatch.setattr("matching.engine.building.AT_ONCE", at_once)
    assert built(market()).ranked(NEED, 99) == whole


def test_more_kinds_of_a_fact_than_have_a_number_are_refused(monkeypatch):
    monkeypatch.setattr("matching.engine.codes.MOST", 2)
    with pytest.raises(ValueError, match="more than 2 different terms"):
        built([supply(n, title="Roof", terms=frozenset({f"term {n}"})) for n in range(4)])
