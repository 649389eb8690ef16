"""Records to numbers: the frozen statistics, text vectors of both sides, columns of facts.

BM25: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond",
with fields weighted before saturation (BM25F, section 3.5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import fsum, log, sqrt
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels import Floats
from .pivot import PIVOT, Glossary
from .policy import DEFAULT, Policy
from .records import Demand, Supply, Text
from .text import LANGUAGES, Speller, base_language, han_terms, is_han, words

K1, B = 1.5, 0.75
PHRASE_K1 = 1.0
PHRASE_WEIGHT = 0.1
PIVOT_WEIGHT = 1.0
SUPPLY_FIELDS: Mapping[str, float] = {"title": 1.5, "summary": 1.2}
DEMAND_FIELDS: Mapping[str, float] = {"title": 3.0, "summary": 1.5, "constraints": 0.5}
QUERY_K = 20.0
PRIOR = (50.5, 1.0)  # as if fifty more documents were known, so that few documents mislead little
COGNATE_WEIGHT, COGNATE_LEAST = 0.4, 5
COHESION = 0.15
HAN_WEIGHT = 0.3  # a Han word is two characters and a pair of them: three terms for one
SHARED = "*"
FEW = 30
CHANCE_PRIOR = 10.0  # as if ten more technologies of a language were known, that share what follows
CHANCE_HOME, CHANCE_ABROAD = 0.035, 0.006  # of the need's weight, in its own language and abroad
CHANCE_SWAY, CHANCE_LEAST = 1.25, 0.15  # spread of chance: of its mean, of √ of the need's weight
PREFIX_WEIGHT, NEAR_WEIGHT = 0.8, 0.6


Chance = tuple[float, float]


class Reading(NamedTuple):
    """One language version of a record: weighted term counts and their sum without phrases."""

    counts: dict[str, float]
    length: float


class Vector(NamedTuple):
    """A sparse row, terms in alphabetical order (the order sums are taken in)."""

    ids: NDArray[np.int32]
    values: NDArray[np.float32]


class Offer(NamedTuple):
    """A technology as the engine sees it: its row, and the languages it has words in."""

    vector: Vector
    languages: frozenset[str]


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


def is_phrase(term: str) -> bool:
    """Two neighbouring words as one term."""
    return " " in term


def crosses(term: str) -> bool:
    """Is the term the same in every language: a pivot or a number?"""
    return term[0] == PIVOT or term[0].isdigit()


def read(
    texts: Iterable[Text], weights: Mapping[str, float], glossary: Glossary | None
) -> dict[str, Reading]:
    """Weighted term counts by language: words, Han uni- and bigrams, pairs of words, pivots."""
    found: dict[str, dict[str, float]] = {}
    for text in texts:
        language = base_language(text.language)
        counts = found.setdefault(language, {})
        weight = weights.get(text.field, 1.0)
        for term, times in _terms(text.text, language, glossary).items():
            counts[term] = counts.get(term, 0.0) + weight * times
    return {
        language: Reading(counts, fsum(v for t, v in counts.items() if _has_length(t)))
        for language, counts in sorted(found.items())
    }


def _has_length(term: str) -> bool:
    return not is_phrase(term) and term[0] != PIVOT


def _terms(text: str, language: str, glossary: Glossary | None) -> Counter[str]:
    found: Counter[str] = Counter()
    sequence: list[str] = []
    previous = ""
    for word in words(text, language):
        if word.han:
            found.update(han_terms(word.term))
            sequence.extend(word.term)
            previous = ""
            continue
        found[word.term] += 1
        sequence.append(word.term)
        if previous:
            found[f"{previous} {word.term}"] += 1
        previous = word.term
    if glossary is not None:
        found.update(glossary.pivots(sequence, language))
    return found


class Context:
    """What every score depends on beside the pair: frozen when the catalogue is built.

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
    ) -> None:
        self.policy = policy
        self.parents = dict(parents or {})
        self.roots = frozenset(self.parents.values())
        self.glossary = glossary
        self.vocabulary: dict[str, int] = {}
        self.spelled: list[str] = []
        self._frequency: dict[str, Counter[str]] = {SHARED: Counter()}
        self._documents: Counter[str] = Counter()
        self._mean: dict[str, float] = {}
        self._given: dict[str, tuple[int, Floats, Floats]] = {}
        self._speller: tuple[int, Speller] | None = None
        self._growing = Lock()

    def read_supply(self, supply: Supply) -> dict[str, Reading]:
        """The language versions of a technology."""
        return read(supply.texts, SUPPLY_FIELDS, self.glossary)

    def freeze(self, readings: Iterable[Mapping[str, Reading]]) -> None:
        """Take document frequencies and mean lengths from these technologies, once."""
        lengths: dict[str, list[float]] = {}
        for versions in readings:
            held: set[str] = set()
            for language, reading in versions.items():
                lengths.setdefault(language, []).append(reading.length)
                self._frequency.setdefault(language, Counter()).update(reading.counts.keys())
                held.update(term for term in reading.counts if not is_phrase(term))
            self._documents[SHARED] += 1
            self._frequency[SHARED].update(held)
        for language, measured in lengths.items():
            self._documents[language] = len(measured)
            self._mean[language] = fsum(measured) / len(measured)

    def settle(self, offers: Iterable[Offer]) -> None:
        """Take the sum and the sum of squares of every term's impact, by language, once.

        The sums depend on the order of the offers in the last digits.
        """
        rows: dict[str, list[Vector]] = {language: [] for language in LANGUAGES}
        for offer in offers:
            for language in offer.languages:
                rows[language].append(offer.vector)
        for language, vectors in rows.items():
            if vectors:
                ids = np.concatenate([vector.ids for vector in vectors])
                values = np.concatenate([vector.values for vector in vectors]).astype(np.float64)
                sums: Floats = np.bincount(ids, weights=values).astype(np.float64, copy=False)
                squares: Floats = np.bincount(ids, weights=values * values).astype(np.float64)
                self._given[language] = (len(vectors), sums, squares)

    def chance(self, vector: Vector, total: float, language: str, usual: float) -> Chance:
        """(mean, spread) of the dot product of a need with technologies of a language.

        Standardised as if terms fell independently (the mean needs no such assumption), plus a
        spread in proportion to the mean, because long texts share more of everything; a prior
        stands in while a language has few technologies.
        """
        number, first, second = self._given.get(language, (0, _NONE, _NONE))
        known = vector.ids < len(first)
        weights, ids = vector.values[known].astype(np.float64), vector.ids[known]
        sums = first[ids]
        every = number + CHANCE_PRIOR
        mean = (fsum((weights * sums).tolist()) + CHANCE_PRIOR * usual * total) / every
        squares = weights * weights * (second[ids] - sums * sums / max(number, 1))
        variance = max(0.0, fsum(squares.tolist())) / every
        sway, least = CHANCE_SWAY * mean, CHANCE_LEAST * CHANCE_LEAST * total
        return mean, sqrt(variance + sway * sway + least)

    def number(self, term: str) -> int:
        """The number of a term; a new term gets the next one."""
        found = self.vocabulary.get(term)
        if found is None:
            with self._growing:
                found = self.vocabulary.get(term)
                if found is None:
                    found = len(self.spelled)
                    self.spelled.append(term)
                    self.vocabulary[term] = found
        return found

    def rarity(self, term: str, language: str) -> float:
        """Inverse document frequency among the technologies in `language`, always above 0.

        ln(1 + (N - n + a) / (n + b)): Robertson and Zaragoza 2009, with the 1 of Lucene and
        a prior on N and n; among all technologies while fewer than 30 are in the language, and for
        terms that are the same in every language. A phrase counts as the sum of its words.
        """
        if is_phrase(term):
            left, right = term.split(" ")
            return self.rarity(left, language) + self.rarity(right, language)
        few = self._documents[language] < FEW
        pool = SHARED if few or crosses(term) else language
        documents = self._documents[pool]
        holding = self._frequency.get(pool, _NOTHING)[term]
        return log(1 + (documents - holding + PRIOR[0]) / (holding + PRIOR[1]))

    def cohesive(self, pair: str) -> bool:
        """Do two Han characters look like a word: do they come together when the rarer comes?"""
        held = self._frequency[SHARED]
        return held[pair] + 1 >= COHESION * (min(held[pair[0]], held[pair[1]]) + 1)

    def vector(self, weights: Mapping[str, float]) -> Vector:
        """A sparse row from term weights, terms in alphabetical order."""
        terms = sorted(weights)
        ids = np.array([self.number(term) for term in terms], dtype=np.int32)
        return Vector(ids, np.array([weights[term] for term in terms], dtype=np.float32))

    def offer(self, versions: Mapping[str, Reading]) -> Offer:
        """The row of a technology and its languages."""
        languages = frozenset(k for k, reading in versions.items() if reading.length > 0)
        return Offer(self.impacts(versions), languages)

    def impacts(self, versions: Mapping[str, Reading]) -> Vector:
        """How much of each term a technology gives, 0..1: f / (f + k), the best over languages."""
        found: dict[str, float] = {}
        for language, reading in versions.items():
            mean = self._mean.get(language) or reading.length or 1.0
            long = K1 * (1 - B + B * reading.length / mean)
            for term, times in reading.counts.items():
                value = times / (times + (PHRASE_K1 if is_phrase(term) else long))
                if value > found.get(term, 0.0):
                    found[term] = value
        return self.vector(found)

    def queries(self, demand: Demand) -> list[Query]:
        """The language versions of a need as weighted terms; none if it has no words."""
        versions = read(demand.texts, DEMAND_FIELDS, self.glossary)
        made = (self._query(language, reading) for language, reading in versions.items())
        return [query for query in made if query.total > 0]

    def alternatives(self, term: str, beginning: str, language: str) -> list[tuple[int, float]]:
        """Terms that can stand for a searched one, with their weights."""
        weight = self.rarity(term, language) * (HAN_WEIGHT if is_han(term) else 1.0)
        found = {term: 1.0} if term in self.vocabulary else {}
        if len(beginning) >= 2 and not is_han(term):
            for longer in self.speller().beginning(beginning):
                found.setdefault(longer, PREFIX_WEIGHT)
        if not found and not crosses(term) and not is_han(term):
            for near, distance in self.speller().near(term):
                found[near] = NEAR_WEIGHT / distance
        return [(self.vocabulary[known], weight * share) for known, share in found.items()]

    def speller(self) -> Speller:
        """The single words of the vocabulary, for prefixes and near misses."""
        if self._speller is None or len(self.spelled) > 1.01 * self._speller[0]:
            plain = (term for term in list(self.spelled) if not (is_phrase(term) or is_han(term)))
            made = Speller(term for term in plain if not crosses(term))
            self._speller = (len(self.spelled), made)
        return self._speller[1]

    def _query(self, language: str, reading: Reading) -> Query:
        weights: dict[str, float] = {}
        for term, times in reading.counts.items():
            repeated = times * (QUERY_K + 1) / (times + QUERY_K)
            weights[term] = repeated * self.rarity(term, language) * _share(term)
        vector = self.vector(weights)
        far = {
            t: weight if crosses(t) else weight * COGNATE_WEIGHT for t, weight in weights.items()
        }
        abroad = self.vector({t: w for t, w in far.items() if crosses(t) or _cognate(t)})
        total = fsum(vector.values.tolist())
        chance = {
            other: self.chance(vector, total, other, CHANCE_HOME)
            if other == language
            else self.chance(abroad, total, other, CHANCE_ABROAD)
            for other in LANGUAGES
        }
        return Query(language, vector, total, abroad, chance)


def _cognate(term: str) -> bool:
    return len(term) >= COGNATE_LEAST and not is_phrase(term)


def _share(term: str) -> float:
    if is_phrase(term):
        return PHRASE_WEIGHT
    if term[0] == PIVOT:
        return PIVOT_WEIGHT
    return HAN_WEIGHT if is_han(term) else 1.0


_NOTHING: Counter[str] = Counter()
_NONE: Floats = np.zeros(0)
