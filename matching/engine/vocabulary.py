"""The terms of a saved index: bytes and offsets that can be mapped from disk, found by checksum."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from .layout import Arrays
from .text import MAX_WORD, Speller, distance, fold

CANDIDATES = 30
REMEMBERED = 20_000  # answers of each kind that a process keeps


def written(term: str) -> bytes:
    """A term as bytes; lone surrogates too."""
    return term.encode("utf-8", "surrogatepass")


def vocabulary_arrays(words: Sequence[str]) -> Arrays:
    """The arrays of a Vocabulary, for terms in the order of their numbers."""
    rows = [written(word) for word in words]
    sums = np.array([crc32(row) for row in rows], dtype=np.uint32)
    order = np.argsort(sums, kind="stable")
    firsts = np.searchsorted(sums[order], np.arange(1 << 16, dtype=np.uint32) << np.uint32(16))
    ends = np.cumsum([0, *(len(row) for row in rows)], dtype=np.uint32)
    letters = np.frombuffer(b"".join(rows), dtype=np.uint8)
    return {
        "words": letters,
        "word_ends": ends,
        "word_sums": sums[order].astype(np.uint16),
        "sum_start": np.append(firsts, len(rows)).astype(np.uint32),
        "word_numbers": order.astype(np.uint32),
    }


class Vocabulary:
    """Terms by number and numbers by term, read where they lie."""

    def __init__(self, arrays: Arrays) -> None:
        names = ("words", "word_ends", "word_sums", "word_numbers", "sum_start")
        views = (arrays[name].data for name in names)  # NumPy is slow with one number
        self._letters, self._ends, self._sums, self._numbers, self._starts = views
        """`_starts`: by the upper half of a checksum, where the lower halves begin in `_sums`."""
        self._remembered: dict[str, int | None] = {}

    def __len__(self) -> int:
        """How many terms there are."""
        return len(self._ends) - 1

    def word(self, number: int) -> str:
        """The term with this number."""
        letters = self._letters[self._ends[number] : self._ends[number + 1]]
        return str(letters, "utf-8", "surrogatepass")

    def number(self, term: str) -> int | None:
        """The number of a term, None if it is not there."""
        if term not in self._remembered:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[term] = self._find(term)
        return self._remembered[term]

    def _find(self, term: str) -> int | None:
        upper, lower = divmod(crc32(written(term)), 1 << 16)
        last = self._starts[upper + 1]
        at = bisect_left(self._sums, lower, self._starts[upper], last)
        while at < last and self._sums[at] == lower:
            number = self._numbers[at]
            if self.word(number) == term:
                return number
            at += 1
        return None


def speller_arrays(words: Sequence[str], numbers: Iterable[int]) -> Arrays:
    """The arrays of a MappedSpeller for some terms of a vocabulary."""
    ranked = sorted(numbers, key=lambda number: words[number])
    held = [(pair, rank) for rank, n in enumerate(ranked) for pair in set(_pairs(words[n]))]
    pairs = np.array([pair for pair, _ in held], dtype=np.uint64)
    order = np.argsort(pairs, kind="stable")
    kinds, first = np.unique(pairs[order], return_index=True)
    ranks = np.array([rank for _, rank in held], dtype=np.uint32)[order]
    return {
        "spelled": np.array(ranked, dtype=np.uint32),
        "spelled_long": np.array([len(words[n]) for n in ranked], dtype=np.uint16),
        "pairs": kinds,
        "pair_start": np.append(first, len(held)).astype(np.uint32),
        "pair_ranks": ranks,
    }


def _pairs(word: str) -> list[int]:
    return [ord(a) << 32 | ord(b) for a, b in pairwise(f"^{word}$")]


class MappedSpeller(Speller):
    """text.Speller over a mapped vocabulary."""

    def __init__(self, vocabulary: Vocabulary, arrays: Arrays) -> None:
        super().__init__(())
        self._vocabulary, self._arrays = vocabulary, arrays

    def _word(self, rank: int) -> str:
        return self._vocabulary.word(int(self._arrays["spelled"][rank]))

    def beginning(self, letters: str) -> list[str]:
        """Up to 50 words that begin with `letters` (folded)."""
        letters = fold(letters)
        low, high = 0, len(self._arrays["spelled"])
        end = high
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < letters:
                low = middle + 1
            else:
                high = middle
        found = (self._word(rank) for rank in range(low, min(low + self.MOST, end)))
        return [word for word in found if word.startswith(letters)]

    def near(self, word: str) -> list[tuple[str, int]]:
        """(word, distance) of up to 5 near misses, nearest first."""
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        if not allowed or len(word) > MAX_WORD:
            return []
        found = []
        for rank in self._alike(word, allowed):
            other = self._word(int(rank))
            steps = distance(word, other)
            if steps <= allowed:
                found.append((other, steps))
        return sorted(found, key=lambda item: (item[1], item[0]))[:5]

    def _alike(self, word: str, allowed: int) -> NDArray[np.int64]:
        """Words that share most pairs of letters; one step changes three pairs at most."""
        a = self._arrays
        if not len(a["pairs"]):
            return np.zeros(0, dtype=np.int64)
        wanted = np.array(sorted(set(_pairs(word))), dtype=np.uint64)
        at = np.searchsorted(a["pairs"], wanted)
        at = at[
            (at < len(a["pairs"])) & (a["pairs"][np.minimum(at, len(a["pairs"]) - 1)] == wanted)
        ]
        lists = [a["pair_ranks"][a["pair_start"][i] : a["pair_start"][i + 1]] for i in at]
        if not lists:
            return np.zeros(0, dtype=np.int64)
        votes = np.bincount(np.concatenate(lists), minlength=len(a["spelled"]))
        ranks = np.flatnonzero(votes >= max(1, len(wanted) - 3 * allowed))
        close = np.abs(a["spelled_long"][ranks].astype(np.int64) - len(word)) <= allowed
        ranks = ranks[close]
        return ranks[np.lexsort((ranks, -votes[ranks]))][:CANDIDATES]
