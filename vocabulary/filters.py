"""Finding concepts."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from common.languages import CODES, column
from vocabulary.choices import Scheme
from vocabulary.models import Concept


class ConceptFilterSet(django_filters.FilterSet):
    scheme = django_filters.ChoiceFilter(choices=Scheme.choices)
    parent = django_filters.CharFilter(
        field_name="parent__code", max_length=60, help_text="Code of the broader concept."
    )
    q = django_filters.CharFilter(
        method="search", max_length=100, help_text="Part of a label or synonym, any language."
    )

    class Meta:
        model = Concept
        fields: list[str] = []

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        condition = Q(code__icontains=value)
        for field in ("label", "synonyms"):
            for code in CODES:
                condition |= Q(**{f"{column(field, code)}__icontains": value})
        return queryset.filter(condition)
