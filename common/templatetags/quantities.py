"""Numbers, quantities and counts as a person of the active language writes them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import format_compact_decimal, format_decimal
from django import template
from django.utils.translation import npgettext_lazy, pgettext, pgettext_lazy

from common.languages import active

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
SLOT = "\N{OBJECT REPLACEMENT CHARACTER}"  # where a value goes, in no translation
# Babel speaks of locales; plain "en" would write dates and amounts the American way.
LOCALES = {"en": "en_GB", "zh-hans": "zh_Hans", "fr": "fr", "es": "es", "ru": "ru", "ar": "ar"}
# From 100,000 on Chinese counts in units of 10,000, and says so when nothing is lost by it.
WAN = 10_000

UNITS: dict[str, Any] = {
    "%": pgettext_lazy("quantity", "%(value)s%%"),
    "W": pgettext_lazy("quantity", "%(value)s W"),
    "kW": pgettext_lazy("quantity", "%(value)s kW"),
    "MW": pgettext_lazy("quantity", "%(value)s MW"),
    "kWh": pgettext_lazy("quantity", "%(value)s kWh"),
    "MWh": pgettext_lazy("quantity", "%(value)s MWh"),
    "GWh": pgettext_lazy("quantity", "%(value)s GWh"),
    "kWh/yr": pgettext_lazy("quantity", "%(value)s kWh per year"),
    "MWh/yr": pgettext_lazy("quantity", "%(value)s MWh per year"),
    "GWh/yr": pgettext_lazy("quantity", "%(value)s GWh per year"),
    "m2": pgettext_lazy("quantity", "%(value)s m²"),
    "ha": pgettext_lazy("quantity", "%(value)s ha"),
    "m3": pgettext_lazy("quantity", "%(value)s m³"),
    "m3/d": pgettext_lazy("quantity", "%(value)s m³ per day"),
    "L/s": pgettext_lazy("quantity", "%(value)s L/s"),
    "t/d": pgettext_lazy("quantity", "%(value)s t per day"),
    "kg/d": pgettext_lazy("quantity", "%(value)s kg per day"),
    "t/yr": pgettext_lazy("quantity", "%(value)s t per year"),
    "kg/yr": pgettext_lazy("quantity", "%(value)s kg per year"),
    "tCO2e/yr": pgettext_lazy("quantity", "%(value)s t CO₂e per year"),
    "ktCO2e/yr": pgettext_lazy("quantity", "%(value)s kt CO₂e per year"),
    "degC": pgettext_lazy("quantity", "%(value)s °C"),
    "dB": pgettext_lazy("quantity", "%(value)s dB"),
    "km": pgettext_lazy("quantity", "%(value)s km"),
    "pers/h": pgettext_lazy("quantity", "%(value)s people per hour"),
    "yr": npgettext_lazy("quantity", "%(value)s year", "%(value)s years", "count"),
    "wk": npgettext_lazy("quantity", "%(value)s week", "%(value)s weeks", "count"),
    "mo": npgettext_lazy("quantity", "%(value)s month", "%(value)s months", "count"),
    "d": npgettext_lazy("quantity", "%(value)s day", "%(value)s days", "count"),
    "households": npgettext_lazy(
        "quantity", "%(value)s household", "%(value)s households", "count"
    ),
    "buildings": npgettext_lazy("quantity", "%(value)s building", "%(value)s buildings", "count"),
    "vehicles": npgettext_lazy("quantity", "%(value)s vehicle", "%(value)s vehicles", "count"),
    "t": pgettext_lazy("quantity", "%(value)s t"),
    "unit": npgettext_lazy("quantity", "%(value)s unit", "%(value)s units", "count"),
}


@lru_cache(maxsize=16)
def _parsed(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language, "en_GB"))


def locale() -> Locale:
    """Babel's locale for the active language."""
    return _parsed(active())


def decimal(value: object) -> Decimal | None:
    """The number in ``value``, or None if there is none."""
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def with_minus(text: str) -> str:
    """A true minus sign; in Arabic it is held on the left of its digits."""
    if not text.lstrip("\N{LEFT-TO-RIGHT MARK}").startswith("-"):
        return text
    mark = "\N{LEFT-TO-RIGHT MARK}" if active() == "ar" else ""
    return mark + MINUS + text.lstrip("\N{LEFT-TO-RIGHT MARK}")[1:]


def counted(value: Decimal) -> int:
    """The whole number whose plural form a possibly fractional value takes."""
    if value == value.to_integral_value():
        return abs(int(value))
    if active() == "ar":
        return 100
    return 1 if active() == "fr" and abs(value) < 2 else 2


@register.filter
def number(value: object) -> str:
    """1284 gives 1,284; at most two decimals, none of them idle."""
    amount = decimal(value)
    if amount is None:
        return ""
    return with_minus(format_decimal(amount, format="#,##0.##", locale=locale()))


@register.filter
def change(value: object) -> str:
    """A difference with its sign: +81, −3, 0."""
    amount = decimal(value)
    if amount is None:
        return ""
    if amount <= 0:
        return number(amount)
    mark = "\N{LEFT-TO-RIGHT MARK}" if active() == "ar" else ""
    return f"{mark}+{number(amount)}"


def in_wan(value: Decimal) -> str | None:
    """18.6万 for 186,000 when the reader is Chinese and one decimal says it all."""
    if active() != "zh-hans" or abs(value) < 10 * WAN or value % (WAN // 10):
        return None
    return with_minus(
        format_compact_decimal(value, format_type="short", locale=locale(), fraction_digits=1)
    )


def filled(pattern: Any, value: str, count: int = 2) -> str:
    """A pattern with its value, which stays on one line with the word beside it."""
    text = str(pattern % {"value": SLOT, "count": count})
    text = text.replace(f"{SLOT} ", f"{SLOT}{NBSP}").replace(f" {SLOT}", f"{NBSP}{SLOT}")
    return text.replace(SLOT, value)


@register.filter
def quantity(value: object, unit: str = "") -> str:
    """34 and "%" give 34%; an unknown unit is written as it stands."""
    amount = decimal(value)
    if amount is None:
        return ""
    text = in_wan(amount) or number(amount)
    if unit in UNITS:
        return filled(UNITS[unit], text, counted(amount))
    return f"{text}{NBSP}{unit}" if unit else text


@register.filter
def unit(code: str) -> str:
    """The unit alone: kWh, m³ per day."""
    return filled(UNITS[code], "").strip(f" {NBSP}") if code in UNITS else code


@register.filter
def days(value: object) -> str:
    """11 gives "11 days"."""
    return quantity(value, "d")


@register.filter
def weeks(value: object) -> str:
    """10 gives "10 weeks"."""
    return quantity(value, "wk")


@register.filter
def size(octets: object) -> str:
    """The size of a file: 0.8 MB, 32 kB."""
    amount = decimal(octets)
    if amount is None:
        return ""
    if amount < 100_000:
        return filled(
            pgettext_lazy("file size", "%(value)s kB"), number(max(1, round(amount / 1000)))
        )
    return filled(pgettext_lazy("file size", "%(value)s MB"), number(round(amount / 1_000_000, 1)))


@register.filter
def out_of(value: object, total: object) -> str:
    """5 and 12 give "5 of 12"."""
    return pgettext("count", "%(part)s of %(total)s") % {
        "part": number(value),
        "total": number(total),
    }
