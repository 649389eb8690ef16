"""What a person chooses about e-mail, signed in or by the link in an e-mail; and the door for mail
services that tell of bounces and complaints.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import person
from outbox import actions
from outbox.choices import MANDATORY, EventSource
from outbox.events import Malformed, is_genuine, read, store
from outbox.forms import PreferenceForm
from outbox.limits import wanted


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    return _choose(request, person(request))


@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """The same without signing in; the signed link says for whom."""
    ticket = _ticket(token)
    if ticket.person is None:
        return render(request, "outbox/stopped.html", {"ticket": ticket, "done": True})
    return _choose(request, ticket.person)


@csrf_exempt  # mail programs post here without a session; the signed token says for whom (RFC 8058)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and on POST stop one kind; good for years, and after the account is gone."""
    ticket = _ticket(token)
    if request.method == "POST" and ticket.person:
        actions.unsubscribe(ticket.person, ticket.kind)
    done = ticket.person is None or not wanted(ticket.kind, ticket.person)
    context = {"ticket": ticket, "done": done, "token": token}
    return render(request, "outbox/stopped.html", context)


def _ticket(token: str) -> actions.Ticket:
    ticket = actions.read_ticket(token)
    if ticket is None:
        raise Http404
    return ticket


def _choose(request: HttpRequest, whose: User) -> HttpResponse:
    form = PreferenceForm(request.POST or None, person=whose)
    if request.method == "POST" and form.is_valid():
        form.keep()
        messages.success(request, _("Saved."))
        return redirect(request.path)
    fixed = [kind.label for kind in MANDATORY]
    return render(request, "outbox/preferences.html", {"form": form, "fixed": fixed})


@csrf_exempt  # no browser, no cookie: the signature says who speaks
@require_POST
def events(request: HttpRequest) -> JsonResponse:
    """Store what is signed, at once; it is looked at later."""
    headers = request.headers
    if not is_genuine(headers.get("X-Timestamp", ""), headers.get("X-Signature", ""), request.body):
        return JsonResponse({"detail": "The signature is missing, wrong or too old."}, status=403)
    try:
        reports = read(request.body)
    except Malformed as error:
        return JsonResponse({"detail": str(error)}, status=400)
    new = store(reports, EventSource.WEBHOOK)
    return JsonResponse({"received": len(reports), "new": new}, status=202)
