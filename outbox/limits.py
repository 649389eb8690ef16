"""Whether an e-mail may go now: wished for, in the person's hours, within the day's number."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import User
from common import clock
from outbox.choices import IN_HOURS, OPTIONAL, MessageKind, MessageStatus
from outbox.hours import DAY, Hours, hours_of
from outbox.models import Message, Preference

DIGEST = "digest:"  # how the keys of digests begin
UNDER_WAY = (MessageStatus.CLAIMED, MessageStatus.SENDING, MessageStatus.UNKNOWN)


def wanted(kind: str, person: User) -> bool:
    return kind not in OPTIONAL or kind not in Preference.objects.all().of(person).off


def unwanted(message: Message) -> bool:
    """The person has switched this kind off since the e-mail was written."""
    return message.recipient is not None and not wanted(message.kind, message.recipient)


def first_moment(kind: str, person: User | None, when: datetime) -> datetime:
    """From when a new e-mail may go: not before ``when``, and on a day with room for it."""
    if person is None or kind == MessageKind.ACCOUNT:
        return when
    hours, in_hours = hours_of(person), kind in IN_HOURS
    moment = hours.next(when) if in_hours else when
    while _planned(person, hours, hours.day_of(moment)).count() >= settings.MAILS_PER_DAY:
        moment = hours.next_day(moment, in_hours=in_hours)
    return moment


def later(message: Message) -> datetime | None:
    """When to come back with a claimed e-mail; None when it may go now."""
    person, in_hours = message.recipient, message.kind in IN_HOURS
    if person is None or message.kind == MessageKind.ACCOUNT:
        return None
    now, hours = clock.now(), hours_of(person)
    if in_hours and not hours.open_at(now):
        return hours.next(now)
    gone = _gone_before(message, person, hours, hours.day_of(now))
    once_a_day = message.dedupe_key.startswith(DIGEST) and not hours.always
    second = once_a_day and gone.filter(dedupe_key__startswith=DIGEST).exists()
    if second or gone.count() >= settings.MAILS_PER_DAY:
        return hours.next_day(now, in_hours=in_hours)
    return None


def _counted(person: User) -> QuerySet[Message]:
    return Message.objects.filter(recipient=person).exclude(kind=MessageKind.ACCOUNT)


def _gone(person: User, hours: Hours, day: date) -> QuerySet[Message]:
    """What went out on that day, or may have."""
    since, until = hours.start_of(day), hours.start_of(day + DAY)
    sent = Q(status=MessageStatus.SENT, sent_at__gte=since, sent_at__lt=until)
    doubtful = Q(status__in=UNDER_WAY, claimed_at__gte=since, claimed_at__lt=until)
    return _counted(person).filter(sent | doubtful)


def _gone_before(message: Message, person: User, hours: Hours, day: date) -> QuerySet[Message]:
    """Of two that are claimed and not yet handed over, the one claimed first goes first."""
    mine = message.claimed_at or clock.now()
    after = Q(claimed_at__gt=mine) | Q(claimed_at=mine, pk__gt=message.pk)
    behind = Q(after, status=MessageStatus.CLAIMED)
    return _gone(person, hours, day).exclude(Q(pk=message.pk) | behind)


def _planned(person: User, hours: Hours, day: date) -> QuerySet[Message]:
    since, until = hours.start_of(day), hours.start_of(day + DAY)
    waits = Q(status=MessageStatus.QUEUED, next_attempt_at__gte=since, next_attempt_at__lt=until)
    gone = Q(pk__in=_gone(person, hours, day).values("pk"))
    return _counted(person).filter(waits | gone)
