"""Scoring one need or one technology as soon as it changes; a whole night's run is in stages.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from matching import engine, index
from matching.lessons import demand_of, doubles
from matching.models import Policy, Suggestion
from matching.records import supply_of
from matching.storing import Plan, ask_to_tell, drop, settled, store
from needs.models import Need
from partners.models import Organisation
from technologies.models import Technology

LEAST_WIDTH = 50
WIDTH = 8  # candidates for each place on a shortlist, so that full providers can be passed over
ANSWERS = 50  # needs that a new technology is looked at for


def width_of(need: Need) -> int:
    """How many of the best are candidates for a place."""
    return max(LEAST_WIDTH, WIDTH * need.capacity)


def refresh_need(need_id: int) -> None:
    """Score one need against every published technology and store its shortlist."""
    need = Need.objects.published().for_page().filter(pk=need_id).first()
    if need is None:
        drop(Suggestion.objects.filter(need_id=need_id))
        return
    at = timezone.now()
    now = index.fresh()
    demand = demand_of(need, timezone.localdate())
    ranking = now.rank(demand, width_of(need))
    with transaction.atomic():
        Need.objects.select_for_update().get(pk=need_id)
        chosen = choose(need, ranking.pairs, now.policy)
        [explained] = now.explain([(demand, chosen)])
        plan = Plan(need_id, explained, ranking.considered, ranking.excluded)
        store([plan], now.policy, at)
        ask_to_tell(need.suggestions.all())


def refresh_technology(technology_id: int) -> None:
    """Find the needs that a new or changed technology could answer; refresh their shortlists."""
    technology = Technology.objects.published().for_page().filter(pk=technology_id).first()
    known = set(
        Suggestion.objects.filter(technology_id=technology_id).values_list("need_id", flat=True)
    )
    if technology is not None:
        now = index.fresh()
        least = now.policy.limits["min_score"]
        pairs = now.needs_for(supply_of(technology), ANSWERS)
        known |= {need_id for need_id, score in pairs if score >= least}
    for need_id in sorted(known):
        refresh_need(need_id)


def would_choose(need: Need, shortlist: engine.Shortlist, policy: Policy) -> list[engine.Scored]:
    """What ``refresh_need`` would suggest under a policy, without writing anything."""
    found = {row.supply_id: row for row in shortlist.results}
    pairs = [(pk, row.score) for pk, row in found.items()]
    return [found[pk] for pk in choose(need, pairs, policy, write=False)]


def choose(
    need: Need, pairs: Iterable[tuple[int, float]], policy: Policy, *, write: bool = True
) -> list[int]:
    """The best within the room of the need and of each provider; what was told stays."""
    good = [pk for pk, score in pairs if score >= policy.limits["min_score"]]
    same = doubles(need, good)
    owners = owners_of(pk for pk in good if pk not in same)
    if write:
        lock(owners.values())
    history = set(settled(need.suggestions.all()).values_list("technology", flat=True))
    held = set(told(need)) & owners.keys() - history
    load = Counter(_open_suggestions(need, set(owners.values())))
    load.update(owners[pk] for pk in held)
    room = min(need.capacity, policy.limits["per_need"]) - len(held)
    chosen: list[int] = []
    for pk in good:
        owner = owners.get(pk)
        if owner is None or is_own(need, owner):
            continue
        free = need.organisation.imported or load[owner] < policy.limits["per_provider"]
        if pk in held:
            chosen.append(pk)
        elif pk not in history and free and room > 0:
            chosen.append(pk)
            load[owner] += 1
            room -= 1
    return chosen


def owners_of(technologies: Iterable[int]) -> dict[int, int]:
    """The provider of each technology that exists."""
    rows = Technology.objects.filter(pk__in=list(technologies))
    return dict(rows.values_list("pk", "organisation"))


def is_own(need: Need, owner: int) -> bool:
    """An organisation is not suggested to itself; an imported one stands for many."""
    return owner == need.organisation_id and not need.organisation.imported


def lock(organisations: Iterable[int]) -> None:
    """Hold providers while their places are counted and taken: two needs at once must not both
    take the last one.
    """
    rows = Organisation.objects.select_for_update(no_key=True).filter(pk__in=set(organisations))
    list(rows.order_by("pk").values_list("pk"))


def told(need: Need) -> Iterable[int]:
    """Technologies on the shortlist that a side has heard of."""
    rows = need.suggestions.filter(closed_at__isnull=True)
    heard = rows.exclude(told_need_at__isnull=True, told_technology_at__isnull=True)
    return heard.values_list("technology", flat=True)


def _open_suggestions(need: Need, owners: set[int]) -> Mapping[int, int]:
    rows = (
        Suggestion.objects.all()
        .open()
        .filter(technology__organisation__in=owners)
        .exclude(need=need)
        .exclude(need__organisation__imported=True)
        .values("technology__organisation")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return {row["technology__organisation"]: row["number"] for row in rows}
