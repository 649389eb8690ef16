"""An index is saved, mapped and changed, and says the same as before; a torn file is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cast import ASKS, FACTS, HOT_SCHOOLS, PARENTS, demand, demands, market, supplies, supply
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import (
    Board,
    Catalogue,
    SnapshotError,
    blocks,
    encode_supply,
    inverting,
    score_pair,
    snapshot,
)
from matching.engine.encoding import decode_supply
from matching.engine.layout import SUPPLIES

NEED = demand(9, **HOT_SCHOOLS, **ASKS)


def fetching(records):
    by_number = {record.id: record for record in records}
    return lambda ids: {number: by_number[number] for number in ids if number in by_number}


def saved(tmp_path, technologies, **given):
    path = tmp_path / "index"
    rows = [encode_supply(technology, given.get("glossary")) for technology in technologies]
    Catalogue.build(rows, fetch=fetching(technologies), **given).save(path)
    return path


@pytest.fixture(params=[True, False], ids=["large", "small"])
def layout(request, monkeypatch):
    """Inverted lists of large catalogues have another form than those of small ones."""
    monkeypatch.setattr(blocks, "DENSE", 1 if request.param else 10**9)
    monkeypatch.setattr(inverting, "FREQUENT", 1 << 17)  # words of two rows are in cells


def test_what_was_saved_and_opened_says_the_same(tmp_path, layout):
    technologies = [*market(), supply(50, title="Roof coating", **FACTS)]
    kept = Catalogue(technologies, parents=PARENTS)
    path = saved(tmp_path, technologies, parents=PARENTS)
    opened = Catalogue.open(path, fetch=fetching(technologies), parents=PARENTS)
    assert opened.shortlist(NEED) == kept.shortlist(NEED)
    for words in ("roof", "rof coat", "sens", "nothing like it"):
        assert opened.search(words, "en") == kept.search(words, "en")
    pair = score_pair(NEED, technologies[-1], opened.context)
    assert pair.score == dict(opened.ranked(NEED))[50]


def test_a_pair_is_explained_the_same_from_inverted_lists_and_from_its_texts(tmp_path, layout):
    opened = Catalogue.open(saved(tmp_path, market()), fetch=fetching(market()))
    late = supply(77, title="Cool roof coating of quartz sand", **FACTS)
    opened.add(late)
    held = {record.id: record for record in (*market(), late)}
    alone = [score_pair(NEED, record, opened.context) for record in held.values()]
    assert opened.explain(NEED, [*held, 404], held) == alone
    assert any(scored.terms for scored in alone)


def test_changes_to_an_opened_index_are_those_of_one_in_memory(tmp_path, layout):
    path = saved(tmp_path, market())
    opened = Catalogue.open(path, fetch=fetching(market()))
    kept = Catalogue(market())
    for catalogue in (opened, kept):
        catalogue.add(supply(77, title="Cool roof coating of quartz sand", **FACTS))
        catalogue.remove(1)
        catalogue.remove(404)
    assert opened.ranked(NEED) == kept.ranked(NEED)
    assert opened.search("quartz", "en") == kept.search("quartz", "en") != []
    assert len(opened) == len(kept) == 7
    assert 77 in opened
    assert 1 not in opened
    opened._store.merge()
    assert opened.ranked(NEED) == kept.ranked(NEED)


def test_a_need_can_come_back_from_the_board_of_an_opened_index(tmp_path):
    opened = Catalogue.open(saved(tmp_path, market()), fetch=fetching(market()))
    board = Board.build([NEED], opened.context, fetch=fetching([NEED]))
    assert board.demands_for(market()[0]).results[0].score == opened.ranked(NEED)[0][1]


@pytest.mark.parametrize("harm", ["cut", "longer", "head", "other", "none"])
def test_a_torn_or_foreign_file_is_refused(tmp_path, harm):
    path = saved(tmp_path, market())
    whole = path.read_bytes()
    broken = {
        "cut": whole[:-64],
        "longer": whole + b"\0" * 64,
        "head": whole[:100] + b"?" + whole[101:],
        "other": b"something else" * 10,
        "none": b"",
    }
    path.write_bytes(broken[harm])
    with pytest.raises(SnapshotError):
        Catalogue.open(path, fetch=dict)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SnapshotError):
        Catalogue.open(tmp_path / "missing", fetch=dict)


@given(supplies())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_a_technology_survives_its_encoded_form(technology):
    decoded = decode_supply(encode_supply(technology))
    bare = replace(technology, texts=())
    assert encode_supply(decoded.supply) == encode_supply(bare)
    assert decoded.supply.price == bare.price or "nan" in repr(bare.price)
    assert decoded.readings == Catalogue([]).context.read_supply(technology)


def test_other_bytes_are_not_an_encoded_technology():
    with pytest.raises(ValueError, match="not an encoded"):
        decode_supply(b"anything")


@given(st.data())
@settings(max_examples=8, deadline=None, derandomize=True)
def test_a_change_says_the_same_as_building_with_the_same_statistics(data):
    technologies = [data.draw(supplies(n)) for n in range(100, 104)]
    need = data.draw(demands(must=True))
    changed = Catalogue(market(), parents=PARENTS)
    for technology in technologies:
        changed.add(technology)
    before = changed.ranked(need, 99)
    changed._store.merge()
    assert changed.ranked(need, 99) == before
    many = list(changed.ranked_many([need, NEED], 99, threads=2))
    assert many == [before, changed.ranked(NEED, 99)]


def test_of_equal_arrays_one_is_written(tmp_path):
    many = np.arange(10_000, dtype=np.uint32)
    snapshot.write(tmp_path / "file", {"one": many, "other": many.copy(), "none": many[:0]}, {})
    assert (tmp_path / "file").stat().st_size < many.nbytes + 1_000
    arrays, _facts = snapshot.read(tmp_path / "file")
    assert arrays["one"].tolist() == arrays["other"].tolist() == many.tolist()
    assert not len(arrays["none"])


def test_a_weight_of_a_need_takes_eight_bytes(tmp_path):
    board = Board([NEED, demand(10, **HOT_SCHOOLS)], Catalogue(market()).context)
    board.save(tmp_path / "needs")
    arrays, _facts = snapshot.read(tmp_path / "needs")
    weights = len(arrays["home_ids"]) + len(arrays["abroad_ids"])
    assert 0 < (tmp_path / "needs").stat().st_size < 8 * weights + 700 * len(board) + 4_000


def test_a_level_of_a_frequent_word_takes_three_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "DENSE", 1)
    monkeypatch.setattr(inverting, "FREQUENT", 1 << 17)
    kept = Catalogue(market())
    kept.save(tmp_path / "index")
    arrays, _facts = snapshot.read(tmp_path / "index")
    frequent, rare = int(arrays["cell_start"][-1]), len(arrays["postings"])
    assert frequent > 0 < rare
    assert len(arrays["cells"]) == 3 * frequent + 1
    held = blocks.whole(blocks.Supplies({n: a for n, a in arrays.items() if n in SUPPLIES.split()}))
    assert frequent + rare == len(held["vector_ids"])
