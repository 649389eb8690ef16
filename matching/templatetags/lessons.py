"""``{% load lessons %}``: what a need has learned from answers, one sentence each."""

from __future__ import annotations

from collections.abc import Callable

from django import template
from django.utils.translation import gettext, ngettext

from common.templatetags.quantities import number
from matching.choices import Lesson
from matching.lessons import Line

register = template.Library()


@register.filter
def lesson_words(line: Line) -> str:
    count = {"count": number(line.count), "times": number(line.times)}
    return WORDS[Lesson(line.lesson)](line.count) % count


def _accepted(count: int) -> str:
    return ngettext(
        "Technologies like the one you accepted rank higher.",
        "Technologies like the %(count)s you accepted rank higher.",
        count,
    )


def _not_relevant(count: int) -> str:
    return ngettext(
        "Technologies like the one you declined as not relevant rank a little lower.",
        "Technologies like the %(count)s you declined as not relevant rank a little lower.",
        count,
    )


def _price(count: int) -> str:
    return ngettext(
        "Cost counts %(times)s times as much for this need, because you declined %(count)s "
        "suggestion for its price.",
        "Cost counts %(times)s times as much for this need, because you declined %(count)s "
        "suggestions for their price.",
        count,
    )


def _scale(count: int) -> str:
    return ngettext(
        "Performance and cost count %(times)s times as much for this need, because you declined "
        "%(count)s suggestion for its scale.",
        "Performance and cost count %(times)s times as much for this need, because you declined "
        "%(count)s suggestions for their scale.",
        count,
    )


def _location(count: int) -> str:
    return ngettext(
        "Place counts %(times)s times as much for this need, because you declined %(count)s "
        "suggestion for its location.",
        "Place counts %(times)s times as much for this need, because you declined %(count)s "
        "suggestions for their location.",
        count,
    )


def _timing(count: int) -> str:
    return ngettext(
        "Timing counts %(times)s times as much for this need, because you declined %(count)s "
        "suggestion for its timing.",
        "Timing counts %(times)s times as much for this need, because you declined %(count)s "
        "suggestions for their timing.",
        count,
    )


def _terms(count: int) -> str:
    return ngettext(
        "Terms count %(times)s times as much for this need, because you declined %(count)s "
        "suggestion for its IP terms.",
        "Terms count %(times)s times as much for this need, because you declined %(count)s "
        "suggestions for their IP terms.",
        count,
    )


def _duplicate(count: int) -> str:
    return gettext(
        "Technologies of the same provider with almost the same text as one you declined as a "
        "duplicate are left out."
    )


def _solved(count: int) -> str:
    return gettext(
        "You declined a suggestion because the problem is solved already. If nothing more is "
        "needed, archive the need, so that providers do not wait for you."
    )


def _capacity(count: int) -> str:
    return ngettext(
        "One suggestion fewer is open at a time, because you declined one for lack of capacity.",
        "%(count)s suggestions fewer are open at a time, because you declined as many for lack of "
        "capacity.",
        count,
    )


WORDS: dict[Lesson, Callable[[int], str]] = {
    Lesson.ACCEPTED: _accepted,
    Lesson.NOT_RELEVANT: _not_relevant,
    Lesson.PRICE: _price,
    Lesson.WRONG_SCALE: _scale,
    Lesson.LOCATION: _location,
    Lesson.TIMING: _timing,
    Lesson.IP_TERMS: _terms,
    Lesson.DUPLICATE: _duplicate,
    Lesson.ALREADY_SOLVED: _solved,
    Lesson.NO_CAPACITY: _capacity,
}
