"""Units, the canonical unit of every metric, and money: what is asked meets what is offered.

Factors: SI and non-SI units accepted with it (BIPM, The International System of Units, 9th ed.);
1 yr = 365.25 d, 1 mo = yr/12.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan

from .records import Demand, Price, Quantity

_DAYS = 365.25

# unit -> (dimension, size in the first unit of the dimension)
UNITS: dict[str, tuple[str, float]] = {
    "%": ("share", 1.0),
    "kW": ("power", 1.0),
    "MW": ("power", 1000.0),
    "W": ("power", 0.001),
    "kWh": ("energy", 1.0),
    "MWh": ("energy", 1000.0),
    "GWh": ("energy", 1_000_000.0),
    "MWh/yr": ("energy a year", 1.0),
    "kWh/yr": ("energy a year", 0.001),
    "GWh/yr": ("energy a year", 1000.0),
    "m3/d": ("flow", 1.0),
    "L/s": ("flow", 86.4),
    "m3": ("volume", 1.0),
    "t/d": ("mass flow", 1.0),
    "kg/d": ("mass flow", 0.001),
    "t/yr": ("mass flow", 1 / _DAYS),
    "kg/yr": ("mass flow", 0.001 / _DAYS),
    "tCO2e/yr": ("emissions", 1.0),
    "ktCO2e/yr": ("emissions", 1000.0),
    "degC": ("temperature difference", 1.0),
    "dB": ("level", 1.0),
    "d": ("time", 1.0),
    "mo": ("time", _DAYS / 12),
    "yr": ("time", _DAYS),
    "km": ("length", 1.0),
    "pers/h": ("passengers", 1.0),
    "m2": ("area", 1.0),
    "ha": ("area", 10_000.0),
}

# metric -> its canonical unit
METRICS: dict[str, str] = {
    "energy_saving": "%",
    "peak_power_reduction": "%",
    "load_shifted": "%",
    "water_saving": "%",
    "leakage_reduction": "%",
    "emission_reduction": "%",
    "co2e_avoided": "tCO2e/yr",
    "pollutant_removal": "%",
    "waste_diverted": "%",
    "waste_treated": "t/d",
    "material_recovered": "%",
    "power": "kW",
    "energy_output": "MWh/yr",
    "storage": "kWh",
    "efficiency": "%",
    "water_treated": "m3/d",
    "water_stored": "m3",
    "cooling": "degC",
    "noise_reduction": "dB",
    "yield_increase": "%",
    "input_reduction": "%",
    "cost_saving": "%",
    "payback": "yr",
    "service_life": "yr",
    "install_time": "d",
    "range": "km",
    "passengers": "pers/h",
}
LESS_IS_BETTER = frozenset({"payback", "install_time"})


def convert(value: float, unit: str, to: str) -> float | None:
    """`value` in `unit` expressed in `to`; None when they do not measure the same thing."""
    if unit == to:
        return value if isfinite(value) else None
    source, target = UNITS.get(unit), UNITS.get(to)
    if source is None or target is None or source[0] != target[0] or not isfinite(value):
        return None
    return value * source[1] / target[1]


def canonical(metric: str, value: float, unit: str) -> tuple[str, float] | None:
    """A comparable (key, value): two quantities compare when their keys are equal.

    A known metric is converted to its canonical unit (None if that is impossible or the value is
    not a finite number); an unknown metric compares within its own unit.
    """
    target = METRICS.get(metric)
    if target is None:
        return (f"{metric}|{unit}", value) if isfinite(value) else None
    converted = convert(value, unit, target)
    return None if converted is None else (metric, converted)


def exchange(source: str, target: str, rates: Mapping[str, float]) -> float | None:
    """Units of `target` currency for one of `source`; None when a rate is missing."""
    if source == target:
        return 1.0
    have, want = rates.get(source, 0.0), rates.get(target, 0.0)
    return have / want if have > 0 and want > 0 else None


def pieces(price_unit: str, budget_unit: str, scale_unit: str) -> tuple[int, float] | None:
    """(p, f) for `count`: price units in one budget unit; None when they cannot be compared.

    A price per m2 against a budget for the project takes the scale of the need (p = 1) and the
    other way round (p = -1); the same unit on both sides needs no scale (p = 0).
    """
    if price_unit == budget_unit:
        return 0, 1.0
    if budget_unit == "project":
        factor = _per_scale(price_unit, scale_unit)
        return None if factor is None else (1, factor)
    if price_unit == "project":
        factor = _per_scale(budget_unit, scale_unit)
        return None if factor is None else (-1, factor)
    factor = convert(1.0, budget_unit, price_unit)
    return None if factor is None else (0, factor)


def _per_scale(unit: str, scale_unit: str) -> float | None:
    """How many `unit` are in one unit of scale; `unit` also counts homes, buildings, vehicles."""
    if unit == "unit" and scale_unit in ("households", "buildings", "vehicles"):
        return 1.0
    return convert(1.0, scale_unit, unit) if scale_unit else None


def count(power: int, factor: float, scale: float) -> float:
    """Price units in one budget unit: f, f·scale or 1/(f·scale) for p = 0, 1, -1."""
    if power == 0:
        return factor
    return factor * scale if power > 0 else 1.0 / (factor * scale)


# United Nations M49 geographic regions, by ISO 3166-1 alpha-2; what "nearby" means.
_REGIONS = """
AF-N DZ EG LY MA SD TN EH; AF-E BI KM DJ ER ET KE MG MW MU YT MZ RE RW SC SO SS TZ UG ZM ZW
AF-M AO CM CF TD CG CD GQ GA ST; AF-S BW LS NA SZ ZA
AF-W BJ BF CV CI GM GH GN GW LR ML MR NE NG SH SN SL TG
AM-N BM CA GL PM US; AM-C BZ CR SV GT HN MX NI PA
AM-I AI AG AW BS BB BQ VG KY CU CW DM DO GD GP HT JM MQ MS PR BL KN LC MF VC SX TT TC VI
AM-S AR BO BR CL CO EC FK GF GY PY PE SR UY VE
AS-C KZ KG TJ TM UZ; AS-E CN HK MO JP KP KR MN TW
AS-SE BN KH ID LA MY MM PH SG TH TL VN; AS-S AF BD BT IN IR MV NP PK LK
AS-W AM AZ BH CY GE IQ IL JO KW LB OM PS QA SA SY TR AE YE
EU-E BY BG CZ HU MD PL RO RU SK UA; EU-N AX DK EE FO FI GG IS IE IM JE LV LT NO SE GB
EU-S AL AD BA HR GI GR VA IT MT ME MK PT SM RS SI ES XK; EU-W AT BE FR DE LI LU MC NL CH
OC AU NZ FJ NC PG SB VU GU KI MH FM NR MP PW AS CK PF NU PN WS TK TO TV WF
"""
REGION_OF = {
    country: group.split()[0]
    for group in _REGIONS.replace("\n", ";").split(";")
    for country in group.split()[1:]
}


def best_quantities(quantities: tuple[Quantity, ...]) -> dict[str, tuple[float, Quantity]]:
    """One comparable value per metric, sorted by key: of several, the best (or hardest asked).

    What is zero or less, or cannot be compared, is left out.
    """
    found: dict[str, tuple[float, Quantity]] = {}
    for quantity in quantities:
        comparable = canonical(quantity.metric, quantity.value, quantity.unit)
        if comparable is None or comparable[1] <= 0:
            continue
        key, value = comparable
        held = found.get(key)
        sign = -1 if key in LESS_IS_BETTER else 1
        if held is None or sign * value > sign * held[0]:
            found[key] = (value, quantity)
    return dict(sorted(found.items()))


def reached(key: str, offered: float, asked: float) -> float:
    """Offered against asked, 1 = just met; the other way round where less is better."""
    return asked / offered if key in LESS_IS_BETTER else offered / asked


def price_band(price: Price | None) -> tuple[float, float] | None:
    """(low, high), one standing in for the other; None when neither is a number of at least 0."""
    if price is None:
        return None
    low = price.low if price.low is not None else price.high
    high = price.high if price.high is not None else price.low
    if low is None or high is None or not (isfinite(low) and isfinite(high)):
        return None
    return (min(low, high), max(low, high)) if min(low, high) >= 0 else None


def budget_ceiling(demand: Demand) -> float | None:
    """The most the need can pay, in the budget's currency per the budget's unit."""
    band = price_band(demand.budget)
    return band[1] if band is not None and band[1] > 0 else None


def scale_of(demand: Demand) -> tuple[float, str]:
    """The scale of the need as (value, unit); (0, "") when it is not stated."""
    scale = demand.scale
    if scale is None or not isfinite(scale.value) or scale.value <= 0:
        return 0.0, ""
    return scale.value, scale.unit


def price_multiple(demand: Demand, price: Price, rates: Mapping[str, float]) -> float | None:
    """What a price is multiplied by to stand beside the budget; None if they cannot compare."""
    budget = demand.budget
    scale, scale_unit = scale_of(demand)
    if budget is None:
        return None
    rate = exchange(price.currency, budget.currency, rates)
    kind = pieces(price.unit, budget.unit, scale_unit)
    return None if rate is None or kind is None else count(*kind, scale) * rate


def price_kind(price: Price | None) -> str:
    """What decides, beside the amount, how a price compares: currency and unit in one code."""
    return f"{price.currency}\n{price.unit}" if price else ""


def budget_kind(demand: Demand) -> str:
    """The same for a budget: currency, unit and unit of scale."""
    return f"{price_kind(demand.budget)}\n{scale_of(demand)[1]}" if demand.budget else ""


def comparison(price: str, budget: str, rates: Mapping[str, float]) -> tuple[float, float, float]:
    """(p, f, rate) of `pieces` and `exchange` for two kinds; NaN when they do not compare."""
    unknown = (nan, nan, nan)
    if not price or not budget:
        return unknown
    currency, unit, scale_unit = budget.split("\n", 2)
    offered, offered_unit = price.split("\n", 1)
    rate, kind = exchange(offered, currency, rates), pieces(offered_unit, unit, scale_unit)
    return unknown if rate is None or kind is None else (*kind, rate)
