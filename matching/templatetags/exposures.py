"""``{% load exposures %}``: who is seen, in words."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import gettext, pgettext

from common.countries import region_name
from common.templatetags.quantities import number
from matching.exposure import Line, Report

register = template.Library()
LANGUAGES = dict(settings.LANGUAGES)


@register.filter
def tables(report: Report) -> list[dict[str, Any]]:
    """``title``, ``head`` and ``lines`` of each way to group."""
    return [
        {
            "title": gettext("By size of the provider"),
            "head": gettext("Published technologies"),
            "lines": [(_size(line.group), line) for line in report.by_size],
        },
        {
            "title": gettext("By region of the provider"),
            "head": pgettext("part of the world", "Region"),
            "lines": [(_region(line.group), line) for line in report.by_region],
        },
        {
            "title": gettext("By language of the technology"),
            "head": gettext("Language"),
            "lines": [(LANGUAGES.get(line.group, line.group), line) for line in report.by_language],
        },
    ]


def _size(group: str) -> str:
    return {
        "1": gettext("One technology"),
        "2-5": gettext("2 to 5 technologies"),
        "6-20": gettext("6 to 20 technologies"),
        "21+": gettext("More than 20 technologies"),
    }[group]


def _region(group: str) -> str:
    return region_name(group) if group else gettext("unknown")


@register.filter
def share(value: float) -> str:
    """A share in per cent."""
    return pgettext("quantity", "%(value)s%%") % {"value": number(round(value, 1))}


@register.filter
def warnings(report: Report) -> list[str]:
    """What an admin should look at."""
    found = []
    if report.is_uneven:
        found.append(
            gettext(
                "Suggestions are spread much less evenly over providers than technologies are: "
                "Gini %(suggested)s against %(catalogue)s."
            )
            % {
                "suggested": number(round(report.suggested["gini"], 2)),
                "catalogue": number(round(report.catalogue["gini"], 2)),
            }
        )
    if report.top_heavy:
        found.append(
            gettext(
                "The most suggested tenth of providers holds %(suggested)s of the suggestions; the "
                "largest tenth holds %(catalogue)s of the technologies."
            )
            % {
                "suggested": share(100 * report.suggested["top"]),
                "catalogue": share(100 * report.catalogue["top"]),
            }
        )
    return found + [_overlooked(line, name) for name, line in _named(report) if line.seen_little]


def _named(report: Report) -> list[tuple[str, Line]]:
    return [row for table in tables(report) for row in table["lines"]]


def _overlooked(line: Line, name: str) -> str:
    text = gettext(
        "%(group)s: %(share)s of the catalogue, but only %(suggested)s of the suggestions."
    )
    return text % {
        "group": name,
        "share": share(line.share),
        "suggested": share(line.suggested),
    }
