"""For e-mails: addresses that work outside the site, in the recipient's language."""

from __future__ import annotations

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


@register.filter
def absolute(address: Any) -> str:
    """A path, or a record that has a page, as a whole address in the active language."""
    path = address.get_absolute_url() if hasattr(address, "get_absolute_url") else str(address)
    return path if "://" in path else f"{settings.SITE_URL}{path}"


@register.simple_tag
def colon() -> str:
    """What stands between a label and what it names."""
    return pgettext("after a label", ":")


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
    return get_timezone_location(zone, locale=locale(), return_city=True)


@register.simple_tag
def weekday_name(number: int) -> str:
    return str(WEEKDAYS[number])


@register.simple_tag
def clock_hour(hour: int) -> str:
    return f"{hour}:00"
