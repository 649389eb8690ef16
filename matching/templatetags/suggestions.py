"""``{% load suggestions %}``: rows hold keys and numbers, the sentences are made here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from accounts.models import User
from common.templatetags.dates import as_day, day, days_left
from common.templatetags.quantities import days
from matching import links
from matching.choices import Decision, DeclineReason, Side
from matching.models import Response, Shortlist, Suggestion
from matching.templatetags import chips, raises, voices
from matching.templatetags.measures import Row, rows_of

register = template.Library()
MARK = {Side.NEED: "n", Side.TECHNOLOGY: "t"}


@register.filter
def verdict_rows(suggestion: Suggestion) -> list[Row]:
    """The verdicts with the attributes that ``fit`` reads."""
    return rows_of(suggestion.verdicts)


@register.filter
def fits(suggestion: Suggestion) -> list[str]:
    return chips.fitting(rows_of(suggestion.verdicts))


@register.filter
def to_check(suggestion: Suggestion) -> list[str]:
    return chips.doubtful(rows_of(suggestion.verdicts))


@register.filter
def asked(row: Row) -> str:
    return voices.asked(row)


@register.filter
def offered(row: Row) -> str:
    return voices.offered(row)


@register.filter
def doubtful(row: Row) -> bool:
    """Known to fall short, or asked and not stated."""
    return row.state in ("check", "miss") or row.key.endswith("_unknown")


@register.filter
def answer_of(suggestion: Suggestion, side: str) -> Response | None:
    return suggestion.response_of(side)


@register.filter
def shared_terms(suggestion: Suggestion) -> list[Mapping[str, Any]]:
    """``demand_word`` and ``supply_word``, different when the hit crosses languages."""
    return list(suggestion.explanation.get("terms") or [])


@register.filter
def is_pair(term: Mapping[str, Any]) -> bool:
    return (
        str(term.get("demand_word", "")).casefold() != str(term.get("supply_word", "")).casefold()
    )


@register.filter
def missing_words(suggestion: Suggestion) -> list[str]:
    return list(suggestion.explanation.get("missing") or [])


@register.filter
def raises_of(suggestion: Suggestion) -> list[str]:
    """The changes that would show: a gain that rounding hides is none."""
    changes: Iterable[Mapping[str, Any]] = suggestion.explanation.get("raises") or []
    telling = (row for row in changes if round(row.get("score", 0)) > round(suggestion.score))
    return [text for change in telling if (text := raises.raise_of(change))]


@register.filter
def left_out(shortlist: Shortlist) -> list[str]:
    """What each hard condition alone keeps out, most first."""
    found = ((name, would_fit(value)) for name, value in shortlist.excluded.items())
    order = sorted(found, key=lambda item: (-item[1], item[0]))
    texts = (raises.would_fit(name, count, shortlist.need) for name, count in order)
    return [text for text in texts if text]


def would_fit(value: Any) -> int:
    """The stored count of a condition: ``{"removed": 40, "would_fit": 12}``."""
    return int(value.get("would_fit", 0)) if isinstance(value, Mapping) else int(value)


@dataclass(frozen=True, slots=True)
class Voice:
    """One side's line in the box of answers."""

    kind: str
    who: str
    words: str
    state: str
    left: int = 0
    of: int = 14


@register.simple_tag
def voice_of(suggestion: Suggestion, side: str, mine: Iterable[str] = ()) -> Voice:
    """What one side has said, or until when it may; ``mine``: the sides of the reader."""
    own = side in mine
    who = _who(side, own)
    response = suggestion.response_of(side)
    if response is not None:
        when = day(response.answered_at)
        yes = response.decision == Decision.ACCEPT
        text = gettext("Accepted on %(day)s") if yes else gettext("Declined on %(day)s")
        return Voice(MARK[Side(side)], who, text % {"day": when}, "yes" if yes else "no")
    left, of = days_left(suggestion.expires_at), _span(suggestion)
    pause = next((row.until for row in suggestion.pauses.all() if row.side == side), None)
    if pause and pause > timezone.localdate() and suggestion.is_live:
        words = {"later": day(pause), "day": day(suggestion.expires_at)}
        text = gettext("Looks at it again on %(later)s, answers by %(day)s") % words
        return Voice(MARK[Side(side)], who, text, "waiting", left, of)
    return Voice(MARK[Side(side)], who, _waiting(suggestion, left, own), "waiting", left, of)


def _who(side: str, own: bool) -> str:
    if own:
        return pgettext("side of a suggestion", "Your side")
    return str(Side(side).label)


def _span(suggestion: Suggestion) -> int:
    begin, end = as_day(suggestion.created_at), as_day(suggestion.expires_at)
    return max(1, (end - begin).days) if begin and end else 14


def _waiting(suggestion: Suggestion, left: int, own: bool) -> str:
    words = {"days": days(left), "day": day(suggestion.expires_at)}
    if suggestion.closed_at:
        return gettext("No answer")
    if suggestion.expires_at <= timezone.now():
        return gettext("No answer by %(day)s") % words
    if left == 0:
        return gettext("Answer today") if own else gettext("To answer today")
    if own:
        return gettext("Answer within %(days)s, by %(day)s") % words
    return gettext("%(days)s left, to %(day)s") % words


@register.filter
def reason_name(code: str) -> str:
    return str(DeclineReason(code).label) if code in DeclineReason.values else code


@register.filter
def usual_days(suggestion: Suggestion, side: str) -> int | None:
    """Days in which that side usually answers; None while too few answers say so."""
    return getattr(suggestion, "usual", {}).get(side)


@register.simple_tag
def answer_link(suggestion: Suggestion, side: str, person: User) -> str:
    """For e-mails: the page where one person declines or puts off without signing in."""
    return links.address_for(suggestion, Side(side), person)


@register.filter
def strands(suggestion: Suggestion) -> list[dict[str, int]]:
    """The fit bar as cells of a table, in whole per cent: e-mail programs draw no SVG."""
    rows = [row for row in rows_of(suggestion.verdicts) if row.of > 0]
    whole = sum(row.of for row in rows) or 1.0
    return [
        {"width": round(100 * row.of / whole), "meet": (meet := _share(row)), "gap": 100 - meet}
        for row in rows
    ]


def _share(row: Row) -> int:
    return min(100, max(0, round(100 * row.points / row.of)))
