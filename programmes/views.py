"""City acceleration programmes in public."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import person
from needs.models import Need
from programmes.choices import Phase
from programmes.models import Programme
from programmes.statistics import funnel, funnels, managed


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    rows = funnels(list(Programme.objects.published()))
    return render(request, "programmes/list.html", {"funnels": rows, "nav": "programmes"})


@require_safe
@login_required
def work(request: HttpRequest) -> HttpResponse:
    """For programme managers: introductions of the needs of their programmes."""
    context = {"lines": managed(person(request)), "nav": "programmes"}
    return render(request, "programmes/work.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    programme = get_object_or_404(Programme.objects.published(), pk=pk)
    needs = Need.objects.published().filter(programmes=programme).for_cards()
    context = {
        "programme": programme,
        "funnel": funnel(programme),
        "phases": _phases(programme),
        "needs": needs,
        "events": programme.events.filter(date__gte=timezone.localdate())[:8],
        "nav": "programmes",
    }
    return render(request, "programmes/detail.html", context)


def _phases(programme: Programme) -> list[dict[str, str]]:
    """All six phases, those behind us marked past, the present one marked now."""
    order = Phase.values
    here = order.index(programme.phase)
    states = ["past" if n < here else "now" if n == here else "" for n in range(len(order))]
    return [
        {"name": str(phase.label), "when": "", "state": state}
        for phase, state in zip(Phase, states, strict=True)
    ]
