"""An encoder looks again at the best of an answer: what it may change, and what it may not."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pytest
from cast import ASKS, FACTS, PARENTS, demand, demands, market, supplies, supply
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import Board, Catalogue, Policy, Text, encoder, score_pair
from matching.engine.encoder import CHARACTERS, version

SAME = {"shading": "cooling", "canopy": "roof", "froid": "cooling", "toit": "roof"}


class Words:
    """Texts as sums of word vectors; words that mean the same have one vector."""

    def __init__(self, *languages, dimension=64, alike=0.0):
        self.languages, self.dimension = languages or ("en",), dimension
        self.alike = alike
        self.read = []

    def encode(self, texts, language, *, asking=False):
        assert language in self.languages
        self.read += texts
        return np.array([self._sentence(text) for text in texts], dtype=np.float32)

    def _sentence(self, text):
        found = sum(self._word(SAME.get(word, word)) for word in text.lower().split())
        found = found + self.alike
        return found / np.linalg.norm(found)

    def _word(self, word):
        seed = int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "big")
        return np.random.RandomState(seed).standard_normal(self.dimension)


TOWN = [
    f"{thing} {verb} for {place} number {n}"
    for n, (thing, verb, place) in enumerate(
        (t, v, p)
        for t in ("sewer", "bus", "lamp", "pipe")
        for v in ("control", "repair", "survey")
        for p in ("streets", "depots", "plants", "harbours")
    )
]
NEED = demand(9, title="roof cooling wanted in schools")
KIN = supply(1, title="canopy shading system")


def town(*more):
    rest = [supply(n, title=title) for n, title in enumerate(TOWN, 100)]
    return Catalogue([*rest, *more], parents=PARENTS)


@pytest.fixture
def catalogue():
    return town(KIN, supply(2, "fr", title="système de froid"), supply(3, "zh-hans", title="屋顶"))


def score_of(catalogue, number, need=NEED):
    return dict(catalogue.ranked(need, 999))[number]


def test_a_technology_that_says_it_in_other_words_rises(catalogue):
    before = score_of(catalogue, 1)
    catalogue.use(Words())
    assert score_of(catalogue, 1) > before + 10
    assert catalogue.ranked(NEED)[0][0] == 1


def test_one_that_shares_words_by_chance_falls():
    catalogue = town(KIN, supply(4, title="schools wanted in"))
    before = score_of(catalogue, 4)
    catalogue.use(Words())
    assert score_of(catalogue, 4) < before


def test_a_model_that_finds_everything_alike_raises_only_what_is_more_alike(catalogue):
    before = dict(catalogue.ranked(NEED, 999))
    catalogue.use(Words(alike=5.0))
    after = dict(catalogue.ranked(NEED, 999))
    assert catalogue.context.meanings.hear(NEED, supply(2, title=TOWN[0])).likeness > 0.5
    assert max(after[n] - before[n] for n in range(100, 100 + len(TOWN))) < 5
    assert after[1] > before[1] + 10


def test_without_an_encoder_ranking_reads_no_record(catalogue):
    catalogue.fetch = lambda ids: pytest.fail("records were read")
    assert catalogue.ranked(NEED)


def test_without_an_encoder_nothing_is_changed(catalogue):
    before = catalogue.ranked(NEED, 999), repr(catalogue.shortlist(NEED, 999))
    catalogue.use(Words())
    assert catalogue.ranked(NEED, 999) != before[0]
    catalogue.use(None)
    assert (catalogue.ranked(NEED, 999), repr(catalogue.shortlist(NEED, 999))) == before
    assert "likeness" not in repr(before)


def test_pairs_without_a_language_of_the_encoder_keep_their_score(catalogue):
    foreign = demand(8, "fr", title="froid pour toit")
    before = dict(catalogue.ranked(NEED, 999)), catalogue.ranked(foreign, 999)
    catalogue.use(Words("en"))
    after = dict(catalogue.ranked(NEED, 999))
    assert {n: after[n] for n in (2, 3)} == {n: before[0][n] for n in (2, 3)}
    assert after[1] != before[0][1]
    assert catalogue.ranked(foreign, 999) == before[1]
    catalogue.use(Words("en", "fr"))
    assert catalogue.ranked(foreign, 999) != before[1]


def test_a_translation_opens_the_gate(catalogue):
    both = demand(8, "fr", texts=(Text("fr", "title", "froid"), Text("en", "title", "cooling")))
    before = score_of(catalogue, 1, both)
    catalogue.use(Words())
    assert score_of(catalogue, 1, both) > before


def test_only_the_best_are_looked_at(catalogue, monkeypatch):
    before = catalogue.ranked(NEED, 999)
    monkeypatch.setattr(encoder, "LOOKED_AT", 5)
    catalogue.use(Words())
    after = dict(catalogue.ranked(NEED, 999))
    assert {n: after[n] for n, _ in before[5:]} == dict(before[5:])
    assert len(after) == len(before)
    scores = [score for _, score in catalogue.ranked(NEED, 999)]
    assert scores == sorted(scores, reverse=True)


def test_what_is_below_the_answer_can_come_up_into_it(catalogue):
    place = [n for n, _ in catalogue.ranked(NEED, 999)].index(1)
    need = replace(NEED, texts=(Text("en", "title", "cooling lamp survey in harbours"),))
    assert place < encoder.LOOKED_AT
    catalogue.use(Words())
    assert len(catalogue.ranked(need, 3)) == len(catalogue.shortlist(need, 3).results) == 3
    assert catalogue.ranked(need, 3) == catalogue.ranked(need, 999)[:3]


def test_every_text_is_encoded_once_and_alone(catalogue):
    reader = Words()
    catalogue.use(reader)
    for _ in range(3):
        catalogue.shortlist(NEED)
    assert len(reader.read) == len(set(reader.read))
    catalogue.add(replace(KIN, texts=(Text("en", "title", "canopy for ponds"),)))
    catalogue.ranked(NEED)
    assert reader.read.count("canopy for ponds") == 1


def test_hard_conditions_are_the_same(catalogue):
    catalogue.add(replace(KIN, id=5, trl_low=2, trl_high=2))
    need = replace(NEED, trl_min=8, must=frozenset({"readiness"}))
    before = catalogue.shortlist(need, 999)
    catalogue.use(Words())
    after = catalogue.shortlist(need, 999)
    assert (after.excluded, after.considered) == (before.excluded, before.considered)
    assert {r.supply_id for r in after.results} == {r.supply_id for r in before.results}
    assert 5 not in {r.supply_id for r in after.results}


def test_the_likeness_is_among_the_reasons_and_the_verdict_follows(catalogue):
    def purpose():
        return score_pair(NEED, KIN, catalogue.context).verdicts[0]

    before = purpose()
    catalogue.use(Words())
    assert before.state == "miss"
    assert purpose().state == "check"
    assert 0 < purpose().numbers["likeness"] <= 1


def test_with_few_technologies_the_encoder_says_less():
    def change(catalogue):
        before = score_of(catalogue, 1)
        catalogue.use(Words())
        return catalogue.context.meanings.hear(NEED, KIN).share, score_of(catalogue, 1) - before

    few, many = change(Catalogue([KIN, *market()[1:3]])), change(town(KIN))
    assert 0 < few[0] < many[0] < 1
    assert few[1] < many[1]
    empty = Catalogue([])
    empty.use(Words())
    empty.add(KIN)
    assert empty.context.meanings.hear(NEED, KIN) is None
    assert empty.ranked(NEED)


def test_answers_move_what_the_encoder_looks_for():
    catalogue = town(supply(1, title="green shutters"), KIN)
    catalogue.use(Words())
    hear = catalogue.context.meanings.hear
    like, dislike = supply(7, title="green blinds"), supply(8, title="green paint")
    target = supply(1, title="green shutters")
    plain = hear(NEED, target).likeness
    assert hear(replace(NEED, liked=(like,)), target).likeness > plain
    assert hear(replace(NEED, disliked=(dislike,)), target).likeness < plain
    assert hear(replace(NEED, liked=(supply(6, "ru", title="крыша"),)), target).likeness == plain


def test_a_record_is_read_in_its_own_words_or_those_the_encoder_knows_best():
    texts = [Text(k, f, f"{f} {k}") for f in ("title", "problem") for k in ("fr", "en", "es")]
    order = ("title", "problem")
    assert version(texts, "fr", order, ("es", "fr")) == ("fr", "title fr\nproblem fr")
    assert version(texts, "ar", order, ("es", "fr")) == ("es", "title es\nproblem es")
    assert version(texts, "ar", order, ("zh-hans",)) == ("", "")
    assert version([Text("en", "title", " ")], "en", order, ("en",)) == ("", "")
    odd = version([Text("en", "title", "a\ud800" * CHARACTERS)], "en", order, ("en",))[1]
    assert len(odd.encode()) == CHARACTERS


def test_another_policy_hears_the_same_encoder(catalogue):
    catalogue.use(Words())
    twin = catalogue.under(Policy(2, intercept=-3.0))
    assert twin.ranked(NEED)[0][0] == 1
    assert score_of(twin, 1) > score_of(catalogue, 1)


@given(st.data())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_pair_has_one_score_and_its_parts_add_up(data):
    technologies = [data.draw(supplies(n)) for n in range(100, 104)]
    needs = [data.draw(demands(n, must=True)) for n in range(200, 203)]
    needs.append(demand(203, title="cool roof coating", **ASKS))
    technologies.append(supply(104, title="roof coating", **FACTS))
    catalogue = Catalogue([*market(), *technologies[:3]], parents=PARENTS)
    catalogue.use(Words(*data.draw(st.sampled_from([("en",), ("fr", "en")]))))
    board = Board(needs[:2], catalogue.context)
    for technology in technologies[3:]:
        catalogue.add(technology)
    for need in needs[2:]:
        board.add(need)
    forward = {(n.id, s): v for n in needs for s, v in catalogue.ranked(n, 99) if s >= 100}
    back = {(n, s.id): v for s in technologies for n, v in board.ranked(s, 99)}
    assert forward == back
    for (n, s), value in forward.items():
        pair = score_pair(needs[n - 200], technologies[s - 100], catalogue.context)
        assert pair.score == value
        assert sum(v.points for v in pair.verdicts) == pytest.approx(value, abs=1e-9)
        assert all(0 <= v.points <= v.of + 1e-12 for v in pair.verdicts)
    shown = [r for n in needs for r in catalogue.shortlist(n, 99).results if r.supply_id >= 100]
    mirrored = [r for s in technologies for r in board.demands_for(s, 99).results]
    assert sorted(shown, key=repr) == sorted(mirrored, key=repr)
