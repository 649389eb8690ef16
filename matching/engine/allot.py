"""Suggestions dealt to both sides within each side's capacity, for the greatest sum of scores.

This is b-matching, solved by a forward/reverse auction (auction.py has the source); the sum is
within ε for each suggestion of the best possible, ε being 0.1 % of the mean score of all edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import native
from .layout import MARKET_TABLE, Bools, Floats, Ints, Table

Edge = tuple[int, int, int, float]
"""(need id, supply id, provider id, score)."""
EPSILONS = np.array([0.1, 0.02, 0.005, 0.001])  # of the mean score, phase by phase; the last counts


def allot(
    edges: Iterable[Edge],
    per_need: int | Mapping[int, int],
    per_provider: int | Mapping[int, int],
) -> list[tuple[int, int]]:
    """(need id, supply id) pairs with the greatest sum of scores that no cap forbids, sorted.

    `edges` are (need id, supply id, provider id, score); those with a score of 0 or less are left
    out, the better of two alike is kept. A cap is a number for all or a mapping (an id that is not
    in it gets nothing). The same edges in any order give the same result.
    """
    rows = list(edges)
    if not rows:
        return []
    needs, supplies, providers = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    scores = np.array([row[3] for row in rows], dtype=np.float64)
    chosen = allot_arrays(
        needs, supplies, providers, scores, _caps(per_need, needs), _caps(per_provider, providers)
    )
    return sorted(zip(needs[chosen].tolist(), supplies[chosen].tolist(), strict=True))


def allot_arrays(
    needs: Ints,
    supplies: Ints,
    providers: Ints,
    scores: Floats,
    need_caps: Ints,
    provider_caps: Ints,
) -> Ints:
    """Positions (m,) of the edges that are dealt, ascending; see `allot`.

    All arguments are (n,), a row for each edge: ids, scores, and the caps of its need and of its
    provider. Raises ValueError when lengths differ.
    """
    if len({len(a) for a in (needs, supplies, providers, scores, need_caps, provider_caps)}) > 1:
        raise ValueError("a row for each edge is needed in every array")
    kept = _distinct(needs, supplies, providers, scores)
    kept = kept[(scores[kept] > 0) & (need_caps[kept] > 0) & (provider_caps[kept] > 0)]
    if not len(kept):
        return np.zeros(0, dtype=np.int64)
    seller_ids, seller = np.unique(providers[kept], return_inverse=True)
    first = np.flatnonzero(np.diff(needs[kept], prepend=needs[kept[0]] - 1))
    held = _auction(
        np.append(first, len(kept)),
        seller.astype(np.int64),
        scores[kept],
        need_caps[kept][first],
        _slots(seller, provider_caps[kept], len(seller_ids)),
    )
    chosen: Ints = np.sort(kept[held])
    return chosen


def _auction(start: Ints, seller: Ints, scores: Floats, wants: Ints, slots: Ints) -> Bools:
    """(edges,) which are dealt; arguments as layout.MARKET has them."""
    needs, sellers, edges = len(wants), len(slots) - 1, len(seller)
    by_seller, room = np.argsort(seller, kind="stable"), int(wants.max()) + 1
    held = np.zeros(edges, np.uint8)
    given: dict[str, int | NDArray[Any]] = {
        "needs": needs, "sellers": sellers, "phases": len(EPSILONS),
        "epsilons": EPSILONS * float(scores.mean()),
        "start": start, "owner": np.repeat(np.arange(needs), np.diff(start)), "seller": seller,
        "scores": scores, "wants": wants, "slots": slots,
        "sold": np.searchsorted(seller[by_seller], np.arange(sellers + 1)), "by_seller": by_seller,
        "price": np.zeros(sellers), "held": held, "lacks": np.zeros(needs, np.int64),
        "taken": np.zeros(sellers, np.int64), "offers": np.zeros(int(slots[-1])),
        "edge_in": np.zeros(int(slots[-1]), np.int64), "best": np.zeros(room, np.int64),
        "value": np.zeros(room), "losers": np.zeros(room, np.int64),
        "queue": np.zeros(needs, np.int64), "waits": np.zeros(needs, np.uint8),
        "courting": np.zeros(sellers, np.int64), "courts": np.zeros(sellers, np.uint8),
    }  # fmt: skip
    native.call("auction_best", Table(MARKET_TABLE, given))
    return held.view(np.bool_)


def _distinct(needs: Ints, supplies: Ints, providers: Ints, scores: Floats) -> Ints:
    """Positions by need, best score first, then by supply; of equal pairs the best one."""
    order: Ints = np.lexsort((providers, supplies, -scores, needs))
    needs, supplies = needs[order], supplies[order]
    pairs = np.lexsort((supplies, needs))  # stable: the best of equal ones comes first
    again = (np.diff(needs[pairs]) == 0) & (np.diff(supplies[pairs]) == 0)
    return np.delete(order, pairs[1:][again])


def _slots(seller: Ints, caps: Ints, sellers: int) -> Ints:
    """(sellers + 1,) where the slots of each provider begin: its cap, or fewer if fewer ask."""
    room = np.zeros(sellers, dtype=np.int64)
    room[seller] = caps
    asked = np.bincount(seller, minlength=sellers)
    return np.concatenate(([0], np.cumsum(np.minimum(room, asked)))).astype(np.int64)


def _caps(caps: int | Mapping[int, int], keys: Ints) -> Ints:
    if isinstance(caps, int):
        return np.full(len(keys), caps, dtype=np.int64)
    return np.array([caps.get(key, 0) for key in keys.tolist()], dtype=np.int64)
