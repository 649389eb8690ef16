"""The kernels of `allot`: needs bid for slots of providers, then providers court needs.

Forward/reverse auction with ε-scaling: Bertsekas and Castañon 1992, "A forward/reverse auction
algorithm for asymmetric assignment problems", Computational Optimization and Applications 1, for
slots that are alike (Bertsekas and Castañon 1989, Annals of Operations Research 20). At the end of
each phase the sum is within ε for each suggestion of the best possible, because no need gains more
than ε by changing, and a provider with an empty slot has the price 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
PATIENCE = 40  # bids of a need, on average, before ε-scaling is worth its while


class Market(NamedTuple):
    """What is for sale and how it stands.

    Edges of need i are start[i]:start[i+1], best score first; edges of provider p are
    by_seller[sold[p]:sold[p+1]]; its slots are slots[p]:slots[p+1]. The last four change.
    """

    start: Ints
    owner: Ints
    seller: Ints
    scores: Floats
    slots: Ints
    sold: Ints
    by_seller: Ints
    price: Floats
    held: Bools
    lacks: Ints
    taken: Ints


@compiled
def auction(
    start: Ints, seller: Ints, scores: Floats, wants: Ints, slots: Ints, epsilons: Floats
) -> Bools:
    """(edges,) which are dealt, after one phase for each ε, the largest first."""
    owner, held = np.empty(len(seller), np.int64), np.zeros(len(seller), np.bool_)
    for need in range(len(wants)):
        owner[start[need] : start[need + 1]] = need
    by_seller = np.argsort(seller, kind="mergesort")
    sold = np.searchsorted(seller[by_seller], np.arange(len(slots)))
    price, taken, lacks = np.zeros(len(slots) - 1), np.zeros(len(slots) - 1, np.int64), wants.copy()
    market = Market(start, owner, seller, scores, slots, sold, by_seller, price, held, lacks, taken)
    if _forward(market, epsilons[-1], PATIENCE * len(wants)):
        return held  # few providers are in demand: prices that begin at 0 need no way back
    price[:] = 0.0
    for epsilon in epsilons:
        held[:], lacks[:], taken[:] = False, wants, 0
        _forward(market, epsilon, -1)
        _reverse(market, epsilon)
    return held


@compiled
def _forward(market: Market, epsilon: float, patience: int) -> bool:
    """Needs bid until nobody wants more, or `patience` bids were made (-1: any number).

    The lowest of a full provider's offers is its price.
    """
    needs, most = len(market.lacks), market.lacks.max() + 1
    offers, edge_in = np.zeros(market.slots[-1]), np.zeros(market.slots[-1], np.int64)
    best, value = np.empty(most, np.int64), np.empty(most)
    losers = np.empty(most, np.int64)
    queue, waits = np.arange(needs), np.ones(needs, np.bool_)
    head, waiting = 0, needs
    while waiting > 0 and patience != 0:
        patience -= 1
        need = queue[head]
        head, waiting = (head + 1) % needs, waiting - 1
        waits[need] = False
        for loser in losers[: _bid(market, need, epsilon, offers, edge_in, best, value, losers)]:
            if not waits[loser]:
                waits[loser] = True
                queue[(head + waiting) % needs] = loser
                waiting += 1
    return waiting == 0


@compiled
def _bid(
    market: Market,
    need: int,
    epsilon: float,
    offers: Floats,
    edge_in: Ints,
    best: Ints,
    value: Floats,
    losers: Ints,
) -> int:
    """Bid for all slots that a need lacks; how many needs (in `losers`) have to bid again."""
    scores, price, slots, taken = market.scores, market.price, market.slots, market.taken
    seller, held, lacks, lacking = market.seller, market.held, market.lacks, market.lacks[need]
    begin, end = market.start[need], market.start[need + 1]
    found = _wanted(begin, end, scores, seller, price, held, lacking, best, value)
    beyond, lost = value[lacking] if found > lacking else 0.0, 0
    for edge in best[: min(found, lacking)]:
        provider, offer = seller[edge], scores[edge] - beyond + epsilon
        if offer <= price[provider]:  # a bid of this round already raised the price
            losers[lost], lost = need, lost + 1
            continue
        base, size = slots[provider], slots[provider + 1] - slots[provider]
        out = _offer(offers, edge_in, base, size, taken[provider], edge, offer)
        held[edge], lacks[need] = True, lacks[need] - 1
        if out < 0:
            taken[provider] += 1
        else:
            loser = market.owner[out]
            held[out], lacks[loser] = False, lacks[loser] + 1
            losers[lost], lost = loser, lost + 1
        if taken[provider] == size:
            price[provider] = offers[base]
    return lost


@compiled
def _wanted(
    begin: int,
    end: int,
    scores: Floats,
    seller: Ints,
    price: Floats,
    held: Bools,
    lacking: int,
    best: Ints,
    value: Floats,
) -> int:
    """How many of its edges a need looks at: the `lacking` + 1 of most value, best first."""
    found = 0
    for edge in range(begin, end):
        if found > lacking and scores[edge] <= value[found - 1]:
            break  # later edges have lower scores, and no price is below 0
        worth = scores[edge] - price[seller[edge]]
        if held[edge] or worth <= 0.0 or (found > lacking and worth <= value[found - 1]):
            continue
        place = min(found, lacking)
        while place > 0 and value[place - 1] < worth:
            value[place], best[place] = value[place - 1], best[place - 1]
            place -= 1
        value[place], best[place] = worth, edge
        found = min(found + 1, lacking + 1)
    return found


@compiled
def _offer(
    offers: Floats, edge_in: Ints, base: int, size: int, taken: int, edge: int, offer: float
) -> int:
    """Put an offer into a slot of a provider; the edge that lost it, or -1."""
    if taken < size:
        _rise(offers, edge_in, base, taken, offer, edge)
        return -1
    lost: int = edge_in[base]
    _sink(offers, edge_in, base, size, offer, edge)
    return lost


@compiled
def _rise(offers: Floats, edge_in: Ints, base: int, place: int, offer: float, edge: int) -> None:
    """Add to a heap with the lowest offer on top, at its end `place`."""
    while place > 0 and offers[base + (place - 1) // 2] > offer:
        above = (place - 1) // 2
        offers[base + place], edge_in[base + place] = offers[base + above], edge_in[base + above]
        place = above
    offers[base + place], edge_in[base + place] = offer, edge


@compiled
def _sink(offers: Floats, edge_in: Ints, base: int, size: int, offer: float, edge: int) -> None:
    """Put a higher offer in the place of the lowest one."""
    place = 0
    while 2 * place + 1 < size:
        below = 2 * place + 1
        if below + 1 < size and offers[base + below + 1] < offers[base + below]:
            below += 1
        if offers[base + below] >= offer:
            break
        offers[base + place], edge_in[base + place] = offers[base + below], edge_in[base + below]
        place = below
    offers[base + place], edge_in[base + place] = offer, edge


@compiled
def _reverse(market: Market, epsilon: float) -> None:
    """Providers with an empty slot lower their price until somebody comes, at most to 0."""
    price, taken = market.price, market.taken
    room = market.slots[1:] - market.slots[:-1]
    courting = [provider for provider in range(len(price)) if price[provider] > 0.0]
    while len(courting) > 0:
        provider = courting.pop()
        while taken[provider] < room[provider] and price[provider] > 0.0:
            edge, first, second = _courted(market, provider)
            if edge < 0 or first < epsilon:
                price[provider] = 0.0
                break
            price[provider] = min(price[provider], max(0.0, second - epsilon))
            left = _win(market, edge)
            taken[provider] += 1
            if left >= 0:
                taken[left] -= 1
                courting.append(left)


@compiled
def _courted(market: Market, provider: int) -> tuple[int, float, float]:
    """The edge that a need would pay most for, what that is, and what the next one would pay."""
    edge, first, second = -1, 0.0, 0.0
    for candidate in market.by_seller[market.sold[provider] : market.sold[provider + 1]]:
        if market.held[candidate] or market.scores[candidate] <= second:
            continue
        reach = market.scores[candidate] - _weakest(market, market.owner[candidate])[1]
        if reach > first:
            edge, first, second = candidate, reach, first
        elif reach > second:
            second = reach
    return edge, first, second


@compiled
def _weakest(market: Market, need: int) -> tuple[int, float]:
    """The held edge that is worth least to a need, and that worth; -1 and 0 if it lacks one."""
    if market.lacks[need] > 0:
        return -1, 0.0
    weakest, least = -1, np.inf
    for edge in range(market.start[need], market.start[need + 1]):
        worth = market.scores[edge] - market.price[market.seller[edge]]
        if market.held[edge] and worth < least:
            weakest, least = edge, worth
    return weakest, max(0.0, least)


@compiled
def _win(market: Market, edge: int) -> int:
    """Give an edge to its need; the provider that the need leaves for it, or -1."""
    need, left = market.owner[edge], -1
    weakest = _weakest(market, need)[0]
    if weakest < 0:
        market.lacks[need] -= 1
    else:
        market.held[weakest] = False
        left = market.seller[weakest]
    market.held[edge] = True
    return left
