"""Signed links in e-mails: one suggestion, one side, one person; good while the suggestion is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from time import time
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import decorator_from_middleware

from accounts.models import User
from matching.choices import Side
from matching.models import Suggestion

SIGNER = signing.TimestampSigner(salt="greenmatch.answer")
KEPT = timedelta(days=120)  # no suggestion waits longer
CODES = {Side.NEED: "n", Side.TECHNOLOGY: "t"}
SIDES = {code: side for side, code in CODES.items()}
HOUR = 3600
ANSWERS_AN_HOUR = 30
WRONG_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a signed link lets its reader answer."""

    suggestion: Suggestion
    side: Side
    person: User


def token_for(suggestion: Suggestion, side: Side, person: User) -> str:
    return SIGNER.sign(f"{suggestion.pk}-{CODES[side]}-{person.pk}")


def address_for(suggestion: Suggestion, side: Side, person: User) -> str:
    """A page to decline or to put off without signing in; following it changes nothing."""
    with translation.override(person.language):
        path = reverse("matching:answer", args=[token_for(suggestion, side, person)])
    return f"{settings.SITE_URL}{path}"


def invitation(token: str) -> Invitation | None:
    """None for a token that was not made here, and for who may not answer any more."""
    try:
        pk, code, person_pk = SIGNER.unsign(token, max_age=KEPT).split("-")
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=person_pk, is_active=True).first()
    side = SIDES[code]
    rows = Suggestion.objects.all().answerable_by(person, side) if person else None
    row = rows.for_list().filter(pk=pk).first() if rows is not None else None
    return Invitation(row, side, person) if row and person else None


def within(key: str, limit: int) -> bool:
    """Whether this try is still among the first ``limit`` of the hour."""
    name = f"limit:{key}:{int(time()) // HOUR}"
    cache.add(name, 0, HOUR)
    try:
        return cache.incr(name) <= limit
    except ValueError:  # the cache dropped it between the two calls
        return True


class _LinkCsrf(CsrfViewMiddleware):
    """A page without a referrer posts with ``Origin: null``; the token of the form must still be
    that of the cookie, and the address itself is a secret.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.META.get("HTTP_ORIGIN") == "null":
            return True
        return bool(super()._origin_verified(request))  # type: ignore[misc]


csrf_protect_link: Any = decorator_from_middleware(_LinkCsrf)
