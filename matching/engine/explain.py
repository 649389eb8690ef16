"""Why a pair has its score: the terms both sides share, what is missing, what would raise it.

The dot product of the texts is a sum over terms, so each term's product is its share of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import fsum
from typing import NamedTuple

import numpy as np

from .criteria import Numbers
from .packs import GLOSSED
from .pivot import PIVOT
from .policy import Policy
from .records import CRITERIA, Demand, Supply
from .score import (
    Pair,
    Raise,
    Scored,
    SharedTerm,
    foreign,
    purpose_of,
    score_of,
    verdicts,
    weigh,
)
from .sound import code, worth
from .spelling import Spelling
from .statistics import BEGINNING, RELATED, Offer, is_phrase, shared_beginning, spelled
from .steps import Version, versions_of
from .text import GRAMMAR_HAN, han_terms, is_han
from .vectors import Context

SHOWN = 5
LONGEST_HAN = 8


class Heard:
    """A version of a need against technologies at home or abroad, as all explanations of it need
    it: worked out once and when asked for, however many technologies are explained.
    """

    def __init__(self, query: Version, context: Context, spelled: Spelling, *, away: bool) -> None:
        self.language, self._spelled, self._context = query.language, spelled, context
        self._away = away
        ids, weights = query.abroad if away else query.home
        strongest = np.argsort(-weights, kind="stable")
        self.weights = dict(zip(ids[strongest].tolist(), weights[strongest].tolist(), strict=True))
        """Weights by number of the term, the strongest first, then in alphabetical order."""
        self.places = {number: place for place, number in enumerate(self.weights)}
        self._terms: dict[int, str] = {}
        self._stand_ins: dict[str, str | None] = {}
        self._words: dict[str, str | None] = {}
        self._telling: dict[str, bool] = {}
        self._covered: dict[int, str | None] = {}

    def term(self, number: int) -> str:
        """The term with this number."""
        if number not in self._terms:
            self._terms[number] = self._context.statistics.word(number)
        return self._terms[number]

    def tells(self, term: str) -> bool:
        """Is it one that the need says and that tells a reader something?"""
        if term not in self._telling:
            self._telling[term] = _tells(term, self._context) and self.word(term) is not None
        return self._telling[term]

    def word(self, term: str) -> str | None:
        """How the need writes a term; None for one that it does not say itself, and has only
        learned from answers."""
        if term not in self._words:
            found = self._written(term)
            if found is None and term[0] == GLOSSED:  # the need is in English
                found = self._written(term[1:])
            self._words[term] = found
        return self._words[term]

    def covered(self, number: int) -> str | None:
        """The word of the need that is covered where a technology has this term."""
        if number not in self._covered:
            self._covered[number] = self.word(self.term(number))
        return self._covered[number]

    def _written(self, term: str) -> str | None:
        own = self._spelled.in_language(term, self.language)
        return own or self._stood_for(term) or self._spelled.anywhere(term)

    @cached_property
    def _own(self) -> dict[str, list[tuple[str, str]]]:
        """Words of the need, with how it writes them, by what a word that stands for one shares
        with it: the sound abroad, the beginning at home."""
        found: dict[str, list[tuple[str, str]]] = {}
        for term, written in self._spelled.every(self.language).items():
            if key := self._key(term):
                found.setdefault(key, []).append((term, written))
        return found

    def _key(self, term: str) -> str:
        """ "" for what is no word, or too short to tell."""
        if not spelled(term):
            return ""
        return code(term) if self._away else term[:BEGINNING] if term[BEGINNING - 1 :] else ""

    def _stood_for(self, term: str) -> str | None:
        """The word of the need that a term stands for by sound or beginning, as the need writes
        it."""
        if term not in self._stand_ins:
            alike = worth if self._away else shared_beginning
            least = 0.0 if self._away else RELATED
            own = self._own.get(self._key(term), ())
            ranked = [(alike(word, term), written) for word, written in own if word != term]
            best = max(ranked, default=(0.0, ""))
            self._stand_ins[term] = best[1] if best[0] > 0.0 and best[0] >= least else None
        return self._stand_ins[term]

    @cached_property
    def has_han(self) -> bool:
        """Does it say anything in Han characters?"""
        return any(map(is_han, self._spelled.every(self.language)))

    @property
    def han(self) -> str:
        """Its runs of Han characters."""
        return self._spelled.han


def _word(term: str, spelled: Spelling, language: str) -> str:
    """How a technology writes a term, in `language` if it can; "" for a pivot it has no words
    for."""
    if term[0] == GLOSSED and spelled.anywhere(term) is None:
        term = term[1:]  # the technology is in English
    held = spelled.in_language(term, language) or spelled.anywhere(term)
    if held is not None:
        return held
    return "" if term[0] == PIVOT else term


def _alike_written(term: str, word: str, spelled: Spelling, language: str) -> str:
    """How a record writes a term: as the need does if it can, which is quickly seen."""
    return word if spelled.has(word, term, language) else _word(term, spelled, language)


class _Shown(NamedTuple):
    term: str
    demand_word: str
    supply_word: str
    value: float


def _tells(term: str, context: Context) -> bool:
    """Does a term tell a reader something by itself?"""
    if not is_han(term):
        return len(term) > 1 and not (is_phrase(term) or term[0].isdigit())
    return len(term) == 2 and not set(term) & GRAMMAR_HAN and context.cohesive(term)


def _grown(pair: str, pairs: Mapping[str, float], texts: Sequence[str]) -> str:
    """The longest word around two Han characters that every text writes, made of `pairs`."""
    word = pair
    while len(word) < LONGEST_HAN:
        longer = [(value, word + p[1]) for p, value in pairs.items() if p[0] == word[-1]]
        longer += [(value, p[0] + word) for p, value in pairs.items() if p[1] == word[0]]
        longer = [item for item in longer if all(item[1] in text for text in texts)]
        if not longer:
            break
        word = max(longer)[1]
    return word


def _strongest(
    ranked: Iterable[tuple[str, float]], asked: Heard, offered: Spelling | None
) -> list[_Shown]:
    """The five strongest terms that tell something, Han pairs joined to words as written; those of
    the need alone without `offered`."""
    pairs: dict[str, float] = {}
    values: dict[str, float] = {}
    if asked.has_han:
        ranked = list(ranked)
        values = {term: value for term, value in ranked if is_han(term)}
        pairs = {term: value for term, value in values.items() if asked.tells(term)}
    chosen: list[_Shown] = []
    claimed: set[str] = set()
    for term, value in ranked:
        if not asked.tells(term):
            continue
        if term in pairs:
            wide = _grown(term, pairs, (asked.han, offered.han) if offered else (asked.han,))
            parts = [part for part in dict.fromkeys(han_terms(wide)) if part not in claimed]
            shown = _Shown(term, wide, wide, fsum(values.get(part, 0.0) for part in parts))
        else:
            parts, word = [term], asked.word(term) or ""
            written = _alike_written(term, word, offered, asked.language) if offered else word
            shown = _Shown(term, word, written, value)
        if shown.demand_word and shown.supply_word and not _repeats(shown, chosen):
            claimed.update(parts)
            chosen.append(shown)
        if len(chosen) == SHOWN:
            break
    return sorted(chosen, key=lambda shown: -shown.value)


def _repeats(shown: _Shown, chosen: Iterable[_Shown]) -> bool:
    """Is a word shown already, or (Han) part of one, or the other way round?"""
    word = shown.demand_word
    for other in chosen:
        if (word, shown.supply_word) == (other.demand_word, other.supply_word):
            return True
        if is_han(word) and (word in other.demand_word or other.demand_word in word):
            return True
    return False


def shared_terms(
    asked: Heard, impacts: Mapping[int, int], offered: Spelling
) -> tuple[tuple[SharedTerm, ...], tuple[str, ...]]:
    """(the five strongest shared terms, the five strongest words of the need not covered) where a
    technology gives these impacts."""
    weights, places = asked.weights, asked.places
    shares = sorted((-weights[n] * impacts[n], places[n], n) for n in impacts if n in weights)
    whole = -sum(share[0] for share in shares)
    products = ((asked.term(number), -share) for share, _place, number in shares)
    shared = tuple(
        SharedTerm(
            shown.demand_word if shown.term[0] in (PIVOT, GLOSSED) else shown.term,
            shown.demand_word,
            shown.supply_word,
            shown.value / (whole or 1),
        )
        for shown in _strongest(products, asked, offered)
    )
    lacking = ((asked.term(n), weight) for n, weight in weights.items() if n not in impacts)
    words = dict.fromkeys(shown.demand_word for shown in _strongest(lacking, asked, None))
    covered = {asked.covered(number) for _share, _place, number in shares}
    return shared, tuple(word for word in words if word not in covered)


def raises(pair: Pair, policy: Policy) -> tuple[Raise, ...]:
    """The two changes to the facts that would raise the score most; none that changes nothing."""
    fits = [finding.fit for finding in pair.found]
    now = score_of(pair.x, fits, policy)
    made: list[Raise] = []
    for index, finding in enumerate(pair.found):
        if finding.fit >= 1 or finding.key.endswith("_not_asked"):
            continue
        then = score_of(pair.x, [*fits[:index], 1.0, *fits[index + 1 :]], policy)
        criterion = CRITERIA[index + 1]
        change = "stated" if finding.key.endswith("_unknown") else "met"
        made.append(Raise(criterion, f"{criterion}_if_{change}", then, finding.numbers))
    wanted = pair.asked.topics
    if wanted and not pair.given.topics:
        x = purpose_of(pair.text, 1, len(wanted), 1, 1, 0)
        numbers: Numbers = {"topics": ",".join(sorted(wanted))}
        made.append(Raise("purpose", "purpose_if_stated", score_of(x, fits, policy), numbers))
    made = [change for change in made if change.score > now]
    return tuple(sorted(made, key=lambda change: (-change.score, change.criterion))[:2])


class Asked:
    """A need of which pairs are explained."""

    def __init__(self, demand: Demand, versions: Sequence[Version], context: Context) -> None:
        self.demand, self.versions, self.context = demand, versions, context
        self._spelled = Spelling(demand.texts, context.glossary)
        self._heard: dict[tuple[str, bool], Heard] = {}

    def heard(self, query: Version, offer: Offer) -> Heard:
        """One of its versions as a technology of these languages hears it."""
        key = (query.language, foreign(query, offer))
        if key not in self._heard:
            self._heard[key] = Heard(query, self.context, self._spelled, away=key[1])
        return self._heard[key]


def explain(asked: Asked, supply: Supply, offer: Offer) -> Scored:
    """A pair with its score and every reason."""
    demand, context = asked.demand, asked.context
    pair = weigh(demand, asked.versions, supply, offer, context)
    terms: tuple[SharedTerm, ...] = ()
    missing: tuple[str, ...] = ()
    if pair.query is not None:
        offered = Spelling(supply.texts, context.glossary)
        terms, missing = shared_terms(asked.heard(pair.query, offer), pair.impacts, offered)
    policy = context.policy.for_need(demand)
    return Scored(
        demand_id=demand.id,
        supply_id=supply.id,
        score=score_of(pair.x, [finding.fit for finding in pair.found], policy),
        verdicts=verdicts(pair, policy),
        terms=terms,
        missing=missing,
        raises=raises(pair, policy),
    )


def score_alone(demand: Demand, supply: Supply, context: Context) -> float:
    """The score of `score_pair` without its reasons."""
    offer = context.offer(context.read_supply(supply))
    pair = weigh(demand, versions_of(demand, context), supply, offer, context)
    fits = [finding.fit for finding in pair.found]
    return score_of(pair.x, fits, context.policy.for_need(demand))


def score_pair(demand: Demand, supply: Supply, context: Context) -> Scored:
    """The score of one pair, the same as in either direction; hard conditions do not hide it."""
    offer = context.offer(context.read_supply(supply))
    return explain(Asked(demand, versions_of(demand, context), context), supply, offer)
