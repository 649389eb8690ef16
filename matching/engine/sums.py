"""Sums over shared terms as machine functions, and how far they stand above chance.

Sums are whole numbers, so their order does not matter. They are taken strip by strip, so that a
strip stays in the cache. Sources: impacts summed eagerly from inverted lists: Lù 2024, "BM25S",
arXiv:2407.03618. Whole-number impacts: Anh, de Kretser and Moffat 2001, "Vector-space ranking with
effective early termination".
"""

from __future__ import annotations

from math import inf
from typing import Any

from .layout import BLOCK, LISTED, VALUE_BITS
from .memory import f64, i32, i64, machine, put_i32, put_i64, u16, u32
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
def levels_of(supplies: Any, block: int, term: int) -> int:
    """The address of the levels of all rows of a block for a frequent term, 0 for others."""
    head = place_in(supplies.head_terms, supplies.heads_known, term)
    if head < 0:
        return 0
    first = block * BLOCK
    rows = min(supplies.n - first, BLOCK)
    place: int = supplies.heads_known * first + head * rows
    return int(supplies.heads + 2 * place)


@machine
def find(
    supplies: Any, block: int, ids: int, weights: int, first: int, last: int, found: int
) -> None:
    """List the terms of a need in a block: two counts, then LISTED numbers for each term.

    From the front (start, end, weight) of postings; from the end, for frequent terms, (address of
    levels, 0, weight).
    """
    rare, often, end = 0, 0, last - first
    for at in range(first, last):
        term, weight = u32(ids, at), i32(weights, at)
        levels = levels_of(supplies, block, term)
        if levels:
            often += 1
            place = 2 + LISTED * (end - often)
            put_i64(found, place, levels)
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
def add_levels(levels: int, weight: int, n: int, sums: int) -> None:
    """Add weight times level for a row of levels."""
    for row in range(n):
        put_i32(sums, row, i32(sums, row) + weight * u16(levels, row))


@machine
def add_four(found: int, place: int, first: int, n: int, sums: int) -> None:
    """`add_levels` of four terms, so that sums are read and written once."""
    a, b = i64(found, place) + 2 * first, i64(found, place + LISTED) + 2 * first
    c = i64(found, place + 2 * LISTED) + 2 * first
    d = i64(found, place + 3 * LISTED) + 2 * first
    v, w = weight_at(found, place), weight_at(found, place + LISTED)
    x, y = weight_at(found, place + 2 * LISTED), weight_at(found, place + 3 * LISTED)
    for row in range(n):
        more = v * u16(a, row) + w * u16(b, row) + x * u16(c, row) + y * u16(d, row)
        put_i32(sums, row, i32(sums, row) + more)


@machine
def add_strip(postings: int, found: int, terms: int, first: int, n: int, sums: int) -> None:
    """Sums of the listed terms for rows `first` to `first + n` of a block; lists move on."""
    clear(sums, n)
    limit = (first + n) << VALUE_BITS
    for term in range(i64(found, 0)):
        place = 2 + LISTED * term
        at, end, weight = i64(found, place), i64(found, place + 1), weight_at(found, place)
        put_i64(found, place, add_postings(postings, at, end, limit, weight, sums - 4 * first))
    often = terms - i64(found, 1)
    while terms - often >= 4:
        add_four(found, 2 + LISTED * often, first, n, sums)
        often += 4
    for term in range(often, terms):
        place = 2 + LISTED * term
        add_levels(i64(found, place) + 2 * first, weight_at(found, place), n, sums)


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
