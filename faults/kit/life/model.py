"""The model of one life of suggestions and introductions, beside the rows it is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine, invariant

from accounts.models import AuditEntry, User
from faults.kit.life import course
from faults.kit.life.course import Course, Pair
from faults.kit.life.doors import Actions, Either
from faults.kit.life.post import Post
from faults.kit.life.town import Town
from introductions.choices import Word
from matching.choices import Side
from matching.models import Reminder, Work
from outbox.choices import MessageStatus
from outbox.models import Message


@dataclass
class Talk:
    """What the model knows of one introduction."""

    pair: int
    closed: bool = False
    withdrawn: set[str] = field(default_factory=set)
    opened: set[int] = field(default_factory=set)
    milestones: list[list[Any]] = field(default_factory=list)  # pk, step, side, day, word

    def standing(self) -> list[list[Any]]:
        return [row for row in self.milestones if row[4] != Word.CONTESTED]


class Broken(AssertionError):
    """A promise was not kept."""


class Life(RuleBasedStateMachine):
    """One life: what stands in the rows, what the model expects, and the comparison of both."""

    stage: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.town: Town
        self.door: Actions | Either
        self.town, self.door = self.stage.begin()
        self.post = Post(self.town)
        self.course: Course = course.read()
        self.talks: dict[int, Talk] = {}
        self.audited = AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0
        self.reminded = Reminder.objects.count()
        self.events = self.unread = self.words = 0
        self.changes: int | None = None  # rows ever written, as the database counts
        self.erased: set[int] = set()

    def teardown(self) -> None:
        try:
            self.look_at_everything()
        finally:
            self.stage.end()

    @invariant()
    def one_step_more(self) -> None:
        self.stage.steps += 1

    # What the model knows

    def someone(self, who: int, organisation: int) -> User:
        """Mostly a member of the organisation that is asked, sometimes anybody."""
        homes = self.town.member_of
        members = [p for p in self.town.people if homes.get(p.pk) == organisation]
        return members[who % len(members)] if members and who < 6 else self.town.people[who]

    def pair(self, row: int) -> int | None:
        return sorted(self.course)[row % len(self.course)] if self.course else None

    def talk(self, row: int) -> int | None:
        return sorted(self.talks)[row % len(self.talks)] if self.talks else None

    def is_open(self, pair: Pair) -> bool:
        waits = not pair.closed and pair.ends > timezone.now()
        return waits and self.town.is_live(pair.need, pair.technology)

    def acts_for(self, by: User, pair: Pair, side: str) -> bool:
        return self.town.is_member(by, self.town.owner(side, pair.listing(side)))

    def reads(self, by: User, pk: int) -> bool:
        """Whether a person may open an introduction at all."""
        pair = self.course[self.talks[pk].pair]
        ours = any(self.acts_for(by, pair, side) for side in Side.values)
        return ours and self.town.in_good_standing(pair.need, pair.technology)

    # Comparing it with the rows

    def expect(self, pk: int | None = None, *verbs: str, **changes: Any) -> None:
        """The pair has changed like this, no other has, and the audit says just that."""
        wanted = dict(self.course)
        if pk is not None and changes:
            wanted[pk] = replace(wanted[pk], **changes)
        written = self._written()
        after = self._read() if written else self.course
        for key in wanted.keys() | after.keys():
            self._compare(wanted.get(key), after.get(key))
        if written:
            self._settle(after, Counter(verbs))
        elif verbs:
            raise Broken(f"nothing was written, transitions {verbs}")

    def _written(self) -> bool:
        """Whether any row was written since this was asked last, where the database knows."""
        before, self.changes = self.changes, getattr(connection.connection, "total_changes", None)
        return self.changes is None or before != self.changes

    def _compare(self, wanted: Pair | None, got: Pair | None) -> None:
        opened = got.introduction if got else None
        if wanted and opened and wanted.mutual and wanted.introduction is None:
            wanted = replace(wanted, introduction=opened)
        if wanted != got:
            raise Broken(f"wanted {wanted}\ngot    {got}")

    def _read(self) -> Course:
        after: dict[int, Pair] = course.read()
        for pk in self.course.keys() | after.keys():
            before, now = self.course.get(pk), after.get(pk)
            if before == now:
                continue
            self._promise(course.illegal(before, now), pk)
            if now is not None:
                self._promise(course.impossible(now), pk)
        return after

    def _promise(self, broken: Iterable[str], about: object = "") -> None:
        for words in broken:
            raise Broken(f"{about} {words}".strip())

    def _settle(self, after: Course, verbs: Counter[str]) -> None:
        entries = AuditEntry.objects.filter(pk__gt=self.audited).order_by("pk")
        rows = list(entries.values_list("pk", "verb"))
        found = Counter(verb for _pk, verb in rows)
        wanted = verbs + course.acts(self.course, after)
        if found != wanted:
            raise Broken(f"audit rows {dict(found)}, transitions {dict(wanted)}")
        if rows:
            self.audited = rows[-1][0]
        self.stage.seen.update(found)
        self.course = after
        for pk, pair in after.items():
            if pair.introduction is not None and pair.introduction not in self.talks:
                self.talks[pair.introduction] = Talk(pk)
        self._promise(self.post.written())

    # Who sees what

    def look(self, by: User, pk: int) -> None:
        """Contact details are shown when everything allows it, and only then."""
        said, pair = self.talks[pk], self.course[self.talks[pk].pair]
        may = self.reads(by, pk) and not said.closed and by.pk in said.opened
        sides = [side for side in Side.values if not self.acts_for(by, pair, side)]
        owners = [self.town.owner(side, pair.listing(side)) for side in sides if may]
        open_to = {
            self.town.organisations[owner].contact_email
            for side, owner in zip(sides, owners, strict=False)
            if side not in said.withdrawn
        }
        leaked = self.town.leaked(self.door.shown(by, pk), self.town.member_of.get(by.pk))
        seen = {word for word in leaked if word.startswith("canary")}
        if seen != open_to or (not open_to and leaked):
            raise Broken(f"{by.email} sees {sorted(leaked)} of {pk}, should see {sorted(open_to)}")

    def look_at_everything(self) -> None:
        """At the end of a life: all rows once more, and an introduction as every person sees it."""
        for pair in course.read().values():
            self._promise(course.impossible(pair))
        for pk in list(self.talks)[-1:]:  # the others were looked at on the way
            for person in self.town.people:
                self.look(person, pk)
        pks = set(Work.objects.exclude(last_error="").values_list("last_error", flat=True))
        self._promise(f"work failed: {pk}" for pk in pks - {"WorkerDied"})
        failed = Message.objects.filter(status=MessageStatus.FAILED).exclude(
            last_error="WorkerDied"
        )
        self._promise(f"not sent: {row.dedupe_key} {row.last_error}" for row in failed)
