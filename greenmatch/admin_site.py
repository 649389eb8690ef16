"""The admin behind the site's own sign-in page, with its limits and second factor."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _


class SiteAdmin(admin.AdminSite):
    site_header = _("GreenMatch administration")
    site_title = _("GreenMatch administration")
    index_title = _("What waits for you")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The first page begins with what waits for a decision."""
        deciding: list[Any] = [
            found for found in self._registry.values() if hasattr(found, "waiting")
        ]
        queue = [line for found in deciding if (line := found.waiting(request))]
        return super().index(request, {"queue": queue, **(extra_context or {})})

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(
            request.GET.get("next", request.path), resolve_url(settings.LOGIN_URL)
        )
