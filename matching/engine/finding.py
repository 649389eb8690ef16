"""Machine functions of interning.py: lines of bytes looked up in a table of open addresses.

A slot holds the upper half of a term's checksum and one more than its number, 0 for nobody; the
letters of a term are followed by a line's end.
"""

from __future__ import annotations

from typing import Any

from .layout import LETTERS_USED, LINES_FOUND, NEXT_BYTE, TERMS_KNOWN
from .memory import i64, machine, put_i64, put_u8, put_u32, u8, u32

SEED, PRIME = 0xCBF29CE484222325 - (1 << 64), 0x100000001B3
LINE = 10
UPPER = -1 << 32


@machine
def is_there(interning: Any, number: int, first: int, last: int) -> bool:
    """Are these bytes of the text the term with this number?"""
    start = u32(interning.starts, number)
    if start + (last - first + 1) != u32(interning.starts, number + 1):
        return False
    for at in range(last - first):
        if u8(interning.letters, start + at) != u8(interning.text, first + at):
            return False
    return True


@machine
def checksum(letters: int, first: int, last: int) -> int:
    """FNV-1a of some bytes."""
    found = SEED
    for at in range(first, last):
        found = (found ^ u8(letters, at)) * PRIME
    return found


@machine
def slot_of(interning: Any, mark: int) -> int:
    """Where the search for a term begins."""
    return int((mark ^ (mark >> 32)) & interning.mask)


@machine
def note(interning: Any, first: int, last: int) -> int:
    """Give a new term the next number."""
    number, used = i64(interning.state, TERMS_KNOWN), i64(interning.state, LETTERS_USED)
    for at in range(last - first):
        put_u8(interning.letters, used + at, u8(interning.text, first + at))
    used += last - first
    put_u8(interning.letters, used, LINE)
    put_u32(interning.starts, number + 1, used + 1)
    put_i64(interning.state, TERMS_KNOWN, number + 1)
    put_i64(interning.state, LETTERS_USED, used + 1)
    return number


@machine
def number_of(interning: Any, first: int, last: int) -> int:
    """The number of a term, a new one if it has none."""
    mark = checksum(interning.text, first, last)
    at = slot_of(interning, mark)
    while True:
        held = i64(interning.slots, at)
        if held == 0:
            number = note(interning, first, last)
            put_i64(interning.slots, at, (mark & UPPER) | (number + 1))
            return number
        number = (held & 0xFFFFFFFF) - 1
        if (held ^ mark) & UPPER == 0 and is_there(interning, number, first, last):
            return number
        at = (at + 1) & interning.mask


@machine
def intern_terms(interning: Any) -> int:
    """Number the lines of a text from where it was left, while there is room; how many so far."""
    at, found = i64(interning.state, NEXT_BYTE), i64(interning.state, LINES_FOUND)
    while found < interning.wanted:
        end = at
        while end < interning.length and u8(interning.text, end) != LINE:
            end += 1
        full = 2 * i64(interning.state, TERMS_KNOWN) > interning.mask
        if full or i64(interning.state, LETTERS_USED) + end - at >= interning.room:
            break
        put_u32(interning.found, found, number_of(interning, at, end))
        at, found = end + 1, found + 1
    put_i64(interning.state, NEXT_BYTE, at)
    put_i64(interning.state, LINES_FOUND, found)
    return found


@machine
def place_terms(interning: Any) -> int:
    """Enter all known terms in a table that is empty."""
    known = i64(interning.state, TERMS_KNOWN)
    for number in range(known):
        first, last = u32(interning.starts, number), u32(interning.starts, number + 1) - 1
        mark = checksum(interning.letters, first, last)
        at = slot_of(interning, mark)
        while i64(interning.slots, at) != 0:
            at = (at + 1) & interning.mask
        put_i64(interning.slots, at, (mark & UPPER) | (number + 1))
    return known
