"""What a technology gives of its words, raised by what its companions give of them: one machine
function for thousands of rows and for one, so that both are the same to the last digit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .layout import COMPANY, LEVELS, SOUGHT
from .memory import f64, i32, i64, machine, put_f64, put_i64, put_u16, put_u32, u16, u32
from .sums import place_in


@machine
def place_of(company: Any, term: int) -> int:
    """The place of a term among those that companions have, -1 for others."""
    return place_in(company.terms, company.known, term)


@machine
def insert(keys: int, values: int, held: int, most: int, key: int, value: int) -> int:
    """Keep the `most` greatest keys, greatest first, the first come of equals before; how many."""
    if held == most:
        if key <= i64(keys, held - 1):
            return held
        held -= 1
    at = held
    while at > 0 and i64(keys, at - 1) < key:
        put_i64(keys, at, i64(keys, at - 1))
        put_i64(values, at, i64(values, at - 1))
        at -= 1
    put_i64(keys, at, key)
    put_i64(values, at, value)
    return held + 1


@machine
def seek(company: Any, row: int) -> int:
    """The companions that share most with the strongest words of a row: how many."""
    sought, mark = 0, 0
    for at in range(u32(company.vector_start, row), u32(company.vector_start, row + 1)):
        place = place_of(company, u32(company.vector_ids, at))
        if place >= 0:
            level = u16(company.vector_levels, at)
            check = int(np.int64(u32(company.checks, place)))
            mark += level * check
            key = (level * i32(company.rarity, place)) << 32 | check
            sought = insert(company.keys, company.wanted, sought, SOUGHT, key, at)
    touched = 0
    for number in range(sought):
        at = i64(company.wanted, number)
        place = place_of(company, u32(company.vector_ids, at))
        rarity = i32(company.rarity, place)
        weight = u16(company.vector_levels, at) * rarity * rarity
        for posting in range(u32(company.held_start, place), u32(company.held_start, place + 1)):
            other = u16(company.held_rows, posting)
            before = i64(company.sums, other)
            if before == 0:
                put_u32(company.touched, touched, other)
                touched += 1
            put_i64(company.sums, other, before + weight * u16(company.held_levels, posting))
    return nearest(company, touched, mark)


@machine
def nearest(company: Any, touched: int, mark: int) -> int:
    """The best of the companions that were touched, none with the very words of the row."""
    found = 0
    for number in range(touched):
        other = u32(company.touched, number)
        shared = i64(company.sums, other)
        put_i64(company.sums, other, 0)
        if i64(company.marks, other) != mark:
            found = insert(company.keys, company.wanted, found, COMPANY, shared, other)
    return found


@machine
def level_in(company: Any, place: int, companion: int) -> int:
    """The level that a companion has of a term, 0 if it is none of its strongest."""
    low = int(np.int64(u32(company.held_start, place)))
    high = end = int(np.int64(u32(company.held_start, place + 1)))
    while low < high:
        middle = (low + high) >> 1
        if u16(company.held_rows, middle) < companion:
            low = middle + 1
        else:
            high = middle
    there = low < end and u16(company.held_rows, low) == companion
    return u16(company.held_levels, low) if there else 0


@machine
def given_of(company: Any, place: int, found: int) -> float:
    """What the companions that were found give of a term, by their shares."""
    given = 0.0
    for number in range(found):
        level = level_in(company, place, i64(company.wanted, number))
        given += f64(company.shares, number) * level
    return given


@machine
def raise_levels(company: Any) -> int:
    """`raised`: the levels of some rows, those of words that their companions use raised."""
    for row in range(company.first, company.last):
        found, whole = seek(company, row), 0.0
        for number in range(found):
            whole += i64(company.keys, number)
        for number in range(found):
            put_f64(company.shares, number, i64(company.keys, number) / whole)
        for at in range(u32(company.vector_start, row), u32(company.vector_start, row + 1)):
            level = u16(company.vector_levels, at)
            place = place_of(company, u32(company.vector_ids, at))
            if place >= 0:
                given = given_of(company, place, found)
                level = min(level + int(company.force * given + 0.5), LEVELS)
            put_u16(company.raised, at, level)
    return int(company.last - company.first)
