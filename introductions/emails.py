"""One function for each e-mail about an introduction; none holds what people wrote."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from introductions.models import Broker, Meeting, Milestone, Reading, Reminder, ThreadMessage
from introductions.permissions import organisation_of, other
from matching.choices import Side
from matching.models import Introduction
from outbox.actions import write
from outbox.choices import MessageKind
from outbox.hours import zone_of
from partners.querysets import members_to_tell

QUIET = timedelta(hours=24)


def message_written(message: ThreadMessage) -> None:
    """Tell the others once; the next e-mail comes after they have read, or a day later."""
    introduction = message.introduction
    _tell_broker(message)
    for side in Side:
        if side == message.side:
            continue
        for member in members_to_tell(organisation_of(introduction, side)):
            if member.pk != message.by_id:
                _tell(message, member, side)


def _tell_broker(message: ThreadMessage) -> None:
    for broker in _brokers(message.introduction).exclude(person=message.by_id):
        _tell(message, broker.person, "", organisation={"name": broker.programme})


def _brokers(introduction: Introduction) -> QuerySet[Broker]:
    """The programme manager who takes part, if there is one."""
    rows = Broker.objects.filter(introduction=introduction, ended_at__isnull=True)
    return rows.filter(joined_at__isnull=False, person__is_active=True).select_related("person")


def broker_asks(broker: Broker) -> None:
    _to_both(broker, "broker_asks")


def broker_joined(broker: Broker) -> None:
    _to_both(broker, "broker_joined")


def broker_invited(broker: Broker) -> None:
    """The manager reads which need it is about, and that she was asked; nothing else yet."""
    suggestion = broker.introduction.suggestion
    write(
        MessageKind.THREAD,
        "broker_invited",
        to=broker.person,
        dedupe_key=f"broker:{broker.pk}:invited",
        context={"broker": broker, "need": suggestion.need},
    )


def _to_both(broker: Broker, template: str) -> None:
    for side in Side:
        for member in members_to_tell(organisation_of(broker.introduction, side)):
            _write(
                template,
                broker.introduction,
                side,
                member,
                key=f"broker:{broker.pk}:{template}:{member.pk}",
                who=broker.person.name,
                programme=broker.programme,
            )


def _tell(message: ThreadMessage, member: User, side: str, **more: Any) -> None:
    now = timezone.now()
    reading, _new = Reading.objects.get_or_create(introduction=message.introduction, person=member)
    unread = reading.told_upto > reading.read_upto
    if unread and reading.told_at and reading.told_at > now - QUIET:
        return
    Reading.objects.filter(pk=reading.pk).update(told_upto=message.pk, told_at=now)
    _write(
        "message_written",
        message.introduction,
        side,
        member,
        key=f"thread:{message.introduction_id}:{member.pk}:{message.pk}",
        who=_name(message.introduction, message.side) or message.by.name,
        **more,
    )


def milestone_reported(milestone: Milestone) -> None:
    _about(milestone, "milestone_reported", other(milestone.side), "reported")


def milestone_waits(milestone: Milestone, reminder: Reminder) -> None:
    _about(milestone, "milestone_waits", other(milestone.side), f"reminder:{reminder.pk}")


def milestone_answered(milestone: Milestone, word: str) -> None:
    _about(milestone, f"milestone_{word}", Side(milestone.side), word)


def introduction_closed(milestone: Milestone) -> None:
    """Whoever closed it: the other side is told, and both when an admin did."""
    sides = [other(milestone.side)] if milestone.side else list(Side)
    for side in sides:
        _about(milestone, "introduction_closed", side, "closed")


def _about(milestone: Milestone, template: str, side: Side, what: str) -> None:
    introduction = milestone.introduction
    speaker = milestone.side if side != milestone.side else other(side)
    for member in members_to_tell(organisation_of(introduction, side)):
        _write(
            template,
            introduction,
            side,
            member,
            key=f"milestone:{milestone.pk}:{what}:{member.pk}",
            who=_name(introduction, speaker),
            milestone=milestone,
        )


def meeting_proposed(meeting: Meeting) -> None:
    sides = [other(meeting.side)] if meeting.side else list(Side)
    _meet(meeting, "meeting_proposed", sides, who=meeting.side)


def meeting_agreed(meeting: Meeting) -> None:
    _meet(meeting, "meeting_agreed", list(Side), who=other(meeting.side))


def meeting_cancelled(meeting: Meeting, side: Side) -> None:
    _meet(meeting, "meeting_cancelled", [other(side)], who=side)


def _meet(meeting: Meeting, template: str, sides: list[Side], *, who: str) -> None:
    introduction = meeting.introduction
    for side in sides:
        for member in members_to_tell(organisation_of(introduction, side)):
            _invite(meeting, template, side, member, who=who)
    if template != "meeting_proposed":
        for broker in _brokers(introduction):
            name = {"name": broker.programme}
            _invite(meeting, template, "", broker.person, who=who, organisation=name)


def _invite(meeting: Meeting, template: str, side: str, to: User, *, who: str, **more: Any) -> None:
    _write(
        template,
        meeting.introduction,
        side,
        to,
        key=f"meeting:{meeting.pk}:{meeting.sequence}:{to.pk}",
        who=_name(meeting.introduction, who) or meeting.by.name,
        meeting=meeting,
        times=[slot.starts_at for slot in meeting.slots.all()],
        zone=zone_of(to).key,
        **more,
    )


def _name(introduction: Introduction, side: str) -> str:
    return organisation_of(introduction, side).name if side else ""


def _write(
    template: str,
    introduction: Introduction,
    side: str,
    to: User,
    *,
    key: str,
    **context: Any,
) -> None:
    suggestion = introduction.suggestion
    write(
        MessageKind.THREAD,
        template,
        to=to,
        dedupe_key=key,
        about=[introduction],
        context={
            "introduction": introduction,
            "suggestion": suggestion,
            "organisation": organisation_of(introduction, side or Side.NEED),
            **context,
        },
    )
