"""What the pages of an introduction show: who, what was said, how far it has come, what is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import BigIntegerField, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from common.templatetags.dates import day
from common.templatetags.quantities import number
from introductions import actions, brokers, meetings
from introductions.choices import MeetingStatus, Step, Word
from introductions.milestones import DAYS_TO_CONFIRM, may_answer
from introductions.models import ImpactEntry, Meeting, Milestone, Reading, ThreadMessage, Withdrawal
from introductions.permissions import open_to, organisation_of, sides_of
from matching.choices import Side
from matching.models import Introduction
from partners.models import Membership, Organisation

MESSAGES = 30
TRACK = (Step.MEETING, Step.MOU, Step.DEMONSTRATION, Step.DEPLOYMENT)


@dataclass
class Contact:
    """One side's card: its details only when they are open to this reader."""

    side: str
    organisation: Organisation
    shown: bool
    people: list[str] = field(default_factory=list)


@dataclass
class Line:
    """One message as this reader sees it."""

    message: ThreadMessage
    organisation: Organisation | None  # none of a programme manager
    name: str
    is_own: bool
    is_new: bool
    is_read: bool


@dataclass
class Entry:
    """One milestone, and what this reader may do with it."""

    milestone: Milestone
    asked: Side | None
    may_correct: bool


def details(introduction: Introduction, reader: User, page: str | None) -> dict[str, Any]:
    """Everything on the page of one introduction."""
    mine = sides_of(introduction, reader)
    milestones = list(Milestone.objects.for_timeline().filter(introduction=introduction))
    opened = actions.has_opened_contacts(introduction, reader)
    closing = next((row for row in milestones if row.step == Step.CLOSED), None)
    broker = brokers.seen_from(introduction, reader, mine)
    since = broker.joined_at if broker else None
    shown = _sides_with_contacts(introduction, closing)
    others = [side for side in Side if side not in mine] or list(Side)
    return {
        "introduction": introduction,
        "suggestion": introduction.suggestion,
        "mine": mine,
        "opened": opened,
        "closing": closing,
        "contacts": [
            _contact(introduction, side, opened and side in shown) for side in others if mine
        ],
        "served": [side for side in others if side in shown],
        "withdrawn": [side for side in mine if side not in shown],
        **thread(
            introduction,
            reader,
            mine,
            page,
            names=set(mine) | (shown if opened else set()),
            since=broker.since if broker else 0,
        ),
        **timeline(milestones, mine, since),
        **meeting(introduction, reader, mine),
        **impact(introduction, since),
        **brokers.panel(introduction, reader, mine),
    }


def impact(introduction: Introduction, since: datetime | None = None) -> dict[str, Any]:
    """What stands of the ledger, and what was replaced; for some readers from a day on."""
    found = ImpactEntry.objects.filter(introduction=introduction).select_related("replacement")
    rows = list(found.filter(at__gte=since) if since else found)
    gone = [row for row in rows if getattr(row, "replacement", None)]
    return {"impact": [row for row in rows if row not in gone], "replaced": gone}


def meeting(introduction: Introduction, reader: User, mine: list[Side]) -> dict[str, Any]:
    """What is proposed or agreed, in the time zones of those who come."""
    standing = meetings.current(introduction)
    gone = Meeting.objects.filter(introduction=introduction, status=MeetingStatus.CANCELLED)
    called_off = gone.filter(starts_at__gt=timezone.now()).order_by("-pk").first()
    return {
        "meeting": standing,
        "called_off": None if standing else called_off,
        "zones": [zone.key for zone in meetings.zones(introduction, reader)],
        "may_choose": standing is not None
        and standing.status == MeetingStatus.PROPOSED
        and bool([side for side in mine if side != standing.side]),
    }


def _sides_with_contacts(introduction: Introduction, closing: Milestone | None) -> set[str]:
    if closing is not None:
        return set()
    gone = Withdrawal.objects.filter(introduction=introduction).values_list("side", flat=True)
    return set(Side.values) - set(gone)


def _contact(introduction: Introduction, side: Side, shown: bool) -> Contact:
    organisation = organisation_of(introduction, side)
    people: list[str] = []
    if shown:
        rows = User.objects.filter(memberships__organisation=organisation, is_active=True)
        people = [name for name in rows.order_by("name").values_list("name", flat=True) if name]
    return Contact(side, organisation, shown, people)


def thread(
    introduction: Introduction,
    reader: User,
    mine: list[Side],
    page: str | None,
    names: set[str],
    since: int = 0,
) -> dict[str, Any]:
    """The conversation, opened at its end; people are named where their contacts are open, and a
    programme manager always is.
    """
    rows = ThreadMessage.objects.filter(introduction=introduction, pk__gt=since)
    rows = rows.select_related("by")
    paginator = Paginator(rows.prefetch_related("attachments").order_by("pk"), MESSAGES)
    shown = paginator.get_page(page or paginator.num_pages)
    reading = Reading.objects.filter(introduction=introduction, person=reader).first()
    seen = reading.read_upto if reading else 0
    read_by_others = _read_by_others(introduction, mine)
    lines = [
        Line(
            message,
            organisation=organisation_of(introduction, message.side) if message.side else None,
            name=message.by.name if not message.side or message.side in names else "",
            is_own=message.side in mine,
            is_new=message.pk > seen and message.by_id != reader.pk,
            is_read=message.side in mine and message.pk <= read_by_others,
        )
        for message in shown
    ]
    unread = rows.filter(pk__gt=seen).exclude(by=reader).count()
    return {"messages_page": shown, "lines": lines, "unread": unread}


