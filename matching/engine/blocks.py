"""Blocks of rows as the kernels take them: columns, offsets, inverted lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import native
from .columns import DEMAND_COLUMNS, SUPPLY_COLUMNS, VERSION_COLUMNS, Column, Rows
from .inverting import inverted
from .layout import (
    BLOCK,
    CELL,
    CELL_BYTES,
    CELLS,
    CHANCES,
    DEMANDS_TABLE,
    GIVING_TABLE,
    LANGUAGE_BIT,
    LEVELS,
    SUPPLIES_TABLE,
    VALUE_BITS,
    Arrays,
    Ints,
    Table,
)
from .statistics import Offer, Vector
from .steps import Steps, Version
from .text import LANGUAGES

DENSE = 1_000_000  # postings beyond which every term has its own offset


def spread(starts: NDArray[np.uint32], rows: Ints) -> tuple[Ints, NDArray[np.uint32]]:
    """(positions of the elements of chosen rows, the offsets they have then)."""
    lengths = starts[rows + 1].astype(np.int64) - starts[rows]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    shift = np.repeat(starts[rows].astype(np.int64) - ends[:-1], lengths)
    return shift + np.arange(ends[-1]), ends.astype(np.uint32)


def lengths(starts: NDArray[np.uint32]) -> Ints:
    """How many elements each row has."""
    found: Ints = starts[1:].astype(np.int64) - starts[:-1]
    return found


def gather(arrays: Arrays, columns: Mapping[str, Column], rows: Ints) -> Arrays:
    """Chosen rows, in the order given; nothing is copied when they are all rows in their order."""
    if _are_all(rows, arrays, columns):
        starts = (column.start for column in columns.values() if column.start)
        return {name: arrays[name] for name in dict.fromkeys((*columns, *starts))}
    taken: Arrays = {}
    places: dict[str, Ints] = {}
    for name, column in columns.items():
        if column.start:
            if column.start not in places:
                places[column.start], taken[column.start] = spread(arrays[column.start], rows)
            taken[name] = arrays[name][places[column.start]]
        else:
            taken[name] = arrays[name].reshape(-1, column.width)[rows].reshape(-1)
    return taken


def _are_all(rows: Ints, arrays: Arrays, columns: Mapping[str, Column]) -> bool:
    name, column = next(iter(columns.items()))
    many = len(arrays[column.start]) - 1 if column.start else len(arrays[name]) // column.width
    return len(rows) == many and bool(np.array_equal(rows, np.arange(many)))


def join(left: Arrays, right: Arrays, columns: Mapping[str, Column]) -> Arrays:
    """The rows of both, one after the other."""
    joined: Arrays = {name: np.concatenate([left[name], right[name]]) for name in columns}
    for start in {column.start for column in columns.values() if column.start}:
        joined[start] = np.concatenate([left[start], right[start][1:] + left[start][-1]])
    return joined


class _Block:
    """Arrays of rows, and which of them count."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.ids: Ints = arrays["ids"]
        self.alive = np.ones(len(self.ids), dtype=np.uint8)

    def living(self) -> Ints:
        """The rows that count."""
        return np.flatnonzero(self.alive)


def _languages(bits: int) -> frozenset[str]:
    return frozenset(language for language, bit in LANGUAGE_BIT.items() if bits & bit)


def _vector(terms: NDArray[np.uint32], given: NDArray[np.uint16]) -> Vector:
    held = np.flatnonzero(given)
    return Vector(terms[held].astype(np.int32), (given[held] / LEVELS).astype(np.float32))


