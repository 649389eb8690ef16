"""Days in words, never in figures alone."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal

from babel.dates import format_date, format_skeleton, format_timedelta
from django import template
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from common.languages import active
from common.templatetags.quantities import NBSP, locale

register = template.Library()

# A day closer than this, before or after today, is understood without its year.
NEAR = timedelta(days=300)
Moment = date | datetime | None


def as_day(moment: Moment) -> date | None:
    """The calendar day of a moment where the reader is."""
    if isinstance(moment, datetime):
        return timezone.localtime(moment).date() if timezone.is_aware(moment) else moment.date()
    return moment or None


def today() -> date:
    return timezone.localdate()


def first_of_month(text: str, day_: date) -> str:
    """French alone counts the first day: 1er juin."""
    if active() == "fr" and day_.day == 1:
        return re.sub(r"(?<!\d)1(?=\s)", "1er", text, count=1)
    return text


def _kept(text: str, day_: date) -> str:
    """The number stays beside its month."""
    return first_of_month(re.sub(r"(?<=\d) (?=\D)", NBSP, text, count=1), day_)


def _written(day_: date, skeleton: str) -> str:
    return _kept(format_skeleton(skeleton, day_, locale=locale()), day_)


def _is_near(day_: date) -> bool:
    return abs(day_ - today()) <= NEAR


@register.filter
def full_day(moment: Moment) -> str:
    """19 December 2026."""
    found = as_day(moment)
    if found is None:
        return ""
    return _kept(format_date(found, "long", locale=locale()), found)


@register.filter
def day(moment: Moment) -> str:
    """19 December, with the year when it is far away."""
    found = as_day(moment)
    if found is None:
        return ""
    return _written(found, "MMMMd") if _is_near(found) else full_day(found)


@register.filter
def short_day(moment: Moment) -> str:
    """19 Dec, with the year when it is far away."""
    found = as_day(moment)
    if found is None:
        return ""
    return _written(found, "MMMd" if _is_near(found) else "yMMMd")


@register.filter
def month(moment: Moment) -> str:
    """March 2027."""
    found = as_day(moment)
    return format_skeleton("yMMMM", found, locale=locale()) if found else ""


@register.filter
def short_month(moment: Moment) -> str:
    """Mar 2027."""
    found = as_day(moment)
    return format_skeleton("yMMM", found, locale=locale()) if found else ""


@register.filter
def clock_time(moment: datetime | None) -> str:
    """14:32, the same in every language."""
    return timezone.localtime(moment).strftime("%H:%M") if moment else ""


@register.filter
def iso_day(moment: Moment) -> str:
    """For the ``datetime`` attribute of ``<time>``."""
    found = as_day(moment)
    return found.isoformat() if found else ""


@register.filter
def ago(moment: Moment) -> str:
    """Today, yesterday, 3 weeks ago, in 5 days."""
    found = as_day(moment)
    if found is None:
        return ""
    distance = (found - today()).days
    named = {0: gettext("today"), -1: gettext("yesterday"), 1: gettext("tomorrow")}
    if distance in named:
        return named[distance]
    return format_timedelta(
        timedelta(days=distance),
        granularity=_grain(abs(distance)),
        threshold=10**6,  # keeps Babel from choosing a coarser unit by itself
        add_direction=True,
        locale=locale(),
    ).replace(" ", NBSP, 1)


def _grain(distance: int) -> Literal["day", "week", "month", "year"]:
    if distance < 7:
        return "day"
    if distance < 60:
        return "week"
    return "month" if distance < 730 else "year"


@register.filter
def days_left(moment: Moment) -> int:
    """Whole days from today, 0 when the day has passed."""
    found = as_day(moment)
    return max(0, (found - today()).days) if found else 0


@register.simple_tag
def period(start: Moment, end: Moment) -> str:
    """10 July to 25 August 2027; one end may be missing."""
    first, last = as_day(start), as_day(end)
    if first and last:
        return _both(first, last)
    if first:
        return pgettext("period", "From %(start)s") % {"start": full_day(first)}
    return pgettext("period", "To %(end)s") % {"end": full_day(last)} if last else ""


def _both(first: date, last: date) -> str:
    """The shared year is written once: at the end, or first where dates begin with it."""
    if first == last:
        return full_day(first)
    words = {"start": full_day(first), "end": full_day(last)}
    if first.year == last.year:
        written, found = ("end", last) if active() == "zh-hans" else ("start", first)
        words[written] = _written(found, "MMMMd")
    return pgettext("period", "%(start)s to %(end)s") % words
