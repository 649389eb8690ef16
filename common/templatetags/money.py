"""Amounts of money and prices in the active language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.numbers import format_compact_decimal, get_currency_name, get_currency_symbol
from django import template
from django.utils.translation import pgettext, pgettext_lazy

from common.languages import active
from common.templatetags.quantities import NBSP, WAN, decimal, locale, number

register = template.Library()

MILLION = 1_000_000
# Two currencies share one sign; here the renminbi keeps it.
SYMBOLS = {"CNY": "¥", "JPY": "JP¥"}
NAMES = {("zh-hans", "CNY"): "元"}
PER: dict[str, Any] = {
    "project": pgettext_lazy("price", "%(price)s for the whole project"),
    "m2": pgettext_lazy("price", "%(price)s per m²"),
    "kW": pgettext_lazy("price", "%(price)s per kW"),
    "kWh": pgettext_lazy("price", "%(price)s per kWh"),
    "m3/d": pgettext_lazy("price", "%(price)s per m³ a day"),
    "m3": pgettext_lazy("price", "%(price)s per m³"),
    "unit": pgettext_lazy("price", "%(price)s per unit"),
    "km": pgettext_lazy("price", "%(price)s per km"),
    "t": pgettext_lazy("price", "%(price)s per tonne"),
    "yr": pgettext_lazy("price", "%(price)s per year"),
}


def _figure(value: Decimal) -> str:
    """Millions in words or in the usual abbreviation; Chinese counts from 10,000 up."""
    limit = WAN if active() == "zh-hans" else MILLION
    if value < limit:
        return number(value)
    formats = locale().compact_decimal_formats
    spelt = active() in ("en", "ar") and "long" in formats
    return format_compact_decimal(
        value, format_type="long" if spelt else "short", locale=locale(), fraction_digits=2
    ).replace(" ", NBSP)


def _symbol(currency: str) -> str:
    return SYMBOLS.get(currency) or get_currency_symbol(currency, locale=locale())


def _named(value: Decimal, figure: str, currency: str) -> str:
    """Chinese and Arabic write the name of the currency after the figure."""
    name = NAMES.get((active(), currency))
    name = name or get_currency_name(currency, count=value, locale=locale())
    return f"{figure}{name}" if active() == "zh-hans" else f"{figure}{NBSP}{name}"


@register.filter
def money(value: object, currency: str) -> str:
    """420 and CNY give ¥420; 78 million give ¥78 million."""
    amount = decimal(value)
    if amount is None:
        return ""
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    amount = abs(amount)
    figure = _figure(amount)
    if active() in ("zh-hans", "ar"):
        return sign + _named(amount, figure, currency)
    symbol = _symbol(currency)
    if active() != "en":
        return f"{sign}{figure}{NBSP}{symbol}"
    gap = NBSP if symbol[-1].isalpha() else ""
    return f"{sign}{symbol}{gap}{figure}"


@register.simple_tag
def price(low: object, high: object, currency: str, per: str = "") -> str:
    """A price or a budget: both ends, one end, or nothing."""
    first, last = decimal(low), decimal(high)
    if first is None and last is None:
        return ""
    words = {"low": money(first, currency), "high": money(last, currency)}
    if last is None:
        text = pgettext("price", "From %(low)s") % words
    elif first is None:
        text = pgettext("price", "Up to %(high)s") % words
    elif first == last:
        text = words["low"]
    else:
        text = pgettext("price", "%(low)s to %(high)s") % words
    pattern = PER.get(per)
    return str(pattern) % {"price": text} if pattern else text
