"""Proposing a meeting, agreeing on a time, and the entry for a calendar."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import person
from introductions import meetings
from introductions.choices import MeetingStatus
from introductions.forms import MeetingForm
from introductions.models import Meeting, Slot
from introductions.permissions import is_closed
from introductions.requests import acting, back_to, done, number_in, seen, speaking
from outbox.hours import zone_of

FORM = ["GET", "HEAD", "POST"]


@login_required
@require_http_methods(FORM)
def meet(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose times, or other times for the meeting that stands."""
    introduction, side = speaking(request, pk)
    if is_closed(introduction):
        raise Http404
    zone = zone_of(person(request))
    with timezone.override(zone):
        form = MeetingForm(request.POST or None)

        def act(said: dict[str, Any]) -> None:
            meetings.propose(
                introduction,
                by=person(request),
                side=side,
                starts=form.starts(),
                minutes=said["minutes"],
                place=said["place"],
            )

        if request.method == "POST" and done(form, act):
            messages.success(request, _("Proposed. The other side is asked to choose."))
            return back_to(introduction, "meeting")
        context = {"form": form, "introduction": introduction, "zone": zone.key.replace("_", " ")}
        return render(request, "introductions/meet.html", context)


@login_required
@require_POST
def agree(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    meeting = get_object_or_404(Meeting, introduction=introduction, pk=row)
    slot = get_object_or_404(Slot, meeting=meeting, pk=number_in(request, "slot"))
    meetings.agree(meeting, slot, by=person(request), side=side)
    messages.success(request, _("Agreed. Both sides have been told."))
    return back_to(introduction, "meeting")


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    meeting = get_object_or_404(Meeting, introduction=introduction, pk=row)
    meetings.cancel(meeting, by=person(request), side=side)
    messages.success(request, _("Cancelled. The other side has been told."))
    return back_to(introduction, "meeting")


@require_safe
@login_required
def calendar(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """The meeting for a calendar program, for those who may read the introduction."""
    introduction = seen(request, pk)
    meeting = get_object_or_404(
        Meeting.objects.exclude(status=MeetingStatus.PROPOSED),
        introduction=introduction,
        pk=row,
        starts_at__isnull=False,
    )
    meeting.introduction = introduction
    address = request.build_absolute_uri(introduction.get_absolute_url())
    content = meetings.calendar(meeting, address)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = f'attachment; filename="meeting-{meeting.pk}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response
