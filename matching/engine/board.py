"""Board: technologies look for needs, the mirror image of Catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import native, snapshot
from .asking import Answer, Asking, Comparisons, few
from .blocks import Demands, demands_of, merge_demands, supplies_of
from .columns import demand_row, supply_row, version_row
from .encoder import Both, Pairs, look_again, width
from .explain import Asked, explain
from .records import Demand, Supply
from .score import Shortlist, concepts_of
from .statistics import Offer, Reading
from .steps import Version, versions_of
from .store import Store
from .vectors import Context

Row = tuple[dict[str, Any], list[dict[str, Any]]]
"""A row of DEMAND_COLUMNS and those of VERSION_COLUMNS of its versions."""
FetchDemands = Callable[[Sequence[int]], Mapping[int, Demand]]


class Board:
    """All needs, ready to answer a technology: the mirror image of Catalogue.

    `context` is the catalogue's, so that a pair has exactly the same score from both sides.
    """

    @classmethod
    def build(cls, demands: Iterable[Demand], context: Context, *, fetch: FetchDemands) -> Board:
        """From needs, read once and not kept; records are fetched when they are explained."""
        made = cls((), context)
        made.fill(map(made.row, demands), fetch)
        return made

    def save(self, path: Path) -> None:
        """Write a snapshot, to be opened with the catalogue that is saved after it."""
        self._store.merge()
        snapshot.write(path, self._store.main.arrays, {})

    @classmethod
    def open(cls, path: Path, context: Context, *, fetch: FetchDemands) -> Board:
        """Map a snapshot; raises SnapshotError when it is missing, torn or of another version."""
        made = cls((), context)
        made._records, made.fetch = None, fetch
        made._hold(Demands(snapshot.read(path)[0]))
        return made

    def __init__(self, demands: Iterable[Demand], context: Context) -> None:
        self.context = context
        self._records: dict[int, Demand] | None = {demand.id: demand for demand in demands}
        self.fetch: FetchDemands = self._own
        held = [demand for _, demand in sorted(self._records.items())]
        self._hold(demands_of(map(self.row, held)))

    def fill(self, rows: Iterable[Row], fetch: FetchDemands) -> None:
        """Hold needs that were read with this context."""
        self._records, self.fetch = None, fetch
        self._hold(merge_demands(demands_of(rows), None))

    def _hold(self, main: Demands) -> None:
        self._store = Store(main, demands_of, merge_demands)
        self._comparisons = Comparisons(self.context.statistics.codes)

    def _own(self, ids: Sequence[int]) -> Mapping[int, Demand]:
        records = self._records or {}
        return {number: records[number] for number in ids if number in records}

    def row(self, demand: Demand, readings: Mapping[str, Reading] | None = None) -> Row:
        """A need as `fill` takes it; `readings` if its texts were read already."""
        versions = versions_of(demand, self.context, readings)
        concepts = concepts_of(demand.concepts, self.context)
        row = demand_row(demand, versions, concepts, self.context.statistics.codes)
        return row, [version_row(version) for version in versions]

    def asker(self, number: int) -> tuple[Demands, list[Version]]:
        """A need as it was read when it came here; raises KeyError when it is not held."""
        block, row = self._place(number)
        return block.alone(row), block.versions(row)

    def versions(self, number: int) -> list[Version]:
        """Its language versions alone."""
        block, row = self._place(number)
        return block.versions(row)

    def _place(self, number: int) -> tuple[Demands, int]:
        for block in self._store.blocks():
            row = block.row(number)
            if row is not None:
                return block, row
        raise KeyError(number)

    def __len__(self) -> int:
        """How many needs are held."""
        return len(self._store)

    def __contains__(self, number: int) -> bool:
        return number in self._store

    def add(self, demand: Demand) -> None:
        """Add a need, or replace the one with the same id."""
        self._store.put(demand.id, self.row(demand))
        if self._records is not None:
            self._records[demand.id] = demand

    def remove(self, number: int) -> None:
        """Take a need out; an unknown id is fine."""
        self._store.drop(number)
        if self._records is not None:
            self._records.pop(number, None)

    def _answer(self, supply: Supply, offer: Offer, k: int | None) -> Answer:
        context = self.context
        concepts = concepts_of(supply.concepts, context)
        row = supply_row(supply, offer, concepts, context.statistics.codes)
        compared = self._comparisons.against_budgets(row["prices"], context.policy)
        asker = supplies_of([{**row, "prices": 0}])
        blocks = self._store.blocks()
        most = max(len(block.arrays["units"]) for block in blocks)
        most_wanted = few(k, len(self))
        asking = Asking(context.policy, width(context, most_wanted, len(self)), compared, 1)
        asking.for_technology(most, len(context.statistics))
        for block in blocks:
            asking.fill(native.call("technology_best", block.table, asker.table, asking.table))
        answer = asking.answer(len(self))
        return look_again(answer, most_wanted, context, lambda ids: self._pairs(supply, offer, ids))

    def _pairs(self, supply: Supply, offer: Offer, ids: Sequence[int]) -> Pairs:
        """A technology beside some needs, as far as they are there."""
        records, context = self.fetch(ids), self.context
        held = ((n, records[n]) for n in ids if n in records)
        return (Both(n, demand, versions_of(demand, context), supply, offer) for n, demand in held)

    def ranked(
        self,
        supply: Supply,
        k: int | None = None,
        readings: Mapping[str, Reading] | None = None,
    ) -> list[tuple[int, float]]:
        """(demand id, score) of the k best (50), hard conditions applied; no explanations.

        `readings`: its texts if they were read already (encoding.decode_supply).
        """
        context = self.context
        offer = context.offer(context.read_supply(supply) if readings is None else readings)
        return self._answer(supply, offer, k).ranked()

    def demands_for(self, supply: Supply, k: int | None = None) -> Shortlist:
        """The k best needs (50) for a technology with their reasons, and what was excluded."""
        context = self.context
        offer = context.offer(context.read_supply(supply))
        answer = self._answer(supply, offer, k)
        results = [
            explain(Asked(demand, versions, context), supply, offer)
            for _, demand, versions, _, _ in self._pairs(supply, offer, [n for n, _ in answer.best])
        ]
        return answer.shortlist(results)
