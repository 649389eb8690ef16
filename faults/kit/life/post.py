"""What is written and what leaves: no contact detail, nothing twice, nothing that is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core import mail
from django.db.models import Max

from faults.kit.life.course import YES, Course, Pair
from faults.kit.life.town import Town
from matching.choices import OTHER, Side
from outbox.choices import MessageKind, MessageStatus
from outbox.models import Message
from outbox.reconcile import Answer

FINAL = {MessageStatus.SENT, MessageStatus.WITHHELD}
STANDING = ("accepted", "declined", "withdrawn", "expired", "reminder")
SUGGESTION, INTRODUCTION = "matching.suggestion:", "matching.introduction:"


def reconciled(messages: list[Message]) -> dict[int, Answer]:
    """The mail server of the model knows what it took."""
    taken = {_id_of(letter) for letter in mail.outbox}
    return {row.pk: Answer.FOUND if row.message_id in taken else Answer.ABSENT for row in messages}


def _id_of(letter: Any) -> str:
    return str(letter.extra_headers["Message-ID"])


class Post:
    """Follows the outbox of one life; every method gives the promises it found broken."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.last = Message.objects.aggregate(last=Max("pk"))["last"] or 0
        self.statuses: dict[int, str] = {}
        self.delivered: set[str] = set()
        self.off: set[tuple[int, str]] = set()
        self.suppressed: set[str] = set()
        mail.outbox.clear()
        self.people = {person.pk: person for person in town.people}

    def written(self) -> Iterator[str]:
        """New rows: whoever they go to reads nothing of the other side's people."""
        rows = Message.objects.filter(pk__gt=self.last).order_by("pk")
        columns = ("pk", "recipient", "subject", "text", "html", "dedupe_key")
        for pk, person, *texts, key in rows.values_list(*columns):
            self.last = pk
            home = self.town.member_of.get(person)
            for word in self.town.leaked(" ".join(texts), home):
                yield f"{key}: {word!r} in an e-mail of another organisation"

    def moved(self) -> Iterator[str]:
        """What a worker did to the rows: the end is the end."""
        statuses = dict(Message.objects.values_list("pk", "status"))
        for pk, was in self.statuses.items():
            now = statuses.get(pk)
            if was in FINAL and now != was:
                yield f"e-mail {pk} was {was} and is {now}"
        self.statuses = statuses

    def sent(self, course: Course, now: datetime) -> Iterator[str]:
        """What has reached the server since we last looked."""
        fresh = mail.outbox[len(self.delivered) :]
        if not fresh:
            return
        rows = Message.objects.filter(message_id__in=[_id_of(letter) for letter in fresh])
        by_id = {row.message_id: row for row in rows}
        for letter in fresh:
            key = _id_of(letter)
            if key in self.delivered:
                yield f"{by_id[key].dedupe_key} was sent twice"
            self.delivered.add(key)
            if by_id[key].status == MessageStatus.SENT:
                yield from self._should_not_have_gone(by_id[key], course, now)

    def _should_not_have_gone(self, row: Message, course: Course, now: datetime) -> Iterator[str]:
        key, person = row.dedupe_key, self.people.get(row.recipient_id or 0)
        if row.recipient_id is None and row.kind != MessageKind.ACCOUNT:
            yield f"{key} to somebody who was erased"
        if person is None:
            return
        if not person.is_active:
            yield f"{key} to a suspended person"
        if (person.pk, row.kind) in self.off:
            yield f"{key} to somebody who had unsubscribed"
        if person.email in self.suppressed:
            yield f"{key} to a suppressed address"
        yield from self._is_over(row, course, now)

    def _is_over(self, row: Message, course: Course, now: datetime) -> Iterator[str]:
        """About the pair or the introduction that it speaks of, as they are at this moment."""
        key, word = row.dedupe_key, row.dedupe_key.partition(":")[0]
        opened = {pair.introduction: pair for pair in course.values() if pair.introduction}
        pairs = [
            course.get(_pk(about, SUGGESTION)) or opened.get(_pk(about, INTRODUCTION))
            for about in row.about
            if about.startswith((SUGGESTION, INTRODUCTION))
        ]
        if word in STANDING:
            pairs = [course.get(int(key.split(":")[1]))]
        known = [pair for pair in pairs if pair is not None]
        standing = [p for p in known if self.town.in_good_standing(p.need, p.technology)]
        if known and not standing:
            yield f"{key} although an organisation is suspended"
        waiting = [p for p in standing if not p.closed and p.ends > now and self._is_live(p)]
        if word in ("digest", "accepted", "reminder") and (pairs and not waiting):
            yield f"{key} although nothing waits for an answer"
        for pair in waiting:
            yield from self._is_answered(key, word, pair, row.recipient_id or 0)

    def _is_live(self, pair: Pair) -> bool:
        return self.town.is_live(pair.need, pair.technology)

    def _is_answered(self, key: str, word: str, pair: Pair, person: int) -> Iterator[str]:
        home = self.town.member_of.get(person)
        side = next((s for s in Side if self.town.owner(s, pair.listing(s)) == home), None)
        if side is None or word not in ("accepted", "reminder"):
            return
        if pair.said.get(side):
            yield f"{key} although they have answered"
        if word == "accepted" and pair.said.get(OTHER[side]) != YES:
            yield f"{key} although that yes was taken back"


def _pk(about: str, label: str) -> int:
    return int(about.removeprefix(label)) if about.startswith(label) else 0
