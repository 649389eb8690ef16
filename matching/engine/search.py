"""What the words of the search box ask for: terms, beginnings and near misses."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layout import LEVELS, SEARCH_TABLE, Table
from .text import han_terms, units, words
from .vectors import Context

SEARCH_CHARACTERS, SEARCH_WORDS = 400, 12


def search_slots(query: str, language: str, context: Context) -> list[list[tuple[int, float]]]:
    """For each word of a search the terms that answer it, as (term number, weight).

    The word's own term counts in full, terms that begin like the last word (or are pivots of the
    phrase) less, near misses only when nobody uses the word.
    """
    sequence = list(words(query[:SEARCH_CHARACTERS], language))[:SEARCH_WORDS]
    slots: list[list[tuple[int, float]]] = []
    for position, word in enumerate(sequence):
        last = position == len(sequence) - 1
        parts = han_terms(word.term) if word.han else (word.term,)
        beginning = word.surface if last else ""
        slots.extend(context.alternatives(term, beginning, language) for term in parts)
    if context.glossary is not None:
        pivots = context.glossary.pivots(units(query[:SEARCH_CHARACTERS], language), language)
        slots.extend(context.alternatives(pivot, "", language) for pivot in pivots)
    return [slot for slot in slots if slot]


class Searching:
    """Room for the best k of one search, filled by the kernel block by block."""

    def __init__(self, slots: Sequence[Sequence[tuple[int, float]]], k: int, room: int) -> None:
        """`room`: rows of the largest block."""
        if _scratch.n < room:
            _scratch.grow(room)
        terms = [(term, weight) for slot in slots for term, weight in slot]
        self._ids, self._scores = np.zeros(max(k, 1), np.int64), np.zeros(max(k, 1))
        ends = np.cumsum([0, *(len(slot) for slot in slots)])
        given: dict[str, float | NDArray[Any]] = {
            "slots": len(slots),
            "slot_start": ends.astype(np.uint32),
            "terms": np.array([term for term, _ in terms], dtype=np.uint32),
            "weights": np.array([weight for _, weight in terms], dtype=np.float64) / LEVELS,
            "found": _scratch.found,
            "total": _scratch.total,
            "hits": _scratch.hits,
            "touched": _scratch.touched,
            "k": k,
            "best_ids": self._ids,
            "best_z": self._scores,
        }
        self.table = Table(SEARCH_TABLE, given)

    def fill(self, held: int) -> None:
        """Say how many of the best the kernel has kept."""
        self.table.put("held", held)

    def best(self) -> list[tuple[int, float]]:
        """(id, relevance), best first, equal ones by id."""
        held = int(self.table.record[0]["held"])
        order = np.lexsort((self._ids[:held], -self._scores[:held]))
        return list(zip(self._ids[order].tolist(), self._scores[order].tolist(), strict=True))


class _Scratch(threading.local):
    """Memory for sums, for each thread its own; the kernel leaves zeros behind."""

    def __init__(self) -> None:
        self.grow(0)

    def grow(self, n: int) -> None:
        self.n = n
        self.found, self.total = np.zeros(n), np.zeros(n)
        self.hits, self.touched = np.zeros(n, np.uint32), np.zeros(n, np.uint32)


_scratch = _Scratch()
