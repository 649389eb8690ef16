"""The front page, the search over both sides, a member's work, and the pages about us."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.permissions import person
from common import search
from common.choices import EDITABLE_STATUSES
from home import statistics
from introductions.pages import listed, next_steps
from matching.choices import Side
from matching.models import Suggestion
from needs.models import Need
from partners.choices import Kind
from partners.models import Organisation
from programmes.models import Programme
from programmes.statistics import funnels
from technologies.models import Technology

LATEST = 5
FOUND = 10


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    found = statistics.counts()
    context = {
        "counts": found,
        "figures": statistics.figures(found),
        "today": timezone.localdate(),
        "loom": statistics.loom(),
        "dots": statistics.dots(),
        "technologies": Technology.objects.published().for_cards()[:LATEST],
        "needs": Need.objects.published().for_cards()[:LATEST],
        "funnels": funnels(list(Programme.objects.published()[:5])),
    }
    return render(request, "home/front.html", context)


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The search box of the front page: one side, or the best of both."""
    words, scope = request.GET.get("q", "").strip()[:300], request.GET.get("scope", "")
    if scope in ("technologies", "needs"):
        return redirect(f"{scope}:list", permanent=False) if not words else _to_list(scope, words)
    context = {
        "words": words,
        "technologies": _found("technology", Technology.objects.published(), words),
        "needs": _found("need", Need.objects.published(), words),
    }
    return render(request, "home/search.html", context)


def _to_list(scope: str, words: str) -> HttpResponse:
    from django.http import QueryDict

    query = QueryDict(mutable=True)
    query["q"] = words
    target = redirect(f"{scope}:list")
    target["Location"] += f"?{query.urlencode()}"
    return target


def _found(kind: str, rows: Any, words: str) -> list[Any]:
    ids = search.rank(kind, words, get_language() or "en")[:FOUND] if words else []
    found = {row.pk: row for row in rows.filter(pk__in=ids).for_cards()}
    return [found[pk] for pk in ids if pk in found]


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """What waits for a member: applications, drafts, records, suggestions."""
    user = request.user
    mine = list(Organisation.objects.of(user))
    kinds = {organisation.kind for organisation in mine if organisation.is_approved}
    suggestions = Suggestion.objects.visible_to(user).open().for_list()
    waiting = [
        (side, row)
        for side in Side
        for row in suggestions.filter(**{f"{side}__organisation__in": mine})[:20]
        if row.response_of(side) is None
    ]
    context = {
        "organisations": mine,
        "is_provider": Kind.PROVIDER in kinds,
        "is_city": Kind.CITY in kinds,
        "technologies": Technology.objects.of(user).for_cards().order_by("-updated_at")[:50],
        "needs": Need.objects.of(user).for_cards().order_by("-updated_at")[:50],
        "editable": EDITABLE_STATUSES,
        "waiting": waiting[:10],
        "introductions": next_steps(listed(person(request))[:5], person(request)),
        "manages": Programme.objects.filter(managers=person(request)).exists(),
    }
    return render(request, "home/dashboard.html", context)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "home/about.html", {"nav": "about"})


@require_safe
def matching(request: HttpRequest) -> HttpResponse:
    """How a score comes about, in words."""
    return render(request, "home/matching.html", {"nav": "about"})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "home/accessibility.html", {"nav": "about"})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "home/privacy.html", {"nav": "about"})
