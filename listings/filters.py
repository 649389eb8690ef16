"""Finding listings: one FilterSet for the page and for the API."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import django_filters
from django import forms
from django.core.cache import cache
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from common import search
from common.choices import Term
from common.countries import country_choices
from common.languages import CODES, NAMES, active, column
from listings.facets import CodesFacet, ColumnFacet, ConceptFacet, Facet
from partners.models import Organisation
from vocabulary.choices import Scheme

REFERENCE = re.compile(r"^[TN]-\d{4}-(\d{1,12})$", re.IGNORECASE)
LARGE = 5000  # from so many records on, counts are kept for a while
KEPT_FOR = 300  # seconds
SORTS = [
    ("best", _("Best match to words")),
    ("newest", pgettext_lazy("sort order", "Newest")),
    ("title", pgettext_lazy("sort order", "Title")),
]


def places() -> list[tuple[str, str]]:
    return [("*", str(_("Worldwide"))), *country_choices()]


class ListingFilterSet(django_filters.FilterSet):
    """What technologies and needs are both searched by."""

    q = django_filters.CharFilter(method="search", label=_("Words"), max_length=200)
    field = ConceptFacet(scheme=Scheme.FIELD, label=pgettext_lazy("facet", "Field"), named=False)
    topic = ConceptFacet(scheme=Scheme.TOPIC, label=pgettext_lazy("facet", "Topic"), named=False)
    sdg = ConceptFacet(
        scheme=Scheme.SDG, label=_("Sustainable Development Goal"), ranked=False, named=False
    )
    terms = CodesFacet(choices=Term.choices, label=pgettext_lazy("facet", "Offer"))
    language = ColumnFacet(
        field_name="source_language",
        choices=[(code, NAMES[code]) for code in CODES],
        label=_("Original language"),
    )
    organisation = django_filters.ModelChoiceFilter(
        queryset=Organisation.objects.approved(), label=_("Organisation")
    )
    sort = django_filters.ChoiceFilter(
        method="keep", choices=SORTS, label=_("Sort by"), empty_label=None
    )

    FACETS: tuple[str, ...] = ()

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(pk__in=self.ranked(value))

    def keep(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The order is a matter of the whole set; see ``filter_queryset``."""
        return queryset

    def ranked(self, words: str) -> list[int]:
        """Primary keys, best first; asked once for each set of filters."""
        if not hasattr(self, "_ranked"):
            number = REFERENCE.match(words.strip())
            kind = self._meta.model.KIND
            self._ranked = (
                [int(number[1])]
                if number
                else search.rank(kind, words, active()) or self._plainly(words)
            )
        return self._ranked

    def _plainly(self, words: str) -> list[int]:
        """Without a ranker, or when it knows none of the words: titles and names."""
        rows = self.queryset
        condition = Q(organisation__name__icontains=words)
        for code in CODES:
            condition |= Q(**{f"{column('title', code)}__icontains": words})
        return list(
            rows.filter(condition).order_by("-published_at").values_list("pk", flat=True)[:500]
        )

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.sorted(self.without("", queryset), self.order)

    def without(self, name: str, queryset: QuerySet[Any] | None = None) -> QuerySet[Any]:
        """Every filter applied but one: what the counts of that facet are taken from."""
        rows = self.queryset.all() if queryset is None else queryset
        for key, value in self.form.cleaned_data.items():
            if key != name:
                rows = self.filters[key].filter(rows, value)
        return rows

    @property
    def words(self) -> str:
        return self.form.cleaned_data.get("q", "") if self.is_bound and self.is_valid() else ""

    @property
    def order(self) -> str:
        asked = self.form.cleaned_data.get("sort") or ("best" if self.words else "newest")
        return "newest" if asked == "best" and not self.words else asked

    def sorted(self, queryset: QuerySet[Any], order: str) -> QuerySet[Any]:
        if order == "best":
            ranked = self.ranked(self.words)
            place = [When(pk=pk, then=Value(number)) for number, pk in enumerate(ranked)]
            return queryset.order_by(
                Case(*place, default=Value(len(ranked)), output_field=IntegerField()), "pk"
            )
        if order == "title":
            codes = dict.fromkeys((active(), "en", *CODES))
            titles = [NullIf(F(column("title", code)), Value("")) for code in codes]
            return queryset.order_by(Lower(Coalesce(*titles)), "pk")
        return queryset.order_by("-published_at", "-pk")

    def _tally(self, name: str, queryset: QuerySet[Any], large: bool) -> dict[str, int]:
        """Small lists are counted each time; large ones may be some minutes old."""
        facet = self.filters[name]
        if not large:
            return facet.tally(queryset)
        asked = sorted(
            (key, sorted(self.data.getlist(key))) for key in self.filters if key != "sort"
        )
        mark = sha256(repr((self._meta.model.KIND, name, asked)).encode()).hexdigest()
        kept = cache.get_or_set(f"facet:{mark}", lambda: facet.tally(queryset), KEPT_FOR)
        return dict(kept or {})

    def facets(self, total: int | None = None) -> list[dict[str, Any]]:
        """Every facet with its counts, in the order in which the page shows them."""
        chosen = self.form.cleaned_data
        whole = self.without("")
        large = self.qs.count() > LARGE if total is None else total > LARGE
        found = []
        for name in self.FACETS:
            facet = self.filters[name]
            ticked = chosen.get(name) or []
            tally = self._tally(name, self.without(name) if ticked else whole, large)
            if options := _options(facet, tally, ticked):
                found.append({"name": name, "legend": facet.label, "options": options})
        return found

    def chosen(self) -> list[dict[str, Any]]:
        """The filters in use, for their tags."""
        found = []
        for name in self.FACETS:
            ticked = self.form.cleaned_data.get(name) or []
            labels = self.filters[name].labels() if ticked else {}
            for code in ticked:
                label = labels.get(code, code)
                if self.filters[name].named:
                    words = {"facet": self.filters[name].label, "value": label}
                    label = pgettext("filter in use", "%(facet)s: %(value)s") % words
                found.append({"name": name, "value": code, "label": label})
        if organisation := self.form.cleaned_data.get("organisation"):
            found.append(
                {"name": "organisation", "value": organisation.pk, "label": organisation.name}
            )
        return found


def _options(facet: Facet, tally: dict[str, int], ticked: list[str]) -> list[dict[str, Any]]:
    labels = facet.labels()
    options = [
        {
            "value": code,
            "label": label,
            "count": tally.get(code, 0),
            "selected": code in ticked,
            "lang": code if facet.field_name == "source_language" else "",
        }
        for code, label in labels.items()
        if tally.get(code) or code in ticked
    ]
    return sorted(options, key=lambda option: -option["count"]) if facet.ranked else options


def problems(form: forms.Form) -> list[str]:
    """What is wrong with the address, in words."""
    found = []
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        found += [f"{label}: {error}" if label else str(error) for error in errors]
    return found
