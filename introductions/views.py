"""The pages of an introduction: contact details, the conversation, milestones, the end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import person
from common.errors import Conflict
from introductions import actions, brokers, milestones, pages
from introductions.forms import CloseForm, ContestForm, CorrectionForm, MessageForm, MilestoneForm
from introductions.models import Attachment, Milestone
from introductions.permissions import is_closed, sides_of
from introductions.requests import acting, back_to, done, reported, seen, sent, speaking
from introductions.uploads import limited
from matching.choices import Side
from matching.models import Introduction

PAGE = 20
FORM = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def introductions(request: HttpRequest) -> HttpResponse:
    """The introductions of a member, and who has to do what next in each."""
    rows = Paginator(pages.listed(person(request)), PAGE).get_page(request.GET.get("page"))
    lines = pages.next_steps(rows, person(request))
    return render(request, "introductions/list.html", {"page_obj": rows, "lines": lines})


@require_safe
@login_required
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, seen(request, pk), MessageForm())


def show(request: HttpRequest, introduction: Introduction, form: MessageForm) -> HttpResponse:
    context = pages.details(introduction, person(request), request.GET.get("page"))
    if context["broker"] is not None and context["broker"].joined_at:
        words = _("Only the two sides and the programme manager can read this page.")
        form.fields["text"].help_text = words
    return render(request, "introductions/page.html", {**context, "form": form})


@login_required
@require_POST
def contacts(request: HttpRequest, pk: int) -> HttpResponse:
    introduction = seen(request, pk)
    actions.open_contacts(introduction, by=person(request))
    return back_to(introduction, "contact")


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    actions.withdraw_contacts(introduction, by=person(request), side=side)
    messages.success(request, _("Your contact details are not shown any more."))
    return back_to(introduction, "contact")


@login_required
@require_POST
def show_again(request: HttpRequest, pk: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    actions.show_contacts_again(introduction, by=person(request), side=side)
    messages.success(request, _("Your contact details are shown again."))
    return back_to(introduction, "contact")


@csrf_exempt  # the form is read only behind the limit of its file; _write checks the token
def write(request: HttpRequest, pk: int) -> HttpResponse:
    return _write(limited(request), pk)


@csrf_protect
@login_required
@require_POST
def _write(request: HttpRequest, pk: int) -> HttpResponse:
    introduction, side = speaking(request, pk)
    form = MessageForm(**sent(request))

    def act(said: dict[str, Any]) -> None:
        actions.write(introduction, by=person(request), side=side, **said)

    if done(form, act):
        return back_to(introduction, "write")
    return show(request, introduction, form)


@login_required
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    introduction = seen(request, pk)
    actions.mark_read(introduction, by=person(request))
    return back_to(introduction, "write")


@login_required
@require_http_methods(FORM)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    if is_closed(introduction):
        raise Conflict if request.method == "POST" else Http404
    form = CloseForm(request.POST or None)

    def act(said: dict[str, Any]) -> None:
        milestones.close(introduction, by=person(request), side=side, **said)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The introduction is closed. The other side has been told."))
        return back_to(introduction, "milestones")
    return render(request, "introductions/close.html", {"form": form, "introduction": introduction})


@csrf_exempt  # as with messages
def report(request: HttpRequest, pk: int) -> HttpResponse:
    return _report(limited(request), pk)


@csrf_protect
@login_required
@require_http_methods(FORM)
def _report(request: HttpRequest, pk: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    standing = Milestone.objects.standing().filter(introduction=introduction)
    steps = pages.open_steps(standing)
    if not steps or is_closed(introduction):
        raise Http404
    form = MilestoneForm(**sent(request), steps=steps)

    def act(said: dict[str, Any]) -> None:
        milestones.report(introduction, by=person(request), side=side, **said)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Reported. The other side is asked to confirm it."))
        return back_to(introduction, "milestones")
    context = {"form": form, "introduction": introduction, "heading": _("Report a milestone")}
    return render(request, "introductions/milestone.html", context)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    introduction, milestone = reported(request, pk, row)
    sides = sides_of(introduction, person(request))
    side = milestones.may_answer(milestone, sides)
    if side is None:
        raise Conflict
    milestones.confirm(milestone, by=person(request), side=side)
    messages.success(request, _("Confirmed. It counts from now on."))
    return back_to(introduction, "milestones")


@login_required
@require_http_methods(FORM)
def contest(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    introduction, milestone = reported(request, pk, row)
    side = milestones.may_answer(milestone, sides_of(introduction, person(request)))
    if side is None:
        raise Conflict if request.method == "POST" else Http404
    form = ContestForm(request.POST or None)

    def act(said: dict[str, Any]) -> None:
        milestones.contest(milestone, by=person(request), side=side, **said)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Contested. The other side reads why and can correct it."))
        return back_to(introduction, "milestones")
    context = {"form": form, "introduction": introduction, "milestone": milestone}
    return render(request, "introductions/contest.html", context)


@csrf_exempt  # as with messages
def correct(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    return _correct(limited(request), pk, row)


@csrf_protect
@login_required
@require_http_methods(FORM)
def _correct(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    introduction, milestone = reported(request, pk, row)
    if milestone.side not in sides_of(introduction, person(request)) or milestone.is_replaced:
        raise Http404
    initial = {"day": milestone.day, "note": milestone.note}
    form = CorrectionForm(**sent(request), initial=initial)

    def act(said: dict[str, Any]) -> None:
        milestones.correct(milestone, by=person(request), side=Side(milestone.side), **said)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Corrected. The other side is asked to confirm it."))
        return back_to(introduction, "milestones")
    context = {
        "form": form,
        "introduction": introduction,
        "heading": _("Correct a milestone"),
        "milestone": milestone,
    }
    return render(request, "introductions/milestone.html", context)


@require_safe
@login_required
def file(request: HttpRequest, pk: int, row: int) -> FileResponse:
    """A file for those who may read it: always saved, never shown inside the site."""
    introduction = seen(request, pk)
    mine = sides_of(introduction, person(request))
    broker = brokers.seen_from(introduction, person(request), mine)
    files = Attachment.objects.filter(introduction=introduction)
    if broker is not None:
        files = files.filter(at__gte=broker.joined_at)
    attachment = get_object_or_404(files, pk=row)
    try:
        opened = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(opened, as_attachment=True, filename=attachment.name)
    response["Content-Type"] = attachment.content_type
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
