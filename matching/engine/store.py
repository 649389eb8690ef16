"""Rows by id, ready to be scored as blocks, while some of them change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np

from .kernels import Bools

MERGE_LEAST, MERGE_SHARE = 256, 0.05  # recent changes beyond this are merged into the main block
Row = TypeVar("Row")
Block = TypeVar("Block")


class Store(Generic[Row, Block]):
    """Rows by id, in a main block and a block of recent changes; replaced rows are masked."""

    def __init__(self, rows: dict[int, Row], build: Callable[[Sequence[Row]], Block]) -> None:
        self.rows = rows
        self._build = build
        self._merge()

    def _merge(self) -> None:
        order = sorted(self.rows)
        self._main = self._build([self.rows[number] for number in order])
        self._place = {number: place for place, number in enumerate(order)}
        self._alive = np.ones(len(order), dtype=np.bool_)
        self._changed: set[int] = set()
        self._recent: Block | None = None

    def put(self, number: int, row: Row) -> None:
        """Add or replace a row."""
        self.drop(number)
        self.rows[number] = row
        self._changed.add(number)

    def drop(self, number: int) -> None:
        """Take a row out; an unknown number is fine."""
        self.rows.pop(number, None)
        self._changed.discard(number)
        self._recent = None
        if number in self._place:
            self._alive[self._place[number]] = False

    def blocks(self) -> list[tuple[Block, Bools]]:
        """The blocks and which of their rows count."""
        if len(self._changed) > max(MERGE_LEAST, MERGE_SHARE * len(self._place)):
            self._merge()
        if not self._changed:
            return [(self._main, self._alive)]
        if self._recent is None:
            self._recent = self._build([self.rows[number] for number in sorted(self._changed)])
        everything = np.ones(len(self._changed), dtype=np.bool_)
        return [(self._main, self._alive), (self._recent, everything)]
