"""A word counts more where the technologies most like another use it too."""

from __future__ import annotations

from itertools import pairwise
from math import floor

import numpy as np
import pytest
from cast import COOL_ROOF, HOT_SCHOOLS, demand, market, supply

from matching.engine import Catalogue, Context, encode_supply, score_pair
from matching.engine.companions import FORCE, SKETCHED, Companions, companions_of
from matching.engine.layout import COMPANY, LEVELS, SOUGHT

KIN = [
    "A membrane for a roof that stays cool, with granules",
    "Cool roof paint with a primer",
    "Tiles for a cool roof, made of clay",
]
ROOF = supply(1, title="Cool roof sheets with varnish")
NEED = demand(9, **HOT_SCHOOLS)


def roofs():
    return [ROOF, *(supply(n, title=title) for n, title in enumerate(KIN, 20))]


def given(catalogue, technology):
    """What a technology gives of each of its words: by itself, and with its companions."""
    context = catalogue.context
    readings = context.read_supply(technology)
    alone, raised = context.impacts(readings), context.offer(readings).vector
    words = [context.statistics.word(number) for number in alone.ids.tolist()]
    assert raised.ids.tolist() == alone.ids.tolist()
    rows = zip(words, alone.values.tolist(), raised.values.tolist(), strict=True)
    return {word: (before, after) for word, before, after in rows}


def test_what_companions_say_too_counts_more_and_nothing_counts_less():
    found = given(Catalogue([*market(), *roofs()]), ROOF)
    step = 0.5 / LEVELS
    for word, (before, after) in found.items():
        more = word in ("cool", "roof")
        assert after == pytest.approx(before, abs=1e-3) if not more else after > before * 1.05
        assert before - step <= after <= 1


def test_a_technology_that_shares_nothing_stays_as_it_is():
    lonely = supply(50, title="Zeppelin hangar doors")
    for before, after in given(Catalogue([*market(), lonely]), lonely).values():
        assert after == pytest.approx(before, abs=1 / LEVELS)


def test_copies_of_a_text_do_not_raise_each_other():
    copies = [supply(n, title=f"{ROOF.texts[0].text}") for n in range(60, 65)]
    for before, after in given(Catalogue([ROOF, *copies]), ROOF).values():
        assert after == pytest.approx(before, abs=1 / LEVELS)


def test_one_that_is_published_again_unchanged_keeps_its_score(tmp_path):
    technologies = [*market(), *roofs()]
    rows = [encode_supply(technology) for technology in technologies]
    built = Catalogue.build(rows, fetch=lambda _ids: {})
    built.save(tmp_path / "index")
    for catalogue in (
        Catalogue(technologies),
        built,
        Catalogue.open(tmp_path / "index", fetch=lambda _ids: {}),
    ):
        before = catalogue.ranked(NEED, 99)
        assert before == built.ranked(NEED, 99)
        for row in rows:
            catalogue.put(row)
        assert catalogue.ranked(NEED, 99) == before
    scored = {t.id: score_pair(NEED, t, built.context).score for t in technologies}
    assert scored == dict(before)


def test_companions_stay_those_of_the_build():
    catalogue = Catalogue([*market(), *roofs()])
    before = dict(catalogue.ranked(NEED, 99))[1]
    catalogue.remove(20)
    for number in range(100, 110):
        catalogue.add(supply(number, **COOL_ROOF | {"title": "Cool roof varnish"}))
    assert dict(catalogue.ranked(NEED, 99))[1] == before


def random_rows(n, terms):
    """Sparse rows as a catalogue holds them; words are w0, w1, …, every seventh a pair of words."""
    random = np.random.default_rng(5)
    words = [f"w{t} x" if t % 7 == 0 else f"w{t}" for t in range(terms)]
    held = [np.unique(random.zipf(1.2, 300) % terms) for _ in range(n)]
    ids = np.concatenate(held).astype(np.uint32)
    levels = random.integers(1, LEVELS + 1, len(ids)).astype(np.uint16)
    starts = np.concatenate([[0], np.cumsum([len(row) for row in held])]).astype(np.uint32)
    return {"vector_start": starts, "vector_ids": ids, "vector_levels": levels}, words


