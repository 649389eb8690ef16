"""Matching listens to the apps below: what becomes public is scored, what goes is forgotten."""

from typing import Any

from django.dispatch import receiver

from common.hints import hint
from listings.models import Listing
from listings.signals import listing_hidden, listing_published
from matching.choices import Effect, Side
from matching.models import Change
from matching.signals import work_asked
from matching.tasks import do_work
from matching.work import ask
from partners.models import Organisation
from partners.signals import organisation_approved, organisation_suspended

EFFECT = {Side.NEED: Effect.REFRESH_NEED, Side.TECHNOLOGY: Effect.REFRESH_TECHNOLOGY}


@receiver(listing_published)
@receiver(listing_hidden)
def follow_listing(listing: Listing, **_: Any) -> None:
    Change.objects.create(kind=listing.KIND, subject_id=listing.pk)
    ask(EFFECT[Side(listing.KIND)], listing.pk)


@receiver(organisation_approved)
@receiver(organisation_suspended)
def follow_organisation(organisation: Organisation, **_: Any) -> None:
    for side, rows in (
        (Side.TECHNOLOGY, organisation.technologies),
        (Side.NEED, organisation.needs),
    ):
        for pk in rows.exclude(published_at=None).values_list("pk", flat=True):
            Change.objects.create(kind=side, subject_id=pk)
            ask(EFFECT[side], pk)


@receiver(work_asked)
def hint_work(pk: int, **_: Any) -> None:
    hint(do_work, pk)
