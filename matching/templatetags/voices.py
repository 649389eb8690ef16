"""The reasons behind a score in two voices: what the city asks, what the technology offers."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from django.utils.translation import gettext, ngettext, pgettext

from common.templatetags.places import country, in_words
from common.templatetags.quantities import number, weeks
from matching.templatetags.measures import (
    Numbers,
    Row,
    above,
    asked_price,
    codes_in,
    converted_price,
    either,
    figure,
    level_name,
    levels,
    metric_name,
    offered_price,
    percent,
    some_countries,
    term_names,
    topic_names,
)


def asked(row: Row) -> str:
    """What the city asks in this criterion."""
    if row.key.endswith("_not_asked"):
        return pgettext("what the city asks", "Nothing asked")
    write = ASKS.get(row.criterion)
    return write(row.numbers) if write else ""


def offered(row: Row) -> str:
    """What the technology offers in this criterion."""
    if row.key.endswith("_not_asked"):
        return pgettext("what the technology offers", "Not compared")
    write = OFFERS.get(row.key)
    return write(row.numbers) if write else ""


def _asks_purpose(numbers: Numbers) -> str:
    return gettext("An answer to the problem it describes")


def _asks_performance(numbers: Numbers) -> str:
    text = pgettext("target", "%(figure)s or better") % {"figure": figure(numbers, "asked")}
    more = int(numbers.get("targets", 1)) - 1
    if more < 1:
        return text
    also = ngettext("%(figure)s; %(count)s more target", "%(figure)s; %(count)s more targets", more)
    return also % {"figure": text, "count": number(more)}


def _asks_place(numbers: Numbers) -> str:
    return gettext("Use in %(country)s") % {"country": country(numbers.get("country"))}


def _asks_readiness(numbers: Numbers) -> str:
    return gettext("Level %(level)s or higher") % {"level": numbers.get("trl_min", "")}


def _asks_terms(numbers: Numbers) -> str:
    return either(term_names(codes_in(numbers, "asked")))


def _asks_timing(numbers: Numbers) -> str:
    left = int(float(numbers.get("weeks", 0)))
    if left < 1:
        return gettext("Decision this week")
    return gettext("Decision in %(weeks)s") % {"weeks": weeks(left)}


def _asks_evidence(numbers: Numbers) -> str:
    level = str(numbers.get("asked", ""))
    texts = {
        "verified": gettext("Verified figures"),
        "documented": gettext("Documented or verified figures"),
        "claimed": gettext("Figures, at least claimed"),
    }
    return texts.get(level, gettext("Figures, the better backed the better"))


ASKS: dict[str, Callable[[Numbers], str]] = {
    "purpose": _asks_purpose,
    "performance": _asks_performance,
    "place": _asks_place,
    "cost": asked_price,
    "readiness": _asks_readiness,
    "terms": _asks_terms,
    "timing": _asks_timing,
    "evidence": _asks_evidence,
}


def _purpose(text: str, numbers: Numbers) -> str:
    topics = topic_names(codes_in(numbers, "topics")[:3])
    if not topics:
        return text
    words = {"fit": text, "topics": in_words(topics)}
    return pgettext("purpose", "%(fit)s; topics in common: %(topics)s") % words


def _strong(numbers: Numbers) -> str:
    return _purpose(gettext("Made for this purpose"), numbers)


def _partial(numbers: Numbers) -> str:
    return _purpose(gettext("Answers part of the problem"), numbers)


def _weak(numbers: Numbers) -> str:
    return _purpose(gettext("Answers little of the problem"), numbers)


def _figure(numbers: Numbers) -> str:
    level = level_name(numbers.get("offered_evidence"))
    text = figure(numbers, "offered")
    if level:
        words = {"figure": text, "evidence": level}
        text = pgettext("figure with its evidence", "%(figure)s (%(evidence)s)") % words
    return _and_unknown(text, int(numbers.get("unknown", 0)))


def _and_unknown(text: str, unknown: int) -> str:
    if unknown < 1:
        return text
    also = ngettext(
        "%(figure)s; nothing stated for %(count)s target",
        "%(figure)s; nothing stated for %(count)s targets",
        unknown,
    )
    return also % {"figure": text, "count": number(unknown)}


def _no_figure(numbers: Numbers) -> str:
    return gettext("No figure stated: %(metric)s") % {"metric": metric_name(numbers)}


def _available(numbers: Numbers) -> str:
    return gettext("Available in %(country)s") % {"country": country(numbers.get("country"))}


def _deployed_here(numbers: Numbers) -> str:
    return gettext("Already in use in %(country)s") % {"country": country(numbers.get("country"))}


def _worldwide(numbers: Numbers) -> str:
    near = some_countries(codes_in(numbers, "countries"))
    if not near:
        return gettext("Available worldwide")
    return gettext("Available worldwide; in use in %(countries)s") % {"countries": near}


def _nearby(numbers: Numbers) -> str:
    codes = codes_in(numbers, "countries")
    near = some_countries(codes)
    if near:
        return gettext("In use in %(countries)s, not yet here") % {"countries": near}
    text = ngettext(
        "In use in %(count)s country nearby, not yet here",
        "In use in %(count)s countries nearby, not yet here",
        len(codes),
    )
    return text % {"count": number(len(codes))}


def _developed_here(numbers: Numbers) -> str:
    text = gettext("Developed in %(country)s; not stated where it is available")
    return text % {"country": country(numbers.get("country"))}


def _not_listed(numbers: Numbers) -> str:
    codes = codes_in(numbers, "countries")
    named = some_countries(codes)
    if named:
        return gettext("Offered only in %(countries)s") % {"countries": named}
    text = ngettext(
        "Offered in %(count)s other country", "Offered in %(count)s other countries", len(codes)
    )
    return text % {"count": number(len(codes))}


def _price(numbers: Numbers) -> str:
    """As offered, and in the city's currency when that is another."""
    text, converted = offered_price(numbers), converted_price(numbers)
    if not converted:
        return text
    words = {"price": text, "converted": converted}
    return pgettext("price", "%(price)s (about %(converted)s)") % words


