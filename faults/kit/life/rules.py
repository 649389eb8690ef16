"""The steps of a life that Hypothesis plays at random: what people do, and what workers do.

Each rule says beforehand what must change; everything else has to stay as it was.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from accounts.models import User
from common.choices import Status
from common.errors import Conflict, NotAllowed
from faults.kit.life.course import NO, YES, Pair
from faults.kit.life.model import Life, Talk
from introductions.choices import CloseReason, Step, Word
from introductions.models import Milestone
from listings import actions as listings
from matching import clocks
from matching.choices import DeclineReason, Side
from matching.models import Suggestion
from outbox.choices import MessageStatus
from outbox.models import Message

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ORDER = [step for step in Step if step != Step.CLOSED]
MOST_MESSAGES = 20  # of one life: the platform allows thirty in an hour

any_one = st.integers(0, 7)
any_row = st.integers(0, 11)
any_side = st.sampled_from([Side.NEED, Side.TECHNOLOGY])
any_reason = st.sampled_from(DeclineReason.values)
any_listing = st.integers(0, 5)
rarely = st.integers(0, 5)  # done when it is 0: what ends much must not end every life early


class Answering(Life):
    """Accept, decline, later, withdraw: by members of a side, of the other, of neither."""

    def _turn(self, row: int, side: Side, who: int) -> tuple[int, Pair, Any, bool] | None:
        """A pair, who acts, and whether that person may answer for the side at all."""
        pk = self.pair(row)
        if pk is None:
            return None
        pair = self.course[pk]
        by = self.someone(who, self.town.owner(side, pair.listing(side)))
        return pk, pair, by, self.acts_for(by, pair, side) and self.is_open(pair)

    @initialize(opened=st.integers(0, 2))
    def begin_introduced(self, opened: int) -> None:
        """Some lives begin with introductions: there would be too little talk otherwise."""
        for row in range(opened):
            for side in Side:
                self.accept(row, side, 0, words=False)

    @rule(row=any_row, side=any_side, who=any_one, words=st.booleans())
    def accept(self, row: int, side: Side, who: int, words: bool) -> None:
        turn = self._turn(row, side, who)
        if turn is None:
            return
        pk, pair, by, may = turn
        self.door.answer("accept", by, pk, side, message="Good to meet you." if words else "")
        fresh = may and side not in pair.said
        self.expect(pk, **({"said": {**pair.said, side: YES}} if fresh else {}))

    @rule(row=any_row, who=any_one)
    def accept_what_waits(self, row: int, who: int) -> None:
        """The other side's yes is answered: so that introductions are not rare."""
        waiting = [
            pk
            for pk, pair in self.course.items()
            if list(pair.said.values()) == [YES] and not pair.closed
        ]
        if waiting:
            pk = sorted(waiting)[row % len(waiting)]
            [said] = self.course[pk].said
            other = Side.NEED if said == Side.TECHNOLOGY else Side.TECHNOLOGY
            self.accept(sorted(self.course).index(pk), other, who, words=False)

    @rule(row=any_row, side=any_side, who=any_one, reason=any_reason, sure=st.booleans())
    def decline(self, row: int, side: Side, who: int, reason: str, sure: bool) -> None:
        turn = self._turn(row, side, who)
        if turn is None or not sure:
            return
        pk, pair, by, may = turn
        self.door.answer("decline", by, pk, side, reason=reason)
        fresh = may and side not in pair.said
        changes = {"said": {**pair.said, side: NO}, "closed": True} if fresh else {}
        self.expect(pk, **changes)

    @rule(row=any_row, side=any_side, who=any_one)
    def withdraw(self, row: int, side: Side, who: int) -> None:
        turn = self._turn(row, side, who)
        if turn is None:
            return
        pk, pair, by, may = turn
        self.door.answer("withdraw", by, pk, side)
        stands = may and pair.said.get(side) == YES and pair.introduction is None
        left = {key: word for key, word in pair.said.items() if key != side}
        self.expect(pk, **({"said": left} if stands else {}))

    @rule(row=any_row, side=any_side, who=any_one, days=st.integers(0, 30))
    def later(self, row: int, side: Side, who: int, days: int) -> None:
        turn = self._turn(row, side, who)
        if turn is None:
            return
        pk, pair, by, may = turn
        first, last = clocks.pause_range(Suggestion.objects.get(pk=pk), side)
        until = timezone.now().date() + days * DAY
        self.door.answer("later", by, pk, side, until=until)
        if may and side not in pair.said and first <= until <= last:
            ends = Suggestion.objects.values_list("expires_at", flat=True).get(pk=pk)
            self.expect(pk, "answer later", ends=max(ends, pair.ends))
        else:
            self.expect()


