"""The harness of the web sees what a killed process would leave, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from faults.kit.orphans import KINDS
from faults.kit.stories import Cast, new_cast, suggest
from introductions import actions as introductions
from introductions import milestones
from introductions.models import Milestone, ThreadMessage
from matching import actions
from matching.choices import Side
from matching.models import Change, Introduction, Response, Work
from outbox import actions as outbox
from outbox.choices import MessageKind
from outbox.models import Message, Preference

pytestmark = pytest.mark.django_db


def everything_happens() -> tuple[Cast, Any]:
    cast = new_cast()
    row, other, third = suggest(cast), suggest(cast), suggest(cast)
    actions.accept(row, by=cast.author, side=Side.TECHNOLOGY, message="Hello")
    opened = actions.accept(row, by=cast.official, side=Side.NEED)
    assert opened is not None
    introductions.write(opened, by=cast.author, side=Side.TECHNOLOGY, text="Welcome")
    told = {"by": cast.author, "side": Side.TECHNOLOGY}
    milestone = milestones.report(opened, step="meeting", day=timezone.localdate(), **told)
    milestones.confirm(milestone, by=cast.official, side=Side.NEED)
    actions.accept(other, by=cast.official, side=Side.NEED)
    actions.withdraw(other, by=cast.official, side=Side.NEED)
    actions.decline(other, by=cast.official, side=Side.NEED, reason="timing")
    actions.later(third, until=timezone.localdate() + timedelta(days=14), **told)
    return cast, third


def wrong() -> dict[str, int]:
    return {what: count for what, counted in KINDS.items() if (count := counted())}


def test_nothing_is_apart_when_everything_was_done_in_full() -> None:
    everything_happens()
    assert wrong() == {}


LEFT: dict[str, Callable[[Cast, Any], object]] = {
    "yes: answer, audit": lambda cast, row: Response.objects.create(
        suggestion=row, side=Side.NEED, decision="accept", answered_by=cast.official
    ),
    "yes: e-mail to the other side": lambda cast, row: gone("accepted"),
    "no: answer, audit, end, e-mail": lambda cast, row: gone("declined"),
    "taken back: audit, e-mail": lambda cast, row: gone("withdrawn"),
    "later: pause, audit, deadline, work": lambda cast, row: row.pauses.all().delete(),
    "second yes: introduction, audit, e-mails": lambda cast, row: Introduction.objects.create(
        suggestion=row
    ),
    "message: audit, reading, e-mail": lambda cast, row: ThreadMessage.objects.create(
        introduction=Introduction.objects.get(), side=Side.NEED, by=cast.official, text="Unheard"
    ),
    "milestone: audit, reminders, e-mail": lambda cast, row: Milestone.objects.create(
        introduction=Introduction.objects.get(),
        step="mou",
        day=timezone.localdate(),
        side=Side.NEED,
        by=cast.official,
    ),
    "offer: status, audit, change, work": lambda cast, row: Change.objects.create(
        kind=Side.TECHNOLOGY, subject_id=row.technology_id
    ),
    "answer: change of the need, work": lambda cast, row: Work.objects.filter(
        effect="refresh_need"
    ).delete(),
    "wishes: choice, audit, work": lambda cast, row: Preference.objects.create(
        person=cast.author, off=["news"]
    ),
}


def gone(prefix: str) -> None:
    Message.objects.filter(dedupe_key__startswith=f"{prefix}:").delete()


@pytest.mark.parametrize("what", KINDS)
def test_half_of_a_pair_is_seen(what: str) -> None:
    cast, row = everything_happens()
    LEFT[what](cast, row)
    assert what in wrong()


def test_stopping_e_mails_without_a_digest_is_seen() -> None:
    cast = new_cast()
    suggest(cast, told=False)
    outbox.unsubscribe(cast.author, MessageKind.NEWS)
    assert wrong() == {}
    Work.objects.filter(effect="digest").delete()
    assert "wishes: choice, audit, work" in wrong()
