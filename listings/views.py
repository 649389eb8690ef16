"""The public pages of listings: a list with facets, and one record."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, translate_url
from django.utils.decorators import method_decorator
from django.utils.translation import get_language_info
from django.views.decorators.http import require_safe
from django.views.generic import View

from common.languages import active
from listings import content, panels
from listings.filters import ListingFilterSet, problems
from listings.models import Listing
from listings.permissions import may_review
from partners.models import Organisation
from partners.permissions import is_member
from vocabulary.choices import Scheme

PAGE = 20
SIMILAR = 4


class ListingView(View):
    """What every page of one kind of listing knows."""

    model: ClassVar[type[Any]]
    kind: ClassVar[str]  # "t" or "n", as in the design
    namespace: ClassVar[str]

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.namespace}:{name}", args=args)

    def page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shared = {"nav": self.namespace, "kind": self.kind, "namespace": self.namespace}
        names = [f"{self.namespace}/{template}.html", f"listings/{template}.html"]
        return render(request, names, {**shared, **context}, status=status)

    def visible(self, request: HttpRequest, pk: int) -> Any:
        return get_object_or_404(self.model.objects.visible_to(request.user).for_page(), pk=pk)


@method_decorator(require_safe, name="dispatch")
class ListingList(ListingView):
    """Search box, facets and rows; a filter nobody knows is told, not guessed."""

    filterset: ClassVar[type[ListingFilterSet]]

    def get(self, request: HttpRequest) -> HttpResponse:
        found = self.filterset(request.GET, self.model.objects.published())
        valid = found.is_valid()
        rows = found.qs.for_cards() if valid else self.model.objects.none()
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context = {
            "page_obj": page,
            "facets": found.facets(page.paginator.count) if valid else [],
            "chosen": found.chosen() if valid else [],
            "words": found.words if valid else request.GET.get("q", ""),
            "sorts": found.filters["sort"].extra["choices"],
            "order": found.order if valid else "",
            "kept": _kept(request, "q", "sort", "page") if valid else [],
            "kept_to_sort": _kept(request, "sort", "page") if valid else [],
            "problems": [] if valid else problems(found.form),
        }
        return self.page(request, "list", context, status=200 if valid else 400)


@method_decorator(require_safe, name="dispatch")
class ListingDetail(ListingView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.visible(request, pk)
        shown = record.shown("title")[1]
        mine = is_member(request.user, record.organisation)
        reviewing = request.user.is_authenticated and may_review(request.user, record)
        context = {
            "record": record,
            "organisation": record.organisation,
            "shown_language": shown,
            "machine": shown in record.machine_languages,
            "original_url": translate_url(request.get_full_path(), record.source_language),
            "languages": languages_of(record, request),
            "untold": shown != active(),
            "topics": record.concepts_of(Scheme.TOPIC),
            "goals": record.concepts_of(Scheme.SDG),
            "classes": [
                c
                for c in record.concepts.all()
                if c.scheme not in (Scheme.TOPIC, Scheme.SDG, Scheme.FIELD)
            ],
            "similar": similar_to(record),
            "others": others_of(record),
            "mine": mine,
            "reviewing": reviewing,
            "decide_url": reverse(f"admin:{self.namespace}_{record.KIND}_decide", args=[record.pk])
            if reviewing
            else "",
            "changes": content.compared(record, record.proposed)
            if mine and record.proposed
            else [],
            "panels": panels.rendered(record.KIND, request, record),
            "aside_panels": panels.rendered(f"{record.KIND}:aside", request, record),
        }
        return self.page(request, "detail", context)


def languages_of(record: Listing, request: HttpRequest) -> list[dict[str, Any]]:
    """Every language that the record can be read in, the original first."""
    written = record.languages_of("title")
    codes = dict.fromkeys([record.source_language, *written])
    return [
        {
            "code": code,
            "bidi": get_language_info(code)["bidi"],
            "url": translate_url(request.get_full_path(), code),
            "here": code == record.shown("title")[1],
            "original": code == record.source_language,
            "machine": code in record.machine_languages,
        }
        for code in codes
        if code in written
    ]


def similar_to(record: Any) -> QuerySet[Any]:
    """Published records that share most topics."""
    topics = [concept.pk for concept in record.concepts_of(Scheme.TOPIC)]
    rows = type(record).objects.published().filter(concepts__in=topics).exclude(pk=record.pk)
    near = rows.annotate(shared=Count("concepts")).order_by("-shared", "-published_at", "-pk")
    return near.select_related("organisation")[:SIMILAR]


def others_of(record: Any) -> int:
    """How many more of this kind the same organisation has published."""
    organisation: Organisation = record.organisation
    rows = type(record).objects.published().filter(organisation=organisation)
    return rows.exclude(pk=record.pk).count()


def _kept(request: HttpRequest, *without: str) -> list[tuple[str, str]]:
    """The rest of the query, for hidden fields of a form that changes one part of it."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        if name not in without
        for value in values
    ]
