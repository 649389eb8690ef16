"""Meetings: one side proposes times, the other takes one, calendars follow every change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from common.errors import Conflict, Incomplete, NotAllowed
from introductions import meetings
from introductions.models import Meeting
from matching.choices import Side
from matching.models import Introduction
from outbox.models import Message

pytestmark = pytest.mark.django_db
TIMES = [
    (timezone.now() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    for days in (3, 4)
]


def propose(introduction: Introduction, by: User, times: list[datetime] = TIMES) -> Meeting:
    return meetings.propose(
        introduction, by=by, side=Side.TECHNOLOGY, starts=times, minutes=60, place="By video\nX:1"
    )


def entry(browser: Client, meeting: Meeting) -> dict[str, object]:
    path = reverse("introductions:calendar", args=[meeting.introduction_id, meeting.pk])
    answer = browser.get(path)
    assert answer["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    return {
        "uid": str(event["uid"]),
        "sequence": int(event["sequence"]),
        "status": str(event["status"]),
        "start": event["dtstart"].dt,
        "end": event["dtend"].dt,
    }


def test_times_are_those_of_the_person_who_proposes_and_shown_in_both_zones(
    introduction: Introduction, author: User, official: User, as_author: Client, as_official: Client
) -> None:
    User.objects.filter(pk=author.pk).update(time_zone="Asia/Shanghai")
    User.objects.filter(pk=official.pk).update(time_zone="Europe/Paris")
    day = (timezone.now() + timedelta(days=5)).date()
    path = reverse("introductions:meet", args=[introduction.pk])
    as_author.post(path, {"first": f"{day}T16:00", "minutes": 60, "place": "By video"})
    slot = Meeting.objects.get().slots.get()
    assert slot.starts_at.astimezone(UTC).hour == 8
    page = as_official.get(introduction.get_absolute_url()).content.decode()
    assert "16:00 (Asia/Shanghai)" in page
    assert "(Europe/Paris)" in page
    agree = reverse("introductions:agree", args=[introduction.pk, slot.meeting_id])
    as_official.post(agree, {"slot": slot.pk})
    assert Meeting.objects.get().starts_at == slot.starts_at
    mail = Message.objects.get(recipient=author, subject__contains="agreed")
    assert "16:00 (Asia/Shanghai)" in mail.subject


def test_calendar_follows_moving_and_cancelling_under_one_uid(
    introduction: Introduction, author: User, official: User, as_author: Client
) -> None:
    meeting = propose(introduction, author)
    slot = meeting.slots.first()
    meetings.agree(meeting, slot, by=official, side=Side.NEED)
    first = entry(as_author, meeting)
    assert (first["status"], first["start"]) == ("CONFIRMED", TIMES[0])
    assert first["end"] == TIMES[0] + timedelta(hours=1)
    later = [TIMES[0] + timedelta(days=10)]
    assert propose(introduction, author, later).pk == meeting.pk
    meetings.agree(meeting, meeting.slots.get(), by=official, side=Side.NEED)
    moved = entry(as_author, meeting)
    meetings.cancel(meeting, by=official, side=Side.NEED)
    gone = entry(as_author, meeting)
    assert moved["start"] == later[0]
    assert gone["status"] == "CANCELLED"
    assert {first["uid"], moved["uid"], gone["uid"]} == {first["uid"]}
    assert first["sequence"] < moved["sequence"] < gone["sequence"]  # type: ignore[operator]
    with pytest.raises(Conflict):
        meetings.cancel(meeting, by=author, side=Side.TECHNOLOGY)


def test_only_the_other_side_chooses_and_only_once(
    introduction: Introduction, author: User, official: User, stranger: User
) -> None:
    meeting = propose(introduction, author)
    one, two = meeting.slots.all()
    with pytest.raises(NotAllowed):
        meetings.agree(meeting, one, by=author, side=Side.TECHNOLOGY)
    with pytest.raises(NotAllowed):
        meetings.agree(meeting, one, by=stranger, side=Side.NEED)
    meetings.agree(meeting, one, by=official, side=Side.NEED)
    with pytest.raises(Conflict):
        meetings.agree(meeting, two, by=official, side=Side.NEED)


def test_times_that_cannot_be_are_refused(introduction: Introduction, author: User) -> None:
    now = timezone.now()
    for times in (
        [],
        [now],
        [now + timedelta(days=900)],
        [now + timedelta(n) for n in range(1, 6)],
    ):
        with pytest.raises(Incomplete):
            propose(introduction, author, times)


def test_entry_is_for_the_two_sides_alone(
    introduction: Introduction, author: User, official: User, as_stranger: Client, visitor: Client
) -> None:
    meeting = propose(introduction, author)
    path = reverse("introductions:calendar", args=[introduction.pk, meeting.pk])
    meetings.agree(meeting, meeting.slots.all()[0], by=official, side=Side.NEED)
    assert [browser.get(path).status_code for browser in (as_stranger, visitor)] == [404, 302]
    for message in Message.objects.filter(kind="thread"):
        assert "By video" not in message.text + message.html
