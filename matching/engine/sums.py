"""Sums over shared terms as machine functions, and how far they stand above chance.

Sums are whole numbers, so their order does not matter. Sources: impacts summed eagerly from
inverted lists: Lù 2024, "BM25S", arXiv:2407.03618. Whole-number impacts: Anh, de Kretser and Moffat
2001, "Vector-space ranking with effective early termination".
"""

from __future__ import annotations

from math import inf
from typing import Any

from .layout import BLOCK, CHANCES, VALUE_BITS
from .memory import f64, i32, machine, put_f64, put_i32, u8, u32
from .score import LEAST_STANDING


@machine
def span(start: int, terms: int, known: int, dense: int, block: int, term: int) -> tuple[int, int]:
    """Where the postings of a term are: by its number, or by a search in a small index."""
    if dense:
        if term >= known:
            return 0, 0
        at = block * (known + 1) + term
        return u32(start, at), u32(start, at + 1)
    low, high = 0, known
    while low < high:
        middle = (low + high) >> 1
        if u32(terms, middle) < term:
            low = middle + 1
        else:
            high = middle
    if low < known and u32(terms, low) == term:
        return u32(start, low), u32(start, low + 1)
    return 0, 0


@machine
def clear(sums: int, n: int) -> None:
    """Zeros."""
    for row in range(n):
        put_i32(sums, row, 0)


@machine
def add_terms(
    supplies: Any, block: int, ids: int, weights: int, first: int, last: int, sums: int
) -> None:
    """Add weight times level for every posting of the terms of a need."""
    postings, mask = supplies.postings, (1 << VALUE_BITS) - 1
    for at in range(first, last):
        weight = i32(weights, at)
        start, end = span(
            supplies.posting_start,
            supplies.posting_terms,
            supplies.terms_known,
            supplies.dense,
            block,
            u32(ids, at),
        )
        for posting in range(start, end):
            packed = u32(postings, posting)
            row = packed >> VALUE_BITS
            put_i32(sums, row, i32(sums, row) + weight * (packed & mask))


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


@machine
def standings(needs: Any, i: int, supplies: Any, asking: Any, block: int) -> None:
    """Text of a need against a block of technologies, its best language version."""
    first = block * BLOCK
    n = min(supplies.n - first, BLOCK)
    for row in range(n):
        put_f64(asking.standing, row, LEAST_STANDING)
    for version in range(u32(needs.versions_start, i), u32(needs.versions_start, i + 1)):
        own, unit = u8(needs.spoken, version), f64(needs.units, version)
        if u8(supplies.spoken, block) & own:
            clear(asking.home, n)
            start, end = u32(needs.home_start, version), u32(needs.home_start, version + 1)
            add_terms(supplies, block, needs.home_ids, needs.home_weights, start, end, asking.home)
        if u8(supplies.unspoken, block) & own:
            clear(asking.abroad, n)
            start, end = u32(needs.abroad_start, version), u32(needs.abroad_start, version + 1)
            add_terms(
                supplies, block, needs.abroad_ids, needs.abroad_weights, start, end, asking.abroad
            )
        for row in range(n):
            languages = u8(supplies.languages, first + row)
            home, abroad = i32(asking.home, row), i32(asking.abroad, row)
            found = stands(languages, own, home, abroad, unit, needs.chances, version * CHANCES)
            if found > f64(asking.standing, row):
                put_f64(asking.standing, row, found)
