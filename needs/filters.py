"""Finding needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.choices import Term
from common.countries import country_choices
from listings.facets import BandFacet, CodesFacet, ColumnFacet
from listings.filters import SORTS, ListingFilterSet
from needs.choices import Procurement
from needs.models import Need

OPEN_CHOICES = [
    ("30", _("The next 30 days")),
    ("90", _("The next 90 days")),
    ("later", _("Later than that")),
    ("undated", _("No date given")),
    ("over", _("The date has passed")),
]


def open_bands() -> dict[str, Q]:
    """By the decision date, seen from today."""
    today = timezone.localdate()
    soon, far = today + timedelta(days=30), today + timedelta(days=90)
    return {
        "30": Q(decision_by__range=(today, soon)),
        "90": Q(decision_by__range=(today, far)),
        "later": Q(decision_by__gt=far),
        "undated": Q(decision_by__isnull=True),
        "over": Q(decision_by__lt=today),
    }


class NeedFilterSet(ListingFilterSet):
    country = ColumnFacet(choices=country_choices, label=pgettext_lazy("facet", "Country"))
    open = BandFacet(bands=open_bands, choices=OPEN_CHOICES, label=_("Decision within"))
    terms = CodesFacet(choices=Term.choices, label=_("Terms wanted"))
    procurement = ColumnFacet(choices=Procurement.choices, label=_("Procurement route"))
    sort = django_filters.ChoiceFilter(
        method="keep",
        choices=[*SORTS, ("decision", _("Decision date"))],
        label=_("Sort by"),
        empty_label=None,
    )

    FACETS = ("field", "topic", "country", "open", "terms", "procurement", "language", "sdg")

    class Meta:
        model = Need
        fields: list[str] = []

    def sorted(self, queryset: QuerySet[Any], order: str) -> QuerySet[Any]:
        if order == "decision":
            over = When(decision_by__lt=timezone.localdate(), then=Value(1))
            return queryset.order_by(
                Case(over, default=Value(0)), F("decision_by").asc(nulls_last=True), "-pk"
            )
        return super().sorted(queryset, order)
