"""Numbers for terms, given in the order in which they first come: millions of lines at a time, as
bytes, without an object for each.

The table is one of open addresses with linear probing (Knuth 1973, The Art of Computer Programming
3, 6.4), the checksum FNV-1a (Fowler, Noll and Vo 1991); terms are compared letter by letter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import native
from .layout import (
    INTERNING_STATE,
    INTERNING_TABLE,
    LETTERS_USED,
    LINES_FOUND,
    NEXT_BYTE,
    TERMS_KNOWN,
    Table,
)

SLOTS, LETTERS = 1 << 16, 1 << 20


class Interner:
    """Terms that were seen, and their numbers."""

    def __init__(self) -> None:
        self._letters = np.zeros(LETTERS, np.uint8)
        self._starts = np.zeros(SLOTS // 2 + 1, np.uint32)
        self._slots = np.zeros(SLOTS, np.int64)
        self._state = np.zeros(INTERNING_STATE, np.int64)

    def numbers(self, text: bytes, many: int) -> NDArray[np.uint32]:
        """The number of each of `many` terms, a line each."""
        found = np.zeros(many, np.uint32)
        self._state[[NEXT_BYTE, LINES_FOUND]] = 0
        given: dict[str, float | NDArray[Any]] = {
            "text": np.frombuffer(text, np.uint8),
            "length": len(text),
            "wanted": many,
            "found": found,
        }
        while native.call("intern_terms", self._table(given)) < many:
            self._grow()
        return found

    def words(self) -> list[str]:
        """All terms in the order of their numbers."""
        used = int(self._state[LETTERS_USED])
        letters = self._letters[: max(0, used - 1)].tobytes()
        return letters.decode("utf-8", "surrogatepass").split("\n") if used else []

    def _table(self, given: dict[str, float | NDArray[Any]]) -> Table:
        held: dict[str, float | NDArray[Any]] = {
            "letters": self._letters,
            "room": len(self._letters),
            "starts": self._starts,
            "slots": self._slots,
            "mask": len(self._slots) - 1,
            "state": self._state,
        }
        return Table(INTERNING_TABLE, {**given, **held})

    def _grow(self) -> None:
        """Twice the room of whatever is nearly full."""
        if 2 * self._state[TERMS_KNOWN] >= len(self._slots):
            self._slots = np.zeros(2 * len(self._slots), np.int64)
            self._starts = np.append(self._starts, np.zeros(len(self._starts) - 1, np.uint32))
            native.call("place_terms", self._table({}))
        else:
            self._letters = np.append(self._letters, np.zeros(len(self._letters), np.uint8))
