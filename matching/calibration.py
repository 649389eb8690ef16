"""What people decided, as labels: how well a policy tells yes from no, and its better level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.actions import record
from matching import engine, index
from matching.choices import Decision, DeclineReason
from matching.models import Policy, Response
from matching.policy import in_force
from matching.records import demand_of, supply_of
from needs.models import Need
from technologies.models import Technology

ENOUGH = 200  # decisions from which a level can be fitted
LEAST_OF_A_KIND = 20  # yes and no
SHIFT = 0.02  # a smaller change of intercept and slope is not worth a new version
MOST = 3_000  # the latest decisions tell most about today
SILENT = (DeclineReason.ALREADY_SOLVED, DeclineReason.NO_CAPACITY, DeclineReason.DUPLICATE)
"""Reasons to decline that say nothing about the pair."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A pair that people decided about, and whether they found that it fits."""

    need_id: int
    technology_id: int
    fits: bool


def decided() -> list[Decided]:
    """The latest pairs; a no from either side outweighs a yes from the other."""
    rows = Response.objects.exclude(decline_reason__in=SILENT).order_by("-answered_at", "-pk")
    found: dict[tuple[int, int], bool] = {}
    pairs = rows.values_list("suggestion__need", "suggestion__technology", "decision")
    for need_id, technology_id, decision in pairs[: 2 * MOST]:
        key = (need_id, technology_id)
        found[key] = found.get(key, True) and decision == Decision.ACCEPT
    return [Decided(*key, fits) for key, fits in list(found.items())[:MOST]]


def scores(pairs: Sequence[Decided], contexts: Iterable[engine.Context]) -> list[list[float]]:
    """For each context the score of each pair, from the records alone: what the need has learned
    from these very answers is left out.
    """
    today = timezone.localdate()
    needs = Need.objects.filter(pk__in={pair.need_id for pair in pairs}).for_page()
    demands = {need.pk: demand_of(need, today) for need in needs}
    rows = Technology.objects.filter(pk__in={pair.technology_id for pair in pairs}).for_page()
    supplies = {row.pk: supply_of(row) for row in rows}
    return [
        [
            engine.score_alone(demands[pair.need_id], supplies[pair.technology_id], context)
            for pair in pairs
        ]
        for context in contexts
    ]


def quality(pairs: Sequence[Decided], given: Sequence[float]) -> dict[str, Any]:
    """nDCG@10 over needs with a yes and a no, each ranking its decided pairs; calibration."""
    labels = [pair.fits for pair in pairs]
    by_need: dict[int, list[tuple[float, int, bool]]] = {}
    for pair, score in zip(pairs, given, strict=True):
        row = (-score, pair.technology_id, pair.fits)
        by_need.setdefault(pair.need_id, []).append(row)
    ranked = [
        engine.ndcg(
            [str(pk) for _s, pk, _f in sorted(rows)], {str(pk): int(f) for _s, pk, f in rows}
        )
        for rows in by_need.values()
        if len({fits for _s, _pk, fits in rows}) == 2
    ]
    return {
        "decisions": len(pairs),
        "yes": sum(labels),
        "needs": len(ranked),
        "ndcg": sum(ranked) / len(ranked) if ranked else None,
        "calibration": engine.calibration_error(given, labels) if pairs else None,
        "log_loss": engine.log_loss(given, labels) if pairs else None,
    }


def propose() -> Policy | None:
    """A new version with intercept and slope refitted from local decisions, for an admin to
    rehearse; none while there are too few, or where held-out figures would not get better.

    Nothing is switched on. A proposal that nobody used is replaced.
    """
    pairs = decided()
    yes = sum(pair.fits for pair in pairs)
    if len(pairs) < ENOUGH or min(yes, len(pairs) - yes) < LEAST_OF_A_KIND:
        return None
    present = in_force()
    [given] = scores(pairs, [index.fresh().catalogue.context])
    z = [engine.log_odds_at(score) for score in given]
    fit = engine.calibrate(z, [pair.fits for pair in pairs])
    still = abs(fit.intercept) < SHIFT and abs(fit.slope - 1.0) < SHIFT
    if still or not fit.better:
        return None
    return _write(present, fit, len(pairs), yes)


def propose_once(_subject: int) -> None:
    """The nightly work; there is one for all of matching."""
    propose()


@transaction.atomic
def _write(present: Policy, fit: engine.Fit, decisions: int, yes: int) -> Policy:
    """z' = a + b·z on top of the version in force; b is folded into its steepness."""
    versions = Policy.objects.select_for_update()
    versions.filter(figures__proposed=True, in_force=False, suggestions=None).exclude(
        rehearsals__isnull=False
    ).delete()
    policy = Policy.objects.create(
        version=(versions.aggregate(last=Max("version"))["last"] or 0) + 1,
        weights=present.weights,
        limits=present.limits,
        intercept=fit.intercept + fit.slope * present.intercept,
        slope=fit.slope * present.slope,
        miss_cost=present.miss_cost,
        rates=present.rates,
        rates_as_of=present.rates_as_of,
        figures={"proposed": True, "decisions": decisions, "yes": yes, **asdict(fit)},
    )
    record("propose", policy, by=None, decisions=decisions)
    return policy
