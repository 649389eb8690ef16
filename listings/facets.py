"""Facets: filters of several codes that also know how many records each code would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema_field

from common.fields import holds_any, unpack
from vocabulary.choices import Scheme
from vocabulary.models import Concept

Choices = Iterable[tuple[str, Any]] | Callable[[], list[tuple[str, Any]]]
Tally = dict[str, int]


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Facet(django_filters.MultipleChoiceFilter):
    """Ticked codes are alternatives. ``ranked`` puts the most frequent code first."""

    def __init__(
        self, *, choices: Choices, ranked: bool = True, named: bool = True, **kwargs: Any
    ) -> None:
        self.ranked = ranked
        self.named = named
        super().__init__(choices=choices, distinct=False, **kwargs)

    def condition(self, codes: list[str]) -> Q:
        raise NotImplementedError

    def tally(self, queryset: QuerySet[Any]) -> Tally:
        raise NotImplementedError

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        return qs.filter(self.condition(value)) if value else qs

    def labels(self) -> dict[str, Any]:
        choices = self.extra["choices"]
        return dict(choices() if callable(choices) else choices)


class ColumnFacet(Facet):
    """One code in one column."""

    def condition(self, codes: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": codes})

    def tally(self, queryset: QuerySet[Any]) -> Tally:
        rows = queryset.order_by().values_list(self.field_name).annotate(n=Count("pk"))
        return {code: n for code, n in rows if code}


class CodesFacet(Facet):
    """Several codes in one column; ``everything`` is a code that includes all others."""

    def __init__(self, *, everything: str = "", **kwargs: Any) -> None:
        self.everything = everything
        super().__init__(**kwargs)

    def condition(self, codes: list[str]) -> Q:
        return holds_any(self.field_name, [*codes, *filter(None, [self.everything])])

    def tally(self, queryset: QuerySet[Any]) -> Tally:
        """Counted by distinct lists, which are far fewer than records."""
        counts: Counter[str] = Counter()
        rows = queryset.order_by().values_list(self.field_name).annotate(n=Count("pk"))
        for codes, n in rows:
            for code in codes if isinstance(codes, list) else unpack(codes):
                counts[code] += n
        if self.everything:
            for code in counts.keys() - {self.everything}:
                counts[code] += self._also_everywhere(rows, code)
        return dict(counts)

    def _also_everywhere(self, rows: Any, code: str) -> int:
        return sum(n for codes, n in rows if self.everything in codes and code not in codes)


class ConceptFacet(Facet):
    """Concepts of one scheme; a field is met by each of its topics."""

    def __init__(self, *, scheme: Scheme, **kwargs: Any) -> None:
        self.scheme = scheme
        super().__init__(choices=lambda: concept_choices(scheme), **kwargs)

    def _meant(self) -> tuple[Q, Any]:
        if self.scheme != Scheme.FIELD:
            return Q(concept__scheme=self.scheme), "concept__code"
        return Q(concept__scheme__in=(Scheme.FIELD, Scheme.TOPIC)), Coalesce(
            "concept__parent__code", "concept__code"
        )

    def _links(self, model: Any) -> tuple[Any, str]:
        through = model.concepts.through
        return through.objects.filter(self._meant()[0]).annotate(
            met=self._code()
        ), model._meta.model_name

    def _code(self) -> Any:
        code = self._meant()[1]
        return Coalesce(code, code) if isinstance(code, str) else code

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        if not value:
            return qs
        links, column = self._links(qs.model)
        return qs.filter(Exists(links.filter(met__in=value, **{f"{column}_id": OuterRef("pk")})))

    def tally(self, queryset: QuerySet[Any]) -> Tally:
        links, column = self._links(queryset.model)
        inside = links.filter(**{f"{column}__in": queryset.order_by().values("pk")})
        return dict(
            inside.order_by().values_list("met").annotate(n=Count(f"{column}_id", distinct=True))
        )


class BandFacet(Facet):
    """Named ranges; ``bands`` maps each code to its condition."""

    def __init__(self, *, bands: Callable[[], dict[str, Q]], **kwargs: Any) -> None:
        self.bands = bands
        super().__init__(ranked=False, **kwargs)

    def condition(self, codes: list[str]) -> Q:
        bands = self.bands()
        found = Q(pk__in=[])
        for code in codes:
            found |= bands[code]
        return found

    def tally(self, queryset: QuerySet[Any]) -> Tally:
        counts = {code: Count("pk", filter=band) for code, band in self.bands().items()}
        names = {f"band_{number}": code for number, code in enumerate(counts)}
        found = queryset.order_by().aggregate(
            **{name: counts[code] for name, code in names.items()}
        )
        return {names[name]: n for name, n in found.items()}


def concept_choices(scheme: Scheme) -> list[tuple[str, str]]:
    concepts = Concept.objects.filter(scheme=scheme).order_by("position", "code")
    return [(concept.code, str(concept)) for concept in concepts]
