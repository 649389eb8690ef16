"""The kernels of `allot`: needs bid for slots of providers, then providers court needs.

Forward/reverse auction with ε-scaling: Bertsekas and Castañon 1992, "A forward/reverse auction
algorithm for asymmetric assignment problems", Computational Optimization and Applications 1, for
slots that are alike (Bertsekas and Castañon 1989, Annals of Operations Research 20). At the end of
each phase the sum is within ε for each suggestion of the best possible, because no need gains more
than ε by changing, and a provider with an empty slot has the price 0.

`market` is a record of layout.MARKET.
"""

from __future__ import annotations

from math import inf
from typing import Any

from .memory import f64, i64, machine, put_f64, put_i64, put_u8, u8

PATIENCE = 40  # bids of a need, on average, before ε-scaling is worth its while


@machine
def auction_best(market: Any) -> int:
    """Deal the edges, in one phase for each ε, the largest first; how many phases it took."""
    _begin(market, True)
    if _forward(market, f64(market.epsilons, market.phases - 1), PATIENCE * market.needs):
        return 0  # few providers are in demand: prices that begin at 0 need no way back
    _begin(market, True)
    for phase in range(market.phases):
        epsilon = f64(market.epsilons, phase)
        _begin(market, False)
        _forward(market, epsilon, -1)
        _reverse(market, epsilon)
    return int(market.phases)


@machine
def _begin(market: Any, free: bool) -> None:
    """Nothing is dealt yet; if `free`, prices are 0."""
    for edge in range(i64(market.start, market.needs)):
        put_u8(market.held, edge, 0)
    for need in range(market.needs):
        put_i64(market.lacks, need, i64(market.wants, need))
    for provider in range(market.sellers):
        put_i64(market.taken, provider, 0)
        if free:
            put_f64(market.price, provider, 0.0)


@machine
def _forward(market: Any, epsilon: float, patience: int) -> bool:
    """Needs bid until nobody wants more, or `patience` bids were made (-1: any number).

    The lowest of a full provider's offers is its price.
    """
    needs = market.needs
    for need in range(needs):
        put_i64(market.queue, need, need)
        put_u8(market.waits, need, 1)
    head, waiting = 0, needs
    while waiting > 0 and patience != 0:
        patience -= 1
        need = i64(market.queue, head)
        head, waiting = (head + 1) % needs, waiting - 1
        put_u8(market.waits, need, 0)
        for place in range(_bid(market, need, epsilon)):
            loser = i64(market.losers, place)
            if not u8(market.waits, loser):
                put_u8(market.waits, loser, 1)
                put_i64(market.queue, (head + waiting) % needs, loser)
                waiting += 1
    return bool(waiting == 0)


@machine
def _bid(market: Any, need: int, epsilon: float) -> int:
    """Bid for all slots that a need lacks; how many needs (in `losers`) have to bid again."""
    lacking = i64(market.lacks, need)
    found = _wanted(market, need, lacking)
    beyond, lost = f64(market.value, lacking) if found > lacking else 0.0, 0
    for place in range(min(found, lacking)):
        edge = i64(market.best, place)
        provider = i64(market.seller, edge)
        offer = f64(market.scores, edge) - beyond + epsilon
        if offer <= f64(market.price, provider):  # a bid of this round already raised the price
            put_i64(market.losers, lost, need)
            lost += 1
            continue
        base, taken = i64(market.slots, provider), i64(market.taken, provider)
        size = i64(market.slots, provider + 1) - base
        out = _offer(market, base, size, taken, edge, offer)
        put_u8(market.held, edge, 1)
        put_i64(market.lacks, need, i64(market.lacks, need) - 1)
        if out < 0:
            taken += 1
            put_i64(market.taken, provider, taken)
        else:
            loser = i64(market.owner, out)
            put_u8(market.held, out, 0)
            put_i64(market.lacks, loser, i64(market.lacks, loser) + 1)
            put_i64(market.losers, lost, loser)
            lost += 1
        if taken == size:
            put_f64(market.price, provider, f64(market.offers, base))
    return lost


@machine
def _wanted(market: Any, need: int, lacking: int) -> int:
    """How many of its edges a need looks at: the `lacking` + 1 of most value, best first."""
    found = 0
    for edge in range(i64(market.start, need), i64(market.start, need + 1)):
        score = f64(market.scores, edge)
        if found > lacking and score <= f64(market.value, found - 1):
            break  # later edges have lower scores, and no price is below 0
        worth = score - f64(market.price, i64(market.seller, edge))
        if u8(market.held, edge) or worth <= 0.0:
            continue
        if found > lacking and worth <= f64(market.value, found - 1):
            continue
        place = min(found, lacking)
        while place > 0 and f64(market.value, place - 1) < worth:
            put_f64(market.value, place, f64(market.value, place - 1))
            put_i64(market.best, place, i64(market.best, place - 1))
            place -= 1
        put_f64(market.value, place, worth)
        put_i64(market.best, place, edge)
        found = min(found + 1, lacking + 1)
    return found


