"""What workers do in a life: score, tell, remind, expire, send, die; and what comes back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts.models import AuditEntry
from faults.kit.life.course import NO, YES, Course
from faults.kit.life.model import Broken, Life
from faults.kit.life.rules import Answering, Changing, Talking, any_one, any_row
from faults.kit.life.town import LIMITS
from matching import tasks, work
from matching.choices import Effect, Side
from matching.models import Reminder, Work
from matching.work import ask
from needs.models import Need
from outbox import delivery, events, leases, reconcile
from outbox.choices import OPTIONAL, EventKind, MessageKind, MessageStatus
from outbox.models import Message, Suppression
from outbox.suppression import key_of

SPANS = [timedelta(hours=hours) for hours in (1, 1, 9, 24, 24, 3 * 24, 8 * 24, 16 * 24)]
PATIENCE = 3600.0  # seconds
BY_WORKERS = ("expire suggestion", "remind")


class Working(Life):
    """The clock, and work that is done when somebody gets to it."""

    @rule(span=st.sampled_from(SPANS))
    def wait(self, span: timedelta) -> None:
        self.stage.wait(span)

    @rule(number=st.integers(0, 2))
    def rescore(self, number: int) -> None:
        ask(Effect.REFRESH_NEED, sorted(self.town.listings[Side.NEED])[number], hint=False)
        self.expect()

    @rule()
    def work_tick(self) -> None:
        now = timezone.now()
        tasks._do_changes()
        tasks.tell_when_at_rest()
        after = self._read()
        self._promise(self._wrong_closings(after, self._expired_by_workers()))
        self._promise(self._over_capacity(after, now))
        self._settle(after, self._reminders())

    @rule(row=any_row)
    def worker_dies(self, row: int) -> None:
        """A piece of work was claimed, and nobody will finish it before the lease ends."""
        due = list(Work.objects.all().due().values_list("pk", flat=True)[:12])
        if due:
            work._claim(due[row % len(due)])

    def _expired_by_workers(self) -> set[int]:
        rows = AuditEntry.objects.filter(pk__gt=self.audited, verb="expire suggestion")
        return set(rows.values_list("subject_id", flat=True))

    def _wrong_closings(self, after: Course, expired: set[int]) -> list[str]:
        """Time ends what waits; a score ends what nobody has said yes to, or what is hidden."""
        now, found = timezone.now(), []
        for pk, pair in after.items():
            before = self.course.get(pk)
            newly = pair.closed and before is not None and not before.closed
            if pk in expired and (pair.ends > now or not newly):
                found.append(f"{pk} expired before its time, or twice")
            kept = YES in pair.said.values() and self.town.is_live(pair.need, pair.technology)
            if newly and pk not in expired and kept:
                found.append(f"{pk} closed although one side had said yes")
            if before is not None and before.said != pair.said:
                found.append(f"{pk} answered by a worker")
            if (
                before is not None
                and before.closed
                and not pair.closed
                and NO in pair.said.values()
            ):
                found.append(f"{pk} opened again after a no")
        return found

    def _over_capacity(self, after: Course, now: object) -> list[str]:
        """New places are given only while there is room."""
        wanted = dict(Need.objects.values_list("pk", "capacity"))
        places: Counter[tuple[str, int]] = Counter()
        fresh: set[tuple[str, int]] = set()
        for pk, pair in after.items():
            if pair.closed or pair.introduction is not None or pair.ends <= timezone.now():
                continue
            keys = (("need", pair.need), ("owner", self.town.owner("technology", pair.technology)))
            places.update(keys)
            before = self.course.get(pk)
            if before is None or before.closed:
                fresh.update(keys)
        found = []
        for kind, pk in fresh:
            room = LIMITS["per_provider"]
            if kind == "need":
                room = min(LIMITS["per_need"], wanted[pk])
            if places[kind, pk] > room:
                found.append(f"{kind} {pk} has {places[kind, pk]} places, room for {room}")
        return found

    def _reminders(self) -> Counter[str]:
        count = Reminder.objects.count()
        rows = AuditEntry.objects.filter(pk__gt=self.audited, verb__in=BY_WORKERS)
        verbs = Counter(rows.values_list("verb", flat=True))
        if verbs["remind"] > count and count < self.reminded:
            raise Broken("reminded without a row")
        self.reminded = count
        return verbs


class Mailing(Life):
    """The outbox, its workers, their deaths, and what mail servers tell."""

    @rule()
    def send_tick(self) -> None:
        leases.settle()
        events.process_due()
        reconcile.ask_about_unknown()
        delivery.deliver_due(PATIENCE)
        if self.unread:
            self._look_into_what_came_back()
        self._promise(self.post.moved())
        self._promise(self.post.sent(self.course, timezone.now()))

    @rule(took=st.booleans(), begun=st.booleans(), number=st.integers(1, 3))
    def sender_dies(self, took: bool, begun: bool, number: int) -> None:
        """Before it handed over, or in the middle: then nobody knows whether the server took it."""
        claimed = leases.claim(number)
        if claimed and begun and delivery._objection(claimed[0]) is None:
            leases.begin_sending(claimed[0])
            if took:
                delivery._compose(claimed[0]).send()
                self._promise(self.post.sent(self.course, timezone.now()))

    @rule(row=any_row, kind=st.sampled_from(list(EventKind)), twice=st.booleans())
    def something_comes_back(self, row: int, kind: EventKind, twice: bool) -> None:
        pks = [MessageStatus.SENT, MessageStatus.UNKNOWN]
        known = list(Message.objects.filter(status__in=pks).order_by("-pk")[:12])
        if not known or (kind != EventKind.DELIVERED and row > 2):
            return
        message = known[row % len(known)]
        self.events += 1
        for _ in range(1 + twice):
            self.door.event(kind, message, self.events)
        self.unread += 1

    def _look_into_what_came_back(self) -> None:
        self.unread = 0
        suppressed = set(
            Suppression.objects.exclude(suppressed_at=None).values_list("address_key", flat=True)
        )
        for person in self.town.people:
            if key_of(person.email) in suppressed:
                self.post.suppressed.add(person.email)

    @rule(who=any_one, kind=st.sampled_from(OPTIONAL))
    def unsubscribe(self, who: int, kind: MessageKind) -> None:
        person = self.town.people[who]
        if person.pk in self.erased:
            return
        self.door.stop(person, kind)
        fresh = (person.pk, kind) not in self.post.off
        self.post.off.add((person.pk, kind))
        self.expect(None, *(["unsubscribe"] if fresh else []))


class Lifecycle(Answering, Talking, Changing, Working, Mailing):
    """All of it."""

    @rule()
    def work_and_send(self) -> None:
        """Nothing is in between."""
        self.work_tick()
        self.send_tick()