def _read_by_others(introduction: Introduction, mine: list[Side]) -> int:
    """How far anybody of the other side has read."""
    organisations = [organisation_of(introduction, side).pk for side in Side if side not in mine]
    members = Membership.objects.filter(organisation__in=organisations).values("user")
    rows = Reading.objects.filter(introduction=introduction, person__in=members)
    return rows.aggregate(last=Max("read_upto"))["last"] or 0


def timeline(
    milestones: list[Milestone], mine: list[Side], since: datetime | None = None
) -> dict[str, Any]:
    """The track of steps on top, every entry below (for some readers from a day on), and what may
    be done with each.
    """
    standing = [row for row in milestones if not row.is_replaced and row.word != Word.CONTESTED]
    closed = any(row.step == Step.CLOSED for row in milestones)
    entries = [
        Entry(
            row,
            asked=may_answer(row, mine),
            may_correct=not closed and not row.is_replaced and row.side in mine,
        )
        for row in milestones
        if since is None or row.at >= since
    ]
    return {
        "entries": entries,
        "track": track(standing),
        "may_report": bool(mine) and not closed and bool(open_steps(standing)),
        "days_to_confirm": DAYS_TO_CONFIRM,
    }


def track(standing: Iterable[Milestone]) -> list[dict[str, str]]:
    """The steps to deployment: reached ones with their day, the next one marked."""
    reached = {row.step: row for row in standing if not row.waits}
    furthest = max((TRACK.index(step) for step in TRACK if step in reached), default=-1)
    here = Step.CLOSED not in reached
    return [
        {
            "name": str(step.label),
            "when": day(reached[step].day) if step in reached else "",
            "state": _state(step in reached, at == furthest + 1 and here),
        }
        for at, step in enumerate(TRACK)
    ]


def _state(reached: bool, is_next: bool) -> str:
    if reached:
        return "past"
    return "now" if is_next else ""


def open_steps(standing: Iterable[Milestone]) -> list[Step]:
    """Milestones that nobody has reported yet."""
    known = {row.step for row in standing}
    return [step for step in TRACK if step not in known]


def listed(reader: User) -> QuerySet[Introduction]:
    """Introductions of a person, with what tells who has to do something next."""
    waiting = Milestone.objects.waiting().filter(introduction=OuterRef("pk")).order_by("at")
    standing = Milestone.objects.standing().filter(introduction=OuterRef("pk"))
    read = Reading.objects.filter(introduction=OuterRef("pk"), person=reader)
    upto = Coalesce(
        Subquery(read.values("read_upto")[:1]), Value(0), output_field=BigIntegerField()
    )
    unread = Q(messages__pk__gt=F("read_upto")) & ~Q(messages__by=reader)
    return (
        open_to(reader)
        .annotate(read_upto=upto)
        .annotate(
            unread=Count("messages", filter=unread),
            active_at=Coalesce(Max("messages__at"), F("opened_at")),
            waiting_step=Subquery(waiting.values("step")[:1]),
            waiting_side=Subquery(waiting.values("side")[:1]),
            furthest=Subquery(standing.order_by("-day", "-pk").values("step")[:1]),
        )
        .order_by("-active_at", "-pk")
    )


@dataclass
class Summary:
    """One line of the list: the other side, and what is to be done by whom."""

    introduction: Introduction
    mine: list[Side]
    words: str
    is_ours: bool


def next_steps(rows: Iterable[Introduction], reader: User) -> list[Summary]:
    own = set(Membership.objects.filter(user=reader).values_list("organisation", flat=True))
    lines = []
    for row in rows:
        mine = [side for side in Side if organisation_of(row, side).pk in own]
        words, is_ours = _next(row, mine)
        lines.append(Summary(row, mine, words, is_ours))
    return lines


def _next(row: Any, mine: list[Side]) -> tuple[str, bool]:
    """In words, and whether it is the reader's turn. ``row`` comes from ``listed``."""
    if row.waiting_step and mine:
        step = {"step": Step(row.waiting_step).label}
        if [row.waiting_side] == mine:
            return _("The other side has to confirm: %(step)s") % step, False
        return _("Confirm or contest: %(step)s") % step, True
    if row.unread:
        text = ngettext("%(count)s new message", "%(count)s new messages", row.unread)
        return text % {"count": number(row.unread)}, True
    words, is_ours = _next_milestone(row.furthest)
    return words, is_ours and bool(mine)


def _next_milestone(furthest: str | None) -> tuple[str, bool]:
    if not furthest:
        return _("Arrange a first meeting"), True
    if furthest == Step.CLOSED:
        return pgettext("introduction", "Closed"), False
    if furthest == TRACK[-1]:
        return _("Deployed: write down the effect"), True
    following = TRACK[TRACK.index(Step(furthest)) + 1]
    return _("Next milestone: %(step)s") % {"step": following.label}, False
