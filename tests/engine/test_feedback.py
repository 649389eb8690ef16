"""What answers teach: the text of a need moves, its criteria weigh more, one score both ways."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from pathlib import Path

import pytest
from cast import ASKS, HOT_SCHOOLS, OTHERS, PARENTS, demand, demands, market, supplies, supply
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine import CRITERIA, DEFAULT, Board, Catalogue, ndcg, read_folder, score_pair
from matching.engine.feedback import TERMS_LEARNED, emphases, likeness, rocchio

settings.register_profile(
    "steady",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
WORDS = st.sampled_from(["roof", "cool", "heat", "pipe", "leak", "paint"])
NEED = st.dictionaries(WORDS, st.floats(0.01, 10), min_size=1, max_size=6)
GROUP = st.lists(NEED, max_size=4)
FACTORS = st.dictionaries(st.sampled_from(CRITERIA), st.floats(1, 4), max_size=3)
DATA = Path(__file__).parents[3] / "shared" / "data"
PAINT = supply(
    50, title="Mirror paint", description="A coating for walls that reflects sunlight by day."
)
MARKET = Catalogue([*market(), PAINT], parents=PARENTS)


def length(weights):
    return sqrt(sum(weight**2 for weight in weights.values()))


@given(NEED, GROUP, GROUP)
def test_need_keeps_its_length_and_no_term_falls_below_nothing(need, liked, disliked):
    moved = rocchio(need, liked, disliked)
    assert all(weight > 0 for weight in moved.values())
    if moved:
        assert length(moved) == pytest.approx(length(need))
    assert len(moved.keys() - need.keys()) <= TERMS_LEARNED


@given(NEED, GROUP, GROUP, st.randoms(use_true_random=False))
def test_order_of_the_answers_does_not_matter(need, liked, disliked, random):
    shuffled = random.sample(liked, len(liked)), random.sample(disliked, len(disliked))
    assert rocchio(need, liked, disliked) == rocchio(need, *shuffled)


@given(NEED, NEED)
def test_need_comes_nearer_to_what_was_accepted(need, liked):
    assert likeness(rocchio(need, [liked], []), liked) >= likeness(need, liked) - 1e-9


@given(NEED, NEED)
def test_declined_technology_brings_no_new_term(need, disliked):
    assert rocchio(need, [], [disliked]).keys() <= need.keys()


@given(NEED)
def test_without_answers_a_need_stays_as_it_is(need):
    assert rocchio(need, [], []) == need


def test_terms_learned_are_bounded():
    long_text = {f"term{number}": 1.0 for number in range(500)}
    assert len(rocchio({"roof": 1.0}, [long_text], [], most=3)) == 4


def test_accepted_technology_brings_its_like_forward():
    need = demand(title="Schools are too hot in summer", problem="Find something for the rooms.")
    before = dict(MARKET.ranked(need))
    coated = next(row for row in market() if row.id == 1)
    after = dict(MARKET.ranked(replace(need, liked=(coated,))))
    assert after[50] > before[50]
    far = dict(MARKET.ranked(replace(need, disliked=(coated,))))
    assert far[1] < before[1]


def test_words_learned_are_not_shown_as_words_of_the_need():
    coated = next(row for row in market() if row.id == 1)
    need = demand(title="Schools too hot", liked=(coated,))
    shown = MARKET.shortlist(need).results
    words = {term.demand_word.casefold() for row in shown for term in row.terms}
    words |= {word.casefold() for row in shown for word in row.missing}
    assert words <= {"schools", "school", "hot"}


@given(demands(7, must=True), FACTORS, supplies(60))
def test_learned_pair_has_one_score_whoever_asks(need, factors, technology):
    coated, leak = market()[:2]
    need = replace(need, emphasis=tuple(sorted(factors.items())), liked=(coated,), disliked=(leak,))
    market_now = Catalogue([*market(), technology], parents=PARENTS)
    forward = dict(market_now.ranked(need, 99))
    back = dict(Board([need], market_now.context).ranked(technology, 99))
    assert forward.get(60) == back.get(7)
    scored = score_pair(need, technology, market_now.context)
    assert sum(v.points for v in scored.verdicts) == pytest.approx(scored.score, abs=1e-9)
    if 60 in forward:
        assert scored.score == forward[60]


def test_emphasis_acts_on_its_own_need_alone():
    dear = demand(1, **HOT_SCHOOLS, **ASKS, emphasis=(("cost", 3.0),))
    assert emphases([dear, demand(2)])[:, 1].tolist() == [1.0] * len(CRITERIA)
    cheap = supply(70, title=HOT_SCHOOLS["title"], description=OTHERS[0][1])
    plain = replace(dear, emphasis=())
    assert MARKET.context.policy.for_need(plain) is MARKET.context.policy
    assert DEFAULT.for_need(dear).weights["cost"] == 3 * DEFAULT.weights["cost"]
    both = [score_pair(need, cheap, MARKET.context).score for need in (dear, plain)]
    assert both[0] == both[1]  # its price is not known, so nothing weighs more


def test_another_policy_reads_the_same_records():
    need = demand(**HOT_SCHOOLS, **ASKS)
    strict = replace(DEFAULT, version=2, intercept=DEFAULT.intercept - 1)
    rehearsed = MARKET.under(strict)
    assert rehearsed.ranked(need)[0][1] < MARKET.ranked(need)[0][1]
    assert rehearsed.ranked(need) == Catalogue(
        [*market(), PAINT], parents=PARENTS, policy=strict
    ).ranked(need)
    assert rehearsed.shortlist(need).results[0].score == rehearsed.ranked(need)[0][1]


def gain(folder: str, accepts: int, most: int = 20) -> float:
    """How much nDCG@10 rises when a city accepts the first relevant technologies of its list.

    The accepted ones are left out of both rankings and of what is relevant.
    """
    found = read_folder(DATA / folder)
    supplies, names, needs, grades = found.supplies, found.technologies, found.needs, found.grades
    catalogue = Catalogue(supplies)
    rises = []
    for need in found.demands:
        labels = {n: g for n, g in grades.get(needs[need.id], {}).items() if g > 0}
        labels.pop(needs[need.id], None)
        if len(labels) <= accepts or len(rises) == most:
            continue
        ranked = [pk for pk, _score in catalogue.ranked(need, 200) if names[pk] != needs[need.id]]
        accepted = [pk for pk in ranked if names[pk] in labels][:accepts]
        left = {n: g for n, g in labels.items() if n not in {names[pk] for pk in accepted}}
        taught = replace(need, liked=tuple(supplies[pk] for pk in accepted))
        before, after = (
            ndcg([names[pk] for pk in ranking if pk not in accepted], left)
            for ranking in (ranked, [pk for pk, _score in catalogue.ranked(taught, 200)])
        )
        rises.append(after - before)
    return sum(rises) / len(rises)


@pytest.mark.skipif(not DATA.exists(), reason="shared data is not there")
@pytest.mark.parametrize("accepts", [1, 2, 3])
def test_accepted_technologies_make_the_next_ones_better(accepts):
    assert gain("retrieval/cranfield", accepts) > 0.01
