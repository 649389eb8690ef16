"""Seven of the eight criteria, one function each: a fit in -1..1 and the numbers of its reason.

A fit of 1 meets what is asked, 0 says nothing, below 0 is known to fall short. Purpose, the eighth,
is text and concepts: score.py. kernels.py holds the same arithmetic over columns of records.
"""

from __future__ import annotations

from math import isfinite
from typing import Literal, NamedTuple

from .policy import Policy
from .records import EVIDENCE_LEVELS, WORLDWIDE, Demand, Supply
from .units import (
    REGION_OF,
    best_quantities,
    budget_ceiling,
    price_band,
    price_multiple,
    reached,
    scale_of,
)

State = Literal["fits", "check", "miss", "unknown"]
Numbers = dict[str, float | int | str]

VERDICT_KEYS: dict[str, tuple[str, ...]] = {
    "purpose": ("purpose_strong", "purpose_partial", "purpose_weak", "purpose_unknown"),
    "performance": (
        "performance_met",
        "performance_partly_known",
        "performance_short",
        "performance_unknown",
        "performance_not_asked",
    ),
    "place": (
        "place_available",
        "place_deployed_here",
        "place_worldwide",
        "place_deployed_nearby",
        "place_developed_here",
        "place_not_listed",
        "place_unknown",
        "place_not_asked",
    ),
    "cost": ("cost_within", "cost_partly_within", "cost_above", "cost_unknown", "cost_not_asked"),
    "readiness": (
        "readiness_met",
        "readiness_partly",
        "readiness_below",
        "readiness_unknown",
        "readiness_not_asked",
    ),
    "terms": ("terms_shared", "terms_none_shared", "terms_unknown", "terms_not_asked"),
    "timing": ("timing_fits", "timing_late", "timing_unknown", "timing_not_asked"),
    "evidence": ("evidence_met", "evidence_below", "evidence_shown", "evidence_unknown"),
}
"""Every reason key, by criterion, with the numbers it carries (lists are joined with ","):

purpose_*: coverage (0..1, share of what the need says that the text covers), topics, fields
  (concept codes both sides share), strength (0..1).
performance_met, _partly_known, _short: metric, asked, asked_unit, offered, offered_unit,
  offered_evidence, percent (offered against asked, 100 = just met), targets, met, short, unknown.
  The target shown is the one that falls short most, else the first. performance_unknown: metric,
  asked, asked_unit, targets. performance_not_asked: offered_count.
place_*: country, region ("" if none); place_not_listed, _worldwide, _deployed_nearby: countries
  (the nearby or listed ones); place_deployed_here: sites (of the technology, anywhere);
  place_developed_here: developed_in.
cost_within, _partly_within, _above: offered_low, offered_high (0 if unstated), offered_currency,
  offered_unit, budget, budget_currency, budget_unit, converted_low, converted_high (offered, in
  currency and unit of the budget), percent (offered against the budget: 12 = 12 % above, -8 = 8 %
  below), scale, scale_unit. cost_unknown: budget, budget_currency, budget_unit, and the offered_*
  numbers when a price is stated but cannot be compared. cost_not_asked: nothing.
readiness_*: trl_min, trl_low, trl_high (0 if unstated), gap (levels short, 0 if none).
terms_*: asked, offered, shared (codes).
timing_*: lead_weeks, weeks (until the decision), weeks_late. 0 if unstated.
evidence_*: asked ("" if not asked), offered ("" if unstated), sites.
"""

FAILING = frozenset(
    {
        "performance_short",
        "place_not_listed",
        "cost_above",
        "readiness_below",
        "terms_none_shared",
        "timing_late",
        "evidence_below",
    }
)
"""Known to fall short, however little: what a hard condition excludes."""

PLACE_FIT = {
    "place_available": 1.0,
    "place_deployed_here": 0.95,
    "place_worldwide": 0.85,
    "place_deployed_nearby": 0.5,
    "place_developed_here": 0.5,
    "place_not_listed": -0.6,
}
NEARBY_BONUS = 0.05
PARTLY = 0.7
NO_SHARED_TERMS = -0.5
EVIDENCE_SHOWN = (0.0, 0.5, 1.0)
COST_RAMP = (1.25, 2.0)
TIMING_RAMP = (1.5, 3.0)
PERFORMANCE_RAMP = (0.75, 0.25)


class Finding(NamedTuple):
    """What one criterion finds: `fit` in -1..1 (0 when unknown) and the reason for it."""

    fit: float
    state: State
    key: str
    numbers: Numbers


def ramp_above(ratio: float, ramp: tuple[float, float]) -> float:
    """1 up to ratio 1, 0 at ramp[0], -1 from ramp[1]: linear between."""
    zero, worst = ramp
    if ratio <= 1:
        return 1.0
    if ratio <= zero:
        return 1.0 - (ratio - 1.0) / (zero - 1.0)
    return max(-1.0, -(ratio - zero) / (worst - zero))


