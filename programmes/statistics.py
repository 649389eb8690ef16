"""The funnel of a programme, counted from the rows of matching."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch

from accounts.models import User
from introductions.choices import Step
from introductions.models import Broker, Milestone
from matching.choices import Decision
from matching.models import Introduction, Suggestion
from needs.models import Need
from programmes.models import Programme
from programmes.permissions import needs_of


@dataclass(frozen=True)
class Line:
    """An introduction of a programme's need as its manager sees it: never who the provider is."""

    introduction: Introduction
    need: Need
    broker: Broker | None


def managed(manager: User) -> list[Line]:
    """Introductions of the needs that somebody manages, newest first; not those of their side."""
    own = Introduction.objects.all().visible_to(manager)
    rows = Introduction.objects.all().in_good_standing().exclude(pk__in=own.values("pk"))
    rows = rows.filter(suggestion__need__in=needs_of(manager).values("pk"))
    brokers = Broker.objects.filter(ended_at__isnull=True).select_related("person")
    found = rows.select_related("suggestion__need__organisation").prefetch_related(
        Prefetch("brokers", brokers, to_attr="present")
    )
    return [
        Line(row, row.suggestion.need, next(iter(row.present), None))
        for row in found.order_by("-opened_at", "-pk")
    ]


@dataclass(frozen=True)
class Funnel:
    """How far the needs of a programme have come."""

    programme: Programme
    needs: int
    with_suggestions: int
    answered: int
    introduced: int
    agreed: int = 0
    demonstrated: int = 0
    deployed: int = 0


def funnel(programme: Programme) -> Funnel:
    public = Need.objects.published().filter(programmes=programme)
    ids = list(public.values_list("pk", flat=True))
    suggestions = Suggestion.objects.live().filter(need__in=ids)
    return Funnel(
        programme=programme,
        needs=len(ids),
        with_suggestions=suggestions.values("need").distinct().count(),
        answered=suggestions.filter(responses__decision=Decision.ACCEPT)
        .values("need")
        .distinct()
        .count(),
        **_milestones(ids),
        introduced=Introduction.objects.filter(suggestion__need__in=ids)
        .values("suggestion__need")
        .distinct()
        .count(),
    )


def _milestones(needs: list[int]) -> dict[str, int]:
    """Needs with a milestone that both sides confirmed; in public they are numbers only."""
    rows = Milestone.objects.confirmed().filter(introduction__suggestion__need__in=needs)
    counted = rows.values("step").annotate(
        needs=Count("introduction__suggestion__need", distinct=True)
    )
    found = {row["step"]: row["needs"] for row in counted.order_by("step")}
    names = {"agreed": Step.MOU, "demonstrated": Step.DEMONSTRATION, "deployed": Step.DEPLOYMENT}
    return {name: found.get(step, 0) for name, step in names.items()}


def funnels(programmes: list[Programme]) -> list[Funnel]:
    return [funnel(programme) for programme in programmes]