def raised(companions, rows):
    return companions.raised(rows["vector_start"], rows["vector_ids"], rows["vector_levels"])


def plainly(rows, words):
    """The same from dictionaries and every pair of rows."""
    arrays = companions_of(rows, words)
    known = dict(zip(arrays["terms"].tolist(), arrays["rarity"].tolist(), strict=True))
    starts = rows["vector_start"].tolist()
    texts = [
        dict(zip(rows["vector_ids"][a:b].tolist(), rows["vector_levels"][a:b].tolist(),
                 strict=True))
        for a, b in pairwise(starts)
    ]  # fmt: skip
    idf = {t: known[t] for text in texts for t in text if t in known}

    def strongest(text, most):
        ranked = sorted((t for t in text if t in idf), key=lambda t: -text[t] * idf[t])
        return {t: text[t] for t in ranked[:most]}

    sketches = [strongest(text, SKETCHED) for text in texts]
    for number, text in enumerate(texts):
        asked = strongest(text, SOUGHT)
        shared = [
            (sum(asked[t] * idf[t] ** 2 * sketch.get(t, 0) for t in asked), -other, sketch)
            for other, sketch in enumerate(sketches)
            if other != number
        ]
        best = sorted((s for s in shared if s[0]), key=lambda s: s[:2], reverse=True)[:COMPANY]
        whole = sum(s[0] for s in best)
        for term, level in text.items():
            given = sum(s[0] / whole * s[2].get(term, 0) for s in best)
            yield min(LEVELS, level + floor(FORCE * given + 0.5))


def test_many_rows_are_raised_as_the_definition_says():
    rows, words = random_rows(120, 900)
    ours = raised(Companions(companions_of(rows, words)), rows)
    theirs = np.array(list(plainly(rows, words)))
    assert (ours > rows["vector_levels"]).mean() > 0.1
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_a_row_alone_is_raised_as_among_others():
    rows, words = random_rows(60, 500)
    companions = Companions(companions_of(rows, words))
    whole, starts = raised(companions, rows), rows["vector_start"].tolist()
    for a, b in pairwise(starts):
        ids, levels = (rows[name][a:b][::-1].copy() for name in ("vector_ids", "vector_levels"))
        alone = companions.raised(np.array([0, b - a]), ids, levels)
        assert alone.tolist() == whole[a:b][::-1].tolist()


def test_neither_numbers_nor_order_of_words_matter():
    rows, words = random_rows(60, 200)
    rows["vector_levels"][:] = 1_000  # so that many words are equally strong
    random = np.random.default_rng(8)
    order, place = random.permutation(len(words)), random.random(len(rows["vector_ids"]))
    owner = np.repeat(np.arange(60), np.diff(rows["vector_start"]))
    turned = np.lexsort((place, owner))
    moved = {**rows, "vector_ids": order[rows["vector_ids"]].astype(np.uint32)[turned]}
    renamed = [words[old] for old in np.argsort(order)]
    first = raised(Companions(companions_of(rows, words)), rows)
    second = raised(Companions(companions_of(moved, renamed)), moved)
    assert first[turned].tolist() == second.tolist()


def test_of_very_many_an_even_sample_are_companions(monkeypatch):
    rows, words = random_rows(100, 500)
    monkeypatch.setattr("matching.engine.companions.MOST", 30)
    arrays = companions_of(rows, words)
    assert len(arrays["marks"]) == len(set(arrays["held_rows"].tolist())) == 25
    assert (raised(Companions(arrays), rows) > rows["vector_levels"]).any()


def test_without_a_catalogue_nothing_is_raised():
    context = Context()
    readings = context.read_supply(ROOF)
    assert (
        context.offer(readings).vector.values.tolist() == context.impacts(readings).values.tolist()
    )


def test_rows_that_processors_share_are_raised_alike(monkeypatch):
    whole = Catalogue.build(map(encode_supply, market()), fetch=lambda _ids: {})
    monkeypatch.setattr("matching.engine.companions.TOGETHER", 2)
    shared = Catalogue.build(map(encode_supply, market()), fetch=lambda _ids: {})
    assert shared.ranked(NEED, 99) == whole.ranked(NEED, 99)
