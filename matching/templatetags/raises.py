"""What would raise a score, and how many more would fit if one condition were dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import floor
from typing import Any

from django.utils.translation import gettext, ngettext

from common.templatetags.places import country, in_words
from common.templatetags.quantities import number, weeks
from matching.templatetags.measures import (
    Numbers,
    ceiling,
    codes_in,
    either,
    figure,
    level_name,
    term_names,
    topic_names,
)


def raise_of(change: Mapping[str, Any]) -> str:
    """One change and the score it would give: 'A price within … stated: 91'."""
    write = RAISES.get(str(change.get("key", "")))
    if write is None:
        return ""
    words = {
        "change": write(change.get("numbers") or {}),
        "score": number(round(change.get("score", 0))),
    }
    return gettext("%(change)s: the score would be %(score)s") % words


def would_fit(criterion: str, count: int, need: Any) -> str:
    """12 more would fit if you accepted …"""
    write = EXCLUDED.get(criterion)
    return write(count, need) if write and count > 0 else ""


def _topics(numbers: Numbers) -> str:
    names = topic_names(codes_in(numbers, "topics")[:2])
    if not names:
        return gettext("If the technology named its topics")
    return gettext("If the technology named a topic such as %(topics)s") % {"topics": either(names)}


def _figure_stated(numbers: Numbers) -> str:
    return gettext("If the provider stated %(figure)s or better") % {
        "figure": figure(numbers, "asked")
    }


def _figure_met(numbers: Numbers) -> str:
    return gettext("If it reached %(figure)s") % {"figure": figure(numbers, "asked")}


def _place_stated(numbers: Numbers) -> str:
    words = {"country": country(numbers.get("country"))}
    return gettext("If the provider stated that it is available in %(country)s") % words


def _place_met(numbers: Numbers) -> str:
    return gettext("If it were available in %(country)s") % {
        "country": country(numbers.get("country"))
    }


def _cost_stated(numbers: Numbers) -> str:
    return gettext("If the provider stated a price within the budget (%(budget)s)") % {
        "budget": ceiling(numbers)
    }


def _cost_met(numbers: Numbers) -> str:
    return gettext("If the whole price were within the budget (%(budget)s)") % {
        "budget": ceiling(numbers)
    }


def _readiness_stated(numbers: Numbers) -> str:
    text = gettext("If the provider stated readiness level %(level)s or higher")
    return text % {"level": numbers.get("trl_min", "")}


def _readiness_met(numbers: Numbers) -> str:
    return gettext("If it reached readiness level %(level)s") % {
        "level": numbers.get("trl_min", "")
    }


def _terms_stated(numbers: Numbers) -> str:
    words = {"terms": either(term_names(codes_in(numbers, "asked")))}
    return gettext("If the provider stated one of these terms: %(terms)s") % words


def _terms_met(numbers: Numbers) -> str:
    words = {"terms": either(term_names(codes_in(numbers, "asked")))}
    return gettext("If it were offered on one of these terms: %(terms)s") % words


def _timing_stated(numbers: Numbers) -> str:
    text = gettext("If the provider stated delivery within %(weeks)s")
    return text % {"weeks": weeks(max(1, floor(float(numbers.get("weeks", 0)))))}


def _timing_met(numbers: Numbers) -> str:
    text = gettext("If it could be delivered within %(weeks)s")
    return text % {"weeks": weeks(max(1, floor(float(numbers.get("weeks", 0)))))}


def _evidence_level(numbers: Numbers) -> str:
    return level_name(numbers.get("asked") or "verified")


def _evidence_stated(numbers: Numbers) -> str:
    text = gettext("If the provider stated figures with this evidence: %(level)s")
    return text % {"level": _evidence_level(numbers)}


def _evidence_met(numbers: Numbers) -> str:
    return gettext("If its figures had this evidence: %(level)s") % {
        "level": _evidence_level(numbers)
    }


RAISES: dict[str, Callable[[Numbers], str]] = {
    "purpose_if_stated": _topics,
    "performance_if_stated": _figure_stated,
    "performance_if_met": _figure_met,
    "place_if_stated": _place_stated,
    "place_if_met": _place_met,
    "cost_if_stated": _cost_stated,
    "cost_if_met": _cost_met,
    "readiness_if_stated": _readiness_stated,
    "readiness_if_met": _readiness_met,
    "terms_if_stated": _terms_stated,
    "terms_if_met": _terms_met,
    "timing_if_stated": _timing_stated,
    "timing_if_met": _timing_met,
    "evidence_if_stated": _evidence_stated,
    "evidence_if_met": _evidence_met,
}


def _without_readiness(count: int, need: Any) -> str:
    text = ngettext(
        "%(count)s more would fit if you accepted less than readiness level %(level)s.",
        "%(count)s more would fit if you accepted less than readiness level %(level)s.",
        count,
    )
    return text % {"count": number(count), "level": need.trl_min or ""}


def _without_performance(count: int, need: Any) -> str:
    text = ngettext(
        "%(count)s more would fit if you accepted less than your target.",
        "%(count)s more would fit if you accepted less than your target.",
        count,
    )
    return text % {"count": number(count)}


def _without_place(count: int, need: Any) -> str:
    text = ngettext(
        "%(count)s more would fit if you accepted a technology not yet offered in %(country)s.",
        "%(count)s more would fit if you accepted technologies not yet offered in %(country)s.",
        count,
    )
    return text % {"count": number(count), "country": country(need.country)}


def _without_cost(count: int, need: Any) -> str:
    text = ngettext(
        "%(count)s more would fit if you accepted a price above your budget.",
        "%(count)s more would fit if you accepted prices above your budget.",
        count,
    )
    return text % {"count": number(count)}


def _without_terms(count: int, need: Any) -> str:
    text = ngettext(
        "%(count)s more would fit if you accepted terms other than %(terms)s.",
        "%(count)s more would fit if you accepted terms other than %(terms)s.",
        count,
    )
    return text % {"count": number(count), "terms": in_words(term_names(need.terms))}


def _without_timing(count: int, need: Any) -> str:
    text = ngettext(
        "%(count)s more would fit if you accepted a later delivery.",
        "%(count)s more would fit if you accepted a later delivery.",
        count,
    )
    return text % {"count": number(count)}


def _without_evidence(count: int, need: Any) -> str:
    text = ngettext(
        "%(count)s more would fit if you accepted weaker evidence than this: %(level)s.",
        "%(count)s more would fit if you accepted weaker evidence than this: %(level)s.",
        count,
    )
    return text % {"count": number(count), "level": level_name(need.evidence_min)}


EXCLUDED: dict[str, Callable[[int, Any], str]] = {
    "readiness": _without_readiness,
    "performance": _without_performance,
    "place": _without_place,
    "cost": _without_cost,
    "terms": _without_terms,
    "timing": _without_timing,
    "evidence": _without_evidence,
}
