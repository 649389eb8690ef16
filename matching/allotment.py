"""Sharing out the places of all needs and all providers at once, for the best sum of scores."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from matching import engine
from matching.models import Policy, Suggestion
from matching.payloads import Edges
from matching.storing import BATCH, drop, kept, settled
from needs.models import Need

Pair = tuple[int, int]
Mask = NDArray[np.bool_]


def deal(edges: Edges, needs: Collection[int], policy: Policy) -> Mask:
    """Which candidate pairs are suggested. What was told keeps its place; history takes none."""
    rows = Suggestion.objects.all()
    history = set(settled(rows).values_list("need", "technology"))
    heard = rows.open().exclude(told_need_at__isnull=True, told_technology_at__isnull=True)
    told = set(heard.values_list("need", "technology")) - history
    pairs = list(zip(edges["need"].tolist(), edges["technology"].tolist(), strict=True))
    held = _mask(pair in told for pair in pairs)
    free = _mask(pair not in history and pair not in told for pair in pairs)
    staying = {pair for pair, stays in zip(pairs, held, strict=True) if stays}
    taken = Counter(edges["owner"][held].tolist()) + _elsewhere(set(needs), staying)
    rooms, imported = _rooms(policy, Counter(edges["need"][held].tolist()))
    outside = np.isin(edges["need"], list(imported))
    chosen = held.copy()
    chosen[_best(edges, free & outside, rooms)] = True
    caps = {
        owner: max(0, policy.limits["per_provider"] - taken[owner])
        for owner in set(edges["owner"].tolist())
    }
    chosen[_auction(edges, free & ~outside, rooms, caps)] = True
    return chosen


def _mask(values: Iterable[bool]) -> Mask:
    return np.fromiter(values, dtype=np.bool_)


def _elsewhere(needs: set[int], staying: set[Pair]) -> Counter[int]:
    """Places of providers taken by what this deal does not decide: needs that came since, and
    pairs kept because one side has said yes.
    """
    accepted = set(kept().open().values_list("pk", flat=True))
    rows = Suggestion.objects.all().open().exclude(need__organisation__imported=True)
    columns = rows.values_list("pk", "need", "technology", "technology__organisation")
    return Counter(
        owner
        for pk, need, technology, owner in columns
        if (need, technology) not in staying and (need not in needs or pk in accepted)
    )


def _rooms(policy: Policy, held: Counter[int]) -> tuple[dict[int, int], set[int]]:
    """Free places by need, and the needs that were imported: they use up nobody's places."""
    rows = Need.objects.published().values_list("pk", "capacity", "organisation__imported")
    rooms, imported = {}, set()
    for pk, capacity, is_imported in rows:
        rooms[pk] = max(0, min(capacity, policy.limits["per_need"]) - held[pk])
        if is_imported:
            imported.add(pk)
    return rooms, imported


def _best(edges: Edges, allowed: Mask, rooms: dict[int, int]) -> list[int]:
    """The best of each need, whatever the providers' places."""
    places = np.flatnonzero(allowed)
    order = places[np.lexsort((edges["technology"][places], -edges["score"][places]))]
    left, chosen = dict(rooms), []
    for place, need in zip(order.tolist(), edges["need"][order].tolist(), strict=True):
        if left.get(need, 0) > 0:
            left[need] -= 1
            chosen.append(place)
    return chosen


def _auction(edges: Edges, allowed: Mask, rooms: dict[int, int], caps: dict[int, int]) -> list[int]:
    places = np.flatnonzero(allowed)
    rows = edges[places]
    columns = (rows[name].tolist() for name in ("need", "technology", "owner", "score"))
    won = set(engine.allot(zip(*columns, strict=True), rooms, caps))
    pairs = zip(rows["need"].tolist(), rows["technology"].tolist(), strict=True)
    return [place for place, pair in zip(places.tolist(), pairs, strict=True) if pair in won]


def trim(policy: Policy) -> None:
    """Take the weakest untold suggestions from providers that have more than their places: two
    workers may have filled the same one.
    """
    rows = Suggestion.objects.all().open().exclude(need__organisation__imported=True)
    columns = rows.order_by("-score", "pk").values_list(
        "technology__organisation", "pk", "told_need_at", "told_technology_at"
    )
    untold: dict[int, list[int]] = defaultdict(list)
    room: Counter[int] = Counter()
    for owner, pk, told_need, told_technology in columns:
        if told_need or told_technology:
            room[owner] -= 1
        else:
            untold[owner].append(pk)
    most = policy.limits["per_provider"]
    beyond = [pk for owner, pks in untold.items() for pk in pks[max(0, most + room[owner]) :]]
    for start in range(0, len(beyond), BATCH):
        drop(Suggestion.objects.filter(pk__in=beyond[start : start + BATCH]))
