"""Scoring a need or a technology, and storing the suggestions that come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from matching import engine, index
from matching.choices import Decision, Effect, Side
from matching.models import Policy, Response, Shortlist, Suggestion
from matching.records import demand_of, supply_of
from matching.work import ask
from needs.models import Need
from technologies.models import Technology

FORGOTTEN = timedelta(days=14)
WIDTH = 4  # candidates for each place on a shortlist, so that full providers can be passed over


def refresh_need(need_id: int) -> None:
    """Score one need against every published technology and store its shortlist."""
    need = Need.objects.published().for_page().filter(pk=need_id).first()
    if need is None:
        _drop(Suggestion.objects.filter(need_id=need_id))
        return
    now = index.fresh()
    demand = demand_of(need, timezone.localdate())
    shortlist = now.catalogue.shortlist(demand, k=max(20, WIDTH * need.capacity))
    with transaction.atomic():
        Need.objects.select_for_update().get(pk=need_id)
        _store(need, shortlist, now.policy)


def refresh_technology(technology_id: int) -> None:
    """Find the needs that a new or changed technology could answer; refresh their shortlists."""
    technology = Technology.objects.published().for_page().filter(pk=technology_id).first()
    known = set(
        Suggestion.objects.filter(technology_id=technology_id).values_list("need_id", flat=True)
    )
    if technology is not None:
        now = index.fresh()
        least = now.policy.limits["min_score"]
        rows = now.board.demands_for(supply_of(technology), k=50).results
        known |= {row.demand_id for row in rows if row.score >= least}
    for need_id in sorted(known):
        refresh_need(need_id)


def _store(need: Need, shortlist: engine.Shortlist, policy: Policy) -> None:
    settled = _settled(need)
    rows = {row.technology_id: row for row in need.suggestions.select_for_update()}
    before = {pk: row for pk, row in rows.items() if row.pk not in settled}
    expires = timezone.now() + timedelta(days=policy.limits["days_to_answer"])
    for scored in _choose(need, shortlist, policy, before, rows.keys() - before.keys()):
        columns = {**_columns(scored), "policy": policy}
        row = before.pop(scored.supply_id, None)
        if row is None:
            Suggestion.objects.create(
                need=need, technology_id=scored.supply_id, expires_at=expires, **columns
            )
        else:
            Suggestion.objects.filter(pk=row.pk).update(**columns, **_reopened(row, expires))
    _drop(Suggestion.objects.filter(pk__in=[row.pk for row in before.values()]))
    _note(need, shortlist, policy)
    _ask_to_tell(need)


def _note(need: Need, shortlist: engine.Shortlist, policy: Policy) -> None:
    excluded = {
        criterion: {"removed": removed, "would_fit": shortlist.would_fit.get(criterion, 0)}
        for criterion, removed in shortlist.excluded.items()
    }
    Shortlist.objects.update_or_create(
        need=need,
        defaults={
            "considered": shortlist.considered,
            "excluded": excluded,
            "scored_at": timezone.now(),
            "policy": policy,
        },
    )


def _choose(
    need: Need,
    shortlist: engine.Shortlist,
    policy: Policy,
    before: dict[int, Suggestion],
    settled: Set[int],
) -> list[engine.Scored]:
    """The best within the capacity of the need and of each provider; what was told stays."""
    good = [row for row in shortlist.results if row.score >= policy.limits["min_score"]]
    owners = dict(
        Technology.objects.filter(pk__in=[row.supply_id for row in good]).values_list(
            "pk", "organisation"
        )
    )
    held = {pk for pk, row in before.items() if _is_told(row) and row.closed_at is None} & set(
        owners
    )
    load = Counter(_open_suggestions(need, set(owners.values())))
    load.update(owners[pk] for pk in held)
    room = min(need.capacity, policy.limits["per_need"]) - len(held)
    chosen: list[engine.Scored] = []
    for scored in good:
        owner = owners.get(scored.supply_id)
        if owner is None or (owner == need.organisation_id and not need.organisation.imported):
            continue
        free = need.organisation.imported or load[owner] < policy.limits["per_provider"]
        if scored.supply_id in held:
            chosen.append(scored)
        elif scored.supply_id not in settled and free and room > 0:
            chosen.append(scored)
            load[owner] += 1
            room -= 1
    return chosen


def _settled(need: Need) -> set[int]:
    """Suggestions that are history: introduced, declined, out of time. They take no place."""
    rows = need.suggestions.all()
    over = set(rows.over().filter(closed_at__gte=F("expires_at")).values_list("pk", flat=True))
    over |= set(rows.introduced().values_list("pk", flat=True))
    declined = Response.objects.filter(suggestion__need=need, decision=Decision.DECLINE)
    return over | set(declined.values_list("suggestion", flat=True))


def _reopened(row: Suggestion, expires: datetime) -> dict[str, Any]:
    """A pair dropped while one record was hidden comes back, and is told again if long gone."""
    if row.closed_at is None:
        return {}
    columns: dict[str, Any] = {"closed_at": None, "expires_at": expires}
    if timezone.now() - row.closed_at > FORGOTTEN:
        columns |= {"told_need_at": None, "told_technology_at": None}
    return columns


def _open_suggestions(need: Need, owners: set[int]) -> dict[int, int]:
    rows = (
        Suggestion.objects.all()
        .open()
        .filter(technology__organisation__in=owners)
        .exclude(need=need)
        .values("technology__organisation")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return {row["technology__organisation"]: row["number"] for row in rows}


def _columns(scored: engine.Scored) -> dict[str, Any]:
    return {
        "score": round(scored.score, 2),
        "verdicts": [asdict(verdict) for verdict in scored.verdicts],
        "explanation": {
            "terms": [asdict(term) for term in scored.terms],
            "missing": list(scored.missing),
            "raises": [asdict(change) for change in scored.raises],
        },
    }


def _is_told(row: Suggestion) -> bool:
    return row.told_need_at is not None or row.told_technology_at is not None


def _drop(rows: Any) -> None:
    """What nobody heard of vanishes, the rest is closed; a yes is kept while both are public."""
    rows.filter(
        told_need_at__isnull=True, told_technology_at__isnull=True, responses__isnull=True
    ).delete()
    accepted = Response.objects.filter(decision=Decision.ACCEPT).values("suggestion")
    kept = Suggestion.objects.all().live().filter(pk__in=accepted).values("pk")
    open_rows = rows.filter(closed_at__isnull=True, introduction__isnull=True)
    open_rows.exclude(pk__in=kept).update(closed_at=timezone.now())


def _ask_to_tell(need: Need) -> None:
    if need.suggestions.all().untold(Side.NEED).exists():
        ask(Effect.TELL_ORGANISATION, need.organisation_id, hint=False)
    owners = (
        need.suggestions.all()
        .untold(Side.TECHNOLOGY)
        .values_list("technology__organisation", flat=True)
    )
    for owner in set(owners):
        ask(Effect.TELL_ORGANISATION, owner, hint=False)