def _within(numbers: Numbers) -> str:
    return gettext("%(price)s, within the budget") % {"price": _price(numbers)}


def _partly_within(numbers: Numbers) -> str:
    over = percent(max(1, above(numbers, "converted_high")))
    text = gettext("%(price)s, up to %(percent)s above the budget")
    return text % {"price": _price(numbers), "percent": over}


def _above(numbers: Numbers) -> str:
    over = percent(max(1, above(numbers)))
    return gettext("%(price)s, %(percent)s above the budget") % {
        "price": _price(numbers),
        "percent": over,
    }


def _price_unknown(numbers: Numbers) -> str:
    if not numbers.get("offered_currency"):
        return gettext("Price not stated")
    text = gettext("%(price)s; cannot be compared with the budget")
    return text % {"price": offered_price(numbers)}


def _terms(numbers: Numbers) -> str:
    return in_words(term_names(codes_in(numbers, "offered")))


def _lead(numbers: Numbers) -> str:
    lead = ceil(float(numbers.get("lead_weeks", 0)))
    if lead < 1:
        return gettext("Delivered at once")
    return gettext("Delivered in %(weeks)s") % {"weeks": weeks(lead)}


def _late(numbers: Numbers) -> str:
    late = max(1, ceil(float(numbers.get("weeks_late", 1))))
    words = {"lead": _lead(numbers), "weeks": weeks(late)}
    return pgettext("timing", "%(lead)s, %(weeks)s after the decision date") % words


def _evidence(numbers: Numbers) -> str:
    text = level_name(numbers.get("offered"))
    sites = int(numbers.get("sites", 0) or 0)
    if not sites:
        return text
    with_sites = ngettext(
        "%(evidence)s; %(count)s reference site", "%(evidence)s; %(count)s reference sites", sites
    )
    return with_sites % {"evidence": text, "count": number(sites)}


OFFERS: dict[str, Callable[[Numbers], str]] = {
    "purpose_strong": _strong,
    "purpose_partial": _partial,
    "purpose_weak": _weak,
    "purpose_unknown": lambda numbers: gettext("Too little text to compare"),
    "performance_met": _figure,
    "performance_partly_known": _figure,
    "performance_short": _figure,
    "performance_unknown": _no_figure,
    "place_available": _available,
    "place_deployed_here": _deployed_here,
    "place_worldwide": _worldwide,
    "place_deployed_nearby": _nearby,
    "place_developed_here": _developed_here,
    "place_not_listed": _not_listed,
    "place_unknown": lambda numbers: gettext("Not stated where it is available"),
    "cost_within": _within,
    "cost_partly_within": _partly_within,
    "cost_above": _above,
    "cost_unknown": _price_unknown,
    "readiness_met": levels,
    "readiness_partly": levels,
    "readiness_below": levels,
    "readiness_unknown": lambda numbers: gettext("Readiness level not stated"),
    "terms_shared": _terms,
    "terms_none_shared": _terms,
    "terms_unknown": lambda numbers: gettext("Offer terms not stated"),
    "timing_fits": _lead,
    "timing_late": _late,
    "timing_unknown": lambda numbers: gettext("Lead time not stated"),
    "evidence_met": _evidence,
    "evidence_below": _evidence,
    "evidence_shown": _evidence,
    "evidence_unknown": lambda numbers: gettext("Evidence not stated"),
}
