"""The index each process holds: mapped from the files of an epoch, kept current by reading Change
rows.

The database is the truth; any process can rebuild. A change committed anywhere is seen here
within a second.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from matching import encodings, engine, epochs
from matching.choices import Effect, Side
from matching.encoder import configured
from matching.encodings import GLOSSARY
from matching.engine.asking import Answer
from matching.engine.steps import Version
from matching.lessons import demands_of
from matching.models import Change, Epoch, Policy
from matching.policy import as_engine_policy, in_force
from matching.records import findable
from matching.work import ask
from needs.models import Need

__all__ = ("GLOSSARY", "Index", "Ranking", "current", "forget", "fresh", "rebuild")
LOOK_EVERY = 1.0  # seconds between two looks at the Change rows
OVERLAP = timedelta(seconds=60)  # rows that were written earlier but committed later
ASLEEP = 3600.0  # seconds without a look after which the files are opened anew
WORN_LEAST, WORN_SHARE = 500, 0.04  # changes, of all records, after which a new epoch is made


class Ranking(NamedTuple):
    """The best technologies for a need with their scores, and what was left out and why."""

    pairs: list[tuple[int, float]]
    considered: int
    excluded: dict[str, dict[str, int]]


class Index:
    """Catalogue of technologies and board of needs over the same frozen word statistics."""

    def __init__(self, epoch: Epoch, parts: epochs.Parts, policy: Policy) -> None:
        self.epoch = epoch
        self.started, self.size, self.catalogue, self.board, self.asked = parts
        self.catalogue.use(configured(settings.ENCODER_PATH, settings.DATA_DIR / "encoder"))
        self.follow(policy)
        self.seen: dict[int, datetime] = {}
        self.changes = 0
        self.is_reported = False
        self.looked = time.monotonic()

    def follow(self, policy: Policy) -> None:
        """Score by this policy; statistics do not depend on it."""
        self.policy = policy
        self.catalogue = self.catalogue.under(as_engine_policy(policy))
        self.board.context = self.catalogue.context

    def catch_up(self) -> None:
        """Read the changes since the last look and follow them."""
        since = max([self.started, *self.seen.values()]) - OVERLAP
        rows = [row for row in Change.objects.filter(at__gte=since) if row.pk not in self.seen]
        self.seen = {pk: at for pk, at in self.seen.items() if at >= since}
        self.looked = time.monotonic()
        for kind in Side.values:
            self._follow(kind, {row.subject_id for row in rows if row.kind == kind})
        self.seen |= {row.pk: row.at for row in rows}
        self.changes += sum(row.at >= self.started for row in rows)

    def _follow(self, kind: str, ids: set[int]) -> None:
        if not ids:
            return
        if kind == Side.TECHNOLOGY:
            rows = encodings.of(ids)
            for pk in ids:
                if pk in rows:
                    self.catalogue.put(rows[pk])
                else:
                    self.catalogue.remove(pk)
            return
        asked = list(Need.objects.published().filter(pk__in=ids).for_page())
        demands = {demand.id: demand for demand in demands_of(asked, timezone.localdate())}
        for pk in ids:
            demand = demands.get(pk)
            _put(self.board, pk, demand)
            _put(self.asked, pk, findable(demand) if demand else None)

    def rank(self, demand: engine.Demand, width: int) -> Ranking:
        """The best for a need, as many as the width, without explanations."""
        return _ranking(self.catalogue.answer(demand, width))

    def rank_stored(self, needs: Sequence[int], widths: Sequence[int]) -> list[Ranking]:
        """The same for needs that are public, as the board holds them: their texts are not read;
        all processors take part, unless an encoder has records read from the database.
        """
        if self.catalogue.context.meanings:
            return list(map(self._rank_stored, needs, widths))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(self._rank_stored, needs, widths))

    def _rank_stored(self, need: int, width: int) -> Ranking:
        return _ranking(self.catalogue.answer_as_stored(self.board, need, width))

    def explain(
        self, asked: Sequence[tuple[engine.Demand, Sequence[int]]], *, stored: bool = False
    ) -> list[list[engine.Scored]]:
        """For each need the score and every reason of these technologies, if they are public;
        if `stored`, with the terms of the need as the board holds them.
        """
        records = epochs.supplies({pk for _demand, chosen in asked for pk in chosen})
        return [
            self.catalogue.explain(
                demand, chosen, records, self._versions(demand.id) if stored else None
            )
            for demand, chosen in asked
        ]

    def _versions(self, need: int) -> list[Version] | None:
        """A need's terms as the board holds them; None when it was not public at the last look."""
        return self.board.versions(need) if need in self.board else None

    def needs_for(self, supply: engine.Supply, width: int) -> list[tuple[int, float]]:
        """The best needs for a technology, its texts read as they are stored."""
        encoded = encodings.of([supply.id]).get(supply.id)
        readings = engine.decode_supply(encoded).readings if encoded else None
        return self.board.ranked(supply, width, readings)

    @property
    def worn(self) -> bool:
        return self.changes > max(WORN_LEAST, WORN_SHARE * self.size)


