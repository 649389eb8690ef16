"""Words that stand for each other: by sound across languages, by beginning within one."""

from __future__ import annotations

import pytest
from cast import demand, supply

from matching.engine import Board, Catalogue, Text, score_pair
from matching.engine.sound import code, worth

TEXTS = [("en", "Luther turbine"), ("es", "bomba Lutero"), ("ru", "турбина Лютер"), ("en", "roof")]


def offers():
    return [
        supply(n, language=language, texts=(Text(language, "title", text),))
        for n, (language, text) in enumerate(TEXTS)
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("лютер", "luther"), ("турбин", "turbin"), ("coleccion", "collect"), ("oxigen", "oxygen")],
)
def test_what_sounds_alike_has_one_code(one, other):
    assert code(one) == code(other) != ""
    assert worth(one, other) > 0.25


def test_what_does_not_sound_alike_is_worth_nothing():
    assert code("luther") != code("насос")
    assert worth("luther", "altar") == 0.0


def test_a_name_is_found_in_other_languages_and_shown_as_both_write_it():
    catalogue = Catalogue(offers())
    need = demand(title="Лютер", language="ru", texts=(Text("ru", "title", "Лютер"),))
    found = {r.supply_id: r for r in catalogue.shortlist(need).results}
    assert min(found[n].score for n in (0, 1, 2)) > found[3].score
    assert [(t.demand_word, t.supply_word) for t in found[0].terms] == [("лютер", "luther")]
    assert found[0].missing == ()


def test_a_snapshot_knows_the_same_words_by_sound_and_beginning(tmp_path):
    catalogue = Catalogue([*offers(), supply(9, title="turbines turbinated")])
    catalogue.save(tmp_path / "index")
    opened = Catalogue.open(tmp_path / "index", fetch=catalogue.fetch)
    for term, language in [("luther", "en"), ("лютер", "ru"), ("turbinat", "en")]:
        for find in ("kin", "relatives"):
            own, mapped = (
                getattr(c.context.statistics, find)(term, language) for c in (catalogue, opened)
            )
            assert own == mapped
    assert catalogue.context.statistics.kin("luther", "en")
    assert catalogue.context.statistics.relatives("turbinat", "en")


def test_a_word_that_nobody_has_is_met_by_one_that_begins_like_it():
    catalogue = Catalogue([supply(1, title="compression of gas"), supply(2, title="roof tile")])
    need = demand(title="compressibility")
    best, other = catalogue.shortlist(need).results
    assert best.supply_id == 1
    assert best.score > other.score
    board = Board([need], catalogue.context)
    assert board.ranked(supply(1, title="compression of gas")) == [(need.id, best.score)]
    assert score_pair(need, supply(1, title="compression of gas"), catalogue.context) == best
