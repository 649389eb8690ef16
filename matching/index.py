"""The index each process holds: built from the database, kept current by reading Change rows.

The database is the truth; any process can rebuild. A change committed anywhere is seen here
within a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from common.languages import CODES, column
from matching import engine
from matching.choices import Side
from matching.encoder import configured
from matching.engine.packs import Pack, PackError, pack_files, read_pack
from matching.engine.pivot import read_rows
from matching.lessons import demands_of
from matching.models import Change, Policy
from matching.policy import as_engine_policy, in_force
from matching.records import findable, supply_of
from needs.models import Need
from technologies.models import Technology
from vocabulary.models import Concept

logger = logging.getLogger(__name__)
LOOK_EVERY = 1.0  # seconds between two looks at the Change rows
OVERLAP = timedelta(seconds=60)  # rows that were written earlier but committed later
REBUILD_SHARE = (
    0.1  # rebuild when this share of the records has changed: word statistics are frozen in between
)
GLOSSARY = Path(__file__).resolve().parent / "glossary"


class Ranking(NamedTuple):
    """The best technologies for a need with their scores, and what was left out and why."""

    pairs: list[tuple[int, float]]
    considered: int
    excluded: dict[str, dict[str, int]]


class Index:
    """Catalogue of technologies and board of needs over the same frozen word statistics."""

    def __init__(self) -> None:
        self.started = timezone.now()
        self.policy: Policy = in_force()
        self.seen: dict[int, datetime] = {}
        self.changes = 0
        self.looked = time.monotonic()
        today = timezone.localdate()
        supplies = [supply_of(row) for row in _rows(Technology.objects.published().for_page())]
        demands = demands_of(list(_rows(Need.objects.published().for_page())), today)
        self.size = len(supplies) + len(demands)
        self.catalogue = engine.Catalogue(
            supplies,
            policy=as_engine_policy(self.policy),
            parents=_parents(),
            glossary=_glossary(),
        )
        self.catalogue.use(configured(settings.ENCODER_PATH, settings.DATA_DIR / "encoder"))
        self.board = engine.Board(demands, context=self.catalogue.context)
        self.asked = engine.Catalogue(
            map(findable, demands), glossary=self.catalogue.context.glossary
        )

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
        today = timezone.localdate()
        if kind == Side.TECHNOLOGY:
            rows = Technology.objects.published().filter(pk__in=ids).for_page()
            supplies = {row.pk: supply_of(row) for row in rows}
            for pk in ids:
                _put(self.catalogue, pk, supplies.get(pk))
        else:
            asked = list(Need.objects.published().filter(pk__in=ids).for_page())
            demands = {demand.id: demand for demand in demands_of(asked, today)}
            for pk in ids:
                demand = demands.get(pk)
                _put(self.board, pk, demand)
                _put(self.asked, pk, findable(demand) if demand else None)

    def rank(self, demands: Sequence[engine.Demand], widths: Sequence[int]) -> list[Ranking]:
        """The best for each need, as many as its width, without explanations."""
        found = []
        for demand, width in zip(demands, widths, strict=True):
            counts = self.catalogue.shortlist(demand, k=0)
            excluded = {
                criterion: {"removed": removed, "would_fit": counts.would_fit.get(criterion, 0)}
                for criterion, removed in counts.excluded.items()
            }
            pairs = self.catalogue.ranked(demand, width)
            found.append(Ranking(pairs, counts.considered, excluded))
        return found

    def explain(
        self, asked: Sequence[tuple[engine.Demand, Sequence[int]]]
    ) -> list[list[engine.Scored]]:
        """For each need the score and every reason of these technologies, if they are public."""
        ids = {pk for _demand, chosen in asked for pk in chosen}
        rows = Technology.objects.published().filter(pk__in=ids).for_page()
        supplies = {row.pk: supply_of(row) for row in rows}
        context = self.catalogue.context
        return [
            [engine.score_pair(demand, supplies[pk], context) for pk in chosen if pk in supplies]
            for demand, chosen in asked
        ]

    def needs_for(self, supply: engine.Supply, width: int) -> list[tuple[int, float]]:
        """The best needs for a technology."""
        return self.board.ranked(supply, width)

    @property
    def worn(self) -> bool:
        return self.changes > max(10, REBUILD_SHARE * self.size)


class _Held:
    """The one index of this process."""

    lock = threading.RLock()
    index: Index | None = None


def current() -> Index:
    """The index of this process, at most a second behind the database."""
    with _Held.lock:
        held = _Held.index
        if held is not None and time.monotonic() - held.looked >= LOOK_EVERY:
            held.catch_up()
            if held.worn or held.policy != in_force():
                held = None
        if held is None:
            held = _Held.index = Index()
        return held


def fresh(since: datetime | None = None) -> Index:
    """The index with every change committed so far, built after ``since``: what a worker scores
    with.
    """
    with _Held.lock:
        if since and _Held.index and _Held.index.started < since:
            forget()
        current().looked = 0.0
        return current()


def forget() -> None:
    """Build anew at the next use."""
    with _Held.lock:
        _Held.index = None


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


def _rows(queryset: Any) -> Iterable[Any]:
    return queryset.order_by("pk").iterator(chunk_size=500)


def _parents() -> dict[str, str]:
    rows = Concept.objects.filter(parent__isnull=False).select_related("parent")
    return {row.key: row.parent.key for row in rows if row.parent}


def _glossary() -> engine.Glossary:
    """Labels and synonyms of the concepts, the bundled glossary, installed packs."""
    rows = []
    for concept in Concept.objects.filter(scheme__in=["field", "topic"]):
        row = {"concept": concept.key}
        for code in CODES:
            label = getattr(concept, column("label", code)) or ""
            synonyms = getattr(concept, column("synonyms", code)) or ""
            row[code] = "|".join(filter(None, (label, synonyms)))
        rows.append(row)
    if GLOSSARY.is_dir():
        rows += read_rows(GLOSSARY)
    return engine.Glossary(rows, _packs())


def _packs() -> Iterable[Pack]:
    """The dictionary packs an operator installed; one that cannot be read is left out and told."""
    for path in pack_files(settings.DATA_DIR / "packs"):
        try:
            yield read_pack(path)
        except (PackError, OSError):
            logger.exception("dictionary pack left out: install it again")
