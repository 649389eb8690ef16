"""Hints to look at the work to do; every task is safe to run twice."""

from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from common.choices import Status
from common.errors import Conflict
from listings.actions import expire
from matching import index, scoring, telling
from matching.choices import Effect
from matching.models import Change, Suggestion, Work
from matching.work import ask_all, do
from needs.models import Need
from technologies.models import Technology

BATCH = 100
GRACE = timedelta(days=30)
KEEP_CHANGES = timedelta(days=2)
EFFECTS: dict[str, Callable[[int], None]] = {
    Effect.REFRESH_NEED: scoring.refresh_need,
    Effect.REFRESH_TECHNOLOGY: scoring.refresh_technology,
    Effect.TELL_ORGANISATION: telling.tell_organisation,
}


@shared_task
def do_work(pk: int) -> None:
    do(pk, EFFECTS)
    tell_when_at_rest()


@shared_task
def sweep() -> None:
    """Do what a lost hint left."""
    rows = Work.objects.all().due().exclude(effect=Effect.TELL_ORGANISATION)
    for pk in list(rows.values_list("pk", flat=True)[:BATCH]):
        do(pk, EFFECTS)
    tell_when_at_rest()


@shared_task
def nightly() -> None:
    """Age listings, end the wait for answers, forget old changes, and score every need anew."""
    for model in (Technology, Need):
        _age(model)
    end_waiting()
    Change.objects.filter(at__lt=timezone.now() - KEEP_CHANGES).delete()
    index.forget()
    ask_all(Effect.REFRESH_NEED, Need.objects.published().values_list("pk", flat=True))


def _age(model: type[Technology] | type[Need]) -> None:
    today = timezone.localdate()
    aged = model.objects.filter(
        status__in=[Status.PUBLISHED, Status.CONFIRMATION_DUE],
        confirm_by__lt=today,
        organisation__imported=False,
    )
    late = aged.filter(status=Status.CONFIRMATION_DUE, confirm_by__lt=today - GRACE)
    for listing in [*late, *aged.filter(status=Status.PUBLISHED)]:
        try:
            expire(listing)
        except Conflict:  # its author was quicker
            continue


def end_waiting() -> None:
    """Silence has an end: what nobody answered is closed, the next best takes its place."""
    now = timezone.now()
    overdue = Suggestion.objects.filter(
        closed_at__isnull=True, expires_at__lte=now, introduction__isnull=True
    )
    overdue.update(closed_at=now)


def tell_when_at_rest() -> None:
    """Write to organisations once no scoring is left, so that many changes make one e-mail."""
    if Work.objects.all().waiting().exclude(effect=Effect.TELL_ORGANISATION).exists():
        return
    rows = Work.objects.all().due().filter(effect=Effect.TELL_ORGANISATION)
    for pk in list(rows.values_list("pk", flat=True)):
        do(pk, EFFECTS)
