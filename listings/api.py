"""Reading published listings: the same filters as the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.viewsets import ReadOnlyModelViewSet

from common.languages import CODES

LANG = OpenApiParameter(
    "lang",
    OpenApiTypes.STR,
    enum=list(CODES),
    many=False,
    description="Give texts in this language only.",
)


@extend_schema(parameters=[LANG])
class ListingViewSet(ReadOnlyModelViewSet):
    """Published records only."""

    lookup_value_regex = "[0-9]{1,18}"

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "languages": self._languages()}

    def _languages(self) -> tuple[str, ...]:
        asked = getattr(self.request, "query_params", {}).get("lang", "")
        if asked and asked not in CODES:
            raise ValidationError(
                {"lang": [f"Not a language of this site; use one of {', '.join(CODES)}."]}
            )
        return (asked,) if asked else CODES
