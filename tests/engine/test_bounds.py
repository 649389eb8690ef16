"""Rows that cannot matter are passed over: the best few are the beginning of all."""

from __future__ import annotations

from random import Random

import pytest
from cast import ASKS, CODES, FACTS, OTHERS, PARENTS, WORDS, demand, supply

from matching.engine import Board, Catalogue, score_pair


def some(random, facts):
    return {name: value for name, value in facts.items() if random.random() < 0.5}


@pytest.mark.parametrize("seed", range(6))
def test_the_best_few_are_the_beginning_of_all(seed):
    random = Random(seed)
    texts = [
        " ".join(random.choices(WORDS, k=9)) + " " + random.choice(OTHERS)[1] for _ in "x" * 40
    ]
    technologies = [
        supply(n, title=text, **some(random, FACTS | {"concepts": {random.choice(CODES)}}))
        for n, text in enumerate(texts)
    ]
    catalogue = Catalogue(technologies, parents=PARENTS)
    for number in range(8):
        must = frozenset(random.sample(["readiness", "place", "terms"], random.randrange(3)))
        emphasis = (("cost", random.choice([0.5, 2.0])),)
        asked = some(random, ASKS) | {"must": must, "emphasis": emphasis}
        need = demand(number, title=random.choice(texts), **asked)
        every = catalogue.ranked(need, 99)
        assert catalogue.ranked(need, 5) == every[:5]
        few, whole = catalogue.shortlist(need, 3), catalogue.shortlist(need, 99)
        assert (few.excluded, few.would_fit) == (whole.excluded, whole.would_fit)
        board = Board([need], catalogue.context)
        for found, score in every[:4]:
            assert score_pair(need, technologies[found], catalogue.context).score == score
            assert board.ranked(technologies[found], 1) == [(number, score)]