class Talking(Life):
    """What follows an introduction: contact details, words, milestones, the end."""

    def _turn_to(self, row: int, side: Side, who: int) -> tuple[int, Talk, Any, bool] | None:
        pk = self.talk(row)
        if pk is None:
            return None
        pair = self.course[self.talks[pk].pair]
        by = self.someone(who, self.town.owner(side, pair.listing(side)))
        return pk, self.talks[pk], by, self.reads(by, pk) and self.acts_for(by, pair, side)

    @rule(row=any_row, side=any_side, who=any_one)
    def open_contacts(self, row: int, side: Side, who: int) -> None:
        turn = self._turn_to(row, side, who)
        if turn is None:
            return
        pk, said, by, _may = turn
        self.door.talk("open contacts", by, pk, side)
        fresh = self.reads(by, pk) and not said.closed and by.pk not in said.opened
        if fresh:
            said.opened.add(by.pk)
        self.expect(None, *(["see contact"] if fresh else []))
        self.look(by, pk)

    @rule(row=any_row, side=any_side, who=any_one, again=st.booleans())
    def withdraw_contacts(self, row: int, side: Side, who: int, again: bool) -> None:
        turn = self._turn_to(row, side, who)
        if turn is None:
            return
        pk, said, by, may = turn
        step = "show contacts again" if again else "withdraw contacts"
        self.door.talk(step, by, pk, side)
        done = may and again == (side in said.withdrawn) and not (again and said.closed)
        if done:
            said.withdrawn ^= {side}
        self.expect(None, *([step] if done else []))
        for reader in self.town.people:
            if done and reader.pk in said.opened:
                self.look(reader, pk)

    @rule(row=any_row, who=any_one)
    def look_at_contacts(self, row: int, who: int) -> None:
        pk = self.talk(row)
        if pk is not None:
            self.look(self.town.people[who % len(self.town.people)], pk)

    @rule(row=any_row, side=any_side, who=any_one)
    def write(self, row: int, side: Side, who: int) -> None:
        turn = self._turn_to(row, side, who)
        if turn is None or self.words >= MOST_MESSAGES:
            return
        pk, said, by, may = turn
        self.words += 1
        self.door.talk("write", by, pk, side, text="When could we talk?")
        self.expect(None, *(["write message"] if may and not said.closed else []))

    @rule(row=any_row, side=any_side, who=any_one, step=st.sampled_from(ORDER))
    def report(self, row: int, side: Side, who: int, step: Step) -> None:
        turn = self._turn_to(row, side, who)
        if turn is None:
            return
        pk, said, by, may = turn
        today = timezone.localdate()
        self.door.talk("report", by, pk, side, step=step.value, day=today)
        known = {name: day for _pk, name, _side, day, _word in said.standing()}
        late = any(day < today for name, day in known.items() if _is_after(name, step))
        done = may and not said.closed and step not in known and not late
        self.expect(None, *(["report milestone"] if done else []))
        if done:
            self._note(said, pk, step, side)

    def _note(self, said: Talk, pk: int, step: Step, side: Side) -> None:
        newest = Milestone.objects.filter(introduction=pk).order_by("-pk").first()
        if newest is not None:
            said.milestones.append([newest.pk, step, side, newest.day, ""])

    @rule(row=any_row, number=any_row, side=any_side, who=any_one, yes=st.booleans())
    def reply(self, row: int, number: int, side: Side, who: int, yes: bool) -> None:
        turn = self._turn_to(row, side, who)
        if turn is None or not turn[1].milestones:
            return
        pk, said, by, _may = turn
        pair = self.course[said.pair]
        side = self.door.side_of(by, side, pair)
        may = self.reads(by, pk) and self.acts_for(by, pair, side)
        entry = said.milestones[number % len(said.milestones)]
        self.door.reply("confirm" if yes else "contest", by, entry[0], side)
        word = Word.CONFIRMED if yes else Word.CONTESTED
        done = may and entry[2] != side and not entry[4]
        if done:
            entry[4] = word
        self.expect(None, *([f"{word.value} milestone"] if done else []))

    @rule(row=any_row, side=any_side, who=any_one, sure=rarely)
    def close(self, row: int, side: Side, who: int, sure: int) -> None:
        turn = self._turn_to(row, side, who)
        if turn is None or sure:
            return
        pk, said, by, may = turn
        self.door.talk("close", by, pk, side, reason=CloseReason.FUNDING)
        done = may and not said.closed
        self.expect(None, *(["close introduction"] if done else []))
        if done:
            said.closed = True
            self._note(said, pk, Step.CLOSED, side)


