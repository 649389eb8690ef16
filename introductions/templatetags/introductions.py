"""``{% load introductions %}``: what people write to each other, made safe to show."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from common.templatetags.dates import first_of_month
from common.templatetags.quantities import locale
from introductions.milestones import DAYS_TO_CONFIRM
from introductions.models import Milestone
from matching.templatetags.suggestions import MARK

register = template.Library()

ADDRESS = re.compile(r"https?://[^\s<>\"'\u0000-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
TRAILING = ".,;:!?)]}»”’。，；：！？）】」"
LINK = '<a href="{0}" rel="nofollow ugc noopener noreferrer" dir="ltr">{0}</a>'


@register.filter
def written(text: str) -> SafeString:
    """Plain text with its line breaks; whole addresses become links that show where they lead."""
    parts, last = [], 0
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(TRAILING)
        parts += [escape(text[last : found.start()]), LINK.format(escape(address))]
        last = found.start() + len(address)
    parts.append(escape(text[last:]))
    html = "".join(parts).replace("\r\n", "\n").replace("\n", "<br>")
    return mark_safe(html)  # noqa: S308 - every part is escaped above


@register.filter
def mark(side: str) -> str:
    """The letter of a side's colour and shape."""
    return MARK.get(side, "")  # type: ignore[call-overload]


@register.filter
def at_zone(moment: datetime | None, zone: str) -> str:
    """Tuesday, 24 November 2026, 10:00 (Europe/London), as people there write and count it."""
    if moment is None:
        return ""
    try:
        there = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        there, zone = moment.astimezone(UTC), "UTC"
    words = {
        "day": first_of_month(format_date(there.date(), "full", locale=locale()), there.date()),
        "time": there.strftime("%H:%M"),
        "zone": zone.replace("_", " "),
    }
    return pgettext("moment in a time zone", "%(day)s, %(time)s (%(zone)s)") % words


@register.filter
def milestone_left(milestone: Milestone) -> int:
    """Whole days until a milestone has waited long enough."""
    return max(0, DAYS_TO_CONFIRM - (timezone.now() - milestone.at).days)
