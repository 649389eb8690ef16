"""What matching adds to the pages of needs and technologies, for those who may see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.permissions import person
from matching.choices import Effect, Side
from matching.models import Shortlist, Suggestion, Work
from matching.querysets import SuggestionQuerySet
from needs.models import Need
from partners.models import Membership
from partners.permissions import is_member
from technologies.models import Technology

BOTH = (Side.TECHNOLOGY, Side.NEED)


def on_need(request: HttpRequest, need: Need) -> str:
    """The shortlist to the city, its own suggestions to a provider, nothing to the public."""
    if not request.user.is_authenticated or not need.is_public:
        return ""
    rows = _visible(request).filter(need=need)
    whole = sees_shortlist(request, need)
    if not whole and not rows.exists():
        return ""
    context = {"need": need, **shortlist_context(request, need)} if whole else {}
    context |= {"rows": open_and_over(request, rows), "whole": whole, "need": need, "both": BOTH}
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
    return {"shortlist": shortlist, "under_way": _waits(Effect.REFRESH_NEED, need.pk)}


def open_and_over(request: HttpRequest, rows: SuggestionQuerySet) -> dict[str, list[Suggestion]]:
    """Best first; what is closed stands apart."""
    found: dict[str, list[Suggestion]] = {"open": [], "over": []}
    for row in rows.for_list():
        row.mine = sides_of(request, row)
        found["open" if row.is_live else "over"].append(row)
    return found


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