def ramp_below(ratio: float, ramp: tuple[float, float]) -> float:
    """1 from ratio 1, 0 at ramp[0], -1 from ramp[1] down: linear between."""
    zero, worst = ramp
    if ratio >= 1:
        return 1.0
    if ratio >= zero:
        return (ratio - zero) / (1.0 - zero)
    return max(-1.0, -(zero - ratio) / (zero - worst))


def performance(demand: Demand, supply: Supply, policy: Policy) -> Finding:
    """Mean over the targets; an unknown one counts as 0."""
    targets = best_quantities(demand.targets)
    offers = best_quantities(supply.benefits)
    if not targets:
        return Finding(0.0, "unknown", "performance_not_asked", {"offered_count": len(offers)})
    ratios = {k: reached(k, offers[k][0], targets[k][0]) for k in targets if k in offers}
    short = sum(ratio < 1 for ratio in ratios.values())
    shown = min(ratios, key=lambda k: (ratios[k], k)) if short else next(iter(ratios or targets))
    asked = targets[shown][1]
    numbers: Numbers = {
        "metric": asked.metric,
        "asked": asked.value,
        "asked_unit": asked.unit,
        "targets": len(targets),
    }
    if not ratios:
        return Finding(0.0, "unknown", "performance_unknown", numbers)
    offered = offers[shown][1]
    numbers |= {
        "offered": offered.value,
        "offered_unit": offered.unit,
        "offered_evidence": offered.evidence,
        "percent": 100.0 * ratios[shown],
        "met": len(ratios) - short,
        "short": short,
        "unknown": len(targets) - len(ratios),
    }
    fit = sum(ramp_below(ratios[k], PERFORMANCE_RAMP) for k in ratios) / len(targets)
    if short:
        return Finding(fit, "check" if fit > 0 else "miss", "performance_short", numbers)
    if len(ratios) < len(targets):
        return Finding(fit, "check", "performance_partly_known", numbers)
    return Finding(fit, "fits", "performance_met", numbers)


def _place_key(country: str, near: list[str], supply: Supply) -> str:
    if country in supply.available_in:
        return "place_available"
    if country in supply.deployed_in:
        return "place_deployed_here"
    if WORLDWIDE in supply.available_in:
        return "place_worldwide"
    if supply.available_in:
        return "place_not_listed"
    if near:
        return "place_deployed_nearby"
    return "place_developed_here" if supply.developed_in == country else "place_unknown"


def place(demand: Demand, supply: Supply, policy: Policy) -> Finding:
    """Where the technology can be had, and where it already runs."""
    country = demand.country
    if not country:
        return Finding(0.0, "unknown", "place_not_asked", {"country": "", "region": ""})
    region = REGION_OF.get(country, "")
    near = sorted(c for c in supply.deployed_in if region and REGION_OF.get(c, "") == region)
    key = _place_key(country, near, supply)
    numbers: Numbers = {"country": country, "region": region}
    if key == "place_not_listed":
        numbers["countries"] = ",".join(sorted(supply.available_in))
    elif key in ("place_worldwide", "place_deployed_nearby"):
        numbers["countries"] = ",".join(near)
    elif key == "place_deployed_here":
        numbers["sites"] = supply.sites
    elif key == "place_developed_here":
        numbers["developed_in"] = supply.developed_in
    fit = PLACE_FIT.get(key, 0.0)
    if key == "place_worldwide" and near:
        fit += NEARBY_BONUS
    state: State = "fits" if fit > PARTLY else "check" if fit > 0 else "miss"
    return Finding(fit, "unknown" if key == "place_unknown" else state, key, numbers)


def cost(demand: Demand, supply: Supply, policy: Policy) -> Finding:
    """The price band against the most the need can pay."""
    ceiling, band = budget_ceiling(demand), price_band(supply.price)
    if demand.budget is None or ceiling is None:
        return Finding(0.0, "unknown", "cost_not_asked", {})
    numbers: Numbers = {
        "budget": ceiling,
        "budget_currency": demand.budget.currency,
        "budget_unit": demand.budget.unit,
    }
    if supply.price is None or band is None:
        return Finding(0.0, "unknown", "cost_unknown", numbers)
    numbers |= {
        "offered_low": supply.price.low or 0.0,
        "offered_high": supply.price.high or 0.0,
        "offered_currency": supply.price.currency,
        "offered_unit": supply.price.unit,
    }
    multiple = price_multiple(demand, supply.price, policy.rates)
    if multiple is None:
        return Finding(0.0, "unknown", "cost_unknown", numbers)
    low, high = band[0] * multiple, band[1] * multiple
    scale, scale_unit = scale_of(demand)
    numbers |= {"converted_low": low, "converted_high": high, "scale": scale}
    numbers |= {"scale_unit": scale_unit, "percent": 100.0 * (low / ceiling - 1.0)}
    if high / ceiling <= 1:
        return Finding(1.0, "fits", "cost_within", numbers)
    if low / ceiling <= 1:
        return Finding(PARTLY, "check", "cost_partly_within", numbers)
    fit = ramp_above(low / ceiling, COST_RAMP)
    return Finding(fit, "check" if fit > 0 else "miss", "cost_above", numbers)