def _ranking(answer: Answer) -> Ranking:
    around = answer.shortlist([])
    excluded = {
        criterion: {"removed": removed, "would_fit": around.would_fit.get(criterion, 0)}
        for criterion, removed in around.excluded.items()
    }
    return Ranking(answer.ranked(), answer.considered, excluded)


class _Held:
    """The one index of this process."""

    lock = threading.RLock()
    index: Index | None = None
    anew = False


def load() -> None:
    """Load what an index needs beside its files, as far as it is there: machine code and words."""
    engine.load_kernels()
    with suppress(DatabaseError):
        encodings.words()
    connections.close_all()  # a process that is made of this one must not have its line


def current() -> Index:
    """The index of this process, at most a second behind the database."""
    with _Held.lock:
        held = _Held.index
        if held is None or time.monotonic() - held.looked >= LOOK_EVERY:
            held = _Held.index = _looked(held)
        return held


def fresh(since: datetime | None = None, tick: Callable[[], None] | None = None) -> Index:
    """The index with every change committed so far, its epoch begun after ``since``: what a worker
    scores with. ``tick`` is called now and then while a new one is made.
    """
    with _Held.lock:
        held = _Held.index = _looked(_Held.index, tick)
        if since and held.epoch.started_at < since:
            held = _Held.index = _made(since, tick)
        return held


def rebuild(_subject: int = 0) -> None:
    """The work that a worn index asks for: a new epoch, which every process then opens."""
    with _Held.lock:
        if fresh().worn:
            _Held.index = _made(timezone.now())


def forget() -> None:
    """Build anew at the next use."""
    with _Held.lock:
        _Held.index, _Held.anew = None, True


def _looked(held: Index | None, tick: Callable[[], None] | None = None) -> Index:
    """Brought up to date: the current epoch if it can be opened, changes, the policy in force."""
    if held is not None and time.monotonic() - held.looked > ASLEEP:
        held = None  # what it has not seen may have been deleted
    if _Held.anew:
        return _made(None, tick)
    epoch = epochs.latest()
    if held is None or (epoch is not None and epoch.pk > held.epoch.pk):
        held = _opened(epoch) or held
    if held is None:
        return _made(None, tick)
    return _settled(held)


def _opened(epoch: Epoch | None) -> Index | None:
    try:
        return Index(epoch, epochs.open_files(epoch), in_force()) if epoch else None
    except engine.SnapshotError:  # not made on this machine, or torn
        return None


def _made(since: datetime | None, tick: Callable[[], None] | None = None) -> Index:
    index = Index(*epochs.make(since, tick=tick or _nothing, anew=_Held.anew), in_force())
    _Held.anew = False
    return _settled(index)


def _nothing() -> None:
    return None


def _settled(held: Index) -> Index:
    policy = in_force()
    if held.policy != policy:
        held.follow(policy)
    held.catch_up()
    if held.worn and not held.is_reported:
        held.is_reported = True
        ask(Effect.REBUILD, 0)
    return held


def search_technologies(words: str, language: str, limit: int = 500) -> list[int]:
    return [pk for pk, _relevance in current().catalogue.search(words, language=language, k=limit)]


def search_needs(words: str, language: str, limit: int = 500) -> list[int]:
    return [pk for pk, _relevance in current().asked.search(words, language=language, k=limit)]


def _put(held: Any, pk: int, record: Any) -> None:
    """Add or replace a record of an index, or take it out when it is no longer public."""
    if record is None:
        held.remove(pk)
    else:
        held.add(record)