def _is_after(one: Step, other: Step) -> bool:
    order = list(Step)
    return order.index(one) > order.index(other)


class Changing(Life):
    """What happens to records, organisations and people meanwhile."""

    @rule(owner=st.integers(0, 3), sure=rarely)
    def suspend_or_approve(self, owner: int, sure: int) -> None:
        row = self.town.organisations[self.town.owners[owner]]
        suspended = row.status == "approved"
        if suspended and sure:
            return
        self.door.decide(row, suspended=suspended)
        assert (row.status == "suspended") is suspended
        self.expect(None, "suspended" if suspended else "approved")

    @rule(number=any_listing, who=any_one, sure=rarely)
    def hide_or_publish(self, number: int, who: int, sure: int) -> None:
        """By its author and a reviewer."""
        side = Side.NEED if number < 3 else Side.TECHNOLOGY
        row = list(self.town.listings[side].values())[number % 3]
        by, verbs = self.someone(who % 6, row.organisation_id), []
        if not by.is_active or (row.is_public and sure):
            return
        row.organisation = self.town.organisations[row.organisation_id]
        with suppress(NotAllowed):
            if row.is_public:
                listings.archive(row, by=by)
                verbs = ["archive"]
            elif row.status == Status.ARCHIVED:
                for act, name in ((listings.withdraw, "withdraw"), (listings.submit, "submit")):
                    act(row, by=by)
                    verbs.append(name)
        if row.status == Status.SUBMITTED:
            listings.publish(row, by=self.town.curator)
            verbs.append("publish")
        self.expect(None, *verbs)

    @rule(number=st.integers(0, 2), who=any_one, hard=st.booleans())
    def edit_need(self, number: int, who: int, hard: bool) -> None:
        """Terms that no technology offers, as a hard condition; or back to what it was."""
        row = list(self.town.listings[Side.NEED].values())[number]
        by = self.someone(who % 6, row.organisation_id)
        row.organisation = self.town.organisations[row.organisation_id]
        changes = {"terms": ["ip_sale"] if hard else ["sale"], "must": ["terms"] if hard else []}
        verbs: list[str] = []
        if not by.is_active or not row.is_public:
            return
        with suppress(NotAllowed, Conflict):
            listings.revise(row, by=by, changes=changes)
            row.refresh_from_db()
            if row.proposed_at:
                listings.apply_proposal(row, by=self.town.curator)
                verbs = ["propose changes", "publish changes"]
        row.refresh_from_db()
        self.expect(None, *verbs)

    @rule(who=any_one, sure=rarely)
    def suspend_or_free_person(self, who: int, sure: int) -> None:
        """As the admin does; their sessions end with it."""
        person = self.town.people[who]
        if person.pk in self.erased or (person.is_active and sure):
            return
        self._suspend_or_free(person)

    @rule(row=any_row, sure=rarely)
    def suspend_who_is_written_to(self, row: int, sure: int) -> None:
        """While an e-mail waits for its hour."""
        waiting = Message.objects.filter(status=MessageStatus.QUEUED, recipient__is_active=True)
        known = sorted(set(waiting.values_list("recipient", flat=True)))
        if known and not sure:
            pk = known[row % len(known)]
            self._suspend_or_free(next(p for p in self.town.people if p.pk == pk))

    def _suspend_or_free(self, person: User) -> None:
        person.is_active = not person.is_active
        person.save(update_fields=["is_active"])
        self.expect()

    @rule(who=any_one, sure=rarely)
    def erase(self, who: int, sure: int) -> None:
        """The admin deletes an account, which it refuses for who has left traces."""
        person = self.town.people[who]
        if sure or person.pk in self.erased:
            return
        self.door.erase(person)
        if not type(person).objects.filter(pk=person.pk).exists():
            self.erased.add(person.pk)
            person.is_active = False
            self.town.forget(person)
        self.expect()
