"""Suggestions: the inbox, one suggestion with its reasons, and the answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import person
from common.errors import Conflict
from matching import actions, clocks, lessons, links, panels
from matching.choices import Lesson, Side
from matching.drafts import first_message
from matching.exposure import PERIODS, days_asked, kept_report
from matching.forms import AcceptForm, CompareForm, DeclineForm, LaterForm, LessonForm, SideForm
from matching.links import csrf_protect_link
from matching.models import Introduction, Suggestion
from matching.querysets import SuggestionQuerySet
from matching.sheets import shortlist_sheet
from needs.models import Need

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
    [row] = panels.with_usual([visible(request, pk)])
    return render(request, "matching/suggestion.html", page_context(request, row))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a yes, with a first message that opens when the other side says yes too."""
    row = visible(request, pk)
    side = side_of(request, row)
    initial = {"side": side, "message": first_message(row, side) if side else ""}
    form = AcceptForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        introduction = actions.accept(
            row, by=person(request), side=Side(said["side"]), message=said["message"]
        )
        messages.success(request, accepted_words(opened=introduction is not None))
        return redirect(row)
    return answer_page(request, "matching/accept.html", row, side, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible(request, pk)
    side = side_of(request, row)
    form = DeclineForm(request.POST or None, initial={"side": side})
    if request.method == "POST" and form.is_valid():
        do_decline(row, person(request), form)
        messages.success(request, _("Declined. Thank you for the reason."))
        return redirect("matching:inbox")
    return answer_page(request, "matching/decline.html", row, side, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def later(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an answer off until a day."""
    row = visible(request, pk)
    side = side_of(request, row)
    days = clocks.pause_range(row, side)
    form = LaterForm(request.POST or None, initial={"side": side, "until": days[1]}, days=days)
    if request.method == "POST" and form.is_valid():
        do_later(row, person(request), form)
        messages.success(request, _("Noted. You will not be reminded before that day."))
        return redirect(row)
    return answer_page(request, "matching/later.html", row, side, form)


@csrf_exempt  # the decorator below checks it, and lets pages without a referrer through
@csrf_protect_link
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Decline or put off from an e-mail without signing in; looking at the page changes nothing."""
    response = answer_by_link(request, token)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    found = links.invitation(token)
    if found is None:
        address = request.META.get("REMOTE_ADDR", "")
        known = links.within(f"wrong:{address}", links.WRONG_AN_HOUR)
        return render(request, "matching/link_over.html", {}, status=404 if known else 429)
    if request.method == "POST" and not links.within(
        f"answer:{found.person.pk}", links.ANSWERS_AN_HOUR
    ):
        return render(request, "matching/link_over.html", {"often": True}, status=429)
    row, side = found.suggestion, found.side
    days = clocks.pause_range(row, side)
    what = request.POST.get("what", "")
    first = {"side": side, "until": days[1]}
    decline_form = DeclineForm(request.POST if what == "decline" else None, initial={"side": side})
    later_form = LaterForm(
        request.POST if what == "later" else None, initial=first, days=days, auto_id="later_%s"
    )
    if answered_by_link(found, decline_form, later_form):
        return redirect("matching:answer", token)
    context = {"suggestion": row, "side": side, "mine": [side], "token": token}
    context |= {"decline_form": decline_form, "later_form": later_form, "open": is_open(row, side)}
    return render(request, "matching/answer.html", context)


def answered_by_link(found: links.Invitation, no: DeclineForm, later: LaterForm) -> bool:
    """Acts for the person and the side of the link alone, whatever the form says."""
    row, person_, side = found.suggestion, found.person, found.side
    if no.is_bound and no.is_valid():
        do_decline(row, person_, no, side=side)
    elif later.is_bound and later.is_valid():
        do_later(row, person_, later, side=side)
    else:
        return False
    return True


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible(request, pk)
    actions.withdraw(row, by=person(request), side=side_asked(request))
    messages.success(request, _("Withdrawn. You can still answer until the deadline."))
    return redirect(row)


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


@require_safe
@login_required
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two to four suggestions of a need side by side; without a choice, the page to make one."""
    need = seen_need(request, pk)
    rows = Suggestion.objects.all().visible_to(request.user).filter(need=need)
    known = list(rows.for_list().for_comparing())
    form = CompareForm(request.GET or None, choices=[row.pk for row in known])
    ticked = form.cleaned_data["compare"] if form.is_valid() else []
    shown = panels.with_usual([row for row in known if row.pk in ticked])
    for row in shown:
        row.mine = panels.sides_of(request, row)
    context = {"need": need, "rows": shown, "known": known, "wrong": form.is_bound and not shown}
    context |= {"lines": panels.compared(shown), "least": form.LEAST, "most": form.MOST}
    context["both"] = panels.BOTH
    return render(request, "matching/compare.html", context)


@require_safe
def exposure(request: HttpRequest) -> HttpResponse:
    """Who is seen, for everybody to read."""
    report = kept_report(days_asked(request.GET.get("days", "")))
    return render(request, "matching/exposure.html", {"report": report, "periods": PERIODS})


@login_required
@require_POST
def lesson(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what answers have taught a need, or use it again."""
    need, form = seen_need(request, pk), LessonForm(request.POST)
    if not form.is_valid():
        raise Http404
    act = lessons.relearn if form.cleaned_data["use"] else lessons.unlearn
    act(need, Lesson(form.cleaned_data["lesson"]), by=person(request))
    messages.success(request, _("Saved. Your need is being scored anew."))
    return redirect(need.get_absolute_url() + "#shortlist")


def visible(request: HttpRequest, pk: int) -> Suggestion:
    rows: SuggestionQuerySet = Suggestion.objects.all().visible_to(request.user)
    return get_object_or_404(rows.for_list(), pk=pk)


def seen_need(request: HttpRequest, pk: int) -> Need:
    """A published need whose whole shortlist this person may see."""
    need = get_object_or_404(Need.objects.published().for_page(), pk=pk)
    if not panels.sees_shortlist(request, need):
        raise Http404
    return need


def side_of(request: HttpRequest, row: Suggestion) -> Side:
    """The side that the reader answers for; the one asked for, of those that are theirs."""
    mine = panels.sides_of(request, row)
    if not mine:
        raise Http404
    asked = request.GET.get("side", "")
    return Side(asked if asked in mine else mine[0])


def is_open(row: Suggestion, side: str) -> bool:
    return row.is_live and row.response_of(side) is None


def answer_page(
    request: HttpRequest, template: str, row: Suggestion, side: Side, form: Any
) -> HttpResponse:
    context = {"form": form, "suggestion": row, "side": side, "open": is_open(row, side)}
    return render(request, template, context)


def do_decline(row: Suggestion, by: User, form: DeclineForm, side: Side | None = None) -> None:
    said = form.cleaned_data
    side = side or Side(said["side"])
    actions.decline(row, by=by, side=side, reason=said["reason"], note=said["note"])


def do_later(row: Suggestion, by: User, form: LaterForm, side: Side | None = None) -> None:
    said = form.cleaned_data
    actions.later(row, by=by, side=side or Side(said["side"]), until=said["until"])


def accepted_words(*, opened: bool) -> str:
    if opened:
        return _("Both sides have accepted: contact details are open.")
    return _("Accepted. We have told the other side.")


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
    return context
