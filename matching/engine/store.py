"""Rows by id, in a main block and a block of recent changes; replaced rows are tombstones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .layout import Ints

MERGE_LEAST, MERGE_SHARE = 256, 0.05  # recent changes beyond this are merged into the main block


class AnyBlock(Protocol):
    """What a store needs of a block."""

    ids: Ints
    alive: NDArray[np.uint8]


Block = TypeVar("Block", bound=AnyBlock)


class Store(Generic[Block]):
    """Rows by id. The main block is in the order of the ids."""

    def __init__(
        self,
        main: Block,
        build: Callable[[list[Any]], Block],
        merge: Callable[[Block, Block | None], Block],
    ) -> None:
        """`build` makes a block of rows, `merge` one of what is alive in two."""
        self._build, self._merge = build, merge
        self.main = main
        self._recent: dict[int, Any] = {}
        self._block: Block | None = None
        self.gone = 0
        self.changes = 0

    def __len__(self) -> int:
        return len(self.main.ids) - self.gone + len(self._recent)

    def __contains__(self, number: int) -> bool:
        place = self._place(number)
        return number in self._recent or (place is not None and bool(self.main.alive[place]))

    def _place(self, number: int) -> int | None:
        place = int(np.searchsorted(self.main.ids, number))
        held = place < len(self.main.ids) and self.main.ids[place] == number
        return place if held else None

    def put(self, number: int, row: Any) -> None:
        """Add or replace a row."""
        self.drop(number)
        self._recent[number] = row

    def drop(self, number: int) -> None:
        """Take a row out; an unknown number is fine."""
        self.changes += 1
        self._recent.pop(number, None)
        self._block = None
        place = self._place(number)
        if place is not None and self.main.alive[place]:
            self.main.alive[place] = 0
            self.gone += 1

    def recent(self) -> Block | None:
        """The block of recent changes."""
        if self._recent and self._block is None:
            self._block = self._build([row for _, row in sorted(self._recent.items())])
        return self._block

    def merge(self) -> None:
        """Make one block of all that is alive."""
        self.main = self._merge(self.main, self.recent())
        self._recent, self._block, self.gone = {}, None, 0

    def blocks(self) -> list[Block]:
        """The blocks, merged when much has changed."""
        if len(self._recent) > max(MERGE_LEAST, MERGE_SHARE * len(self.main.ids)):
            self.merge()
        recent = self.recent()
        return [self.main] if recent is None else [self.main, recent]


def by_number(rows: Mapping[int, Any]) -> list[Any]:
    """Rows in the order of their numbers."""
    return [rows[number] for number in sorted(rows)]