@machine
def _offer(market: Any, base: int, size: int, taken: int, edge: int, offer: float) -> int:
    """Put an offer into a slot of a provider; the edge that lost it, or -1."""
    if taken < size:
        _rise(market, base, taken, offer, edge)
        return -1
    lost = i64(market.edge_in, base)
    _sink(market, base, size, offer, edge)
    return lost


@machine
def _put(market: Any, slot: int, offer: float, edge: int) -> None:
    """Put an offer, and the edge it was made for, into a slot."""
    put_f64(market.offers, slot, offer)
    put_i64(market.edge_in, slot, edge)


@machine
def _move(market: Any, slot: int, other: int) -> None:
    """Copy into a slot what lies in another."""
    _put(market, slot, f64(market.offers, other), i64(market.edge_in, other))


@machine
def _rise(market: Any, base: int, place: int, offer: float, edge: int) -> None:
    """Add to a heap with the lowest offer on top, at its end `place`."""
    while place > 0 and f64(market.offers, base + (place - 1) // 2) > offer:
        above = (place - 1) // 2
        _move(market, base + place, base + above)
        place = above
    _put(market, base + place, offer, edge)


@machine
def _sink(market: Any, base: int, size: int, offer: float, edge: int) -> None:
    """Put a higher offer in the place of the lowest one."""
    place = 0
    while 2 * place + 1 < size:
        below = base + 2 * place + 1
        last = below + 1 == base + size
        if not last and f64(market.offers, below + 1) < f64(market.offers, below):
            below += 1
        if f64(market.offers, below) >= offer:
            break
        _move(market, base + place, below)
        place = below - base
    _put(market, base + place, offer, edge)


@machine
def _reverse(market: Any, epsilon: float) -> None:
    """Providers with an empty slot lower their price until somebody comes, at most to 0."""
    courting = 0
    for provider in range(market.sellers):
        put_u8(market.courts, provider, 0)
        if f64(market.price, provider) > 0.0:
            courting = _court(market, courting, provider)
    while courting > 0:
        courting -= 1
        provider = i64(market.courting, courting)
        put_u8(market.courts, provider, 0)
        room = i64(market.slots, provider + 1) - i64(market.slots, provider)
        while i64(market.taken, provider) < room and f64(market.price, provider) > 0.0:
            edge, first, second = _courted(market, provider)
            if edge < 0 or first < epsilon:
                put_f64(market.price, provider, 0.0)
                break
            lower = min(f64(market.price, provider), max(0.0, second - epsilon))
            put_f64(market.price, provider, lower)
            left = _win(market, edge)
            put_i64(market.taken, provider, i64(market.taken, provider) + 1)
            if left >= 0:
                put_i64(market.taken, left, i64(market.taken, left) - 1)
                courting = _court(market, courting, left)


@machine
def _court(market: Any, courting: int, provider: int) -> int:
    """Put a provider on the stack of those that court, once; how many are on it."""
    if u8(market.courts, provider):
        return courting
    put_u8(market.courts, provider, 1)
    put_i64(market.courting, courting, provider)
    return courting + 1


@machine
def _courted(market: Any, provider: int) -> tuple[int, float, float]:
    """The edge that a need would pay most for, what that is, and what the next one would pay."""
    edge, first, second = -1, 0.0, 0.0
    for at in range(i64(market.sold, provider), i64(market.sold, provider + 1)):
        candidate = i64(market.by_seller, at)
        score = f64(market.scores, candidate)
        if u8(market.held, candidate) or score <= second:
            continue
        reach = score - _weakest(market, i64(market.owner, candidate))[1]
        if reach > first:
            edge, first, second = candidate, reach, first
        elif reach > second:
            second = reach
    return edge, first, second


@machine
def _weakest(market: Any, need: int) -> tuple[int, float]:
    """The held edge that is worth least to a need, and that worth; -1 and 0 if it lacks one."""
    if i64(market.lacks, need) > 0:
        return -1, 0.0
    weakest, least = -1, inf
    for edge in range(i64(market.start, need), i64(market.start, need + 1)):
        worth = f64(market.scores, edge) - f64(market.price, i64(market.seller, edge))
        if u8(market.held, edge) and worth < least:
            weakest, least = edge, worth
    return weakest, max(0.0, least)


@machine
def _win(market: Any, edge: int) -> int:
    """Give an edge to its need; the provider that the need leaves for it, or -1."""
    need = i64(market.owner, edge)
    weakest = _weakest(market, need)[0]
    left = -1
    if weakest < 0:
        put_i64(market.lacks, need, i64(market.lacks, need) - 1)
    else:
        put_u8(market.held, weakest, 0)
        left = i64(market.seller, weakest)
    put_u8(market.held, edge, 1)
    return left