def readiness(demand: Demand, supply: Supply, policy: Policy) -> Finding:
    """Technology readiness level (ISO 16290) against the lowest accepted one."""
    low = supply.trl_low if supply.trl_low is not None else supply.trl_high
    high = supply.trl_high if supply.trl_high is not None else supply.trl_low
    least = demand.trl_min
    numbers: Numbers = {"trl_min": least or 0, "trl_low": low or 0, "trl_high": high or 0, "gap": 0}
    if least is None:
        return Finding(0.0, "unknown", "readiness_not_asked", numbers)
    if low is None or high is None:
        return Finding(0.0, "unknown", "readiness_unknown", numbers)
    if min(low, high) >= least:
        return Finding(1.0, "fits", "readiness_met", numbers)
    if max(low, high) >= least:
        return Finding(PARTLY, "check", "readiness_partly", numbers)
    numbers["gap"] = gap = least - max(low, high)
    fit = max(-1.0, (1.0 - gap) / 2.0)
    return Finding(fit, "check" if gap == 1 else "miss", "readiness_below", numbers)


def terms(demand: Demand, supply: Supply, policy: Policy) -> Finding:
    """Offer terms against terms wanted: one in common is enough."""
    shared = demand.terms & supply.terms
    numbers: Numbers = {
        "asked": ",".join(sorted(demand.terms)),
        "offered": ",".join(sorted(supply.terms)),
        "shared": ",".join(sorted(shared)),
    }
    if not demand.terms or not supply.terms:
        key = "terms_unknown" if demand.terms else "terms_not_asked"
        return Finding(0.0, "unknown", key, numbers)
    if shared:
        return Finding(1.0, "fits", "terms_shared", numbers)
    return Finding(NO_SHARED_TERMS, "miss", "terms_none_shared", numbers)


def timing(demand: Demand, supply: Supply, policy: Policy) -> Finding:
    """Lead time against the weeks left until the decision."""
    lead, weeks = supply.lead_time_weeks, demand.weeks_to_decision
    numbers: Numbers = {"lead_weeks": lead or 0.0, "weeks": weeks or 0.0, "weeks_late": 0.0}
    if weeks is None or not isfinite(weeks):
        return Finding(0.0, "unknown", "timing_not_asked", numbers)
    if lead is None or not isfinite(lead):
        return Finding(0.0, "unknown", "timing_unknown", numbers)
    fit = ramp_above(lead / max(weeks, 1.0), TIMING_RAMP)
    if lead <= max(weeks, 1.0):
        return Finding(fit, "fits", "timing_fits", numbers)
    numbers["weeks_late"] = lead - weeks
    return Finding(fit, "check" if fit > 0 else "miss", "timing_late", numbers)


def evidence_level(level: str | None) -> int | None:
    """0 claimed, 1 documented, 2 verified; None when not stated."""
    return EVIDENCE_LEVELS.index(level) if level in EVIDENCE_LEVELS else None


def evidence(demand: Demand, supply: Supply, policy: Policy) -> Finding:
    """How well the figures are backed; without a level asked, better backing earns more."""
    asked, offered = evidence_level(demand.evidence_min), evidence_level(supply.evidence)
    numbers: Numbers = {
        "asked": demand.evidence_min or "",
        "offered": supply.evidence or "",
        "sites": supply.sites,
    }
    if offered is None:
        return Finding(0.0, "unknown", "evidence_unknown", numbers)
    if asked is None:
        fit = EVIDENCE_SHOWN[offered]
        return Finding(fit, "fits" if fit > 0 else "check", "evidence_shown", numbers)
    if offered >= asked:
        return Finding(1.0, "fits", "evidence_met", numbers)
    fit = (1.0 - (asked - offered)) / 2.0
    return Finding(fit, "check" if fit == 0 else "miss", "evidence_below", numbers)


def findings(demand: Demand, supply: Supply, policy: Policy) -> tuple[Finding, ...]:
    """The seven criteria beside purpose, in the order of records.CRITERIA."""
    judges = (performance, place, cost, readiness, terms, timing, evidence)
    return tuple(judge(demand, supply, policy) for judge in judges)
