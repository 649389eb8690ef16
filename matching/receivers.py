"""Matching listens to the apps below: what becomes public is scored, what goes is forgotten."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models import Model
from django.dispatch import receiver

from accounts.models import User
from common.hints import hint
from listings.models import Listing
from listings.signals import listing_hidden, listing_published
from matching import lessons
from matching.choices import Effect, Side
from matching.encodings import outdate
from matching.models import Change, Response, Suggestion
from matching.querysets import SuggestionQuerySet
from matching.signals import run_moved, work_asked
from matching.tasks import advance_run, do_work
from matching.telling import plan
from matching.work import ask, standing_still
from outbox.choices import MessageKind
from outbox.models import Message
from outbox.signals import Withhold, machinery_checked, message_claimed, preferences_changed
from partners.models import Organisation
from partners.signals import organisation_approved, organisation_suspended

HELPERS = 8  # hints for each stage of a run: as many processes may take part
EFFECT = {Side.NEED: Effect.REFRESH_NEED, Side.TECHNOLOGY: Effect.REFRESH_TECHNOLOGY}


@receiver(listing_published)
@receiver(listing_hidden)
def follow_listing(listing: Listing, **_: Any) -> None:
    Change.objects.create(kind=listing.KIND, subject_id=listing.pk)
    ask(EFFECT[Side(listing.KIND)], listing.pk)
    if listing.KIND == Side.TECHNOLOGY:
        outdate(listing.pk)
        for need_id in lessons.taught_by(listing.pk):
            Change.objects.create(kind=Side.NEED, subject_id=need_id)


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


@receiver(preferences_changed)
def follow_wishes(person: User, **_: Any) -> None:
    plan(person, move=True)


@receiver(user_logged_in)
def welcome_back(user: User, **_: Any) -> None:
    """Digests paused while the person was away; what still waits is told now."""
    plan(user)


@receiver(machinery_checked)
def tell_what_stands_still(**_: Any) -> list[str]:
    return standing_still()


@receiver(message_claimed)
def withhold_what_is_over(message: Message, **_: Any) -> Withhold | None:
    """A suggestion that was answered, closed or hidden meanwhile is no news any more, and a yes
    that was taken back is none.
    """
    pks, answers = _about(message, Suggestion), _about(message, Response)
    if not pks:
        return None
    taken_back = answers and not Response.objects.filter(pk__in=answers).exists()
    still = _still_news(message, Suggestion.objects.filter(pk__in=pks), asks=bool(answers))
    return Withhold("over") if taken_back or not still.exists() else None


def _about(message: Message, model: type[Model]) -> list[int]:
    label = f"{model._meta.label_lower}:"
    return [int(about.removeprefix(label)) for about in message.about if about.startswith(label)]


def _still_news(message: Message, rows: SuggestionQuerySet, *, asks: bool) -> SuggestionQuerySet:
    """``asks``: for an answer, as reminders do; others tell how it went."""
    if message.recipient and (asks or message.kind == MessageKind.REMINDER):
        return rows.waiting_for(message.recipient)
    if message.kind == MessageKind.SUGGESTION:
        return rows.live().open()
    return rows.in_good_standing() if message.kind == MessageKind.ANSWER else rows.lasting()


@receiver(run_moved)
def hint_run(pk: int, **_: Any) -> None:
    for _helper in range(HELPERS):
        hint(advance_run, pk)
