"""Sums over shared terms as machine functions, and how far they stand above chance.

Sums are whole numbers, so their order does not matter. They are taken strip by strip, so that a
strip stays in the cache. Sources: impacts summed eagerly from inverted lists: Lù 2024, "BM25S",
arXiv:2407.03618. Whole-number impacts: Anh, de Kretser and Moffat 2001, "Vector-space ranking with
effective early termination".
"""

from __future__ import annotations

from math import inf
from typing import Any

from .layout import CELL, CELL_BYTES, CELL_MASK, CELLS, LISTED, VALUE_BITS
from .memory import f64, i32, i64, loose_u32, machine, put_i32, put_i64, u32
from .score import LEAST_STANDING

CHUNK = 64  # sums that are looked at together


@machine
def place_in(terms: int, known: int, term: int) -> int:
    """The place of a term in a sorted list, -1 if it is not there."""
    low, high = 0, known
    while low < high:
        middle = (low + high) >> 1
        if u32(terms, middle) < term:
            low = middle + 1
        else:
            high = middle
    return low if low < known and u32(terms, low) == term else -1


@machine
def span(start: int, terms: int, known: int, dense: int, block: int, term: int) -> tuple[int, int]:
    """Where the postings of a term are: by its number, or by a search in a small index."""
    if dense:
        if term >= known:
            return 0, 0
        at = block * (known + 1) + term
        return u32(start, at), u32(start, at + 1)
    at = place_in(terms, known, term)
    if at < 0:
        return 0, 0
    return u32(start, at), u32(start, at + 1)


@machine
def postings_of(supplies: Any, block: int, term: int) -> tuple[int, int]:
    """Where the postings of a term are in a block."""
    return span(
        supplies.posting_start,
        supplies.posting_terms,
        supplies.terms_known,
        supplies.dense,
        block,
        term,
    )


@machine
def cells_of(supplies: Any, block: int, term: int) -> int:
    """The number of the first cell of a frequent term in a block, -1 for others."""
    known = supplies.frequent_known
    place = place_in(supplies.frequent_terms, known, term)
    return (block * known + place) * CELLS if place >= 0 else -1


@machine
def find(
    supplies: Any, block: int, ids: int, weights: int, first: int, last: int, found: int
) -> None:
    """List the terms of a need in a block: two counts, then LISTED numbers for each term.

    From the front (start, end, weight) of postings; from the end, for frequent terms, (first cell,
    0, weight).
    """
    rare, often, end = 0, 0, last - first
    for at in range(first, last):
        term, weight = u32(ids, at), i32(weights, at)
        cell = cells_of(supplies, block, term)
        if cell >= 0:
            often += 1
            place = 2 + LISTED * (end - often)
            put_i64(found, place, cell)
            put_i64(found, place + 2, weight)
            continue
        start, stop = postings_of(supplies, block, term)
        if start < stop:
            place = 2 + LISTED * rare
            put_i64(found, place, start)
            put_i64(found, place + 1, stop)
            put_i64(found, place + 2, weight)
            rare += 1
    put_i64(found, 0, rare)
    put_i64(found, 1, often)


@machine
def clear(sums: int, n: int) -> None:
    """Zeros."""
    for row in range(n):
        put_i32(sums, row, 0)


@machine
def add_postings(postings: int, at: int, end: int, limit: int, weight: int, sums: int) -> int:
    """Add weight times level for the postings below `limit`; where the others begin."""
    mask = (1 << VALUE_BITS) - 1
    while at < end:
        packed = u32(postings, at)
        if packed >= limit:
            break
        row = packed >> VALUE_BITS
        put_i32(sums, row, i32(sums, row) + weight * (packed & mask))
        at += 1
    return at


@machine
def weight_at(found: int, place: int) -> int:
    """The weight of a listed term, in 32 bits so that products are."""
    return i32(found, 2 * (place + 2))


@machine
def packed_at(cells: int, at: int) -> int:
    """The posting of a cell at a place."""
    return loose_u32(cells + CELL_BYTES * at) & CELL_MASK


@machine
def cell_span(supplies: Any, cell: int) -> tuple[int, int]:
    """Where the postings of a cell are."""
    return u32(supplies.cell_start, cell), u32(supplies.cell_start, cell + 1)


@machine
def add_cells(supplies: Any, cell: int, n: int, weight: int, sums: int) -> None:
    """Add weight times level for the postings of the cells of `n` rows."""
    mask = (1 << VALUE_BITS) - 1
    for number in range((n + CELL - 1) // CELL):
        at, end = cell_span(supplies, cell + number)
        to = sums + 4 * CELL * number
        while at < end:
            packed = packed_at(supplies.cells, at)
            row = packed >> VALUE_BITS
            put_i32(to, row, i32(to, row) + weight * (packed & mask))
            at += 1


@machine
def add_strip(supplies: Any, found: int, terms: int, first: int, n: int, sums: int) -> None:
    """Sums of the listed terms for rows `first` to `first + n` of a block; lists move on."""
    clear(sums, n)
    limit, postings = (first + n) << VALUE_BITS, supplies.postings
    for term in range(i64(found, 0)):
        place = 2 + LISTED * term
        at, end, weight = i64(found, place), i64(found, place + 1), weight_at(found, place)
        put_i64(found, place, add_postings(postings, at, end, limit, weight, sums - 4 * first))
    for term in range(terms - i64(found, 1), terms):
        place = 2 + LISTED * term
        cell = i64(found, place) + first // CELL
        add_cells(supplies, cell, n, weight_at(found, place), sums)


@machine
def most_of(sums: int, first: int, last: int) -> int:
    """The highest of some sums."""
    most = i32(sums, first)
    for row in range(first + 1, last):
        most = max(most, i32(sums, row))
    return most


@machine
def stands(
    languages: int, own: int, home: int, abroad: int, unit: float, chances: int, at: int
) -> float:
    """score.stands: spreads above chance, of several foreign languages the lowest."""
    if languages & own:
        home_sum = home * unit
        language = 0
        while own > 1:
            own >>= 1
            language += 1
        return (home_sum - f64(chances, at + 2 * language)) / f64(chances, at + 2 * language + 1)
    lowest, language = inf, 0
    while languages:
        if languages & 1:
            mean, spread = f64(chances, at + 2 * language), f64(chances, at + 2 * language + 1)
            lowest = min(lowest, (abroad * unit - mean) / spread)
        languages >>= 1
        language += 1
    return LEAST_STANDING if lowest == inf else lowest
