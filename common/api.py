"""What every endpoint of the API shares: pages, errors with codes, and filters that refuse
nonsense.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler


class Pages(PageNumberPagination):
    page_size = 25
    max_page_size = 100
    page_size_query_param = "page_size"


class CheckedFilterBackend(DjangoFilterBackend):
    """A parameter nobody knows is an error, so that nobody reads an unfiltered answer as a
    filtered one.
    """

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = self.get_filterset_class(view, queryset)
        if filterset is None:
            return queryset
        known = {*filterset.base_filters, "page", "page_size", "format", "lang"}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            raise ValidationError(
                {name: ["Unknown parameter."] for name in unknown}, code="unknown_parameter"
            )
        return super().filter_queryset(request, queryset, view)


def handle_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error is ``{"code", "detail", "fields"}`` with a 4xx status."""
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = {"code": _code(error), "detail": _detail(error), "fields": _fields(error)}
    return response


def _code(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "invalid"
    if isinstance(error, APIException):
        return str(
            error.default_code if not isinstance(error.get_codes(), str) else error.get_codes()
        )
    return (
        "not_found"
        if isinstance(error, Http404)
        else "permission_denied"
        if _denied(error)
        else "error"
    )


def _denied(error: Exception) -> bool:
    return isinstance(error, PermissionDenied)


def _detail(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "The request is not valid."
    return str(getattr(error, "detail", "")) or (
        "Not found." if isinstance(error, Http404) else "Not allowed."
    )


def _fields(error: Exception) -> dict[str, Any]:
    if isinstance(error, ValidationError) and isinstance(error.detail, dict):
        return dict(error.detail)
    return {}