class Supplies(_Block):
    """Technologies: the one that asks, or a block that answers."""

    def __init__(self, arrays: Arrays) -> None:
        super().__init__(arrays)
        self.table = Table(SUPPLIES_TABLE, {"n": len(self.ids), "alive": self.alive, **arrays})
        self._inverted = False
        if "postings" in arrays:
            self._tell(not len(arrays["posting_terms"]))

    def ready(self) -> Table:
        """The table with its inverted lists, made when first needed: one that asks has none."""
        if not self._inverted:
            dense = len(self.arrays["vector_ids"]) > DENSE or len(self.ids) > BLOCK
            self.put(inverted(self.arrays, dense))
            self._tell(dense)
        return self.table

    def _tell(self, dense: bool) -> None:
        """Tell the kernels the sizes of the inverted lists."""
        self.dense = dense
        self.blocks = len(self.arrays["spoken"])
        starts = len(self.arrays["posting_start"])
        self.known = starts // self.blocks - 1 if dense else len(self.arrays["posting_terms"])
        sizes = {"dense": int(dense), "blocks": self.blocks, "terms_known": self.known}
        sizes["concepts_known"] = len(self.arrays["concept_start"]) // self.blocks - 1
        sizes["places_known"] = len(self.arrays["place_start"]) // self.blocks - 1
        sizes["frequent_known"] = len(self.arrays["frequent_terms"])
        for name, size in sizes.items():
            self.table.put(name, size)
        self._inverted = True

    def offers(self, terms: NDArray[np.uint32], chosen: Sequence[int]) -> dict[int, Offer]:
        """What living rows give of some terms, by id of the row."""
        wanted = np.array(chosen, np.int64)
        place = np.searchsorted(self.ids, wanted)
        place, wanted = place[place < len(self.ids)], wanted[place < len(self.ids)]
        rows = place[(self.ids[place] == wanted) & (self.alive[place] > 0)]
        levels = np.zeros((len(rows), len(terms)), np.uint16)
        sizes = {"chosen": len(rows), "known": len(terms)}
        giving = Table(GIVING_TABLE, {**sizes, "rows": rows, "terms": terms, "levels": levels})
        native.call("offered_levels", self.ready(), giving)
        return {
            int(self.ids[row]): Offer(_vector(terms, given), _languages(int(spoken)))
            for row, given, spoken in zip(rows, levels, self.arrays["languages"][rows], strict=True)
        }

    def put(self, arrays: Arrays) -> None:
        """Add arrays."""
        self.arrays |= arrays
        for name, values in arrays.items():
            self.table.put(name, values)


class Demands(_Block):
    """Needs: the one that asks, or a block that answers."""

    def row(self, number: int) -> int | None:
        """The row of a need, if it is alive here."""
        row = int(np.searchsorted(self.ids, number))
        there = row < len(self.ids) and self.ids[row] == number and self.alive[row]
        return row if there else None

    def put_budget(self, number: int) -> None:
        """Give the need that asks this kind of budget."""
        self.arrays["budgets"] = np.array([number], np.uint32)
        self.table.put("budgets", self.arrays["budgets"])

    def alone(self, row: int) -> Demands:
        """One need, to ask for itself."""
        return Demands(_some_demands(self.arrays, np.array([row])))

    def versions(self, row: int) -> list[Version]:
        """The language versions of a need as they were stored."""
        a, starts = self.arrays, self.arrays["versions_start"]
        made = []
        for at in range(int(starts[row]), int(starts[row + 1])):
            home, abroad = (
                Steps(*(a[f"{side}_{what}"][slice(*a[f"{side}_start"][at : at + 2].tolist())]
                        for what in ("ids", "weights")))
                for side in ("home", "abroad")
            )  # fmt: skip
            chances = a["chances"][CHANCES * at : CHANCES * (at + 1)].reshape(-1, 2).tolist()
            chance = {name: (mean, spread) for name, (mean, spread) in
                      zip(LANGUAGES, chances, strict=True)}  # fmt: skip
            (language,) = _languages(int(a["spoken"][at]))
            unit, total = float(a["units"][at]), float(a["totals"][at])
            made.append(Version(language, home, abroad, unit, total, chance))
        return made

    def __init__(self, arrays: Arrays) -> None:
        """`arrays`: DEMAND_COLUMNS of the needs and VERSION_COLUMNS of their versions."""
        super().__init__(arrays)
        counts = {"n": len(self.ids), "versions": len(arrays["units"])}
        self.table = Table(DEMANDS_TABLE, {**counts, "alive": self.alive, **arrays})


