"""Figures, topics and choices as words: what chips and reasons are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from babel.lists import format_list
from django.core.cache import cache
from django.utils.translation import pgettext, pgettext_lazy

from common.choices import Evidence, Metric, Term
from common.languages import CODES, active, column
from common.templatetags.money import price
from common.templatetags.places import country, in_words
from common.templatetags.quantities import locale, quantity
from vocabulary.choices import Scheme
from vocabulary.models import Concept

Numbers = Mapping[str, Any]
KEEP_NAMES = 300  # seconds; labels change with a release

FIGURES: dict[str, Any] = {
    "energy_saving": pgettext_lazy("figure", "%(figure)s less energy"),
    "peak_power_reduction": pgettext_lazy("figure", "%(figure)s less peak power"),
    "load_shifted": pgettext_lazy("figure", "%(figure)s of load moved"),
    "water_saving": pgettext_lazy("figure", "%(figure)s less water"),
    "leakage_reduction": pgettext_lazy("figure", "%(figure)s less leakage"),
    "emission_reduction": pgettext_lazy("figure", "%(figure)s lower emissions"),
    "co2e_avoided": pgettext_lazy("figure", "%(figure)s avoided"),
    "pollutant_removal": pgettext_lazy("figure", "%(figure)s of pollutants removed"),
    "waste_diverted": pgettext_lazy("figure", "%(figure)s of waste kept from landfill"),
    "waste_treated": pgettext_lazy("figure", "%(figure)s of waste treated"),
    "material_recovered": pgettext_lazy("figure", "%(figure)s of material recovered"),
    "power": pgettext_lazy("figure", "%(figure)s of power"),
    "energy_output": pgettext_lazy("figure", "%(figure)s produced"),
    "storage": pgettext_lazy("figure", "%(figure)s of storage"),
    "efficiency": pgettext_lazy("figure", "%(figure)s efficiency"),
    "water_treated": pgettext_lazy("figure", "%(figure)s of water treated"),
    "water_stored": pgettext_lazy("figure", "%(figure)s of water stored"),
    "cooling": pgettext_lazy("figure", "%(figure)s cooler"),
    "noise_reduction": pgettext_lazy("figure", "%(figure)s quieter"),
    "yield_increase": pgettext_lazy("figure", "%(figure)s more yield"),
    "input_reduction": pgettext_lazy("figure", "%(figure)s less input"),
    "cost_saving": pgettext_lazy("figure", "%(figure)s lower running cost"),
    "payback": pgettext_lazy("figure", "Payback in %(figure)s"),
    "service_life": pgettext_lazy("figure", "Lasts %(figure)s"),
    "install_time": pgettext_lazy("figure", "Installed in %(figure)s"),
    "range": pgettext_lazy("figure", "%(figure)s of range"),
    "passengers": pgettext_lazy("figure", "%(figure)s carried"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One stored verdict, with the attributes that the fit bar reads."""

    criterion: str = ""
    points: float = 0.0
    of: float = 0.0
    state: str = "unknown"
    key: str = ""
    numbers: Numbers = field(default_factory=dict)


def rows_of(verdicts: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows of an older version may lack a column."""
    known = Row.__slots__
    return [Row(**{name: row[name] for name in known if name in row}) for row in verdicts]


def figure(numbers: Numbers, name: str) -> str:
    """34% less peak power: the figure ``asked`` or ``offered`` of the metric."""
    text = quantity(numbers.get(name, ""), str(numbers.get(f"{name}_unit", "")))
    pattern = FIGURES.get(str(numbers.get("metric", "")))
    return str(pattern) % {"figure": text} if pattern else text


def metric_name(numbers: Numbers) -> str:
    code = str(numbers.get("metric", ""))
    return str(Metric(code).label) if code in Metric.values else code


def level_name(code: object) -> str:
    known = str(code or "")
    return str(Evidence(known).label) if known in Evidence.values else known


def codes_in(numbers: Numbers, name: str) -> list[str]:
    return [code for code in str(numbers.get(name, "")).split(",") if code]


def term_names(codes: Iterable[str]) -> list[str]:
    return [str(Term(code).label) if code in Term.values else code for code in codes]


def either(words: Iterable[str]) -> str:
    """A, B or C."""
    found = [word for word in words if word]
    return format_list(found, style="or", locale=locale()) if found else ""


def some_countries(codes: list[str]) -> str:
    """Up to three by name, more by number."""
    return in_words(sorted(country(code) for code in codes)) if 0 < len(codes) <= 3 else ""


def asked_price(numbers: Numbers) -> str:
    """Up to ¥420 per m²."""
    return _budget(numbers, None)


def ceiling(numbers: Numbers) -> str:
    """¥420 per m², for inside a sentence."""
    return _budget(numbers, numbers.get("budget"))


def _budget(numbers: Numbers, low: object) -> str:
    currency, per = str(numbers.get("budget_currency", "")), str(numbers.get("budget_unit", ""))
    return str(price(low, numbers.get("budget"), currency, per))


def offered_price(numbers: Numbers) -> str:
    low, high = numbers.get("offered_low") or None, numbers.get("offered_high") or None
    return str(
        price(
            low,
            high,
            str(numbers.get("offered_currency", "")),
            str(numbers.get("offered_unit", "")),
        )
    )


def converted_price(numbers: Numbers) -> str:
    """The offered price in currency and unit of the budget; empty when they are the same."""
    pairs = (("offered_currency", "budget_currency"), ("offered_unit", "budget_unit"))
    if all(numbers.get(mine) == numbers.get(other) for mine, other in pairs):
        return ""
    low, high = (_rounded(numbers.get(name)) for name in ("converted_low", "converted_high"))
    if low is None or high is None:
        return ""
    currency, per = str(numbers.get("budget_currency", "")), str(numbers.get("budget_unit", ""))
    return str(price(low, high, currency, per))


def _rounded(value: object) -> float | None:
    """Three figures: a converted price is no more exact than its exchange rate."""
    return float(f"{float(value):.3g}") if isinstance(value, int | float) else None


def above(numbers: Numbers, name: str = "converted_low") -> int:
    """By how many per cent a converted price passes the budget; negative when below it."""
    offered, budget = numbers.get(name), numbers.get("budget")
    if isinstance(offered, int | float) and isinstance(budget, int | float) and budget > 0:
        return round(100 * (offered / budget - 1))
    return round(float(numbers.get("percent") or 0))


def percent(value: int) -> str:
    return quantity(abs(value), "%")


def levels(numbers: Numbers) -> str:
    """Level 8, or levels 8 to 9."""
    low, high = numbers.get("trl_low") or 0, numbers.get("trl_high") or 0
    low, high = low or high, high or low
    if low == high:
        return pgettext("readiness", "Level %(level)s") % {"level": high}
    return pgettext("readiness", "Levels %(low)s to %(high)s") % {"low": low, "high": high}


def topic_names(codes: Iterable[str]) -> list[str]:
    """Labels of concept keys in the reader's language; unknown ones are left out."""
    names = _names()
    return [names[code] for code in codes if code in names]


def _names() -> dict[str, str]:
    key = f"topic-names:{active()}"
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        order = [column("label", code) for code in dict.fromkeys((active(), "en", *CODES))]
        schemes = Concept.objects.filter(scheme__in=[Scheme.TOPIC, Scheme.FIELD])
        found = {
            row.key: next((text for name in order if (text := getattr(row, name, ""))), row.code)
            for row in schemes
        }
        cache.set(key, found, KEEP_NAMES)
    return found
