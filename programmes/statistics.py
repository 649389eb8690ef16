"""The funnel of a programme, counted from the rows of matching."""

from dataclasses import dataclass

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
        introduced=Introduction.objects.filter(suggestion__need__in=ids)
        .values("suggestion__need")
        .distinct()
        .count(),
    )


def funnels(programmes: list[Programme]) -> list[Funnel]:
    return [funnel(programme) for programme in programmes]
