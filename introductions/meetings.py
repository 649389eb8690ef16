"""Agreeing on a time: one side proposes, the other chooses; calendars follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.actions import record
from accounts.models import User
from common.errors import Conflict, Incomplete, NotAllowed
from introductions import emails
from introductions.choices import MeetingStatus
from introductions.models import Meeting, Slot
from introductions.permissions import hold_for, hold_to_speak, organisation_of, require_open
from matching.choices import Side
from matching.models import Introduction
from outbox.hours import zone_of
from partners.querysets import members_to_tell

SLOTS = 3
AHEAD = timedelta(days=366)


def current(introduction: Introduction) -> Meeting | None:
    """The meeting that is being arranged, or is still to come."""
    rows = Meeting.objects.filter(introduction=introduction).exclude(status=MeetingStatus.CANCELLED)
    latest: Meeting | None = rows.prefetch_related("slots").order_by("-pk").first()
    if latest is None or latest.status == MeetingStatus.PROPOSED:
        return latest
    return latest if latest.ends_at and latest.ends_at > timezone.now() else None


@transaction.atomic
def propose(
    introduction: Introduction,
    *,
    by: User,
    side: Side | Literal[""],
    starts: Iterable[datetime],
    minutes: int,
    place: str,
) -> Meeting:
    """Offer times to the other side, or as programme manager to both; a meeting that stands is
    moved and keeps its UID.
    """
    row = hold_to_speak(introduction, side, by=by)
    require_open(row)
    times = sorted(set(starts))
    _check(times)
    meeting = current(row) or Meeting(introduction=row, sequence=-1)
    meeting.sequence += 1
    meeting.status, meeting.side, meeting.by = MeetingStatus.PROPOSED, side, by
    meeting.minutes, meeting.place, meeting.changed_at = minutes, place, timezone.now()
    meeting.save()
    meeting.slots.all().delete()
    Slot.objects.bulk_create(Slot(meeting=meeting, starts_at=time) for time in times)
    record("propose meeting", row, by=by, side=side, meeting=meeting.pk, sequence=meeting.sequence)
    emails.meeting_proposed(meeting)
    return meeting


def _check(times: list[datetime]) -> None:
    now = timezone.now()
    if not times or len(times) > SLOTS:
        raise Incomplete({"first": _("Propose one to three times.")})
    if times[0] <= now or times[-1] > now + AHEAD:
        raise Incomplete({"first": _("Propose times that are still to come, within a year.")})


@transaction.atomic
def agree(meeting: Meeting, slot: Slot, *, by: User, side: Side) -> None:
    """Take one of the proposed times; both sides are told."""
    row = hold_for(meeting.introduction, side, by=by)
    require_open(row)
    if meeting.side == side:
        raise NotAllowed
    held = Meeting.objects.get(pk=meeting.pk)
    taken = held.slots.filter(pk=slot.pk).first()
    if held.status != MeetingStatus.PROPOSED or taken is None:
        raise Conflict
    if taken.starts_at <= timezone.now():
        raise Conflict(_("This time has passed. Propose other times."))
    if held.side:
        _settle(held, taken, row, by=by, side=side)
    else:
        _pass_on(held, taken, row, by=by, side=side)


def _settle(meeting: Meeting, slot: Slot, row: Introduction, *, by: User, side: Side) -> None:
    meeting.status, meeting.starts_at = MeetingStatus.AGREED, slot.starts_at
    meeting.changed_at = timezone.now()
    meeting.sequence += 1
    meeting.save()
    record("agree meeting", row, by=by, side=side, meeting=meeting.pk, sequence=meeting.sequence)
    emails.meeting_agreed(meeting)


def _pass_on(meeting: Meeting, slot: Slot, row: Introduction, *, by: User, side: Side) -> None:
    """Of times that the programme manager proposed, one side's choice is put to the other side."""
    meeting.slots.exclude(pk=slot.pk).delete()
    meeting.side, meeting.by, meeting.changed_at = side, by, timezone.now()
    meeting.sequence += 1
    meeting.save()
    record("choose time", row, by=by, side=side, meeting=meeting.pk, sequence=meeting.sequence)
    emails.meeting_proposed(meeting)


@transaction.atomic
def cancel(meeting: Meeting, *, by: User, side: Side) -> None:
    """Either side; the calendar entry is cancelled under the same UID."""
    row = hold_for(meeting.introduction, side, by=by)
    rows = Meeting.objects.filter(pk=meeting.pk).exclude(status=MeetingStatus.CANCELLED)
    held = rows.first()
    if held is None:
        raise Conflict
    held.status, held.changed_at = MeetingStatus.CANCELLED, timezone.now()
    held.sequence += 1
    held.save()
    record("cancel meeting", row, by=by, side=side, meeting=held.pk, sequence=held.sequence)
    emails.meeting_cancelled(held, side)


def calendar(meeting: Meeting, address: str) -> bytes:
    """One event for any calendar program; the same UID each time, a higher sequence each change."""
    if meeting.starts_at is None or meeting.ends_at is None:
        raise ValueError("a time has not been agreed")
    introduction = meeting.introduction
    names = [organisation_of(introduction, side).name for side in Side]
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", meeting.changed_at.astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("summary", _("%(city)s and %(provider)s") % {"city": names[0], "provider": names[1]})
    event.add("status", "CANCELLED" if meeting.status == MeetingStatus.CANCELLED else "CONFIRMED")
    event.add("url", address)
    if meeting.place:
        event.add("location", meeting.place)
    found = Calendar()
    found.add("prodid", "-//GreenMatch//Introductions//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add_component(event)
    return bytes(found.to_ical())


def zones(introduction: Introduction, reader: User) -> list[ZoneInfo]:
    """The reader's own zone, then those of the people of both sides, each once."""
    own = zone_of(reader)
    found = {own.key: own}
    for side in Side:
        people = members_to_tell(organisation_of(introduction, side)).exclude(pk=reader.pk)
        for member in people.exclude(time_zone="UTC"):
            zone = zone_of(member)
            found.setdefault(zone.key, zone)
    return list(found.values())[:4]
