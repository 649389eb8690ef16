"""The seven facts as machine functions: one row of needs against one of technologies.

Each is the twin of a function in criteria.py, operation for operation, and gives (fit, short).
"""

from __future__ import annotations

from math import isnan
from typing import Any

from .criteria import (
    COST_RAMP,
    NEARBY_BONUS,
    NO_SHARED_TERMS,
    PARTLY,
    PERFORMANCE_RAMP,
    PLACE_FIT,
    TIMING_RAMP,
)
from .layout import (
    AVAILABLE,
    CEILING,
    DEMAND_EVIDENCE,
    DEMAND_FACTS,
    DEPLOYED,
    HIGH,
    LEAD,
    LOW,
    SCALE,
    SUPPLY_EVIDENCE,
    SUPPLY_FACTS,
    TRL,
    TRL_HIGH,
    TRL_LOW,
    WEEKS,
    WORLD,
)
from .memory import f64, machine, u16, u32

HERE, DEPLOYED_HERE = PLACE_FIT["place_available"], PLACE_FIT["place_deployed_here"]
WORLDWIDE, NEARBY = PLACE_FIT["place_worldwide"], PLACE_FIT["place_deployed_nearby"]
DEVELOPED_HERE, NOT_LISTED = PLACE_FIT["place_developed_here"], PLACE_FIT["place_not_listed"]
COST_ZERO, COST_WORST = COST_RAMP
TIMING_ZERO, TIMING_WORST = TIMING_RAMP
REACH_ZERO, REACH_WORST = PERFORMANCE_RAMP
Fit = tuple[float, bool]


@machine
def asks(needs: Any, i: int, fact: int) -> float:
    """A number of a need, NaN when it is not asked."""
    return f64(needs.facts, i * DEMAND_FACTS + fact)


@machine
def offers(supplies: Any, j: int, fact: int) -> float:
    """A number of a technology, NaN when it is not known."""
    return f64(supplies.facts, j * SUPPLY_FACTS + fact)


@machine
def ramp_above(ratio: float, zero: float, worst: float) -> float:
    """criteria.ramp_above."""
    if ratio <= 1:
        return 1.0
    if ratio <= zero:
        return 1.0 - (ratio - 1.0) / (zero - 1.0)
    far = -(ratio - zero) / (worst - zero)
    return max(-1.0, far)


@machine
def ramp_below(ratio: float, zero: float, worst: float) -> float:
    """criteria.ramp_below."""
    if ratio >= 1:
        return 1.0
    if ratio >= zero:
        return (ratio - zero) / (1.0 - zero)
    far = -(zero - ratio) / (zero - worst)
    return max(-1.0, far)


@machine
def performance(needs: Any, i: int, supplies: Any, j: int) -> Fit:
    """Mean over the targets; the lowest bit of a key says that less is better."""
    first, last = u32(needs.targets_start, i), u32(needs.targets_start, i + 1)
    total, short = 0.0, False
    for target in range(first, last):
        key = u32(needs.target_keys, target)
        for benefit in range(u32(supplies.benefits_start, j), u32(supplies.benefits_start, j + 1)):
            if u16(supplies.benefit_keys, benefit) == key:
                asked = f64(needs.target_values, target)
                offered = f64(supplies.benefit_values, benefit)
                ratio = asked / offered if key & 1 else offered / asked
                total += ramp_below(ratio, REACH_ZERO, REACH_WORST)
                short |= ratio < 1
    return total / max(float(last - first), 1.0), short


@machine
def place(needs: Any, i: int, supplies: Any, j: int) -> Fit:
    """Where the technology can be had, and where it already runs."""
    country, region = u32(needs.country, i), u32(needs.region, i)
    available = deployed = world = listed = near = developed = False
    if country == 0:
        return 0.0, False
    for at in range(u32(supplies.places_start, j), u32(supplies.places_start, j + 1)):
        entry = u32(supplies.places, at)
        kind, there, around = entry & 3, entry >> 16, (entry >> 2) & 0x3FFF
        listed |= kind == AVAILABLE
        available |= kind == AVAILABLE and there == country
        world |= kind == AVAILABLE and there == WORLD
        deployed |= kind == DEPLOYED and there == country
        near |= kind == DEPLOYED and around == region and region != 0
        developed |= kind != AVAILABLE and kind != DEPLOYED and there == country
    return _place_fit(available, deployed, world, listed, near, developed)


