"""Suggestions dealt to both sides within each side's capacity, for the greatest sum of scores.

The auction algorithm for transportation problems: Bertsekas and Castañon 1989, "The auction
algorithm for the transportation problem", Annals of Operations Research 20. Needs bid for the slots
of providers; the sum is within ε for each suggestion of the best possible. Prices start at 0 and
rise only where slots are full, so slots may stay empty; scaling ε would need reverse auctions to
undo prices of empty slots, and was slower.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Edge = tuple[int, int, int, float]
"""(need id, supply id, provider id, score)."""

EPSILON = 0.05  # points of score


class _Auction:
    """Prices of providers and the slots that are held, for one set of edges."""

    def __init__(
        self, edges: list[Edge], per_need: Mapping[int, int], per_provider: Mapping[int, int]
    ) -> None:
        providers = {p: i for i, p in enumerate(sorted({edge[2] for edge in edges}))}
        self.room = [per_provider[p] for p in providers]
        self.price = np.zeros(len(providers))
        self.needs = sorted({edge[0] for edge in edges})
        self.wants = [per_need[need] for need in self.needs]
        self.place = {need: row for row, need in enumerate(self.needs)}
        rows: list[list[tuple[float, int, int]]] = [[] for _ in self.needs]
        for need, supply, provider, score in edges:
            rows[self.place[need]].append((-score, supply, providers[provider]))
        self.edges = [sorted(row) for row in rows]
        self.scores = [np.array([-score for score, _, _ in row]) for row in self.edges]
        self.seller = [np.array([p for _, _, p in row], dtype=np.int64) for row in self.edges]
        self.slots: list[list[tuple[float, int, int]]] = [[] for _ in self.room]
        self.held: list[set[int]] = [set() for _ in self.needs]

    def run(self) -> None:
        """Let needs bid until nobody wants more at the prices reached."""
        waiting = deque(range(len(self.needs)))
        queued = set(waiting)
        while waiting:
            row = waiting.popleft()
            queued.discard(row)
            for loser in self._bid(row):
                if loser not in queued:
                    queued.add(loser)
                    waiting.append(loser)

    def _bid(self, row: int) -> list[int]:
        """Bid for the slots a need lacks; those who lose one are returned."""
        wants, held = self.wants[row], self.held[row]
        values: NDArray[np.float64] = self.scores[row] - self.price[self.seller[row]]
        values[list(held)] = np.inf
        order = np.argsort(-values, kind="stable")
        wanted = [e for e in order[:wants].tolist() if values[e] > 0 and e not in held]
        beyond = values[order[wants]] if len(order) > wants else 0.0
        losers = []
        for edge in wanted:
            offer = float(self.scores[row][edge]) - max(0.0, float(beyond)) + EPSILON
            losers += self._take(row, edge, offer)
        return losers

    def _take(self, row: int, edge: int, offer: float) -> list[int]:
        seller = int(self.seller[row][edge])
        slots = self.slots[seller]
        if offer <= self.price[seller]:
            return [row]  # a bid of this round already raised the price: think again
        losers = []
        if len(slots) == self.room[seller]:
            _, loser, lost = heappop(slots)
            self.held[loser].discard(lost)
            losers.append(loser)
        heappush(slots, (offer, row, edge))
        self.held[row].add(edge)
        if len(slots) == self.room[seller]:
            self.price[seller] = slots[0][0]
        return losers


def _caps(caps: int | Mapping[int, int], keys: Iterable[int]) -> dict[int, int]:
    if isinstance(caps, int):
        return dict.fromkeys(keys, caps)
    return {key: caps.get(key, 0) for key in keys}


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
    best: dict[tuple[int, int], Edge] = {}
    for edge in sorted(edges, key=lambda e: (e[0], e[1], e[3], e[2])):
        if edge[3] > 0:
            best[edge[0], edge[1]] = edge
    needs = _caps(per_need, {edge[0] for edge in best.values()})
    providers = _caps(per_provider, {edge[2] for edge in best.values()})
    kept = [e for e in best.values() if needs[e[0]] > 0 and providers[e[2]] > 0]
    if not kept:
        return []
    auction = _Auction(kept, needs, providers)
    auction.run()
    return sorted(
        (need, auction.edges[row][edge][1])
        for row, need in enumerate(auction.needs)
        for edge in auction.held[row]
    )
