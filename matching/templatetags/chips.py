"""A verdict in two to six words, as it stands on a chip: a city official could read it aloud."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from django.utils.translation import gettext, ngettext, pgettext

from common.templatetags.places import country, in_words
from common.templatetags.quantities import number, quantity, weeks
from matching.templatetags.measures import (
    Numbers,
    Row,
    above,
    codes_in,
    figure,
    level_name,
    levels,
    metric_name,
    percent,
    term_names,
    topic_names,
)

MOST = 3  # chips of each kind in a row
# Facts first: that the purpose fits is why the suggestion is there at all.
TELLING = ("performance", "cost", "place", "evidence", "readiness", "timing", "terms", "purpose")


def chip_of(row: Row) -> str:
    """Empty when the verdict has nothing to say."""
    write = CHIPS.get(row.key)
    return write(row.numbers) if write else ""


def fitting(rows: list[Row]) -> list[str]:
    """What fits, the most telling first."""
    order = sorted((row for row in rows if row.state == "fits"), key=_rank)
    return _few(order)


def doubtful(rows: list[Row]) -> list[str]:
    """What to check: short or unknown, where most points are lost first."""
    open_ones = (row for row in rows if row.state != "fits")
    return _few(sorted(open_ones, key=lambda row: (row.points - row.of, _rank(row))))


def _rank(row: Row) -> int:
    return TELLING.index(row.criterion) if row.criterion in TELLING else len(TELLING)


def _few(rows: list[Row]) -> list[str]:
    return [text for row in rows if (text := chip_of(row))][:MOST]


def _silent(numbers: Numbers) -> str:
    return ""


def _same_purpose(numbers: Numbers) -> str:
    topics = topic_names(codes_in(numbers, "topics")[:1])
    if topics:
        return gettext("Same topic: %(topic)s") % {"topic": topics[0]}
    return gettext("Made for this purpose")


def _reached(numbers: Numbers) -> str:
    targets = int(numbers.get("targets", 1))
    if targets > 1:
        text = ngettext(
            "%(count)s target reached", "%(count)s of %(count)s targets reached", targets
        )
        return text % {"count": number(targets)}
    return _against(numbers)


def _against(numbers: Numbers) -> str:
    words = {
        "offered": figure(numbers, "offered"),
        "asked": quantity(numbers.get("asked", ""), str(numbers.get("asked_unit", ""))),
    }
    return gettext("%(offered)s, %(asked)s asked") % words


def _partly_known(numbers: Numbers) -> str:
    targets = int(numbers.get("targets", 1))
    text = ngettext(
        "%(known)s of %(count)s target stated", "%(known)s of %(count)s targets stated", targets
    )
    known = targets - int(numbers.get("unknown", 0))
    return text % {"known": number(known), "count": number(targets)}


def _no_figure(numbers: Numbers) -> str:
    return pgettext("chip", "No figure: %(metric)s") % {"metric": metric_name(numbers)}


def _available(numbers: Numbers) -> str:
    return gettext("Available in %(country)s") % {"country": country(numbers.get("country"))}


def _deployed_here(numbers: Numbers) -> str:
    return gettext("In use in %(country)s") % {"country": country(numbers.get("country"))}


def _worldwide(numbers: Numbers) -> str:
    near = codes_in(numbers, "countries")
    if not near:
        return gettext("Available worldwide")
    text = ngettext(
        "Available worldwide, in use in %(count)s country nearby",
        "Available worldwide, in use in %(count)s countries nearby",
        len(near),
    )
    return text % {"count": number(len(near))}


def _nearby(numbers: Numbers) -> str:
    near = codes_in(numbers, "countries")
    if len(near) == 1:
        return gettext("In use in %(country)s") % {"country": country(near[0])}
    text = ngettext(
        "In use in %(count)s country nearby", "In use in %(count)s countries nearby", len(near)
    )
    return text % {"count": number(len(near))}


def _developed_here(numbers: Numbers) -> str:
    return gettext("Developed in %(country)s") % {"country": country(numbers.get("country"))}


def _not_listed(numbers: Numbers) -> str:
    return gettext("Not offered in %(country)s") % {"country": country(numbers.get("country"))}


def _place_unknown(numbers: Numbers) -> str:
    text = gettext("Availability in %(country)s not stated")
    return text % {"country": country(numbers.get("country"))}


def _within(numbers: Numbers) -> str:
    below = -above(numbers, "converted_high")
    if below < 1:
        return gettext("Within the budget")
    return gettext("%(percent)s below the budget") % {"percent": percent(below)}


def _partly_within(numbers: Numbers) -> str:
    over = above(numbers, "converted_high")
    return gettext("Up to %(percent)s above the budget") % {"percent": percent(max(1, over))}


def _too_dear(numbers: Numbers) -> str:
    return gettext("%(percent)s above the budget") % {"percent": percent(max(1, above(numbers)))}


def _price_unknown(numbers: Numbers) -> str:
    if numbers.get("offered_currency"):
        return gettext("Price cannot be compared")
    return gettext("Price not stated")


def _level(numbers: Numbers) -> str:
    words = {"offered": levels(numbers), "asked": numbers.get("trl_min", "")}
    return pgettext("chip", "%(offered)s, level %(asked)s asked") % words


def _level_unknown(numbers: Numbers) -> str:
    return gettext("Readiness level not stated")


def _terms(numbers: Numbers) -> str:
    shared = in_words(term_names(codes_in(numbers, "shared")[:2]))
    return pgettext("chip", "Terms in common: %(terms)s") % {"terms": shared}


def _no_terms(numbers: Numbers) -> str:
    return gettext("None of the terms wanted")


def _terms_unknown(numbers: Numbers) -> str:
    return gettext("Offer terms not stated")


def _in_time(numbers: Numbers) -> str:
    lead = ceil(float(numbers.get("lead_weeks", 0)))
    if lead < 1:
        return gettext("Delivered at once")
    return gettext("Delivered in %(weeks)s") % {"weeks": weeks(lead)}


def _late(numbers: Numbers) -> str:
    late = max(1, ceil(float(numbers.get("weeks_late", 1))))
    return gettext("%(weeks)s after the decision date") % {"weeks": weeks(late)}


def _lead_unknown(numbers: Numbers) -> str:
    return gettext("Lead time not stated")


def _evidence(numbers: Numbers) -> str:
    texts = {
        "verified": gettext("Figures verified"),
        "documented": gettext("Figures documented"),
        "claimed": gettext("Figures claimed only"),
    }
    return texts.get(str(numbers.get("offered")), "")


def _weak_evidence(numbers: Numbers) -> str:
    words = {
        "offered": level_name(numbers.get("offered")),
        "asked": level_name(numbers.get("asked")),
    }
    return pgettext("evidence on a chip", "%(offered)s; asked: %(asked)s") % words


CHIPS: dict[str, Callable[[Numbers], str]] = {
    "purpose_strong": _same_purpose,
    "purpose_partial": lambda numbers: gettext("Fits the purpose in part"),
    "purpose_weak": lambda numbers: gettext("Fits the purpose little"),
    "purpose_unknown": lambda numbers: gettext("Too little text to compare"),
    "performance_met": _reached,
    "performance_partly_known": _partly_known,
    "performance_short": _against,
    "performance_unknown": _no_figure,
    "performance_not_asked": _silent,
    "place_available": _available,
    "place_deployed_here": _deployed_here,
    "place_worldwide": _worldwide,
    "place_deployed_nearby": _nearby,
    "place_developed_here": _developed_here,
    "place_not_listed": _not_listed,
    "place_unknown": _place_unknown,
    "place_not_asked": _silent,
    "cost_within": _within,
    "cost_partly_within": _partly_within,
    "cost_above": _too_dear,
    "cost_unknown": _price_unknown,
    "cost_not_asked": _silent,
    "readiness_met": _level,
    "readiness_partly": _level,
    "readiness_below": _level,
    "readiness_unknown": _level_unknown,
    "readiness_not_asked": _silent,
    "terms_shared": _terms,
    "terms_none_shared": _no_terms,
    "terms_unknown": _terms_unknown,
    "terms_not_asked": _silent,
    "timing_fits": _in_time,
    "timing_late": _late,
    "timing_unknown": _lead_unknown,
    "timing_not_asked": _silent,
    "evidence_met": _evidence,
    "evidence_below": _weak_evidence,
    "evidence_shown": _evidence,
    "evidence_unknown": lambda numbers: gettext("Evidence not stated"),
}
