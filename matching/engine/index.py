"""Catalogue (needs look for technologies) and Board (technologies look for needs).

Every record is scored, none is skipped: rows are kept in a main block and a small block of recent
changes, both inverted; removed rows are masked. Both directions and `explain.score_pair` do the
same float64 operations in the same order, so a pair has one score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .explain import Spelling, explain, spelling
from .kernels import (
    Bools,
    DemandColumns,
    Floats,
    Ints,
    Labels,
    Postings,
    Sets,
    SupplyColumns,
    best,
    fits,
)
from .pivot import Glossary
from .policy import DEFAULT, Policy
from .records import CRITERIA, Demand, Supply
from .score import (
    LEAST_STANDING,
    ConceptColumns,
    Scored,
    Shortlist,
    concept_evidence,
    log_odds,
    log_odds_at,
    purpose_fit,
    sigmoid,
    text_evidence,
)
from .search import search_slots, slot_scores
from .store import Store
from .text import LANGUAGES
from .vectors import Context, Offer, Query

DEFAULT_K = 50

SPELLED_MOST = 2_000


class _Supplies:
    """Technologies as rows: the one that asks, or the block that answers."""

    def __init__(self, rows: Sequence[tuple[Supply, Offer]], context: Context) -> None:
        self.ids = np.array([supply.id for supply, _ in rows], dtype=np.int64)
        self.vectors = [offer.vector for _, offer in rows]
        self.languages = Sets([offer.languages for _, offer in rows])
        self.columns = SupplyColumns([supply for supply, _ in rows])
        self.concepts = ConceptColumns((supply.concepts for supply, _ in rows), context)
        self._postings: Postings | None = None

    def postings(self, context: Context) -> Postings:
        """Inverted when first needed: a single asking row never is."""
        if self._postings is None:
            ids, values = zip(*self.vectors, strict=True) if self.vectors else ((), ())
            self._postings = Postings(ids, values, len(context.vocabulary))
        return self._postings

    def standing(self, needs: _Demands, context: Context) -> Floats:
        """(n,) text of the one need against every technology, its best language version."""
        found = np.full(len(self.ids), LEAST_STANDING)
        for query in needs.queries:
            own = self.languages.having(query.language)
            mean, spread = query.chance[query.language]
            values = (self.postings(context).dot(*query.vector) - mean) / spread
            if not own.all():
                values = np.where(own, values, self._abroad(query, context))
            found = np.maximum(found, values)
        return found

    def _abroad(self, query: Query, context: Context) -> Floats:
        """(n,) text of a need by a language of each technology where it stands lowest."""
        dots = self.postings(context).dot(*query.abroad)
        lowest = np.full(len(self.ids), np.inf)
        for language, rows in self.languages.rows_of.items():
            mean, spread = query.chance[language]
            lowest[rows] = np.minimum(lowest[rows], (dots[rows] - mean) / spread)
        return np.where(np.isinf(lowest), LEAST_STANDING, lowest)


class _Demands:
    """Needs as rows, one posting row for each language version."""

    def __init__(self, rows: Sequence[tuple[Demand, list[Query]]], context: Context) -> None:
        self.ids = np.array([demand.id for demand, _ in rows], dtype=np.int64)
        self.queries = [query for _, queries in rows for query in queries]
        self.owner = np.repeat(np.arange(len(rows)), [len(queries) for _, queries in rows])
        self.columns = DemandColumns([demand for demand, _ in rows])
        self.concepts = ConceptColumns((demand.concepts for demand, _ in rows), context)
        self.language = Labels([query.language for query in self.queries])
        self.chance = {
            language: np.array([query.chance[language] for query in self.queries]).reshape(-1, 2).T
            for language in LANGUAGES
        }
        self.at_home = np.array([query.chance[query.language] for query in self.queries])
        self._postings: list[Postings] = []

    def postings(self, context: Context) -> list[Postings]:
        """At home and abroad; inverted when first needed."""
        if not self._postings:
            for rows in ([q.vector for q in self.queries], [q.abroad for q in self.queries]):
                ids, values = [row.ids for row in rows], [row.values for row in rows]
                self._postings.append(Postings(ids, values, len(context.vocabulary)))
        return self._postings

    def standing(self, offers: _Supplies, context: Context) -> Floats:
        """(n,) text of every need against the one technology, its best language version."""
        found = np.full(len(self.ids), LEAST_STANDING)
        languages = offers.languages.single
        if self.queries and languages:
            near, far = (postings.dot(*offers.vectors[0]) for postings in self.postings(context))
            mean, spread = self.at_home.T
            lowest = np.full(len(self.queries), np.inf)
            for language in languages:
                usual, sway = self.chance[language]
                lowest = np.minimum(lowest, (far - usual) / sway)
            own = self.language.within(languages)
            np.maximum.at(found, self.owner, np.where(own, (near - mean) / spread, lowest))
        return found


def _judge(demands: _Demands, supplies: _Supplies, context: Context) -> tuple[Floats, Bools]:
    """(n,) log-odds and (7, n) broken hard conditions; one side has a single row."""
    if not (len(demands.ids) and len(supplies.ids)):
        return np.zeros(0), np.zeros((len(CRITERIA) - 1, 0), dtype=np.bool_)
    one_need = len(demands.ids) == 1
    text = supplies.standing(demands, context) if one_need else demands.standing(supplies, context)
    x = purpose_fit(text_evidence(text), *concept_evidence(demands.concepts, supplies.concepts))
    values, short = fits(demands.columns, supplies.columns, context.policy.rates)
    z = log_odds(x, values, context.policy)
    must = np.vstack([demands.columns.must.having(criterion) for criterion in CRITERIA[1:]])
    return z, short & must


@dataclass(slots=True)
class _Judged:
    """All rows of one side against one record of the other."""

    ids: Ints
    z: Floats
    broken: Bools

    def top(self, k: int | None) -> list[tuple[int, float]]:
        """(id, score) of the best k that break no hard condition."""
        allowed = np.flatnonzero(~self.broken.any(axis=0))
        k = DEFAULT_K if k is None else k
        chosen = allowed[best(self.z[allowed], self.ids[allowed], k)]
        return [(int(self.ids[row]), 100.0 * sigmoid(float(self.z[row]))) for row in chosen]

    def shortlist(self, results: list[Scored], min_score: float) -> Shortlist:
        """The results with the counts around them."""
        alone = self.broken & (self.broken.sum(axis=0) == 1)
        good = self.z >= log_odds_at(min_score)
        counts = zip(CRITERIA[1:], self.broken.sum(axis=1), (alone & good).sum(axis=1), strict=True)
        excluded, would_fit = {}, {}
        for criterion, removed, fitting in counts:
            if removed:
                excluded[criterion], would_fit[criterion] = int(removed), int(fitting)
        return Shortlist(results, len(self.ids), excluded, would_fit)


def _collect(parts: Iterable[tuple[Ints, Floats, Bools, Bools]]) -> _Judged:
    kept = [(ids[alive], z[alive], broken[:, alive]) for ids, z, broken, alive in parts]
    ids, z, broken = zip(*kept, strict=True)
    return _Judged(np.concatenate(ids), np.concatenate(z), np.concatenate(broken, axis=1))


class Catalogue:
    """All technologies, ready to answer a need or a search.

    Building freezes the statistics (`context`) that every later score uses, also of technologies
    added afterwards; build anew, at night say, to refresh them.
    """

    def __init__(
        self,
        supplies: Iterable[Supply],
        *,
        policy: Policy = DEFAULT,
        parents: Mapping[str, str] | None = None,
        glossary: Glossary | None = None,
    ) -> None:
        self.context = context = Context(policy, parents, glossary)
        by_number = {supply.id: supply for supply in supplies}
        held = {number: by_number[number] for number in sorted(by_number)}
        readings = {number: context.read_supply(supply) for number, supply in held.items()}
        context.freeze(readings.values())
        rows = {n: (supply, context.offer(readings[n])) for n, supply in held.items()}
        context.settle(offer for _, offer in rows.values())
        self._store: Store[tuple[Supply, Offer], _Supplies] = Store(
            rows, lambda chosen: _Supplies(chosen, context)
        )
        self._spelled: dict[int, Spelling] = {}

    def __len__(self) -> int:
        """How many technologies are held."""
        return len(self._store.rows)

    def add(self, supply: Supply) -> None:
        """Add a technology, or replace the one with the same id."""
        offer = self.context.offer(self.context.read_supply(supply))
        self._store.put(supply.id, (supply, offer))
        self._spelled.pop(supply.id, None)

    def remove(self, number: int) -> None:
        """Take a technology out; an unknown id is fine."""
        self._store.drop(number)
        self._spelled.pop(number, None)

    def _judged(self, demand: Demand, queries: list[Query]) -> _Judged:
        context = self.context
        asking = _Demands([(demand, queries)], context)
        return _collect(
            (block.ids, *_judge(asking, block, context), alive)
            for block, alive in self._store.blocks()
        )

    def ranked(self, demand: Demand, k: int | None = None) -> list[tuple[int, float]]:
        """(supply id, score) of the k best (50), hard conditions applied; no explanations."""
        return self._judged(demand, self.context.queries(demand)).top(k)

    def shortlist(self, demand: Demand, k: int | None = None) -> Shortlist:
        """The k best technologies (50) for a need with their reasons, and what was excluded."""
        queries = self.context.queries(demand)
        judged = self._judged(demand, queries)
        asked = spelling(demand.texts, self.context.glossary)
        results = []
        for number, _ in judged.top(k):
            supply, offer = self._store.rows[number]
            offered = self._spelling(supply)
            results.append(explain(demand, supply, self.context, queries, offer, asked, offered))
        return judged.shortlist(results, self.context.policy.min_score)

    def _spelling(self, supply: Supply) -> Spelling:
        if supply.id not in self._spelled:
            if len(self._spelled) >= SPELLED_MOST:
                self._spelled.clear()
            self._spelled[supply.id] = spelling(supply.texts, self.context.glossary)
        return self._spelled[supply.id]

    def search(self, query: str, language: str, k: int = DEFAULT_K) -> list[tuple[int, float]]:
        """(supply id, relevance) of the k best for a few words, equal ones by id.

        The last word also matches as a prefix; a word nobody uses matches its near misses.
        """
        slots = search_slots(query, language, self.context)
        ids, found = [], []
        for block, alive in self._store.blocks():
            ids.append(block.ids[alive])
            found.append(slot_scores(slots, block.postings(self.context))[alive])
        every, scores = np.concatenate(ids), np.concatenate(found)
        held = scores > 0
        every, scores = every[held], scores[held]
        return [(int(every[row]), float(scores[row])) for row in best(scores, every, k)]


class Board:
    """All needs, ready to answer a technology: the mirror image of Catalogue.

    `context` is the catalogue's, so that a pair has exactly the same score from both sides.
    """

    def __init__(self, demands: Iterable[Demand], context: Context) -> None:
        self.context = context
        self._store: Store[tuple[Demand, list[Query]], _Demands] = Store(
            {demand.id: (demand, context.queries(demand)) for demand in demands},
            lambda chosen: _Demands(chosen, context),
        )

    def __len__(self) -> int:
        """How many needs are held."""
        return len(self._store.rows)

    def add(self, demand: Demand) -> None:
        """Add a need, or replace the one with the same id."""
        self._store.put(demand.id, (demand, self.context.queries(demand)))

    def remove(self, number: int) -> None:
        """Take a need out; an unknown id is fine."""
        self._store.drop(number)

    def _judged(self, supply: Supply, offer: Offer) -> _Judged:
        context = self.context
        asking = _Supplies([(supply, offer)], context)
        return _collect(
            (block.ids, *_judge(block, asking, context), alive)
            for block, alive in self._store.blocks()
        )

    def ranked(self, supply: Supply, k: int | None = None) -> list[tuple[int, float]]:
        """(demand id, score) of the k best (50), hard conditions applied; no explanations."""
        return self._judged(supply, self.context.offer(self.context.read_supply(supply))).top(k)

    def demands_for(self, supply: Supply, k: int | None = None) -> Shortlist:
        """The k best needs (50) for a technology with their reasons, and what was excluded."""
        context = self.context
        offer = context.offer(context.read_supply(supply))
        judged = self._judged(supply, offer)
        offered = spelling(supply.texts, context.glossary)
        results = []
        for number, _ in judged.top(k):
            demand, queries = self._store.rows[number]
            asked = spelling(demand.texts, context.glossary)
            results.append(explain(demand, supply, context, queries, offer, asked, offered))
        return judged.shortlist(results, context.policy.min_score)
