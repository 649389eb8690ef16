"""What every request passes through: clean input, security headers, and action errors turned into
answers.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    JsonResponse,
)
from django.utils.http import url_has_allowed_host_and_scheme

from common.errors import Conflict, Incomplete

Handler = Callable[[HttpRequest], HttpResponse]
THEMES = ("light", "dark")


class SecurityHeadersMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response


class CleanInputMiddleware:
    """NUL and lone surrogates cannot be stored by PostgreSQL: answer 400 before any code meets
    them.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _dirty(request.path) or any(
            _dirty(k) or any(map(_dirty, v)) for k, v in request.GET.lists()
        ):
            words = "The address holds characters that are not text."
            if request.path.startswith("/api/"):
                answer = {"code": "invalid", "detail": words, "fields": {}}
                return JsonResponse(answer, status=400)
            return HttpResponseBadRequest(f"Bad request: {words}")
        return self.get_response(request)


def _dirty(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)


class ActionErrorsMiddleware:
    """An action that cannot do as asked tells the person why, on the page they came from."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, (Conflict, Incomplete)) or request.path.startswith("/api/"):
            return None
        texts = [str(error)] if isinstance(error, Conflict) else list(error.fields.values())
        for text in dict.fromkeys(texts):
            messages.error(request, text)
        return HttpResponseRedirect(back(request))


def back(request: HttpRequest) -> str:
    """The page the person came from, if it is one of ours; else this page; never somewhere else."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        referer, {request.get_host()}, require_https=request.is_secure()
    ):
        return referer
    return request.path


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What base.html needs on every page."""
    from django.conf import settings

    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in THEMES else "", "demo_mode": settings.DEMO_MODE}
