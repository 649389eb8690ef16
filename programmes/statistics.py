"""The funnel of a programme, counted from the rows of matching."""

from dataclasses import dataclass

from django.db.models import Count

from introductions.choices import Step
from introductions.models import Milestone
from matching.choices import Decision
from matching.models import Introduction, Suggestion
from needs.models import Need
from programmes.models import Programme


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