@machine
def _place_fit(
    available: bool, deployed: bool, world: bool, listed: bool, near: bool, developed: bool
) -> Fit:
    if available:
        return HERE, False
    if deployed:
        return DEPLOYED_HERE, False
    if world:
        return (WORLDWIDE + NEARBY_BONUS if near else WORLDWIDE), False
    if listed:
        return NOT_LISTED, True
    if near:
        return NEARBY, False
    return (DEVELOPED_HERE if developed else 0.0), False


@machine
def cost(needs: Any, i: int, supplies: Any, j: int, asking: Any) -> Fit:
    """The price band against the most the need can pay; units.comparison by kinds of price."""
    ceiling, low = asks(needs, i, CEILING), offers(supplies, j, LOW)
    kind = 3 * (u32(needs.budgets, i) * asking.prices + u16(supplies.prices, j))
    power = f64(asking.comparisons, kind)
    if isnan(ceiling) or isnan(low) or isnan(power):
        return 0.0, False
    multiple = f64(asking.comparisons, kind + 1)
    if power != 0:
        multiple = multiple * asks(needs, i, SCALE)
    if power < 0:
        multiple = 1.0 / multiple
    multiple = multiple * f64(asking.comparisons, kind + 2)
    low = low * multiple / ceiling
    if offers(supplies, j, HIGH) * multiple / ceiling <= 1:
        return 1.0, False
    if low <= 1:
        return PARTLY, False
    return ramp_above(low, COST_ZERO, COST_WORST), True


@machine
def readiness(needs: Any, i: int, supplies: Any, j: int) -> Fit:
    """Technology readiness level against the lowest accepted one."""
    least, high = asks(needs, i, TRL), offers(supplies, j, TRL_HIGH)
    if isnan(least) or isnan(high):
        return 0.0, False
    if offers(supplies, j, TRL_LOW) >= least:
        return 1.0, False
    gap = least - high
    if gap <= 0:
        return PARTLY, False
    return max(-1.0, (1.0 - gap) / 2.0), True


@machine
def terms(needs: Any, i: int, supplies: Any, j: int) -> Fit:
    """Offer terms against terms wanted: one in common is enough."""
    first, last = u32(needs.terms_start, i), u32(needs.terms_start, i + 1)
    start, end = u32(supplies.terms_start, j), u32(supplies.terms_start, j + 1)
    if first == last or start == end:
        return 0.0, False
    for wanted in range(first, last):
        for offered in range(start, end):
            if u32(needs.terms, wanted) == u16(supplies.terms, offered):
                return 1.0, False
    return NO_SHARED_TERMS, True


@machine
def timing(needs: Any, i: int, supplies: Any, j: int) -> Fit:
    """Lead time against the weeks left until the decision."""
    weeks, lead = asks(needs, i, WEEKS), offers(supplies, j, LEAD)
    if isnan(weeks) or isnan(lead):
        return 0.0, False
    left = max(weeks, 1.0)
    return ramp_above(lead / left, TIMING_ZERO, TIMING_WORST), lead > left


@machine
def evidence(needs: Any, i: int, supplies: Any, j: int) -> Fit:
    """How well the figures are backed; without a level asked, better backing earns more."""
    asked, offered = asks(needs, i, DEMAND_EVIDENCE), offers(supplies, j, SUPPLY_EVIDENCE)
    if isnan(offered):
        return 0.0, False
    if isnan(asked):
        return 0.5 * offered, False
    gap = asked - offered
    return (1.0, False) if gap <= 0 else ((1.0 - gap) / 2.0, True)


@machine
def fact(number: int, needs: Any, i: int, supplies: Any, j: int, asking: Any) -> Fit:
    """The fact of a criterion, numbered from 0 in the order of records.CRITERIA[1:]."""
    found = 0.0, False
    if number == 0:
        found = performance(needs, i, supplies, j)
    elif number == 1:
        found = place(needs, i, supplies, j)
    elif number == 2:
        found = cost(needs, i, supplies, j, asking)
    elif number == 3:
        found = readiness(needs, i, supplies, j)
    elif number == 4:
        found = terms(needs, i, supplies, j)
    elif number == 5:
        found = timing(needs, i, supplies, j)
    else:
        found = evidence(needs, i, supplies, j)
    return found
