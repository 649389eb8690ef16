"""Units, money and scale: what is asked meets what is offered."""

from __future__ import annotations

import pytest

from matching.engine import METRICS, UNITS, Demand, Policy, Price, Quantity, Scale
from matching.engine.policy import RATES
from matching.engine.units import (
    best_quantities,
    canonical,
    convert,
    exchange,
    price_multiple,
    reached,
)

ACCEPTED = [
    "%",
    "kW",
    "MW",
    "W",
    "kWh",
    "MWh",
    "GWh",
    "kWh/yr",
    "MWh/yr",
    "GWh/yr",
    "m3/d",
    "L/s",
    "m3",
    "t/d",
    "kg/d",
    "t/yr",
    "kg/yr",
    "tCO2e/yr",
    "ktCO2e/yr",
    "degC",
    "dB",
    "yr",
    "mo",
    "d",
    "km",
    "pers/h",
]


def test_every_accepted_unit_is_known_and_every_metric_has_one():
    assert set(ACCEPTED) <= UNITS.keys()
    assert set(METRICS.values()) <= set(ACCEPTED)


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (2, "MW", "kW", 2000),
        (1, "L/s", "m3/d", 86.4),
        (365.25, "t/yr", "t/d", 1),
        (1, "GWh/yr", "MWh/yr", 1000),
        (12, "mo", "yr", 1),
        (2, "ha", "m2", 20_000),
    ],
)
def test_units_convert(value, unit, to, expected):
    assert convert(value, unit, to) == pytest.approx(expected)


def test_what_measures_something_else_does_not_compare():
    assert convert(1, "kW", "kWh") is None
    assert convert(1, "kW", "parsec") is None
    assert canonical("energy_saving", 3, "kW") is None
    assert canonical("energy_saving", float("nan"), "%") is None
    assert canonical("own", 3, "barrels") == ("own|barrels", 3)


def test_the_best_of_several_figures_counts_and_less_can_be_better():
    best = best_quantities((Quantity("payback", 3, "yr"), Quantity("payback", 30, "mo")))
    assert best["payback"][1].unit == "mo"
    assert reached("payback", 30, 36) > 1
    assert reached("energy_saving", 30, 36) < 1


def test_money_is_exchanged_and_an_unknown_currency_is_not():
    assert exchange("EUR", "EUR", {}) == 1
    assert exchange("EUR", "CNY", RATES) == pytest.approx(1.1 / 0.14)
    assert exchange("EUR", "ZZZ", RATES) is None


@pytest.mark.parametrize(
    ("price_unit", "budget_unit", "scale", "expected"),
    [
        ("m2", "m2", None, 1),
        ("m2", "project", Scale(500, "m2"), 500),
        ("m2", "project", Scale(1, "ha"), 10_000),
        ("project", "m2", Scale(500, "m2"), 1 / 500),
        ("unit", "project", Scale(40, "households"), 40),
        ("m2", "project", None, None),
        ("m2", "kW", Scale(500, "m2"), None),
    ],
)
def test_a_price_per_unit_meets_a_budget_through_the_scale(
    price_unit, budget_unit, scale, expected
):
    need = Demand(1, 1, "en", (), budget=Price(None, 9, "EUR", budget_unit), scale=scale)
    multiple = price_multiple(need, Price(1, 1, "EUR", price_unit), RATES)
    assert multiple == (None if expected is None else pytest.approx(expected))


def test_a_policy_needs_all_eight_weights():
    with pytest.raises(ValueError, match="purpose"):
        Policy(version=2, weights={"cost": 1.0})
