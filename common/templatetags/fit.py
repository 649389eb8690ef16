"""The two-ply bar: below what the city asks, above what the technology answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django import template
from django.utils.translation import gettext, pgettext, pgettext_lazy

from common.templatetags.places import in_words
from common.templatetags.quantities import number

register = template.Library()
Context = dict[str, Any]

WIDTH = 1000.0
GAP = 8.0
CRITERIA: dict[str, Any] = {
    "purpose": pgettext_lazy("criterion", "Purpose"),
    "performance": pgettext_lazy("criterion", "Performance"),
    "place": pgettext_lazy("criterion", "Place"),
    "cost": pgettext_lazy("criterion", "Cost"),
    "readiness": pgettext_lazy("criterion", "Readiness"),
    "terms": pgettext_lazy("criterion", "Terms"),
    "timing": pgettext_lazy("criterion", "Timing"),
    "evidence": pgettext_lazy("criterion", "Evidence"),
}


class Verdict(Protocol):
    criterion: str
    points: float
    of: float
    state: str


@register.filter
def criterion_name(key: str) -> str:
    return str(CRITERIA.get(key, key))


def _name(verdict: Verdict) -> str:
    return str(getattr(verdict, "label", "") or criterion_name(verdict.criterion))


@register.filter
def points_of(verdict: Verdict) -> str:
    """28 of 30, or what is left to check."""
    if verdict.state == "unknown":
        return pgettext("points", "to check")
    return pgettext("points", "%(points)s of %(of)s") % {
        "points": number(round(verdict.points)),
        "of": number(round(verdict.of)),
    }


def _spoken(verdict: Verdict) -> str:
    words = {"criterion": _name(verdict), "points": points_of(verdict)}
    return pgettext("points of a criterion", "%(criterion)s %(points)s") % words


def _length(value: float) -> str:
    """For SVG attributes, which know no language: a plain figure of one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def parts(verdicts: Sequence[Verdict]) -> list[dict[str, str]]:
    """Each criterion as wide as its weight, met as far as its points go."""
    asked = [max(0.0, float(verdict.of)) for verdict in verdicts]
    room = WIDTH - GAP * (len(asked) - 1)
    whole = sum(asked) or 1.0
    drawn, x = [], 0.0
    for verdict, weight in zip(verdicts, asked, strict=True):
        width = room * weight / whole
        share = min(1.0, max(0.0, float(verdict.points) / weight)) if weight else 0.0
        drawn.append(
            {
                "x": _length(x),
                "ask": _length(width),
                "meet": _length(width * share) if share > 0 else "",
                "gap_x": _length(x + width * share),
                "gap": _length(width * (1 - share)) if share < 0.995 else "",
            }
        )
        x += width + GAP
    return drawn


@register.inclusion_tag("_components/fit.html")
def fit(verdicts: Iterable[Verdict]) -> Context:
    asked = list(verdicts)
    label = gettext("Fit by criterion: %(list)s") % {"list": in_words(map(_spoken, asked))}
    return {
        "parts": parts(asked),
        "label": label,
        "height": "16",
        "ply": "7",
        "mid": "3",
        "low": "9",
    }


@register.inclusion_tag("_components/fit.html")
def fit_small(verdict: Verdict) -> Context:
    """One criterion, across the full width; the words beside it say the same."""
    return {
        "parts": parts([verdict]),
        "small": True,
        "height": "10",
        "ply": "4",
        "mid": "1.5",
        "low": "6",
    }


@register.inclusion_tag("_components/fit_legend.html")
def fit_legend() -> Context:
    return {}
