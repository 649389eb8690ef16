"""Figures of the front page, each counted from rows that anybody can look at."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.quantities import change
from matching.models import Introduction, Suggestion
from needs.models import Need
from partners.models import Organisation
from technologies.models import Technology

LOOM_COLUMNS, LOOM_ROWS, LOOM_LABEL = 5, 5, 34
CACHE_SECONDS = 60


@dataclass(frozen=True)
class Counts:
    """What is on the exchange now, and what came in the last 30 days."""

    technologies: int
    technologies_new: int
    countries: int
    needs: int
    needs_new: int
    cities: int
    suggestions: int
    suggestions_new: int
    introductions: int
    introductions_new: int


def counts() -> Counts:
    found: Counts | None = cache.get("home:counts")
    if found is None:
        found = _count()
        cache.set("home:counts", found, CACHE_SECONDS)
    return found


def _count() -> Counts:
    recent = timezone.now() - timedelta(days=30)
    technologies, needs = Technology.objects.published(), Need.objects.published()
    suggestions, introductions = Suggestion.objects.live(), Introduction.objects.all()
    return Counts(
        technologies=technologies.count(),
        technologies_new=technologies.filter(published_at__gte=recent).count(),
        countries=technologies.aggregate(number=Count("organisation__country", distinct=True))[
            "number"
        ],
        needs=needs.count(),
        needs_new=needs.filter(published_at__gte=recent).count(),
        cities=needs.aggregate(number=Count("organisation", distinct=True))["number"],
        suggestions=suggestions.count(),
        suggestions_new=suggestions.filter(created_at__gte=recent).count(),
        introductions=introductions.count(),
        introductions_new=introductions.filter(opened_at__gte=recent).count(),
    )


def loom() -> dict[str, Any]:
    """Strong pairs of organisations that agreed to be examples: needs across, technologies down."""
    rows = (
        Suggestion.objects.live()
        .filter(
            closed_at__isnull=True,
            need__organisation__in_examples=True,
            technology__organisation__in_examples=True,
        )
        .select_related("need", "technology")
        .order_by("-score", "pk")[:400]
    )
    needs: dict[int, Need] = {}
    technologies: dict[int, Technology] = {}
    scores: dict[tuple[int, int], float] = {}
    cities: set[int] = set()
    for row in rows:
        if (
            len(needs) < LOOM_COLUMNS
            and row.need_id not in needs
            and row.need.organisation_id not in cities
        ):
            needs[row.need_id] = row.need
            cities.add(row.need.organisation_id)
        if row.need_id in needs and len(technologies) < LOOM_ROWS:
            technologies.setdefault(row.technology_id, row.technology)
        scores[row.technology_id, row.need_id] = row.score
    return {
        "columns": [
            {"label": need.place or need.shown("title")[0], "url": need.get_absolute_url()}
            for need in needs.values()
        ],
        "rows": [_loom_row(technology, needs, scores) for technology in technologies.values()],
        "updated": max((row.created_at for row in rows), default=None),
    }


def _loom_row(
    technology: Technology, needs: dict[int, Need], scores: dict[tuple[int, int], float]
) -> dict[str, Any]:
    title = technology.shown("title")[0]
    cells = [
        {
            "score": scores[technology.pk, pk],
            "url": need.get_absolute_url(),
            "about": _("%(technology)s for %(city)s") % {"technology": title, "city": need.place},
        }
        if (technology.pk, pk) in scores
        else None
        for pk, need in needs.items()
    ]
    return {
        "label": Truncator(title).chars(LOOM_LABEL),
        "url": technology.get_absolute_url(),
        "cells": cells,
    }


def dots() -> dict[str, list[dict[str, Any]]]:
    """Places on the map: one dot for each place, with how many records it stands for."""
    placed = Organisation.objects.approved().filter(latitude__isnull=False, longitude__isnull=False)
    offers = placed.filter(technologies__in=Technology.objects.published()).annotate(
        count=Count("technologies")
    )
    asks = (
        Need.objects.published()
        .filter(latitude__isnull=False, longitude__isnull=False)
        .values("latitude", "longitude")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return {
        "technologies": [{"lat": o.latitude, "lon": o.longitude, "count": o.count} for o in offers],
        "needs": [{"lat": n["latitude"], "lon": n["longitude"], "count": n["count"]} for n in asks],
    }


def figures(found: Counts) -> list[dict[str, Any]]:
    """The five figures of the front page, in words."""
    rows = [
        (
            "t",
            found.technologies,
            ngettext(
                "technologies from %(number)s country",
                "technologies from %(number)s countries",
                found.countries,
            )
            % {"number": found.countries},
            found.technologies_new,
        ),
        (
            "n",
            found.needs,
            ngettext(
                "open needs from %(number)s city", "open needs from %(number)s cities", found.cities
            )
            % {"number": found.cities},
            found.needs_new,
        ),
        ("m", found.suggestions, _("pairs suggested to both sides"), found.suggestions_new),
        ("m", found.introductions, _("pairs where both said yes"), found.introductions_new),
    ]
    return [
        {"kind": kind, "value": value, "label": label, "change": _recent(new)}
        for kind, value, label, new in rows
    ]


def _recent(new: int) -> str:
    return _("%(number)s in the last 30 days") % {"number": change(new)}
