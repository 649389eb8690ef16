"""Finding technologies."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.choices import Evidence
from listings.facets import BandFacet, CodesFacet, ColumnFacet
from listings.filters import SORTS, ListingFilterSet, places
from technologies.choices import Maturity, Type
from technologies.models import Benefit, Technology

READINESS = {"7-9": (7, 9), "4-6": (4, 6), "1-3": (1, 3)}
READINESS_CHOICES = [
    ("7-9", _("7 to 9: working in the field")),
    ("4-6", _("4 to 6: being tested")),
    ("1-3", _("1 to 3: research")),
]
EVIDENCE_CHOICES = [(level.value, level.label) for level in reversed(Evidence)]


def readiness_bands() -> dict[str, Q]:
    """By the highest level reached."""
    return {
        code: Q(trl_high__range=ends) | Q(trl_high__isnull=True, trl_low__range=ends)
        for code, ends in READINESS.items()
    }


def evidence_bands() -> dict[str, Q]:
    """By the best backed benefit, which is the one a list shows."""
    has = {
        level: Q(Exists(Benefit.objects.filter(technology=OuterRef("pk"), evidence=level)))
        for level in Evidence
    }
    return {
        Evidence.VERIFIED: has[Evidence.VERIFIED],
        Evidence.DOCUMENTED: has[Evidence.DOCUMENTED] & ~has[Evidence.VERIFIED],
        Evidence.CLAIMED: has[Evidence.CLAIMED]
        & ~has[Evidence.DOCUMENTED]
        & ~has[Evidence.VERIFIED],
    }


class TechnologyFilterSet(ListingFilterSet):
    evidence = BandFacet(
        bands=evidence_bands, choices=EVIDENCE_CHOICES, label=_("Evidence for main claim")
    )
    readiness = BandFacet(
        bands=readiness_bands, choices=READINESS_CHOICES, label=pgettext_lazy("facet", "Readiness")
    )
    country = CodesFacet(
        field_name="available_in", everything="*", choices=places, label=_("Available in")
    )
    type = ColumnFacet(choices=Type.choices, label=pgettext_lazy("facet", "Type"))
    maturity = ColumnFacet(
        choices=Maturity.choices, label=pgettext_lazy("facet", "Maturity"), ranked=False
    )
    sort = django_filters.ChoiceFilter(
        method="keep",
        choices=[
            *SORTS,
            ("evidence", _("Strongest evidence")),
            ("readiness", _("Highest readiness")),
        ],
        label=_("Sort by"),
        empty_label=None,
    )

    FACETS = (
        *("field", "topic", "evidence", "readiness", "country"),
        *("terms", "type", "maturity", "language", "sdg"),
    )

    class Meta:
        model = Technology
        fields: list[str] = []

    def sorted(self, queryset: QuerySet[Any], order: str) -> QuerySet[Any]:
        if order == "readiness":
            return queryset.order_by(F("trl_high").desc(nulls_last=True), "-published_at", "-pk")
        if order == "evidence":
            bands = evidence_bands()
            places_ = [When(band, then=Value(number)) for number, band in enumerate(bands.values())]
            return queryset.order_by(
                Case(*places_, default=Value(len(bands))), "-published_at", "-pk"
            )
        return super().sorted(queryset, order)
