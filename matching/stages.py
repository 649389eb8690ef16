"""What each stage of a run does with a chunk: the work first, then a function that writes it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from django.utils import timezone

from matching import index
from matching.allotment import deal, trim
from matching.choices import Lesson, Stage
from matching.lessons import demands_of, doubles, learned
from matching.models import Chunk, Run, Shortlist, Suggestion
from matching.payloads import EDGE, Edges, Found, edges_of
from matching.runs import Finish, Stages, renew
from matching.scoring import is_own, owners_of, width_of
from matching.storing import Plan, ask_to_tell, store
from needs.models import Need

SIZE = 200  # needs of one chunk: about a second of work


def prepare(chunk: Chunk) -> Finish:
    """A new index with fresh word statistics, then the needs dealt into chunks."""
    index.fresh(chunk.run.started_at, tick=lambda: renew(chunk))
    ids = list(Need.objects.published().order_by("pk").values_list("pk", flat=True))
    parts = [ids[start : start + SIZE] for start in range(0, len(ids), SIZE)]

    def write() -> None:
        Run.objects.filter(pk=chunk.run_id).update(needs=len(ids))
        Chunk.objects.bulk_create(
            Chunk(run=chunk.run, stage=Stage.SCORE, number=number, first=part[0], last=part[-1])
            for number, part in enumerate(parts)
        )

    return write


def score(chunk: Chunk) -> Finish:
    """The candidates of each need among all technologies."""
    at = timezone.now()
    now = index.fresh(since=chunk.run.started_at)
    rows = Need.objects.published().filter(pk__range=(chunk.first, chunk.last))
    public = rows.select_related("organisation").order_by("pk")
    needs = [need for need in public if need.pk in now.board]  # one that came since is asked for
    ranked = now.rank_stored([need.pk for need in needs], [width_of(need) for need in needs])
    owners = owners_of({pk for ranking in ranked for pk, _score in ranking.pairs})
    least = chunk.run.policy.limits["min_score"]
    same = _same(needs, ranked)
    edges = [
        (need.pk, pk, owners[pk], points)
        for need, ranking in zip(needs, ranked, strict=True)
        for pk, points in ranking.pairs
        if points >= least and pk in owners and not is_own(need, owners[pk])
        if pk not in same.get(need.pk, ())
    ]
    found = Found(
        at,
        [need.pk for need in needs],
        [ranking.considered for ranking in ranked],
        [ranking.excluded for ranking in ranked],
        edges_of(edges),
    )
    return found.pack


def _same(needs: list[Need], ranked: list[index.Ranking]) -> dict[int, set[int]]:
    """By need, technologies that repeat one that was declined as a duplicate."""
    known = learned(need.pk for need in needs)
    return {
        need.pk: doubles(need, [pk for pk, _score in ranking.pairs])
        for need, ranking in zip(needs, ranked, strict=True)
        if need.pk in known and known[need.pk].answers.get(Lesson.DUPLICATE)
    }


def allot(chunk: Chunk) -> Finish:
    """The places of both sides shared out over the candidates of all needs."""
    scored = chunk.run.chunks.filter(stage=Stage.SCORE, done_at__isnull=False)
    parts = list(scored.order_by("number"))
    found = [Found.unpack(part.payload) for part in parts]
    edges: Edges = np.concatenate([np.zeros(0, EDGE), *(part.edges for part in found)])
    needs = [pk for part in found for pk in part.needs]
    chosen = deal(edges, needs, chunk.run.policy)
    ends = np.cumsum([len(part.edges) for part in found])[:-1]
    shares = [
        part[mask] for part, mask in zip(np.split(edges, ends), np.split(chosen, ends), strict=True)
    ]

    def write() -> None:
        Chunk.objects.bulk_create(
            Chunk(
                run=chunk.run,
                stage=Stage.WRITE,
                number=part.number,
                first=part.first,
                last=part.last,
                payload=candidates.choosing(share).pack(),
            )
            for part, candidates, share in zip(parts, found, shares, strict=True)
        )

    return write


def write(chunk: Chunk) -> Finish:
    """The chosen pairs explained and written; needs scored again since then are left alone."""
    if chunk.payload is None:
        return lambda: None
    found, policy = Found.unpack(chunk.payload), chunk.run.policy
    plans = _plans(found, chunk)

    def finish() -> None:
        rows = Need.objects.published().filter(pk__in=found.needs).order_by("pk")
        there = set(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        later = Shortlist.objects.filter(need__in=there, scored_at__gt=found.at)
        there -= set(later.values_list("need", flat=True))
        store([plan for plan in plans if plan.need_id in there], policy, found.at)

    return finish


def _plans(found: Found, chunk: Chunk) -> list[Plan]:
    chosen: dict[int, list[int]] = defaultdict(list)
    for edge in np.sort(found.edges, order="score")[::-1]:
        chosen[int(edge["need"])].append(int(edge["technology"]))
    today = timezone.localdate()
    rows = Need.objects.published().for_page().filter(pk__in=found.needs)
    demands = {demand.id: demand for demand in demands_of(list(rows), today)}
    counts = zip(found.needs, found.considered, found.excluded, strict=True)
    kept = [row for row in counts if row[0] in demands]
    now = index.fresh(since=chunk.run.started_at)
    explained = now.explain(
        [(demands[pk], chosen[pk]) for pk, _considered, _excluded in kept], stored=True
    )
    least = chunk.run.policy.limits["min_score"]
    return [
        Plan(pk, [pair for pair in pairs if pair.score >= least], considered, excluded)
        for (pk, considered, excluded), pairs in zip(kept, explained, strict=True)
    ]


def settle(chunk: Chunk) -> Finish:
    """No provider beyond its places, and everybody told who has something new."""

    def write() -> None:
        trim(chunk.run.policy)
        rows = Suggestion.objects.all()
        ask_to_tell(rows)
        Run.objects.filter(pk=chunk.run_id).update(suggestions=rows.open().count())

    return write


STAGES: Stages = {
    Stage.PREPARE: prepare,
    Stage.SCORE: score,
    Stage.ALLOT: allot,
    Stage.WRITE: write,
    Stage.SETTLE: settle,
}