def supplies_of(rows: Iterable[Mapping[str, Any]]) -> Supplies:
    """A block of rows made by supply_row."""
    held = Rows(SUPPLY_COLUMNS)
    for row in rows:
        held.append(row)
    return Supplies(held.arrays())


def demands_of(rows: Iterable[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]]) -> Demands:
    """A block of rows made by demand_row and version_row."""
    needs, versions = Rows(DEMAND_COLUMNS), Rows(VERSION_COLUMNS)
    for need, own in rows:
        needs.append(need)
        for version in own:
            versions.append(version)
    return Demands({**needs.arrays(), **versions.arrays()})


def _spread_out(block: Supplies) -> tuple[Ints, NDArray[np.uint32], NDArray[np.uint32]]:
    """(rows, terms, packed postings) of all postings of a block, those in cells last."""
    a = block.arrays
    starts = a["posting_start"].astype(np.int64).reshape(block.blocks, -1)
    names = np.arange(block.known, dtype=np.uint32) if block.dense else a["posting_terms"]
    terms = np.repeat(np.tile(names, block.blocks), (starts[:, 1:] - starts[:, :-1]).reshape(-1))
    firsts = np.repeat(np.arange(block.blocks) * BLOCK, starts[:, -1] - starts[:, 0])
    letters = a["cells"][: len(a["cells"]) // CELL_BYTES * CELL_BYTES].reshape(-1, CELL_BYTES)
    packed = np.zeros((len(letters), 4), np.uint8)
    packed[:, :CELL_BYTES] = letters
    many, frequent = lengths(a["cell_start"]), a["frequent_terms"]
    cells = np.repeat(np.arange(len(many)), many)
    in_cells = cells // CELLS % max(len(frequent), 1)
    below = cells // CELLS // max(len(frequent), 1) * BLOCK + cells % CELLS * CELL
    postings = np.concatenate([a["postings"], packed.view("<u4").reshape(-1)])
    rows = np.concatenate([firsts, below]) + (postings >> np.uint32(VALUE_BITS))
    return rows, np.concatenate([terms, frequent[in_cells]]), postings


def whole(block: Supplies) -> Arrays:
    """The columns of a block; sparse rows that were not saved are read from the inverted lists."""
    if "vector_ids" in block.arrays:
        return block.arrays
    rows, terms, postings = _spread_out(block)
    order = np.argsort(rows, kind="stable")
    ends = np.cumsum(np.bincount(rows, minlength=len(block.ids)))
    return {
        **block.arrays,
        "vector_ids": terms[order],
        "vector_levels": (postings[order] & np.uint32(LEVELS)).astype(np.uint16),
        "vector_start": np.concatenate([[0], ends]).astype(np.uint32),
    }


def merge_supplies(main: Supplies, recent: Supplies | None) -> Supplies:
    """One block of what is alive in two, in the order of the ids."""
    arrays = gather(whole(main), SUPPLY_COLUMNS, main.living())
    if recent is not None:
        arrays = join(arrays, recent.arrays, SUPPLY_COLUMNS)
    return Supplies(gather(arrays, SUPPLY_COLUMNS, arrays["ids"].argsort(kind="stable")))


def _some_demands(arrays: Arrays, rows: Ints) -> Arrays:
    versions, _ = spread(arrays["versions_start"], rows)
    needs = gather(arrays, DEMAND_COLUMNS, rows)
    return {**needs, **gather(arrays, VERSION_COLUMNS, versions)}


def merge_demands(main: Demands, recent: Demands | None) -> Demands:
    """One block of what is alive in two, in the order of the ids."""
    kept = _some_demands(main.arrays, main.living())
    if recent is not None:
        versions = join(kept, recent.arrays, VERSION_COLUMNS)
        kept = {**join(kept, recent.arrays, DEMAND_COLUMNS), **versions}
    return Demands(_some_demands(kept, kept["ids"].argsort(kind="stable")))
