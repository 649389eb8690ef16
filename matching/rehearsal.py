"""A policy tried before it is switched on: what would appear, vanish or move, and how good it is.

A worker goes through the needs in batches, each in one transaction with the place it reached; what
is killed goes on from there. Nothing is written beside the rehearsal itself.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import User
from common.errors import Conflict, NotAllowed
from matching import calibration, engine, exposure, index, scoring
from matching.choices import Decision, Effect
from matching.lessons import demand_of
from matching.models import Policy, Rehearsal, RehearsedNeed, Suggestion
from matching.policy import as_engine_policy, in_force, parts_of
from matching.work import ask
from needs.models import Need
from technologies.models import Technology

BATCH = 20  # needs in one transaction
SLICE = 20.0  # seconds a worker stays with it before other work has its turn
KEPT = 3  # rehearsals of one policy
SEEN = 200  # places down the ranking where a score is still looked up
SHOWS = 0.5  # points of score that count as a move
CHANGED = ("appear", "vanish", "up", "down")


@transaction.atomic
def ask_rehearsal(policy: Policy, *, by: User) -> Rehearsal:
    """Have a policy rehearsed against the one in force; an unfinished rehearsal starts over."""
    if not by.has_perm("matching.change_policy"):
        raise NotAllowed
    if policy.in_force:
        raise Conflict
    policy.rehearsals.filter(finished_at__isnull=True).delete()
    old = policy.rehearsals.values_list("pk", flat=True)[KEPT - 1 :]
    Rehearsal.objects.filter(pk__in=list(old)).delete()
    row = Rehearsal.objects.create(
        policy=policy,
        against=in_force(),
        parts=parts_of(policy),
        asked_by=by,
        needs=Need.objects.published().count(),
    )
    record("rehearse", policy, by=by, rehearsal=row.pk)
    ask(Effect.REHEARSE, row.pk)
    return row


def last_of(policy: Policy) -> Rehearsal | None:
    return policy.rehearsals.select_related("policy", "against", "asked_by").first()


def is_current(row: Rehearsal) -> bool:
    """Has nothing been edited since, and is it still compared with the policy in force?"""
    return row.parts == parts_of(row.policy) and row.against.in_force


def rehearse(rehearsal_id: int) -> None:
    """Go on where the last worker stopped, for a while; then let other work have its turn."""
    row = Rehearsal.objects.select_related("policy", "against").filter(pk=rehearsal_id).first()
    if row is None or row.finished_at:
        return
    stage = _Stage(row)
    until = time.monotonic() + SLICE
    while needs := _next(row):
        if not _store(row, needs, [stage.try_on(need) for need in needs]):
            return
        if time.monotonic() > until:
            ask(Effect.REHEARSE, row.pk)
            return
    _finish(row, stage)


def _next(row: Rehearsal) -> list[Need]:
    rows = Need.objects.published().filter(pk__gt=row.cursor).order_by("pk").for_page()
    return list(rows[:BATCH])


class _Stage:
    """The records as they are, scored by both policies."""

    def __init__(self, row: Rehearsal) -> None:
        held = index.fresh().catalogue
        self.tried = Policy(version=row.policy.version, **row.parts)
        self.now = held.under(as_engine_policy(row.against))
        self.then = held.under(as_engine_policy(self.tried))
        self.least_now = row.against.limits["min_score"]
        self.least_then = self.tried.limits["min_score"]
        self.today = timezone.localdate()

    def try_on(self, need: Need) -> _Tried:
        demand = demand_of(need, self.today)
        width = max(20, scoring.WIDTH * need.capacity)
        found = _Tried(need, self.now.ranked(demand, SEEN), self.then.ranked(demand, SEEN))
        chosen = scoring.would_choose(need, self.then.shortlist(demand, k=width), self.tried)
        open_now = need.suggestions.all().open().filter(introduction__isnull=True)
        rows = {suggestion.technology_id: suggestion for suggestion in open_now}
        accepted = need.suggestions.filter(responses__decision=Decision.ACCEPT)
        kept = set(accepted.values_list("technology_id", flat=True))
        found.compare(rows, {scored.supply_id: scored for scored in chosen}, kept, self)
        return found


class _Tried:
    """One need under both policies."""

    def __init__(
        self, need: Need, now: list[tuple[int, float]], then: list[tuple[int, float]]
    ) -> None:
        self.need, self.now, self.then = need, dict(now), dict(then)
        self.changes: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()
        self.held: tuple[list[int], list[int]] = ([], [])

    def compare(
        self,
        rows: dict[int, Suggestion],
        chosen: dict[int, engine.Scored],
        kept: set[int],
        stage: _Stage,
    ) -> None:
        for pk in sorted(chosen.keys() - rows.keys()):
            above = self.now.get(pk, 0.0) >= stage.least_now
            self._note("appear", pk, "overtakes" if above else "reaches", None, chosen[pk])
        for pk in sorted(rows.keys() - chosen.keys() - kept):
            above = self.then.get(pk, 0.0) >= stage.least_then
            self._note("vanish", pk, "overtaken" if above else "falls", rows[pk], None)
        for pk in sorted(rows.keys() & chosen.keys()):
            rise = chosen[pk].score - rows[pk].score
            if abs(rise) < SHOWS:
                self.counts["same"] += 1
            else:
                self._note("up" if rise > 0 else "down", pk, "criteria", rows[pk], chosen[pk])
        self.held = (list(rows), list(chosen.keys() | (rows.keys() & kept)))
        self._afresh(stage)

    def _note(
        self,
        kind: str,
        pk: int,
        why: str,
        row: Suggestion | None,
        scored: engine.Scored | None,
    ) -> None:
        old = row.score if row else self.now.get(pk)
        new = scored.score if scored else self.then.get(pk)
        self.counts[kind] += 1
        self.changes.append(
            {
                "technology": pk,
                "kind": kind,
                "why": why,
                "old": None if old is None else round(old, 2),
                "new": None if new is None else round(new, 2),
                "parts": _parts(row, scored),
            }
        )

    def _afresh(self, stage: _Stage) -> None:
        """How much of the list would stay if nobody had been told anything."""
        now, then = (
            {pk for pk, score in list(ranking.items())[: self.need.capacity] if score >= least}
            for ranking, least in ((self.now, stage.least_now), (self.then, stage.least_then))
        )
        self.counts["afresh"] += len(now | then)
        self.counts["afresh_same"] += len(now & then)


def _parts(row: Suggestion | None, scored: engine.Scored | None) -> list[list[Any]]:
    """[criterion, points before, points after]: the two that differ most."""
    old = {verdict["criterion"]: verdict["points"] for verdict in row.verdicts} if row else {}
    new = {verdict.criterion: verdict.points for verdict in scored.verdicts} if scored else {}
    if not (old and new):
        return []
    pairs = [[name, round(old.get(name, 0.0), 1), round(new[name], 1)] for name in new]
    pairs.sort(key=lambda part: -abs(part[2] - part[1]))
    return [part for part in pairs[:2] if abs(part[2] - part[1]) >= SHOWS / 2]


@transaction.atomic
def _store(row: Rehearsal, needs: list[Need], tried: list[_Tried]) -> bool:
    """Write a batch with the place it reached; False when another worker was quicker."""
    locked = Rehearsal.objects.select_for_update().filter(pk=row.pk, cursor=row.cursor).first()
    if locked is None:
        return False
    made = [
        RehearsedNeed(
            rehearsal=row,
            need=found.need,
            appear=found.counts["appear"],
            vanish=found.counts["vanish"],
            move=found.counts["up"] + found.counts["down"],
            changes=found.changes,
        )
        for found in tried
        if found.changes
    ]
    RehearsedNeed.objects.bulk_create(made)
    counts = sum((found.counts for found in tried), Counter(locked.counts))
    row.counts, row.cursor, row.done = dict(counts), needs[-1].pk, locked.done + len(needs)
    row.figures = {"load": _loaded(locked.figures.get("load", {}), tried)}
    row.save(update_fields=["counts", "cursor", "done", "figures"])
    return True


def _loaded(load: dict[str, list[int]], tried: list[_Tried]) -> dict[str, list[int]]:
    """Suggestions by provider, now and then."""
    ids = {pk for found in tried for side in found.held for pk in side}
    owners = dict(Technology.objects.filter(pk__in=ids).values_list("pk", "organisation"))
    found = {key: list(value) for key, value in load.items()}
    for one in tried:
        for place, side in enumerate(one.held):
            for pk in side:
                found.setdefault(str(owners[pk]), [0, 0])[place] += 1
    return found


def _finish(row: Rehearsal, stage: _Stage) -> None:
    pairs = calibration.decided()
    given = calibration.scores(pairs, [stage.now.context, stage.then.context])
    load = {int(pk): both for pk, both in row.figures.get("load", {}).items()}
    sizes = exposure.sizes()
    row.figures = {
        "quality": [calibration.quality(pairs, scores) for scores in given],
        "exposure": [
            exposure.spread({pk: both[place] for pk, both in load.items()}, sizes)
            for place in (0, 1)
        ],
    }
    row.finished_at = timezone.now()
    row.save(update_fields=["figures", "finished_at"])
