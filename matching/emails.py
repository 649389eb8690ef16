"""One function for each e-mail that matching sends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.models import User
from listings.models import Listing
from matching.choices import Side
from matching.models import Introduction, Response, Suggestion
from outbox.actions import write
from outbox.choices import MessageKind
from outbox.hours import hours_of
from outbox.limits import DIGEST
from partners.querysets import members_to_tell

AT_LENGTH = 5  # suggestions of one digest that are told with reasons


@dataclass(slots=True)
class Group:
    """New suggestions for one need or technology of the reader: the best at length, others in a
    line.
    """

    side: Side
    record: Listing
    best: list[Suggestion] = field(default_factory=list)
    others: list[Suggestion] = field(default_factory=list)

    @property
    def other(self) -> Side:
        return _other(self.side)


def grouped(news: Iterable[Any]) -> list[Group]:
    """By need or technology of the reader, best first."""
    groups: dict[tuple[Side, int], Group] = {}
    for number, item in enumerate(news):
        record = getattr(item.row, item.side)
        group = groups.setdefault((item.side, record.pk), Group(item.side, record))
        (group.best if number < AT_LENGTH else group.others).append(item.row)
    return list(groups.values())


def suggestions_found(groups: list[Group], *, to: User, more: int, key: str) -> None:
    """New suggestions with scores, reasons and deadlines; nobody's contact details."""
    listed = sum(len(group.best) + len(group.others) for group in groups)
    sides = {group.side for group in groups}
    write(
        MessageKind.SUGGESTION,
        "digest",
        to=to,
        dedupe_key=f"{DIGEST}{to.pk}:{key}",
        about=[row for group in groups for row in (*group.best, *group.others)],
        context={
            "groups": groups,
            "side": sides.pop() if len(sides) == 1 else "",
            "more": more,
            "total": listed + more,
            "organisations": list({g.record.organisation.name: None for g in groups}),
            "hours": hours_of(to),
        },
    )


def digests_paused(to: User, *, since: datetime) -> None:
    """One e-mail to say that no more will come until the person signs in again."""
    write(
        MessageKind.SUGGESTION,
        "digests_paused",
        to=to,
        dedupe_key=f"paused:{to.pk}:{since:%Y-%m-%d}",
        context={"since": since, "days": settings.DIGESTS_PAUSE_AFTER_DAYS},
    )


def introduction_opened(introduction: Introduction) -> None:
    """Both sides said yes: tell every member of both where to find the other."""
    suggestion = introduction.suggestion
    for side in Side:
        organisation = getattr(suggestion, side).organisation
        for member in members_to_tell(organisation):
            write(
                MessageKind.INTRODUCTION,
                "introduction_opened",
                to=member,
                dedupe_key=f"introduction:{introduction.pk}:{member.pk}",
                about=[suggestion],
                context={"introduction": introduction, "suggestion": suggestion, "side": side},
            )


def answered(suggestion: Suggestion, side: Side, answer: Response) -> None:
    """The other side has accepted: a reason to answer too."""
    other = _other(side)
    for member in members_to_tell(getattr(suggestion, other).organisation):
        write(
            MessageKind.ANSWER,
            "suggestion_accepted",
            to=member,
            dedupe_key=f"accepted:{suggestion.pk}:{side}:{answer.pk}:{member.pk}",
            about=[suggestion, answer],
            context={"suggestion": suggestion, "side": other, "other": side},
        )


def _other(side: Side) -> Side:
    return Side.TECHNOLOGY if side == Side.NEED else Side.NEED
