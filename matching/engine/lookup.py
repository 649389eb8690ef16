"""The search box as a machine function: for each word the best of the terms that answer it."""

from __future__ import annotations

from typing import Any

from .heap import keep
from .layout import BLOCK, CELL, CELLS, VALUE_BITS
from .memory import f64, i64, machine, put_f64, put_u32, u8, u32
from .sums import cell_span, cells_of, packed_at, postings_of


@machine
def note(searching: Any, packed: int, first: int, weight: float, n: int) -> int:
    """Keep what a posting is worth if it is the best so far for its row, counted from `first`; how
    many rows have something."""
    row, value = first + (packed >> VALUE_BITS), weight * (packed & ((1 << VALUE_BITS) - 1))
    before = f64(searching.found, row)
    if before == 0.0:
        put_u32(searching.hits, n, row)
        n += 1
    if value > before:
        put_f64(searching.found, row, value)
    return n


@machine
def answer_slot(supplies: Any, block: int, searching: Any, slot: int) -> int:
    """The best alternative of a word for each row that has one; how many rows."""
    n = 0
    for at in range(u32(searching.slot_start, slot), u32(searching.slot_start, slot + 1)):
        weight, term = f64(searching.weights, at), u32(searching.terms, at)
        start, end = postings_of(supplies, block, term)
        for posting in range(start, end):
            n = note(searching, u32(supplies.postings, posting), 0, weight, n)
        cell = cells_of(supplies, block, term)
        for number in range(CELLS if cell >= 0 else 0):
            start, end = cell_span(supplies, cell + number)
            for posting in range(start, end):
                n = note(searching, packed_at(supplies.cells, posting), CELL * number, weight, n)
    return n


@machine
def search_best(supplies: Any, searching: Any) -> int:
    """The words of a search against all technologies: how many of the best were kept."""
    held: int = searching.held
    found, total = searching.found, searching.total
    for block in range(supplies.blocks):
        rows = 0
        for slot in range(searching.slots):
            for at in range(answer_slot(supplies, block, searching, slot)):
                row = u32(searching.hits, at)
                before = f64(total, row)
                if before == 0.0:
                    put_u32(searching.touched, rows, row)
                    rows += 1
                put_f64(total, row, before + f64(found, row))
                put_f64(found, row, 0.0)
        for at in range(rows):
            row = u32(searching.touched, at)
            j = block * BLOCK + row
            if u8(supplies.alive, j):
                held = keep(searching, held, i64(supplies.ids, j), f64(total, row))
            put_f64(total, row, 0.0)
    return held
