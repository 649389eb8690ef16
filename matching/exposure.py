"""Who is seen: suggestions and introductions by size, region and language of the providers,
against their share of the catalogue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from common.countries import region_of
from matching.models import Suggestion
from technologies.models import Technology

PERIODS = (30, 90, 365)
KEEP = 600  # seconds that a report is shown without counting again
SIZES = ((1, "1"), (5, "2-5"), (20, "6-20"), (None, "21+"))
FEW = 5  # technologies up to which a provider counts as small
UNEVEN = 0.1  # Gini of the suggestions beyond that of the catalogue
TOP = 1.5  # times its share of the catalogue that the top 10 % may hold
SEEN_LITTLE = 0.5  # of its share of the catalogue, below which a group is seen too little
EXPECTED_LEAST = 20  # suggestions that a group would have by its share, before we warn


def gini(values: Iterable[float]) -> float:
    """0: all alike, towards 1: one has all (Gini 1912, as half the relative mean difference)."""
    rows = sorted(values)
    whole, n = sum(rows), len(rows)
    if not whole or not n:
        return 0.0
    weighed = sum(place * value for place, value in enumerate(rows, 1))
    return 2.0 * weighed / (n * whole) - (n + 1.0) / n


def top_share(values: Iterable[float], part: float = 0.1) -> float:
    """The share of the whole that the largest 10 % hold, at least one of them."""
    rows = sorted(values, reverse=True)
    whole = sum(rows)
    return sum(rows[: max(1, round(part * len(rows)))]) / whole if whole else 0.0


def sizes() -> dict[int, int]:
    """Published technologies by provider."""
    rows = Technology.objects.published().order_by().values("organisation")
    return {row["organisation"]: row["n"] for row in rows.annotate(n=Count("pk"))}


def spread(load: Mapping[int, int], sizes: Mapping[int, int]) -> dict[str, float]:
    """Plain measures of how suggestions fall on providers."""
    values = [load.get(pk, 0) for pk in sizes]
    whole = sum(load.values())
    small = sum(number for pk, number in load.items() if sizes.get(pk, 0) <= FEW)
    return {
        "suggestions": whole,
        "providers": len(sizes),
        "seen": sum(value > 0 for value in values),
        "gini": round(gini(values), 4),
        "top": round(top_share(values), 4),
        "small": round(small / whole, 4) if whole else 0.0,
    }


@dataclass(frozen=True, slots=True)
class Line:
    """One group of providers or technologies."""

    group: str
    technologies: int
    suggestions: int
    introductions: int
    of_technologies: int
    of_suggestions: int
    of_introductions: int

    @property
    def share(self) -> float:
        """Per cent of the catalogue."""
        return _percent(self.technologies, self.of_technologies)

    @property
    def suggested(self) -> float:
        return _percent(self.suggestions, self.of_suggestions)

    @property
    def introduced(self) -> float:
        return _percent(self.introductions, self.of_introductions)

    @property
    def expected(self) -> float:
        """Suggestions it would have by its share of the catalogue."""
        return self.share / 100.0 * self.of_suggestions

    @property
    def seen_little(self) -> bool:
        return self.expected >= EXPECTED_LEAST and self.suggestions < SEEN_LITTLE * self.expected


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """Suggestions of a time beside the catalogue of today."""

    days: int
    by_size: list[Line]
    by_region: list[Line]
    by_language: list[Line]
    suggested: dict[str, float]
    catalogue: dict[str, float]

    @property
    def is_uneven(self) -> bool:
        return self.suggested["gini"] > self.catalogue["gini"] + UNEVEN

    @property
    def top_heavy(self) -> bool:
        return self.suggested["top"] > TOP * self.catalogue["top"]

    @property
    def overlooked(self) -> list[Line]:
        rows = (*self.by_size, *self.by_region, *self.by_language)
        return [line for line in rows if line.seen_little]


def days_asked(text: str) -> int:
    """One of the periods; a year unless asked otherwise."""
    return int(text) if text in map(str, PERIODS) else PERIODS[-1]


def kept_report(days: int) -> Report:
    """The same for everybody, counted at most every ten minutes."""
    key = f"exposure-{days}"
    found: Report | None = cache.get(key)
    if found is None:
        found = report(days)
        cache.set(key, found, KEEP)
    return found


def report(days: int = PERIODS[-1]) -> Report:
    """What was suggested in the last days, by who offers it."""
    since = timezone.now() - timedelta(days=days)
    rows = Suggestion.objects.filter(created_at__gte=since).order_by()
    columns = ("technology__organisation", "technology__organisation__country")
    keyed = rows.values(*columns, "technology__source_language").annotate(
        n=Count("pk"), introduced=Count("pk", filter=Q(introduction__isnull=False))
    )
    offered = Technology.objects.published().order_by()
    stock = offered.values("organisation", "organisation__country", "source_language")
    tally = _Tally(sizes())
    for row in stock.annotate(n=Count("pk")):
        tally.add("technologies", *_key(row, ""), row["n"])
    for row in keyed:
        key = _key(row, "technology__")
        tally.add("suggestions", *key, row["n"])
        tally.add("introductions", *key, row["introduced"])
    return tally.report(days)


def _key(row: Mapping[str, Any], prefix: str) -> tuple[int, str, str]:
    return (
        row[f"{prefix}organisation"],
        row[f"{prefix}organisation__country"],
        row[f"{prefix}source_language"],
    )


class _Tally:
    """Counts by group while rows come in."""

    def __init__(self, sizes: dict[int, int]) -> None:
        self.sizes = sizes
        self.load: Counter[int] = Counter()
        self.counts: dict[str, dict[str, Counter[str]]] = {
            side: {what: Counter() for what in ("technologies", "suggestions", "introductions")}
            for side in ("size", "region", "language")
        }

    def add(self, what: str, provider: int, country: str, language: str, number: int) -> None:
        groups = (size_of(self.sizes.get(provider, 0)), region_of(country), language)
        for side, group in zip(self.counts, groups, strict=True):
            self.counts[side][what][group] += number
        if what == "suggestions":
            self.load[provider] += number

    def lines(self, side: str, order: Iterable[str] = ()) -> list[Line]:
        counts = self.counts[side]
        whole = [counts[what].total() for what in counts]
        names = sorted(set().union(*counts.values()), key=lambda g: (-counts["technologies"][g], g))
        names = [name for name in order if name in names] or names
        return [Line(name, *(counts[what][name] for what in counts), *whole) for name in names]

    def report(self, days: int) -> Report:
        return Report(
            days=days,
            by_size=self.lines("size", [name for _most, name in SIZES]),
            by_region=self.lines("region"),
            by_language=self.lines("language"),
            suggested=spread(self.load, self.sizes),
            catalogue=spread(self.sizes, self.sizes),
        )


def size_of(technologies: int) -> str:
    """The group of a provider by how many technologies it has published."""
    return next(name for most, name in SIZES if most is None or technologies <= most)
