"""Catalogue: needs look for technologies; the mirror image is in board.py.

Every record is scored, none is skipped: rows are kept in a main block and a small block of recent
changes, inverted; removed rows are tombstones. Both directions and `explain.score_pair` give a
pair one score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import native, snapshot
from .asking import DEFAULT_K, Answer, Asking, Comparisons, few
from .blocks import Demands, Supplies, demands_of, merge_supplies, supplies_of
from .building import build
from .columns import demand_row, supply_row, version_row
from .encoder import Both, Encoder, Pairs, look_again, meanings_of, width
from .encoding import decode_supply, encode_supply
from .explain import Asked, explain
from .layout import BLOCK, SUPPLIES, Arrays
from .mapped import MappedStatistics, narrowed
from .pivot import Glossary
from .policy import DEFAULT, Policy
from .records import Demand, Supply
from .score import Scored, Shortlist, concepts_of
from .search import Searching, search_slots
from .statistics import Offer, Statistics
from .steps import Version, versions_of
from .store import Store
from .vectors import Context

if TYPE_CHECKING:
    from .board import Board

BATCH = 256
Fetch = Callable[[Sequence[int]], Mapping[int, Supply]]


class Catalogue:
    """All technologies, ready to answer a need or a search.

    Building freezes the statistics (`context`) that every later score uses, also of technologies
    added afterwards; build anew, at night say, to refresh them. `fetch` gives the records that
    explanations need; a catalogue made of records keeps them and needs none.
    """

    def __init__(
        self,
        supplies: Iterable[Supply] = (),
        *,
        policy: Policy = DEFAULT,
        parents: Mapping[str, str] | None = None,
        glossary: Glossary | None = None,
    ) -> None:
        self.context = context = Context(policy, parents, glossary)
        self._records: dict[int, Supply] | None = {supply.id: supply for supply in supplies}
        self.fetch: Fetch = self._own
        held = [supply for _, supply in sorted(self._records.items())]
        readings = [context.read_supply(supply) for supply in held]
        context.statistics.freeze(readings)
        main = supplies_of(map(self._row, held, map(context.offer, readings)))
        context.statistics.accompany(main.arrays)
        context.statistics.settle(main.arrays)
        self._hold(main)

    @classmethod
    def build(
        cls,
        rows: Iterable[bytes],
        *,
        fetch: Fetch,
        policy: Policy = DEFAULT,
        parents: Mapping[str, str] | None = None,
        glossary: Glossary | None = None,
    ) -> Catalogue:
        """From encoded technologies, in any order; records are fetched when they are explained."""
        made = cls(policy=policy, parents=parents, glossary=glossary)
        made.context.statistics = Statistics()
        made.fill(build(rows, made.context), fetch)
        return made

    def fill(self, columns: Arrays, fetch: Fetch) -> None:
        """Hold the technologies that were built with this context."""
        self._records, self.fetch = None, fetch
        main = Supplies(columns)
        self.context.statistics.accompany(main.arrays)
        self.context.statistics.settle(main.arrays)
        self._hold(main)

    def save(self, path: Path) -> None:
        """Write a snapshot of all that is alive, changes included, to be opened by anybody.

        Raises NotImplementedError for a catalogue that was itself opened: build anew instead.
        """
        arrays, facts = self.context.statistics.arrays()
        self._store.merge()
        self._store.main.ready()
        kept = {n: a for n, a in self._store.main.arrays.items() if not n.startswith("vector_")}
        snapshot.write(path, {**narrowed(arrays), **kept}, facts)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        fetch: Fetch,
        policy: Policy = DEFAULT,
        parents: Mapping[str, str] | None = None,
        glossary: Glossary | None = None,
    ) -> Catalogue:
        """Map a snapshot; raises SnapshotError when it is missing, torn or of another version."""
        arrays, facts = snapshot.read(path)
        made = cls(policy=policy, parents=parents, glossary=glossary)
        made._records, made.fetch = None, fetch
        made.context.statistics = MappedStatistics(arrays, facts)
        made._hold(Supplies({n: a for n, a in arrays.items() if n in SUPPLIES.split()}))
        return made

    def _hold(self, main: Supplies) -> None:
        self._store = Store(main, supplies_of, merge_supplies)
        self._comparisons = Comparisons(self.context.statistics.codes)

    def _own(self, ids: Sequence[int]) -> Mapping[int, Supply]:
        records = self._records or {}
        return {number: records[number] for number in ids if number in records}

    def _row(self, supply: Supply, offer: Offer) -> dict[str, Any]:
        concepts = concepts_of(supply.concepts, self.context)
        return supply_row(supply, offer, concepts, self.context.statistics.codes)

    def under(self, policy: Policy) -> Catalogue:
        """The same technologies and statistics, scored by another policy."""
        twin = copy(self)
        twin.context = self.context.under(policy)
        return twin

    def use(self, encoder: Encoder | None) -> None:
        """Have an encoder look again at the best of every answer, those of a board included."""
        self.context.meanings = meanings_of(encoder, self._store.main, self.fetch)

    def __len__(self) -> int:
        """How many technologies are held."""
        return len(self._store)

    def __contains__(self, number: int) -> bool:
        return number in self._store

    @property
    def changes(self) -> int:
        """How many were added, replaced or removed since it was built or opened."""
        return self._store.changes

    def add(self, supply: Supply) -> None:
        """Add a technology, or replace the one with the same id."""
        self.put(encode_supply(supply, self.context.glossary))
        if self._records is not None:
            self._records[supply.id] = supply

    def put(self, row: bytes) -> None:
        """Add or replace an encoded technology."""
        supply, readings = decode_supply(row)
        self._store.put(supply.id, self._row(supply, self.context.offer(readings)))

    def remove(self, number: int) -> None:
        """Take a technology out; an unknown id is fine."""
        self._store.drop(number)
        if self._records is not None:
            self._records.pop(number, None)

    def _asker(self, demand: Demand, versions: Sequence[Version]) -> Demands:
        concepts = concepts_of(demand.concepts, self.context)
        row = demand_row(demand, versions, concepts, self.context.statistics.codes)
        return demands_of([(row, [version_row(version) for version in versions])])

    def _best(self, asker: Demands, k: int) -> Answer:
        """The k best for the one need of a block, before an encoder is heard."""
        context = self.context
        compared = self._comparisons.against_prices(int(asker.arrays["budgets"][0]), context.policy)
        asker.put_budget(0)  # the only one that is compared
        asking = Asking(context.policy, k, compared)
        asking.for_need(asker.arrays)
        for block in self._store.blocks():
            asking.fill(native.call("need_best", asker.table, block.ready(), asking.table))
        return asking.answer(len(self))

    def _answer(self, demand: Demand, k: int | None) -> Answer:
        context, versions = self.context, versions_of(demand, self.context)
        wanted = few(k, len(self))
        found = self._best(self._asker(demand, versions), width(context, wanted, len(self)))
        return look_again(found, wanted, context, lambda ids: self._pairs(demand, versions, ids))

    def answer_as_stored(self, board: Board, number: int, k: int | None = None) -> Answer:
        """`answer` for a need of a board, which is not read again."""
        context, wanted, (asker, versions) = self.context, few(k, len(self)), board.asker(number)
        found = self._best(asker, width(context, wanted, len(self)))
        demand = board.fetch([number])[number] if context.meanings else None
        return (
            found
            if demand is None
            else look_again(found, wanted, context, lambda ids: self._pairs(demand, versions, ids))
        )

    def _pairs(self, demand: Demand, versions: Sequence[Version], ids: Sequence[int]) -> Pairs:
        """A need beside some technologies, as far as they are there."""
        records, offers = self.fetch(ids), self._offers(versions, ids)
        return (Both(n, demand, versions, records[n], offers[n]) for n in ids if n in records)

    def ranked(self, demand: Demand, k: int | None = None) -> list[tuple[int, float]]:
        """(supply id, score) of the k best (50), hard conditions applied; no explanations."""
        return self._answer(demand, k).ranked()

    def ranked_many(
        self, demands: Iterable[Demand], k: int | None = None, *, threads: int = 1
    ) -> Iterator[list[tuple[int, float]]]:
        """`ranked` of many needs, in their order; threads share the cores."""
        if threads == 1:
            yield from (self.ranked(demand, k) for demand in demands)
            return
        waiting = iter(demands)
        with ThreadPoolExecutor(threads) as pool:
            while batch := list(islice(waiting, BATCH)):
                yield from pool.map(lambda demand: self.ranked(demand, k), batch)

    def shortlist(self, demand: Demand, k: int | None = None) -> Shortlist:
        """The k best technologies (50) for a need with their reasons, and what was excluded."""
        answer = self.answer(demand, k)
        chosen = [number for number, _ in answer.best]
        return answer.shortlist(self.explain(demand, chosen, self.fetch(chosen)))

    def answer(self, demand: Demand, k: int | None = None) -> Answer:
        """The k best technologies (50), and what was excluded; no explanations."""
        return self._answer(demand, k)

    def explain(
        self,
        demand: Demand,
        chosen: Sequence[int],
        records: Mapping[int, Supply],
        versions: Sequence[Version] | None = None,
    ) -> list[Scored]:
        """Technologies with every reason, in this order; not those that are not held or given.

        `versions`: those of the need if they are known (Board.versions).
        """
        versions = versions_of(demand, self.context) if versions is None else versions
        asked, offers = Asked(demand, versions, self.context), self._offers(versions, chosen)
        held = [records[n] for n in chosen if n in records and n in offers]
        return [explain(asked, record, offers[record.id]) for record in held]

    def _offers(self, versions: Iterable[Version], chosen: Sequence[int]) -> dict[int, Offer]:
        """What technologies give of the terms of a need: all that its explanation looks at."""
        sides = (side.ids for version in versions for side in (version.home, version.abroad))
        terms = np.unique(np.concatenate([np.zeros(0, np.uint32), *sides]))
        found: dict[int, Offer] = {}
        for block in self._store.blocks():
            found |= block.offers(terms, chosen)
        return found

    def search(self, query: str, language: str, k: int = DEFAULT_K) -> list[tuple[int, float]]:
        """(supply id, relevance) of the k best for a few words, equal ones by id.

        The last word also matches as a prefix; a word nobody uses matches its near misses.
        """
        blocks = self._store.blocks()
        most = max(len(block.ids) for block in blocks)
        slots = search_slots(query, language, self.context)
        searching = Searching(slots, min(k, len(self)), min(most, BLOCK))
        for block in blocks:
            searching.fill(native.call("search_best", block.ready(), searching.table))
        return searching.best()
