"""What the doors of an introduction share: whose it is, for whom one acts, what is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.permissions import person
from common.errors import Conflict, Incomplete, NotAllowed
from introductions.models import Milestone
from introductions.permissions import open_to, sides_of
from matching.choices import Side
from matching.models import Introduction


def number_in(request: HttpRequest, name: str) -> int:
    asked = request.POST.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0


def seen(request: HttpRequest, pk: int) -> Introduction:
    return get_object_or_404(open_to(request.user), pk=pk)


def acting(request: HttpRequest, pk: int) -> tuple[Introduction, Side]:
    """An introduction and the side for which the person acts in it."""
    introduction = seen(request, pk)
    sides = sides_of(introduction, person(request))
    if not sides:
        raise Http404
    return introduction, asked_side(request, sides)


def speaking(request: HttpRequest, pk: int) -> tuple[Introduction, Side | Literal[""]]:
    """As ``acting``; without a side for the programme manager who has joined."""
    introduction = seen(request, pk)
    sides = sides_of(introduction, person(request))
    return introduction, asked_side(request, sides) if sides else ""


def asked_side(request: HttpRequest, sides: list[Side]) -> Side:
    """A person of both organisations says for which; a side that is not theirs is refused."""
    asked = request.POST.get("side", "")
    if asked and asked not in sides:
        raise NotAllowed
    return Side(asked) if asked else sides[0]


def reported(request: HttpRequest, pk: int, row: int) -> tuple[Introduction, Milestone]:
    introduction = seen(request, pk)
    rows = Milestone.objects.for_timeline().filter(introduction=introduction)
    milestone: Milestone = get_object_or_404(rows, pk=row)
    milestone.introduction = introduction
    return introduction, milestone


def done(form: forms.Form, act: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form led to the act; if not, it says why and keeps its text."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except Conflict as conflict:
        form.add_error(None, str(conflict))
    except Incomplete as incomplete:
        for name, text in incomplete.fields.items():
            form.add_error(name if name in form.fields else None, text)
    return not form.errors


def sent(request: HttpRequest) -> dict[str, Any]:
    """What a form with a file is made from."""
    if request.method != "POST":
        return {}
    files = request.FILES  # read first: only then it is known whether one was too large
    too_large = getattr(request, "upload_is_too_large", False)
    return {"data": request.POST, "files": files, "too_large": too_large}


def back_to(introduction: Introduction, part: str) -> HttpResponse:
    return redirect(f"{introduction.get_absolute_url()}#{part}")
