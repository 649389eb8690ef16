"""For e-mails: addresses that work outside the site, in the recipient's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import pgettext

from common.languages import active
from common.templatetags.quantities import locale

register = template.Library()
FORMER = {"Alma Ata": "Almaty"}  # what CLDR still calls a city, and its name


@register.filter
def absolute(address: Any) -> str:
    """A path, or a record that has a page, as a whole address in the active language."""
    path = address.get_absolute_url() if hasattr(address, "get_absolute_url") else str(address)
    return path if "://" in path else f"{settings.SITE_URL}{path}"


@register.simple_tag
def colon() -> str:
    """What stands between a label and what it names."""
    return pgettext("after a label", ":")


@register.filter
def within(label: str) -> str:
    """A label as it stands inside a sentence: small at its beginning, abbreviations as they are."""
    small = label[1:2].islower() or label[1:2].isspace()
    return label[:1].lower() + label[1:] if small else label


@register.filter
def listed(labels: Iterable[str]) -> str:
    """Labels one after the other, behind a colon."""
    return pgettext("between items of a list", "; ").join(map(within, labels))


@register.simple_tag
def page(name: str, *args: Any) -> str:
    """Like ``url``, as a whole address; a page that is not there becomes the front page."""
    try:
        return absolute(reverse(name, args=args))
    except NoReverseMatch:
        return absolute(f"/{active()}/")


@register.simple_tag
def zone_place(zone: ZoneInfo) -> str:
    """Paris, where the clock shows the time."""
    place = get_timezone_location(zone, locale=locale(), return_city=True)
    return FORMER.get(place, place)


@register.simple_tag
def weekday_name(number: int) -> str:
    return str(WEEKDAYS[number])


@register.simple_tag
def clock_hour(hour: int) -> str:
    return f"{hour}:00"
