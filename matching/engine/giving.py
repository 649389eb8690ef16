"""What chosen technologies give of some terms, as a machine function over the inverted lists."""

from __future__ import annotations

from typing import Any

from .layout import BLOCK, VALUE_BITS
from .memory import i64, machine, put_u16, u16, u32
from .sums import levels_of, postings_of


@machine
def level_in(postings: int, low: int, high: int, row: int) -> int:
    """The level of a row in packed postings, in the order of rows; 0 if it is not there."""
    last = high
    while low < high:
        middle = (low + high) >> 1
        if u32(postings, middle) >> VALUE_BITS < row:
            low = middle + 1
        else:
            high = middle
    packed = u32(postings, low) if low < last else 0
    return packed & ((1 << VALUE_BITS) - 1) if packed >> VALUE_BITS == row else 0


@machine
def give(supplies: Any, giving: Any) -> int:
    """Fill in the level of every chosen row for every term."""
    for at in range(giving.chosen):
        block, row = divmod(i64(giving.rows, at), BLOCK)
        for n in range(giving.known):
            term = u32(giving.terms, n)
            heads = levels_of(supplies, block, term)
            if heads:
                level = u16(heads, row)
            else:
                start, end = postings_of(supplies, block, term)
                level = level_in(supplies.postings, start, end, row)
            put_u16(giving.levels, at * giving.known + n, level)
    return 0
