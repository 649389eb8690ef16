"""``{% load rehearsals %}``: what a rehearsal found, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal
from django import template
from django.utils.translation import gettext, ngettext, pgettext

from common.templatetags.fit import criterion_name
from common.templatetags.quantities import locale, number, with_minus
from matching.models import Rehearsal

register = template.Library()
Change = Mapping[str, Any]


def precise(value: float, digits: int = 3) -> str:
    """A number with more digits than running text wants."""
    return with_minus(format_decimal(value, "#,##0." + "#" * digits, locale=locale()))


@register.filter
def kind_words(change: Change) -> str:
    return {
        "appear": pgettext("a suggestion under another policy", "appears"),
        "vanish": pgettext("a suggestion under another policy", "vanishes"),
        "up": pgettext("a suggestion under another policy", "rises"),
        "down": pgettext("a suggestion under another policy", "falls"),
    }[change["kind"]]


@register.filter
def why_words(change: Change, rehearsal: Rehearsal) -> str:
    """The reason for a change, one sentence."""
    limits = {"reaches": rehearsal.parts["limits"], "falls": rehearsal.parts["limits"]}
    least = number(limits.get(change["why"], {}).get("min_score"))
    sentences = {
        "reaches": gettext("It reaches the lowest score, %(least)s."),
        "overtakes": gettext("It comes before others that had a place."),
        "falls": gettext("It falls below the lowest score, %(least)s."),
        "overtaken": gettext("Others come before it, and there is no place left."),
        "criteria": "",
    }
    parts = [criterion_words(part) for part in change["parts"]]
    sentence = sentences[change["why"]] % {"least": least} if sentences[change["why"]] else ""
    return " ".join(filter(None, [sentence, *parts]))


def criterion_words(part: tuple[str, float, float]) -> str:
    name, old, new = part
    words = {"criterion": criterion_name(name), "old": number(old), "new": number(new)}
    return gettext("%(criterion)s: %(old)s points before, %(new)s then.") % words


@register.filter
def count_words(rehearsal: Rehearsal) -> list[str]:
    """How many suggestions appear, vanish and move."""
    counts = rehearsal.counts
    moved = _n(counts, "up") + _n(counts, "down")
    values = (_n(counts, "appear"), _n(counts, "vanish"), moved, _n(counts, "same"))
    lines = [
        ngettext(
            "%(count)s suggestion would appear.", "%(count)s suggestions would appear.", values[0]
        ),
        ngettext(
            "%(count)s suggestion would vanish.", "%(count)s suggestions would vanish.", values[1]
        ),
        ngettext(
            "%(count)s suggestion would change its score.",
            "%(count)s suggestions would change their score.",
            values[2],
        ),
        ngettext(
            "%(count)s suggestion would stay as it is.",
            "%(count)s suggestions would stay as they are.",
            values[3],
        ),
    ]
    return [line % {"count": number(value)} for line, value in zip(lines, values, strict=True)]


def _n(counts: Mapping[str, int], name: str) -> int:
    return int(counts.get(name, 0))


@register.filter
def afresh(rehearsal: Rehearsal) -> str:
    """Told suggestions stay; this is how much would change without anybody told yet."""
    counts = rehearsal.counts
    every = _n(counts, "afresh")
    if not every:
        return ""
    share = round(100 * (every - _n(counts, "afresh_same")) / every)
    return gettext(
        "What people were told of stays on their lists. For needs scored for the first time, "
        "%(percent)s%% of the suggestions would be others."
    ) % {"percent": number(share)}


@register.filter
def figure_rows(rehearsal: Rehearsal) -> list[dict[str, Any]]:
    """``label``, ``now``, ``then``, ``help``: quality and exposure side by side."""
    now, then = rehearsal.figures.get("quality") or ({}, {})
    before, after = rehearsal.figures.get("exposure") or ({}, {})
    best, none = gettext("1 is best."), gettext("0 is best.")
    even = gettext("0: all have as many, 1: one has all.")
    quality = (
        (gettext("Order of decided pairs, nDCG@10"), "ndcg", best),
        (gettext("Calibration error"), "calibration", none),
        (gettext("Log loss"), "log_loss", none),
    )
    exposure = (
        (gettext("Suggestions"), "suggestions", ""),
        (gettext("Providers with a suggestion"), "seen", ""),
        (gettext("Inequality between providers (Gini)"), "gini", even),
        (gettext("Share of the most suggested tenth of providers"), "top", ""),
        (gettext("Share of providers with up to 5 technologies"), "small", ""),
    )
    rows = [_figure(label, now, then, key, words) for label, key, words in quality]
    return rows + [_figure(label, before, after, key, words) for label, key, words in exposure]


def _figure(label: str, now: Change, then: Change, key: str, help_text: str) -> dict[str, Any]:
    return {
        "label": label,
        "now": _shown(now.get(key)),
        "then": _shown(then.get(key)),
        "help": help_text,
    }


def _shown(value: float | int | None) -> str:
    if value is None:
        return gettext("unknown")
    return precise(value)


@register.filter
def proposal_words(figures: Mapping[str, Any]) -> str:
    """What speaks for a version that matching proposes itself."""
    if not figures.get("proposed"):
        return ""
    text = gettext(
        "Starting point and steepness were refitted from %(decisions)s decisions. On decisions "
        "held out, log loss would fall from %(loss_now)s to %(loss)s and calibration error from "
        "%(error_now)s to %(error)s. Rehearse it before you put it in force."
    )
    names = ("decisions", "loss_now", "loss", "error_now", "error")
    return text % {name: precise(figures.get(name, 0)) for name in names}


@register.filter
def decisions_words(rehearsal: Rehearsal) -> str:
    """What the quality figures rest on."""
    found = (rehearsal.figures.get("quality") or [{}])[0]
    count = int(found.get("decisions", 0))
    if not count:
        return gettext("There are no decisions of cities and providers yet: quality is not known.")
    text = ngettext(
        "Measured on %(count)s decision of cities and providers, %(yes)s of them yes.",
        "Measured on %(count)s decisions of cities and providers, %(yes)s of them yes.",
        count,
    )
    return text % {"count": number(count), "yes": number(found.get("yes", 0))}
