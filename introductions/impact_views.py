"""Writing effects down, correcting them, and verifying them as somebody of neither side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import person
from introductions import ledger
from introductions.forms import ImpactForm, VerifyForm
from introductions.models import ImpactEntry
from introductions.requests import acting, back_to, done

FORM = ["GET", "HEAD", "POST"]
COPIED = ("metric", "value", "unit", "starts", "ends", "evidence", "method")


@login_required
@require_http_methods(FORM)
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    return _enter(request, pk, None)


@login_required
@require_http_methods(FORM)
def correct(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    return _enter(request, pk, row)


def _enter(request: HttpRequest, pk: int, row: int | None) -> HttpResponse:
    introduction, side = acting(request, pk)
    own = ImpactEntry.objects.standing().filter(introduction=introduction, side=side)
    replaced = get_object_or_404(own, pk=row) if row is not None else None
    initial = {name: getattr(replaced, name) for name in COPIED} if replaced else {}
    form = ImpactForm(request.POST or None, initial=initial)

    def act(said: dict[str, Any]) -> None:
        ledger.enter(introduction, by=person(request), side=side, replaces=replaced, **said)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Saved. Both sides see it."))
        return back_to(introduction, "impact")
    context = {"form": form, "introduction": introduction, "replaced": replaced}
    return render(request, "introductions/impact.html", context)


@login_required
@require_http_methods(FORM)
def verify(request: HttpRequest, row: int) -> HttpResponse:
    """The figure and how it is known, without anything of the conversation."""
    rows = ImpactEntry.objects.standing().select_related(
        "introduction__suggestion__need__organisation",
        "introduction__suggestion__technology__organisation",
    )
    entry = get_object_or_404(rows, pk=row)
    if not ledger.may_verify(entry, person(request)) or not entry.side:
        raise Http404
    form = VerifyForm(request.POST or None)

    def act(said: dict[str, Any]) -> None:
        ledger.verify(entry, by=person(request), method=said["method"])

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Verified. Both sides see it."))
        return redirect("dashboard")
    return render(request, "introductions/verify.html", {"form": form, "entry": entry})
