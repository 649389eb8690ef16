"""What chosen technologies give of some terms, as a machine function over the inverted lists."""

from __future__ import annotations

from typing import Any

from .layout import BLOCK, CELL, VALUE_BITS
from .memory import i64, machine, put_u16, u32
from .sums import cell_span, cells_of, packed_at, postings_of


@machine
def level_at(supplies: Any, cells: bool, start: int, end: int, row: int) -> int:
    """The level of a row among postings in the order of the rows, 0 if it is not there."""
    key = row << VALUE_BITS
    while start < end:
        middle = (start + end) >> 1
        packed = packed_at(supplies.cells, middle) if cells else u32(supplies.postings, middle)
        if packed >> VALUE_BITS == row:
            return int(packed & ((1 << VALUE_BITS) - 1))
        if packed < key:
            start = middle + 1
        else:
            end = middle
    return 0


@machine
def offered_levels(supplies: Any, giving: Any) -> int:
    """Fill in the level of every chosen row for every term."""
    for at in range(giving.chosen):
        block, row = divmod(i64(giving.rows, at), BLOCK)
        for n in range(giving.known):
            term = u32(giving.terms, n)
            start, end = postings_of(supplies, block, term)
            cell, inside = cells_of(supplies, block, term), row
            if cell >= 0:
                start, end = cell_span(supplies, cell + row // CELL)
                inside = row % CELL
            level = level_at(supplies, cell >= 0, start, end, inside)
            put_u16(giving.levels, at * giving.known + n, level)
    return 0
