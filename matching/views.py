"""Suggestions: the inbox, one suggestion with its reasons, and the answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import person
from common.errors import Conflict
from matching import actions, panels
from matching.choices import Side
from matching.forms import DeclineForm, SideForm
from matching.models import Introduction, Suggestion
from matching.querysets import SuggestionQuerySet
from matching.sheets import shortlist_sheet
from needs.models import Need
from outbox import actions as mail
from partners.models import Organisation

PAGE = 20
GROUPS = ("ours", "theirs", "introduced", "over")


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Suggestions of the user's organisations on either side, by who has to answer."""
    mine = Suggestion.objects.all().of(request.user)
    groups: dict[str, SuggestionQuerySet] = {
        "ours": mine.waiting_for(request.user).order_by("expires_at", "-score"),
        "theirs": mine.waiting_for_others(request.user).order_by("expires_at", "-score"),
        "introduced": mine.introduced().order_by("-introduction__opened_at"),
        "over": mine.over().order_by("-expires_at", "-pk"),
    }
    group = request.GET.get("group", GROUPS[0])
    if group not in groups:
        raise Http404
    page = Paginator(groups[group].for_rows(), PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.mine = panels.sides_of(request, row)
    tabs = [{"code": code, "count": groups[code].count(), "here": code == group} for code in GROUPS]
    context = {"page_obj": page, "group": group, "tabs": tabs, "both": panels.BOTH}
    return render(request, "matching/inbox.html", context)


@require_safe
@login_required
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible(request, pk)
    return render(request, "matching/suggestion.html", page_context(request, row))


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    row, side = visible(request, pk), side_asked(request)
    introduction = actions.accept(row, by=person(request), side=side)
    if introduction is None:
        messages.success(request, _("Accepted. We have told the other side."))
    else:
        messages.success(request, _("Both sides have accepted: contact details are open."))
    return redirect(row)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible(request, pk)
    mine = panels.sides_of(request, row)
    if not mine:
        raise Http404
    asked = request.GET.get("side", "")
    initial = {"side": asked if asked in mine else mine[0]}
    form = DeclineForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        actions.decline(
            row,
            by=person(request),
            side=Side(said["side"]),
            reason=said["reason"],
            note=said["note"],
        )
        messages.success(request, _("Declined. Thank you for the reason."))
        return redirect("matching:inbox")
    return render(request, "matching/decline.html", {"form": form, "suggestion": row, "mine": mine})


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible(request, pk)
    actions.withdraw(row, by=person(request), side=side_asked(request))
    messages.success(request, _("Withdrawn. You can still answer until the deadline."))
    return redirect(row)


@login_required
@require_POST
def contacts(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Introduction.objects.all().visible_to(request.user)
    introduction = get_object_or_404(rows, suggestion=pk)
    actions.open_contacts(introduction, by=person(request))
    return redirect(reverse("matching:suggestion", args=[pk]) + "#contact")


@require_safe
@login_required
def shortlist(request: HttpRequest, pk: int) -> HttpResponse:
    """The shortlist by itself: a page, or the bare part for a script that waits for it."""
    need = seen_need(request, pk)
    part = panels.on_need(request, need)
    if request.headers.get("X-Fragment"):
        return HttpResponse(part)
    return render(request, "matching/shortlist.html", {"need": need, "part": part})


@require_safe
@login_required
def shortlist_csv(request: HttpRequest, pk: int) -> HttpResponse:
    need = seen_need(request, pk)
    rows = Suggestion.objects.all().visible_to(request.user).filter(need=need).for_list()
    response = HttpResponse(shortlist_sheet(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="shortlist-{need.reference}.csv"'
    return response


@csrf_exempt  # mail programs post here without a session; the signed token says for whom (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = mail.subscriber(token)
    if subscriber is None:
        raise Http404
    if request.method == "POST":
        mail.unsubscribe(subscriber)
        subscriber.refresh_from_db()
    done = not subscriber.wants_suggestions
    return render(request, "matching/unsubscribe.html", {"done": done})


def visible(request: HttpRequest, pk: int) -> Suggestion:
    rows: SuggestionQuerySet = Suggestion.objects.all().visible_to(request.user)
    return get_object_or_404(rows.for_list(), pk=pk)


def seen_need(request: HttpRequest, pk: int) -> Need:
    """A published need whose whole shortlist this person may see."""
    need = get_object_or_404(Need.objects.published().for_page(), pk=pk)
    if not panels.sees_shortlist(request, need):
        raise Http404
    return need


def side_asked(request: HttpRequest) -> Side:
    form = SideForm(request.POST)
    if not form.is_valid():
        raise Conflict
    return Side(form.cleaned_data["side"])


def page_context(request: HttpRequest, row: Suggestion) -> dict[str, Any]:
    mine = row.mine = panels.sides_of(request, row)
    context: dict[str, Any] = {"suggestion": row, "mine": mine}
    opened = Introduction.objects.all().visible_to(request.user).filter(suggestion=row).first()
    if opened is not None:
        context["introduction"] = opened
        if actions.has_opened_contacts(opened, person(request)):
            context["contacts"] = [
                contact(getattr(row, side).organisation) for side in others(mine)
            ]
    return context


def others(mine: list[str]) -> list[str]:
    """The other side; both for somebody who belongs to both."""
    return [side for side in Side.values if side not in mine] or list(Side.values)


def contact(organisation: Organisation) -> dict[str, Any]:
    people = User.objects.filter(memberships__organisation=organisation, is_active=True).order_by(
        "name"
    )
    return {
        "organisation": organisation,
        "people": [member.name for member in people if member.name],
    }
