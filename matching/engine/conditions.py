"""Hard conditions as machine functions: which of them a pair breaks, each counted."""

from __future__ import annotations

from typing import Any

from .facts import cost, fact, readiness, timing
from .layout import BLOCK
from .memory import i64, machine, put_i64, put_u8, u8, u32
from .purpose import FACTS

PLACE = 1


@machine
def broken(needs: Any, i: int, supplies: Any, j: int, asking: Any) -> int:
    """The hard conditions a pair breaks, as bits; each is counted."""
    must, found = u8(needs.must, i), 0
    for number in range(FACTS):
        if must >> number & 1 and fact(number, needs, i, supplies, j, asking)[1]:
            found |= 1 << number
            put_i64(asking.excluded, number, i64(asking.excluded, number) + 1)
    return found


@machine
def find_places(needs: Any, supplies: Any, asking: Any, block: int) -> None:
    """Note where the rows that can be had in the country of a need begin and end in a block."""
    country, known, start, end = u32(needs.country, 0), supplies.places_known, 0, 0
    if country < known:
        at = block * (known + 1) + country
        start, end = u32(supplies.place_start, at), u32(supplies.place_start, at + 1)
    put_i64(asking.place_list, 0, start)
    put_i64(asking.place_list, 1, end)


@machine
def mark(asking: Any, row: int, number: int, short: int) -> None:
    """Note that a row of a strip breaks a condition, if it is short."""
    put_u8(asking.breaks, row, u8(asking.breaks, row) | short << number)


@machine
def out_of_place(needs: Any, supplies: Any, asking: Any, block: int, first: int, n: int) -> None:
    """Mark the rows of a strip whose places are known and leave out the country of a need."""
    if u32(needs.country, 0) == 0:
        return
    start, others = block * BLOCK + first, 0xFF ^ 1 << PLACE
    for row in range(n):
        mark(asking, row, PLACE, u8(supplies.walled, start + row))
    at, end = i64(asking.place_list, 0), i64(asking.place_list, 1)
    while at < end and u32(supplies.place_rows, at) < first + n:
        row = u32(supplies.place_rows, at) - first
        put_u8(asking.breaks, row, u8(asking.breaks, row) & others)
        at += 1
    put_i64(asking.place_list, 0, at)


@machine
def fall_short(
    number: int, needs: Any, supplies: Any, asking: Any, block: int, first: int, n: int
) -> None:
    """Mark the rows of a strip that break one condition, in a loop of its own for each."""
    start = block * BLOCK + first
    if number == PLACE:
        out_of_place(needs, supplies, asking, block, first, n)
    elif number == 2:
        for row in range(n):
            mark(asking, row, number, cost(needs, 0, supplies, start + row, asking)[1])
    elif number == 3:
        for row in range(n):
            mark(asking, row, number, readiness(needs, 0, supplies, start + row)[1])
    elif number == 5:
        for row in range(n):
            mark(asking, row, number, timing(needs, 0, supplies, start + row)[1])
    else:
        for row in range(n):
            mark(asking, row, number, fact(number, needs, 0, supplies, start + row, asking)[1])


@machine
def strip_breaks(needs: Any, supplies: Any, asking: Any, block: int, first: int, n: int) -> None:
    """The hard conditions that rows of a strip break, as bits; each is counted."""
    must, start = u8(needs.must, 0), block * BLOCK + first
    for row in range(n):
        put_u8(asking.breaks, row, 0)
    for number in range(FACTS):
        if must >> number & 1:
            fall_short(number, needs, supplies, asking, block, first, n)
            found = 0
            for row in range(n):
                found += u8(supplies.alive, start + row) & u8(asking.breaks, row) >> number
            put_i64(asking.excluded, number, i64(asking.excluded, number) + found)
