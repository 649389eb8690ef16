"""What matching adds to the pages of needs and technologies, for those who may see it."""

from __future__ import annotations

from statistics import median
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.permissions import person
from matching import lessons
from matching.choices import Effect, Side
from matching.engine.records import CRITERIA
from matching.models import Response, Shortlist, Suggestion, Work
from matching.querysets import SuggestionQuerySet
from matching.templatetags.measures import rows_of
from needs.models import Need
from partners.models import Membership
from partners.permissions import is_member
from technologies.models import Technology

TELLING = 5  # answers of an organisation that say how fast it usually is
BOTH = (Side.TECHNOLOGY, Side.NEED)


def on_need(request: HttpRequest, need: Need) -> str:
    """The shortlist to the city, its own suggestions to a provider, nothing to the public."""
    if not request.user.is_authenticated or not need.is_public:
        return ""
    rows = _visible(request).filter(need=need)
    whole = sees_shortlist(request, need)
    if not whole and not rows.exists():
        return ""
    context = shortlist_context(request, need) if whole else {}
    found = open_and_over(request, rows)
    context |= {"rows": found, "whole": whole, "need": need, "both": BOTH}
    context["comparable"] = whole and len(found["open"]) > 1
    return render_to_string("matching/_on_need.html", context, request)


def on_technology(request: HttpRequest, technology: Technology) -> str:
    """The needs that it could answer, to the members of its organisation."""
    if not request.user.is_authenticated or not technology.is_public:
        return ""
    rows = _visible(request).filter(technology=technology)
    mine = is_member(request.user, technology.organisation)
    if not mine and not rows.exists():
        return ""
    context = {
        "technology": technology,
        "rows": open_and_over(request, rows),
        "both": BOTH,
        "mine": mine,
        "under_way": _waits(Effect.REFRESH_TECHNOLOGY, technology.pk),
    }
    return render_to_string("matching/_on_technology.html", context, request)


def sees_shortlist(request: HttpRequest, need: Need) -> bool:
    looks_after = request.user.has_perm("matching.view_suggestion")
    return looks_after or is_member(request.user, need.organisation)


def shortlist_context(request: HttpRequest, need: Need) -> dict[str, Any]:
    shortlist = Shortlist.objects.select_related("policy").filter(need=need).first()
    if shortlist is not None:
        shortlist.need = need
    return {
        "shortlist": shortlist,
        "under_way": _waits(Effect.REFRESH_NEED, need.pk),
        "lessons": lessons.lines(need),
        "teaches": is_member(request.user, need.organisation),
    }


def open_and_over(request: HttpRequest, rows: SuggestionQuerySet) -> dict[str, list[Suggestion]]:
    """Best first; what is closed stands apart."""
    found: dict[str, list[Suggestion]] = {"open": [], "over": []}
    for row in with_usual(list(rows.for_list())):
        row.mine = sides_of(request, row)
        found["open" if row.is_live else "over"].append(row)
    return found


def with_usual(rows: list[Suggestion]) -> list[Suggestion]:
    """How fast each side usually answers, where enough answers say so."""
    ids = {getattr(row, side).organisation_id for row in rows for side in Side}
    taken = Response.objects.all().of_organisations(ids).days_taken()
    usual = {pk: round(median(days)) for pk, days in taken.items() if len(days) >= TELLING}
    for row in rows:
        own = {side: getattr(row, side).organisation_id for side in Side.values}
        row.usual = {side: usual[pk] for side, pk in own.items() if pk in usual}
    return rows


def compared(rows: list[Suggestion]) -> list[dict[str, Any]]:
    """One line for each criterion, one cell for each suggestion; the best known ones stand out."""
    verdicts = [{row.criterion: row for row in rows_of(item.verdicts)} for item in rows]
    lines = []
    for name in CRITERIA:
        cells = [found.get(name) for found in verdicts]
        shares = [round(cell.points / cell.of, 2) if cell and cell.of else 0.0 for cell in cells]
        best = max(shares) if len(set(shares)) > 1 else None
        pairs = zip(cells, shares, strict=True)
        marked = [{"row": cell, "best": share == best} for cell, share in pairs]
        lines.append({"name": name, "cells": marked})
    return lines


def sides_of(request: HttpRequest, row: Suggestion) -> list[str]:
    """The sides of a suggestion that the user is a member of."""
    if not hasattr(request, "member_of"):
        own = Membership.objects.filter(user=person(request))
        request.member_of = set(own.values_list("organisation", flat=True))  # type: ignore[attr-defined]
    return [side for side in Side.values if getattr(row, side).organisation_id in request.member_of]  # type: ignore[attr-defined]


def _visible(request: HttpRequest) -> SuggestionQuerySet:
    return Suggestion.objects.all().visible_to(request.user)


def _waits(effect: Effect, pk: int) -> bool:
    """New work is under way; what was given up is not shown as progress."""
    return Work.objects.all().waiting().filter(effect=effect, subject_id=pk).exists()
