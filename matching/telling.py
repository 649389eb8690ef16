"""Writing to people about suggestions they have not heard of: collected, at an hour they chose.

What is to be told stands in no list: it is every live suggestion on a person's side without a
``Mention``. A Work row says when to look; two workers or none make one e-mail of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from matching import emails
from matching.choices import Effect, Side
from matching.models import Mention, Suggestion
from matching.work import ask
from outbox.choices import Frequency, MessageKind, MessageStatus
from outbox.hours import DAY, Hours, hours_of
from outbox.limits import DIGEST, wanted
from outbox.models import Message
from partners.models import Organisation
from partners.querysets import members_to_tell

IN_ONE_MAIL = 30
NOTICE = timedelta(days=2)  # before a deadline even a weekly reader hears of it


@dataclass(frozen=True, slots=True)
class News:
    """One suggestion as one side sees it."""

    side: Side
    row: Suggestion


@transaction.atomic
def tell_organisation(organisation_id: int) -> None:
    """Plan a digest for each member who has not heard of something; without readers it counts as
    told, so that the places of a shortlist are not held open.
    """
    organisation = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if organisation is None:
        return
    people = [p for p in members_to_tell(organisation) if wanted(MessageKind.SUGGESTION, p)]
    for person in people:
        plan(person)
    if all(is_away(person) for person in people):
        for side in Side:
            rows = Suggestion.objects.filter(**{f"{side}__organisation": organisation})
            _mark(side, rows.untold(side).values_list("pk", flat=True), timezone.now())


def plan(person: User, *, move: bool = False) -> None:
    """Have the person written to at their next chosen hour, if there is anything to tell."""
    news = news_for(person)
    if not news:
        return
    now, hours = timezone.now(), hours_of(person)
    after = now if hours.always or not _is_told(person, hours, now) else _tomorrow(hours, now)
    due = hours.next_digest(after)
    if due > min(item.row.expires_at for item in news) - NOTICE:
        due = min(due, replace(hours, frequency=Frequency.DAILY).next_digest(after))
    ask(Effect.DIGEST, person.pk, hint=False, due_at=due, move=move)


@transaction.atomic
def tell_person(person_id: int) -> None:
    """One e-mail about everything that one person has not heard of, best first."""
    people = User.objects.select_for_update(no_key=True)
    person = people.filter(pk=person_id, is_active=True).first()
    news = news_for(person) if person and wanted(MessageKind.SUGGESTION, person) else []
    if person is None or not news:
        return
    if is_away(person):
        emails.digests_paused(person, since=_last_seen(person))
        return
    now, hours = timezone.now(), hours_of(person)
    if not hours.open_at(now):  # the worker was away at the chosen hour
        ask(Effect.DIGEST, person.pk, hint=False, due_at=hours.next(now), move=True)
    elif not hours.always and _is_told(person, hours, now):
        plan(person, move=True)
    else:
        _write(person, news, key=_key(news[:IN_ONE_MAIL], hours, now))


def _write(person: User, news: list[News], *, key: str) -> None:
    listed = news[:IN_ONE_MAIL]
    groups = emails.grouped(listed)
    emails.suggestions_found(groups, to=person, more=len(news) - len(listed), key=key)
    now = timezone.now()
    for side in Side:
        rows = [item.row.pk for item in listed if item.side == side]
        _mark(side, rows, now)
        Mention.objects.bulk_create(
            [Mention(suggestion_id=pk, side=side, person=person, at=now) for pk in rows],
            update_conflicts=True,
            unique_fields=["suggestion", "side", "person"],
            update_fields=["at"],
        )
    if len(news) > len(listed):
        plan(person, move=True)


def _mark(side: Side, rows: Iterable[int], now: datetime) -> None:
    """The first e-mail to anybody on a side begins the time for which the suggestion is held."""
    column = f"told_{side}_at"
    fresh = Suggestion.objects.filter(pk__in=list(rows), **{f"{column}__isnull": True})
    fresh.update(**{column: now})


def news_for(person: User) -> list[News]:
    """Best first, on both sides."""
    found = [
        News(side, row)
        for side in Side
        for row in Suggestion.objects.all().untold_to(person, side).for_list()
    ]
    return sorted(found, key=lambda item: (-item.row.score, item.row.pk))


def organisations_with_news() -> set[int]:
    """Every organisation with an open suggestion: a new member may not have heard of it."""
    rows = Suggestion.objects.all().live().open()
    owners = rows.values_list("need__organisation", "technology__organisation")
    return {organisation for pair in owners for organisation in pair}


def is_away(person: User) -> bool:
    """Has not signed in for so long that digests pause."""
    return timezone.now() - _last_seen(person) > timedelta(days=settings.DIGESTS_PAUSE_AFTER_DAYS)


def _last_seen(person: User) -> datetime:
    return person.last_login or person.date_joined


def _is_told(person: User, hours: Hours, now: datetime) -> bool:
    """A digest was written on this day of theirs, or an older one still waits to go out."""
    digests = Message.objects.filter(recipient=person, dedupe_key__startswith=DIGEST)
    today = digests.filter(dedupe_key__startswith=_day_key(person, hours, now))
    waiting = (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SENDING)
    return today.exists() or digests.filter(status__in=waiting).exists()


def _tomorrow(hours: Hours, now: datetime) -> datetime:
    return hours.start_of(hours.day_of(now) + DAY)


def _key(news: list[News], hours: Hours, now: datetime) -> str:
    """A day has one digest. At once: the same news has the same key; a pair that comes back with a
    new deadline is new again.
    """
    if not hours.always:
        return f"{hours.day_of(now):%Y-%m-%d}"
    pairs = sorted(f"{item.row.pk} {item.side} {item.row.expires_at:%Y-%m-%d}" for item in news)
    return hashlib.sha256(",".join(pairs).encode()).hexdigest()[:24]


def _day_key(person: User, hours: Hours, now: datetime) -> str:
    return f"{DIGEST}{person.pk}:{hours.day_of(now):%Y-%m-%d}"
