"""The numbers a person decides: weights, thresholds, capacities and exchange rates, in versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from .records import CRITERIA, Demand

# Units of US dollar for one unit of the currency, rounded yearly averages; an admin replaces them.
RATES: Mapping[str, float] = MappingProxyType(
    {
        "USD": 1.0,
        "EUR": 1.1,
        "CNY": 0.14,
        "GBP": 1.28,
        "JPY": 0.0067,
        "CHF": 1.15,
        "CAD": 0.73,
        "AUD": 0.66,
        "INR": 0.0119,
        "BRL": 0.18,
        "MXN": 0.055,
        "ZAR": 0.055,
        "KRW": 0.00072,
        "SGD": 0.75,
        "HKD": 0.128,
        "RUB": 0.011,
        "KZT": 0.0021,
        "AED": 0.2723,
        "SAR": 0.2667,
        "QAR": 0.2747,
        "EGP": 0.0205,
        "MAD": 0.1,
        "TND": 0.32,
        "XOF": 0.00168,
        "XAF": 0.00168,
        "KES": 0.0077,
        "NGN": 0.00065,
        "GHS": 0.07,
        "ETB": 0.008,
        "CLP": 0.00106,
        "COP": 0.00024,
        "PEN": 0.27,
        "ARS": 0.001,
        "IDR": 0.000062,
        "THB": 0.029,
        "VND": 0.0000395,
        "PHP": 0.0174,
        "MYR": 0.23,
        "BDT": 0.0084,
        "PKR": 0.0036,
        "TRY": 0.029,
        "UAH": 0.0245,
        "PLN": 0.255,
        "CZK": 0.0435,
        "SEK": 0.096,
        "NOK": 0.094,
        "DKK": 0.1475,
        "ILS": 0.27,
        "JOD": 1.41,
        "NZD": 0.6,
    }
)

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "purpose": 4.95,
        "performance": 0.36,
        "place": 0.23,
        "cost": 0.27,
        "readiness": 0.23,
        "terms": 0.15,
        "timing": 0.14,
        "evidence": 0.18,
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Log-odds a fully fitting criterion brings, and what the platform does with scores.

    See score.py for the formula. `min_score` is the lowest score that is suggested;
    `per_need` and `per_provider` cap suggestions; `rates` are US dollars for one unit of currency;
    `miss_cost` is the share of its weight that a complete miss costs (0: a miss costs nothing).
    """

    version: int
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    intercept: float = -3.6
    min_score: float = 60
    per_need: int = 5
    per_provider: int = 20
    rates: Mapping[str, float] = field(default_factory=lambda: RATES)
    miss_cost: float = 0.5

    def __post_init__(self) -> None:
        """Raises ValueError unless all eight criteria have a weight of at least 0."""
        lacking = [criterion for criterion in CRITERIA if not self.weights.get(criterion, -1) >= 0]
        if lacking or not 0 <= self.miss_cost <= 1:
            raise ValueError(f"policy {self.version}: weights {lacking}, cost {self.miss_cost}")

    def for_need(self, demand: Demand) -> Policy:
        """The same with the weights that count for this need."""
        if not demand.emphasis:
            return self
        weights = dict(self.weights)
        for criterion, factor in demand.emphasis:
            weights[criterion] *= factor
        return replace(self, weights=weights)


DEFAULT = Policy(version=1)
