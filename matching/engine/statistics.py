"""What is frozen when a catalogue is built: the vocabulary, how many technologies hold each term,
and what they give of it. Counting only; how terms are weighed stands in vectors.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum
from threading import Lock
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from .codes import Codes
from .companions import Companions, companions_of
from .layout import LANGUAGE_BIT, LEVELS, Arrays
from .sound import code, worth
from .text import LANGUAGES, Speller, is_han
from .vocabulary import speller_arrays, vocabulary_arrays

SHARED = "*"
KIN = 3  # words of other languages that one word may stand for by its sound
RELATIVES, BEGINNING = 8, 5  # words of its own language that begin like it; letters they share
RELATED = 0.5  # of the longer of two words must be what they share
EVERY = (1 << len(LANGUAGE_BIT)) - 1
Find = Callable[[str, str], list[tuple[str, float]]]
Alike = dict[tuple[str, str], list[tuple[str, float]]]
Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Singles = NDArray[np.float32]


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


def is_phrase(term: str) -> bool:
    """Two neighbouring words as one term."""
    return " " in term


class Statistics:
    """Terms and their counts by language; the vocabulary alone grows after freezing."""

    remembered = 500_000
    """How many answers of each kind are kept: all that a building needs."""

    def __init__(self) -> None:
        self.codes = Codes()
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self._frequency: dict[str, Numbers] = {}
        self._documents: Counter[str] = Counter()
        self._mean: dict[str, float] = {}
        self._given: dict[str, tuple[int, Singles, Singles]] = {}
        self._speller: tuple[int, Speller] | None = None
        self._sounds: dict[int, list[tuple[int, int]]] = {}
        self.rarities: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._kin: Alike = {}
        self._relatives: Alike = {}
        self._growing = Lock()
        self.companions: Companions | None = None

    def __len__(self) -> int:
        """How many terms have a number."""
        return len(self._words)

    def number(self, term: str) -> int:
        """The number of a term; a new term gets the next one."""
        found = self._numbers.get(term)
        if found is None:
            with self._growing:
                found = self._numbers.get(term)
                if found is None:
                    found = len(self._words)
                    self._words.append(term)
                    self._numbers[term] = found
        return found

    def numbers(self, terms: Sequence[str]) -> list[int]:
        """The numbers of many terms; new ones are noted at once, a building knows millions."""
        if None in map(self._numbers.get, terms):
            with self._growing:
                new = [term for term in dict.fromkeys(terms) if term not in self._numbers]
                self._numbers.update((term, at) for at, term in enumerate(new, len(self._words)))
                self._words.extend(new)
        return list(map(self._numbers.__getitem__, terms))

    def learn(self, words: Sequence[str]) -> None:
        """Number terms, each there once, before any other has a number."""
        if self._words:
            raise ValueError("some terms have numbers already")
        self._words = list(words)
        self._numbers = dict(zip(self._words, range(len(self._words)), strict=True))

    def all_words(self) -> list[str]:
        """Every term in the order of the numbers."""
        return list(self._words)

    def known(self, term: str) -> int | None:
        """The number of a term, None if nobody has used it."""
        return self._numbers.get(term)

    def word(self, number: int) -> str:
        """The term with this number."""
        return self._words[number]

    def freeze(self, readings: Iterable[Mapping[str, Reading]]) -> None:
        """Take document frequencies and mean lengths from these technologies, once."""
        lengths: dict[str, list[float]] = {}
        held: dict[str, list[int]] = {}
        every: list[int] = []
        for versions in readings:
            own: set[int] = set()
            for language, reading in versions.items():
                numbers = self.numbers(list(reading.counts))
                lengths.setdefault(language, []).append(reading.length)
                held.setdefault(language, []).extend(numbers)
                own.update(numbers)
            self._documents[SHARED] += 1
            every.extend(own)
        for language, measured in lengths.items():
            self._note(language, measured, np.array(held[language], np.int64))
        self.share(np.array(every, np.int64), self._documents[SHARED])

    def count(self, versions: Arrays) -> None:
        """`freeze` from building.VERSIONS; `share` adds what is counted over all languages."""
        starts = versions["ids_start"].astype(np.int64)
        many = starts[1:] - starts[:-1]
        for number, language in enumerate(LANGUAGES):
            own = versions["spoken"] == number
            if own.any():
                lengths = versions["length"][own].tolist()
                self._note(language, lengths, versions["ids"][np.repeat(own, many)])

    def _note(self, language: str, lengths: list[float], ids: NDArray[Any]) -> None:
        self._documents[language] = len(lengths)
        self._mean[language] = fsum(lengths) / len(lengths)
        self._frequency[language] = np.bincount(ids, minlength=len(self._words))

    def share(self, ids: NDArray[Any], documents: int) -> None:
        """Of all technologies, the terms each holds once, whatever the language."""
        self._documents[SHARED] = documents
        times = np.bincount(ids, minlength=len(self._words))
        times[np.fromiter(map(is_phrase, self._words), np.bool_, len(times))] = 0
        self._frequency[SHARED] = times
        self._listen(np.flatnonzero(times))

    def _listen(self, numbers: Numbers) -> None:
        """Note how each word that is held sounds and begins."""
        spoken = np.zeros(len(numbers), np.int64)
        for language, bit in LANGUAGE_BIT.items():
            if language in self._frequency:
                spoken |= np.where(self._frequency[language][numbers], bit, 0)
        for number, languages in zip(numbers.tolist(), spoken.tolist(), strict=True):
            term = self._words[number]
            if spelled(term):
                for key in filter(None, (sound(term), beginning(term))):
                    self._sounds.setdefault(key, []).append((number, languages))

    def accompany(self, rows: Arrays) -> None:
        """Take companions from the rows of `settle`, once, and raise the rows by them."""
        self.companions = Companions(companions_of(rows, self._words))
        names = ("vector_start", "vector_ids", "vector_levels")
        rows["vector_levels"][:] = self.companions.raised(*(rows[name] for name in names))

    def settle(self, rows: Arrays) -> None:
        """Take the sum and the sum of squares of every term's impact, by language, once.

        `rows` are columns.SUPPLY_COLUMNS of the technologies.
        """
        lengths = np.diff(rows["vector_start"])
        for language, bit in LANGUAGE_BIT.items():
            spoken = rows["languages"] & bit != 0
            if spoken.any():
                held = np.repeat(spoken, lengths)
                values = rows["vector_levels"][held] / LEVELS
                ids = rows["vector_ids"][held].astype(np.int64)
                sums = np.bincount(ids, weights=values).astype(np.float32)
                squares = np.bincount(ids, weights=values * values).astype(np.float32)
                self._given[language] = (int(spoken.sum()), sums, squares)

    def documents(self, pool: str) -> int:
        """How many technologies are in a language, or in any (SHARED)."""
        return self._documents[pool]

    def holding(self, term: str, pool: str) -> int:
        """How many technologies of a language, or of any (SHARED, no phrases), hold a term."""
        counts, number = self._frequency.get(pool, _NOBODY), self._numbers.get(term)
        return counts.item(number) if number is not None and number < len(counts) else 0

    def mean(self, language: str) -> float:
        """The mean length of the versions in a language; 0 when there are none."""
        return self._mean.get(language, 0.0)

    def given(self, language: str, ids: NDArray[np.int32]) -> tuple[int, Floats, Floats]:
        """(technologies of a language, sum and sum of squares of their impacts for each term)."""
        number, first, second = self._given.get(language, (0, _NONE, _NONE))
        known = ids < len(first)
        sums, squares = np.zeros(len(ids)), np.zeros(len(ids))
        sums[known], squares[known] = first[ids[known]], second[ids[known]]
        return number, sums, squares

    def sounding(self, key: int, languages: int) -> list[str]:
        """The frozen words with this sound or beginning, held in any of these languages."""
        held = self._sounds.get(key, ())
        return [self._words[number] for number, spoken in held if spoken & languages]

    def kin(self, term: str, language: str) -> list[tuple[str, float]]:
        """(word, worth) of the words of other languages that sound most like this one."""
        return self._remember(self._kin, term, language, self._sound_alike)

    def relatives(self, term: str, language: str) -> list[tuple[str, float]]:
        """(word, shared part) of the words of a language that have most of their letters alike."""
        return self._remember(self._relatives, term, language, self._begin_alike)

    def _remember(
        self, known: Alike, term: str, language: str, find: Find
    ) -> list[tuple[str, float]]:
        found = known.get((term, language))
        if found is None:
            if len(known) >= self.remembered:
                known.clear()
            found = known[term, language] = find(term, language)
        return found

    def _sound_alike(self, term: str, language: str) -> list[tuple[str, float]]:
        key = sound(term)
        words = self.sounding(key, EVERY & ~LANGUAGE_BIT[language]) if key else ()
        alike = ((worth(term, word), word) for word in words if word != term)
        ranked = sorted((-value, word) for value, word in alike if value)
        return [(word, -value) for value, word in ranked[:KIN]]

    def _begin_alike(self, term: str, language: str) -> list[tuple[str, float]]:
        key = beginning(term)
        words = self.sounding(key, LANGUAGE_BIT[language]) if key else ()
        alike = ((shared_beginning(term, word), word) for word in words if word != term)
        ranked = sorted((-value, word) for value, word in alike if value >= RELATED)
        return [(word, -value) for value, word in ranked[:RELATIVES]]

    def plain(self) -> list[int]:
        """The numbers of single words, neither Han nor pivots: what is spelled letter by letter."""
        return [n for n, term in enumerate(list(self._words)) if spelled(term)]

    def speller(self) -> Speller:
        """The single words of the vocabulary, for prefixes and near misses."""
        if self._speller is None or len(self._words) > 1.01 * self._speller[0]:
            made = Speller(self._words[number] for number in self.plain())
            self._speller = (len(self._words), made)
        return self._speller[1]

    def _sound_arrays(self) -> Arrays:
        rows = [(key, *held) for key, terms in sorted(self._sounds.items()) for held in terms]
        columns = np.array(rows, dtype=np.uint32).reshape(-1, 3).T
        sums, numbers, spoken = (np.ascontiguousarray(column) for column in columns)
        return {"sound_sums": sums, "sound_numbers": numbers, "sound_spoken": spoken}

    def arrays(self) -> tuple[Arrays, dict[str, Any]]:
        """All that is frozen, and the vocabulary: what mapped.MappedStatistics is made of."""
        arrays: Arrays = {
            **vocabulary_arrays(self._words),
            **speller_arrays(self._words, self.plain()),
            **self._sound_arrays(),
        }
        if self.companions is not None:
            arrays |= {f"companion_{n}": held for n, held in self.companions.arrays.items()}
        for pool, counts in self._frequency.items():
            held = np.flatnonzero(counts)
            arrays[f"held_ids_{pool}"] = held.astype(np.uint32)
            arrays[f"held_times_{pool}"] = counts[held].astype(np.uint32)
        for language, (_, sums, squares) in self._given.items():
            ids = np.flatnonzero(sums).astype(np.uint32)
            arrays[f"given_ids_{language}"] = ids
            arrays[f"given_sums_{language}"] = sums[ids]
            arrays[f"given_squares_{language}"] = squares[ids]
        facts = {
            "documents": dict(self._documents),
            "mean": self._mean,
            "given": {language: given[0] for language, given in self._given.items()},
            "codes": self.codes.codes,
        }
        return arrays, facts


def sound(term: str) -> int:
    """The checksum of the code of a word (sound.code), 0 without one."""
    return crc32(code(term).encode()) if spelled(term) else 0


def beginning(term: str) -> int:
    """The checksum of the first letters of a word, 0 for a short one."""
    return crc32(f"^{term[:BEGINNING]}".encode()) if spelled(term) and term[BEGINNING - 1 :] else 0


def shared_beginning(one: str, other: str) -> float:
    """0..1: the part of the longer word that both begin with; 0 below the least."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared / max(len(one), len(other)) if shared >= BEGINNING else 0.0


def spelled(term: str) -> bool:
    """Is the term a single word of letters?"""
    return term[0].isalpha() and not (is_phrase(term) or is_han(term))


_NOBODY: Numbers = np.zeros(0, np.int64)
_NONE: Singles = np.zeros(0, np.float32)
