"""Records to numbers: the frozen statistics, text vectors of both sides, columns of facts.

BM25: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond",
with fields weighted before saturation (BM25F, section 3.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from math import fsum, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .feedback import Taught, rocchio
from .layout import LEVELS
from .packs import GLOSSED
from .pivot import PIVOT, Glossary
from .policy import DEFAULT, Policy
from .reading import DEMAND_FIELDS, SUPPLY_FIELDS, read
from .records import Demand, Supply
from .statistics import SHARED, Offer, Reading, Statistics, Vector, is_phrase
from .steps import levels
from .text import LANGUAGES, base_language, is_han

if TYPE_CHECKING:
    from .encoder import Meanings

K1, B = 1.5, 0.75
PHRASE_K1 = 1.0
PHRASE_WEIGHT = 0.15
PIVOT_HOME = 0.4  # abroad 1: at home a concept mostly repeats its words
RARITY_POWER, RARITY_USUAL = 1.2, 4.0  # rare words of a long need count a little more
QUERY_K = 20.0
PRIOR = (50.5, 1.0)  # as if fifty more documents were known, so that few documents mislead little
COGNATE_WEIGHT, COGNATE_LEAST = 0.4, 5  # the same word abroad where the pack translates it
FOREIGN_WEIGHT, FOREIGN_LEAST = 0.8, 3  # where it does not, so that it is a name or international
KIN_WEIGHT, FOREIGN_KIN = 0.3, 0.6  # words that only sound alike, likewise
RELATED_WEIGHT, UNKNOWN_RELATED = 0.2, 0.4  # words that begin alike; if nobody has the word
TURNED = 0.5  # of a pair of words, the same pair turned round: heat loss, loss of heat
COHESION = 0.15
HAN_WEIGHT = 0.3  # a Han word is two characters and a pair of them: three terms for one
FEW = 30
CHANCE_PRIOR = 10.0  # as if ten more technologies of a language were known, that share what follows
CHANCE_HOME, CHANCE_ABROAD = 0.035, 0.006  # of the need's weight, in its own language and abroad
CHANCE_SWAY, CHANCE_LEAST = 1.25, 0.15  # spread of chance: of its mean, of √ of the need's weight
PREFIX_WEIGHT, NEAR_WEIGHT = 0.8, 0.6


Chance = tuple[float, float]


class Query(NamedTuple):
    """One language version of a need: term weights, and the most they add up to.

    `abroad` are the weights against a technology without words in this language: pivots and numbers
    in full, words that may be cognates less, short ones (false friends) not at all. `chance` is,
    by language of the technology, what one that has nothing to do with the need shares with it:
    mean and spread.
    """

    language: str
    vector: Vector
    total: float
    abroad: Vector
    chance: Mapping[str, Chance]


def crosses(term: str) -> bool:
    """Is the term the same in every language: a pivot or a number?"""
    return term[0] == PIVOT or term[0].isdigit()


class Context:
    """What every score depends on beside the pair: how terms are weighed by frozen statistics.

    Document frequencies, mean lengths and what technologies of a language give of each term come
    from the supplies the catalogue is built from and never change; the vocabulary only grows. Both
    directions share one context, so a pair has one score whoever asks. `parents` maps a concept
    code to its parent.
    """

    def __init__(
        self,
        policy: Policy = DEFAULT,
        parents: Mapping[str, str] | None = None,
        glossary: Glossary | None = None,
        statistics: Statistics | None = None,
    ) -> None:
        self.policy = policy
        self.parents = dict(parents or {})
        self.roots = frozenset(self.parents.values())
        self.glossary = glossary
        self.statistics = Statistics() if statistics is None else statistics
        self.meanings: Meanings | None = None

    def under(self, policy: Policy) -> Context:
        """The same statistics and vocabulary with another policy."""
        twin = copy(self)
        twin.policy = policy
        return twin

    def read_supply(self, supply: Supply) -> dict[str, Reading]:
        """The language versions of a technology."""
        return read(supply.texts, SUPPLY_FIELDS, self.glossary)

    def chance(self, vector: Vector, total: float, language: str, usual: float) -> Chance:
        """(mean, spread) of the dot product of a need with technologies of a language.

        Standardised as if terms fell independently (the mean needs no such assumption), plus a
        spread in proportion to the mean, because long texts share more of everything; a prior
        stands in while a language has few technologies.
        """
        number, sums, given = self.statistics.given(language, vector.ids)
        weights = vector.values.astype(np.float64)
        every = number + CHANCE_PRIOR
        mean = (fsum((weights * sums).tolist()) + CHANCE_PRIOR * usual * total) / every
        squares = weights * weights * (given - sums * sums / max(number, 1))
        variance = max(0.0, fsum(squares.tolist())) / every
        sway, least = CHANCE_SWAY * mean, CHANCE_LEAST * CHANCE_LEAST * total
        return mean, sqrt(variance + sway * sway + least)

    def rarity(self, term: str, language: str) -> float:
        """Inverse document frequency among the technologies in `language`, always above 0.

        ln(1 + (N - n + a) / (n + b)): Robertson and Zaragoza 2009, with the 1 of Lucene and
        a prior on N and n; among all technologies while fewer than 30 are in the language, and for
        terms that are the same in every language. A phrase counts as the sum of its words.
        """
        if is_phrase(term):
            left, right = term.split(" ")
            return self.rarity(left, language) + self.rarity(right, language)
        known = self.statistics.rarities[language]
        found = known.get(term)
        if found is None:
            if len(known) >= self.statistics.remembered:
                known.clear()
            found = known[term] = self._rarity_of_word(term, language)
        return found

    def _rarity_of_word(self, term: str, language: str) -> float:
        held = self.statistics
        if term[0] == GLOSSED:
            holding = held.holding(term, SHARED) + held.holding(term[1:], SHARED)
            return _rarity(held.documents(SHARED), holding)
        few = held.documents(language) < FEW
        pool = SHARED if few or crosses(term) else language
        return _rarity(held.documents(pool), held.holding(term, pool))

    def cohesive(self, pair: str) -> bool:
        """Do two Han characters look like a word: do they come together when the rarer comes?"""
        both, left, right = (self.statistics.holding(t, SHARED) for t in (pair, pair[0], pair[1]))
        return both + 1 >= COHESION * (min(left, right) + 1)

    def vector(self, weights: Mapping[str, float]) -> Vector:
        """A sparse row from term weights, terms in alphabetical order."""
        terms = sorted(weights)
        ids = np.array(self.statistics.numbers(terms), dtype=np.int32)
        values = np.array(list(map(weights.__getitem__, terms)), dtype=np.float32)
        return Vector(ids, values)

    def offer(self, versions: Mapping[str, Reading]) -> Offer:
        """The row of a technology and its languages."""
        languages = frozenset(k for k, reading in versions.items() if reading.length > 0)
        vector, companions = self.impacts(versions), self.statistics.companions
        if companions is not None:
            starts = np.array([0, len(vector.ids)])
            raised = companions.raised(starts, vector.ids, levels(vector))
            vector = Vector(vector.ids, (raised / LEVELS).astype(np.float32))
        return Offer(vector, languages)

    def impacts(self, versions: Mapping[str, Reading]) -> Vector:
        """How much of each term a technology gives, 0..1: f / (f + k), the best over languages."""
        found: dict[str, float] = {}
        for language, reading in versions.items():
            mean = self.statistics.mean(language) or reading.length or 1.0
            long = K1 * (1 - B + B * reading.length / mean)
            for term, times in reading.counts.items():
                value = times / (times + (PHRASE_K1 if is_phrase(term) else long))
                if value > found.get(term, 0.0):
                    found[term] = value
        return self.vector(found)

    def queries(self, demand: Demand, readings: Mapping[str, Reading] | None = None) -> list[Query]:
        """The language versions of a need as weighted terms; none if it has no words. `readings`:
        its texts if they were read already.
        """
        versions = readings or read(demand.texts, DEMAND_FIELDS, self.glossary)
        taught = [self.worth(s) for s in demand.liked], [self.worth(s) for s in demand.disliked]
        made = (self._query(language, reading, taught) for language, reading in versions.items())
        return [query for query in made if query.total > 0]

    def worth(self, supply: Supply) -> dict[str, float]:
        """Term weights of a technology as if it were a need: impact by rarity."""
        vector = self.impacts(self.read_supply(supply))
        language = base_language(supply.language)
        terms = (self.statistics.word(number) for number in vector.ids.tolist())
        held = zip(terms, vector.values.tolist(), strict=True)
        known = ((t, impact) for t, impact in held if t[0] != GLOSSED)
        return {t: impact * self.rarity(t, language) * _share(t) for t, impact in known}

    def alternatives(self, term: str, beginning: str, language: str) -> list[tuple[int, float]]:
        """Terms that can stand for a searched one, with their weights."""
        weight = self.rarity(term, language) * (HAN_WEIGHT if is_han(term) else 1.0)
        held = self.statistics
        found = {} if held.known(term) is None else {term: 1.0}
        if len(beginning) >= 2 and not is_han(term):
            for longer in held.speller().beginning(beginning):
                found.setdefault(longer, PREFIX_WEIGHT)
        if not found and not crosses(term) and not is_han(term):
            for near, distance in held.speller().near(term):
                found[near] = NEAR_WEIGHT / distance
        return [(held.number(known), weight * share) for known, share in found.items()]

    def _query(self, language: str, reading: Reading, taught: Taught) -> Query:
        weights = {t: self._weight(t, times, language) for t, times in reading.counts.items()}
        home = {t: w * _share(t) for t, w in weights.items() if t[0] != GLOSSED}
        own = fsum(home.values())
        vector = self.vector(rocchio(self._related(home, language), *taught))
        abroad = self.vector(rocchio(self._abroad(weights, language), *taught))
        total = own if not any(taught) else fsum(vector.values.tolist())
        chance = {
            other: self.chance(vector, total, other, CHANCE_HOME)
            if other == language
            else self.chance(abroad, total, other, CHANCE_ABROAD)
            for other in LANGUAGES
        }
        return Query(language, vector, total, abroad, chance)

    def _weight(self, term: str, times: float, language: str) -> float:
        rarity = self.rarity(term, language)
        return float(_repeated(times) * rarity * (rarity / RARITY_USUAL) ** (RARITY_POWER - 1))

    def _related(self, home: Mapping[str, float], language: str) -> dict[str, float]:
        """With words that begin like those of the need (Xu and Croft 1998, "Corpus-based stemming
        using cooccurrence of word variants"), more of them for a word that nobody has.
        """
        found = dict(home)

        def give(term: str, weight: float) -> None:
            found[term] = max(weight, found.get(term, 0.0))

        for term, weight in home.items():
            if is_phrase(term):
                left, right = term.split(" ")
                if self.statistics.holding(f"{right} {left}", language):
                    give(f"{right} {left}", weight * TURNED)
            else:
                held = self.statistics.holding(term, SHARED)
                share = RELATED_WEIGHT if held else UNKNOWN_RELATED
                for word, _ in self.statistics.relatives(term, language):
                    give(word, weight * share)
        return found

    def _abroad(self, weights: Mapping[str, float], language: str) -> dict[str, float]:
        """What crosses, words that may be cognates, and English words that texts may mean."""
        found: dict[str, float] = {}

        def give(term: str, weight: float) -> None:
            found[term] = max(weight, found.get(term, 0.0))

        packs = self.glossary.packs if self.glossary is not None else {}
        own, glossed = packs.get(language), language == "en" and bool(packs)
        for term, weight in weights.items():
            if term[0] == GLOSSED:
                give(term, weight)
                give(term[1:], weight)
            elif crosses(term):
                give(term, weight)
            elif not (is_phrase(term) or is_han(term)):
                known = own is not None and term in own
                same, alike = _foreign(term, known)
                if same:
                    give(term, weight * same)
                for word, worth in self.statistics.kin(term, language):
                    give(word, weight * worth * alike)
                if glossed:
                    give(GLOSSED + term, weight)
        return found


def _repeated(times: float) -> float:
    return times * (QUERY_K + 1) / (times + QUERY_K)


def _rarity(documents: int, holding: int) -> float:
    return log(1 + (max(0, documents - holding) + PRIOR[0]) / (holding + PRIOR[1]))


def _foreign(term: str, known: bool) -> tuple[float, float]:
    """What a term is worth in another language: the same letters, and what sounds alike."""
    if known:
        return COGNATE_WEIGHT * (len(term) >= COGNATE_LEAST), KIN_WEIGHT
    return FOREIGN_WEIGHT * (len(term) >= FOREIGN_LEAST), FOREIGN_KIN


def _share(term: str) -> float:
    if is_phrase(term):
        return PHRASE_WEIGHT
    if term[0] == PIVOT:
        return PIVOT_HOME
    return HAN_WEIGHT if is_han(term) else 1.0
