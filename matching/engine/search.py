"""What the words of the search box ask for: terms, beginnings and near misses."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .kernels import Floats, Postings
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


def slot_scores(slots: Iterable[list[tuple[int, float]]], postings: Postings) -> Floats:
    """(n,) sum over the words of a search of the best alternative in each row."""
    total = np.zeros(postings.n)
    for slot in slots:
        found = np.zeros(postings.n)
        for term, weight in slot:
            rows, values = postings.rows_with(term)
            found[rows] = np.maximum(found[rows], weight * values)
        total += found
    return total
