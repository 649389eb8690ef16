"""Doors for a programme manager who joins an introduction, and for the sides who let her."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import person
from introductions import brokers
from introductions.models import Broker
from introductions.requests import acting, back_to, number_in
from matching.models import Introduction

WORK = "programmes:work"  # a name: that app stands above


@login_required
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    introduction = get_object_or_404(Introduction, pk=pk)
    brokers.ask(introduction, by=person(request))
    messages.success(request, _("Asked. Both sides have been told."))
    return redirect(WORK)


@login_required
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    known = {one.person.pk: one.person for one in brokers.candidates(introduction)}
    asked = known.get(number_in(request, "person"))
    if asked is not None:
        brokers.invite(introduction, asked, by=person(request), side=side)
        messages.success(request, _("Invited. The programme manager has been told."))
    return back_to(introduction, "broker")


@login_required
@require_POST
def admit(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    introduction, side = acting(request, pk)
    broker = get_object_or_404(Broker, introduction=introduction, pk=row)
    brokers.admit(broker, by=person(request), side=side)
    messages.success(request, _("The programme manager takes part now. Both sides have been told."))
    return back_to(introduction, "broker")


@login_required
@require_POST
def join(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    broker = get_object_or_404(Broker, introduction=pk, pk=row, person=person(request))
    brokers.accept(broker, by=person(request))
    return redirect(broker.introduction)


@login_required
@require_POST
def end(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """By a side, or by the manager herself."""
    own = Broker.objects.filter(introduction=pk, pk=row, person=person(request)).first()
    if own is not None:
        brokers.end(own, by=person(request))
        return redirect(WORK)
    introduction, side = acting(request, pk)
    broker = get_object_or_404(Broker, introduction=introduction, pk=row)
    brokers.end(broker, by=person(request), side=side)
    messages.success(request, _("Ended. The programme manager reads nothing here any more."))
    return back_to(introduction, "broker")
