"""Rows with something to do for every task, and a sentence about which that is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

Arguments = Callable[[], list[int]]
SWEEPS = 20
WEEKENDS = ("FR", "EG", "HK", "DZ", "US")  # nobody is reminded on a day off: one of them works


def build() -> None:
    """Matched, answered and introduced; then time has passed, and everything is due."""
    from django.utils import timezone

    from matching import clocks, index, tasks
    from matching.choices import Effect
    from matching.models import Suggestion
    from matching.work import ask_all
    from outbox import machinery
    from outbox.models import Part

    make = import_module("tests.factories")
    people = [make.UserFactory() for _ in range(4)]
    country = next(code for code in WEEKENDS if clocks.is_working(code, timezone.now().date()))
    provider = make.ProviderFactory(members=people[:2], country=country)
    city = make.CityFactory(members=people[2:], country=country)
    need = make.NeedFactory(organisation=city)
    for _ in range(6):
        make.TechnologyFactory(organisation=provider)
    ask_all(Effect.REFRESH_NEED, [need.pk])
    tasks.sweep()
    machinery.seen(machinery.SWEEPER)
    pairs = list(Suggestion.objects.order_by("pk"))
    assert len(pairs) >= 4, "too few suggestions to work with"
    _answer(pairs, people[0], people[2])
    _let_time_pass(pairs, need)
    _ask_for_everything(pairs, provider, make.NeedFactory(organisation=city), people)
    _trouble_the_outbox(people[0])
    Part.objects.update(seen_at=timezone.now() + timedelta(days=1))  # no hint sweeps as well
    index.forget()
    index.fresh()  # held by every process that is forked from now on, as by a worker


def _answer(pairs: list[Any], author: Any, official: Any) -> None:
    from django.utils import timezone

    from introductions import milestones
    from matching import actions
    from matching.choices import Side

    actions.accept(pairs[0], by=author, side=Side.TECHNOLOGY)
    introduction = actions.accept(pairs[0], by=official, side=Side.NEED)
    assert introduction
    today = timezone.localdate()
    milestones.report(introduction, by=author, side=Side.TECHNOLOGY, step="meeting", day=today)
    for pair in pairs[1:3]:
        actions.accept(pair, by=author, side=Side.TECHNOLOGY)


def _let_time_pass(pairs: list[Any], need: Any) -> None:
    from django.db.models import F
    from django.utils import timezone

    from introductions.models import Reminder
    from matching.models import Change, Suggestion

    now = timezone.now()
    Reminder.objects.update(due_at=F("due_at") - timedelta(days=40))
    rows = Suggestion.objects.filter(introduction__isnull=True)
    rows.update(told_need_at=now - timedelta(days=30), told_technology_at=now - timedelta(days=30))
    rows.filter(pk=pairs[2].pk).update(expires_at=now + timedelta(days=1))
    Change.objects.update(at=now - timedelta(days=3))
    type(need)._default_manager.filter(pk=need.pk).update(
        confirm_by=timezone.localdate() - timedelta(days=1)
    )


def _ask_for_everything(pairs: list[Any], provider: Any, new: Any, people: list[Any]) -> None:
    """A piece of work for each effect, and a run over all needs under way."""
    from matching import runs
    from matching.choices import Effect
    from matching.models import Mention, Rehearsal, Suggestion
    from matching.policy import in_force, parts_of
    from matching.work import ask

    Mention.objects.filter(person=people[1]).delete()  # has news to hear
    policy = in_force()
    rehearsal = Rehearsal.objects.create(
        policy=policy, against=policy, parts=parts_of(policy), asked_by=people[0], needs=2
    )
    subjects = {
        Effect.REFRESH_NEED: new.pk,
        Effect.REFRESH_TECHNOLOGY: pairs[0].technology_id,
        Effect.REHEARSE: rehearsal.pk,
        Effect.CALIBRATE: 0,
        Effect.TELL_ORGANISATION: provider.pk,
        Effect.DIGEST: people[1].pk,
        Effect.REMIND: pairs[2].pk,
        Effect.EXPIRE: pairs[1].pk,
        Effect.REBUILD: 0,
    }
    assert set(subjects) == set(Effect), "an effect without anything to do"
    due = before_now()
    Suggestion.objects.filter(pk=pairs[1].pk).update(expires_at=due)  # as its clock says
    for effect, pk in subjects.items():
        ask(effect, pk, due_at=due, move=True)
    runs.start()


def _trouble_the_outbox(person: Any) -> None:
    """Queued, left by the dead before and in the hand-over, and told of by the mail server."""
    from common import clock
    from outbox.actions import put
    from outbox.choices import EventKind, EventSource, MessageKind
    from outbox.models import MailEvent, Message

    long_ago = clock.now() - timedelta(hours=1)
    for status in ("queued", "claimed", "sending"):
        mail = put(MessageKind.DECISION, to=person, subject="x", text="x", dedupe_key=status)
        assert mail
        held = {"claimed_by": "dead", "claimed_at": long_ago} if status != "queued" else {}
        Message.objects.filter(pk=mail.pk).update(status=status, **held)
    told = Message.objects.order_by("pk").first()
    assert told
    for number, kind in enumerate((EventKind.SOFT, EventKind.SOFT, EventKind.HARD)):
        MailEvent.objects.create(
            event_id=f"e{number}",
            source=EventSource.WEBHOOK,
            kind=kind,
            message_id=told.message_id,
            received_at=long_ago,
            next_attempt_at=long_ago,
        )


def scenarios() -> dict[str, tuple[str, Arguments]]:
    """By name: the task, and what it is called with. Every effect of ``do_work`` has its own."""
    from matching.choices import Effect

    found: dict[str, tuple[str, Arguments]] = {
        "outbox.tasks.sweep": ("outbox.tasks.sweep", _with_no_work),
        "outbox.tasks.deliver_message": ("outbox.tasks.deliver_message", _the_queued_mail),
        "introductions.tasks.sweep": ("introductions.tasks.sweep", _with_no_work),
        "matching.tasks.advance_run": ("matching.tasks.advance_run", _the_run),
    }
    for effect in Effect:
        found[f"do_work: {effect}"] = ("matching.tasks.do_work", _the_work(effect))
    for name in ("sweep", "nightly", "nightly_when_due"):
        found[f"matching.tasks.{name}"] = (f"matching.tasks.{name}", list)
    return found


def _with_no_work() -> list[int]:
    """Nothing else to do in town, so that coming to rest takes a moment."""
    _leave_only("")
    _end_runs()
    return []


def _the_queued_mail() -> list[int]:
    from outbox.models import Message

    return [*_with_no_work(), Message.objects.get(dedupe_key="queued").pk]


def _the_run() -> list[int]:
    from matching.models import Run

    _leave_only("")
    return [Run.objects.get(under_way=True).pk]


def _the_work(effect: str) -> Arguments:
    from matching.models import Work

    def only_this() -> list[int]:
        _leave_only(effect)
        _end_runs()
        return [Work.objects.filter(effect=effect).earliest("due_at").pk]

    return only_this


def _leave_only(effect: str) -> None:
    from matching.models import Work

    Work.objects.all().due().exclude(effect=effect).delete()


def _end_runs() -> None:
    from matching import runs
    from matching.models import Run

    for run in Run.objects.filter(under_way=True):
        runs.finish(run)


def come_to_rest() -> None:
    """Pauses end and every sweep goes on until it finds nothing more to do."""
    from matching import tasks as matching
    from matching.models import Run, Work
    from outbox import tasks as outbox
    from outbox.models import Message

    for _sweep in range(SWEEPS):
        matching.sweep()
        Message.objects.filter(status="queued").update(next_attempt_at=before_now())
        outbox.sweep()
        busy = Work.objects.all().due().exists() or Run.objects.filter(under_way=True).exists()
        if not busy and not Message.objects.filter(status="queued").exists():
            return
    raise AssertionError("the town does not come to rest")


def before_now() -> datetime:
    from common import clock

    return clock.now() - timedelta(seconds=1)
