"""Every e-mail that GreenMatch sends, in every language, written by what brings it about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tooling.environment import ROOT

SWEEPS = 20
ACCOUNT = ROOT / "templates" / "account" / "email"


def expected(languages: tuple[str, ...]) -> set[str]:
    """``template language`` for each template that is there."""
    subjects = sorted((ROOT / "templates" / "emails").glob("*.subject.txt"))
    names = [path.name.removesuffix(".subject.txt") for path in subjects]
    names += [f"account {path.name.removesuffix('_subject.txt')}" for path in _account()]
    return {f"{name} {code}" for name in names for code in languages}


def _account() -> list[Path]:
    return sorted(ACCOUNT.glob("*_subject.txt"))


def write_everything(languages: tuple[str, ...]) -> set[str]:
    """Which e-mails were written; each is sent before its matter is over."""
    from outbox import actions

    written: set[str] = set()
    render = actions.render

    def noting(kind: Any, template: str, *, to: Any, context: Any = None) -> Any:
        written.add(f"{template} {to.language}")
        return render(kind, template, to=to, context=context)

    actions.render = noting
    try:
        people = People(languages)
        for part in (organisations, listings, suggestions, introductions, digests_paused):
            part(people, send_all)
        written |= accounts(people)
        send_all()
    finally:
        actions.render = render
    return written


def send_all() -> None:
    """A sweep ends after a while, whether all has been sent or not."""
    from outbox import tasks
    from outbox.models import Message

    for _ in range(SWEEPS):
        tasks.sweep()
        if not Message.objects.filter(status__in=("queued", "claimed")).exists():
            return


class People:
    """A provider and a city with one reader of each language, and who decides."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.make: Any = import_module("tests.factories")
        self.languages = languages
        self.curator = self.make.UserFactory(is_superuser=True, is_staff=True)
        self.authors, self.officials = self.readers(), self.readers()
        self.provider = self.make.ProviderFactory(members=self.authors)
        self.city = self.make.CityFactory(members=self.officials)

    def readers(self) -> list[Any]:
        return [self.make.UserFactory(language=code) for code in self.languages]


Send = Callable[[], object]


def organisations(people: People, send: Send) -> None:
    from partners import actions

    for reader in people.officials:
        actions.apply(people.make.CityFactory.build(status="applied"), by=reader)
    new = people.make.ProviderFactory(status="applied", members=people.authors)
    actions.reject(new, by=people.curator, reason="Not found in a register")
    actions.approve(new, by=people.curator)
    actions.suspend(new, by=people.curator, reason="Reported")
    send()


def listings(people: People, send: Send) -> None:
    from listings import actions

    rows = [people.make.NeedFactory(organisation=people.city, submitted=True) for _ in range(3)]
    actions.ask_changes(rows[0], by=people.curator, note="Say more")
    actions.reject(rows[1], by=people.curator, note="Not a need of a city")
    actions.publish(rows[2], by=people.curator)
    actions.expire(rows[2])
    send()


def suggestions(people: People, send: Send) -> None:
    from django.utils import timezone

    from listings import actions as listing_actions
    from matching import actions, clocks, tasks
    from matching.choices import Side
    from matching.models import Suggestion

    for _ in range(4):
        people.make.TechnologyFactory(organisation=people.provider)
    need = people.make.NeedFactory(organisation=people.city, submitted=True)
    listing_actions.publish(need, by=people.curator)
    tasks.sweep()
    send()
    pairs = list(Suggestion.objects.filter(need=need).order_by("pk"))
    assert len(pairs) >= 4, "too few suggestions to write about"
    author, official = people.authors[0], people.officials[0]
    for pair in pairs[:4]:
        for by, side in ((author, Side.TECHNOLOGY), (official, Side.NEED)):
            if pair == pairs[0] or (side == Side.TECHNOLOGY) == (pair != pairs[2]):
                actions.accept(pair, by=by, side=side)
                send()
    actions.decline(pairs[1], by=official, side=Side.NEED, reason="price")
    actions.withdraw(pairs[2], by=official, side=Side.NEED)
    send()
    now = timezone.now()
    clocks.is_working = lambda country, day: True  # a reminder, whatever day this is
    open_one = Suggestion.objects.filter(pk=pairs[3].pk)
    old = now - timedelta(days=30)
    open_one.update(told_need_at=old, told_technology_at=old, expires_at=now + timedelta(days=1))
    clocks.remind(pairs[3].pk)
    _remind_the_provider(people, pairs[2].pk, old)
    send()
    open_one.update(expires_at=timezone.now())
    clocks.expire(pairs[3].pk)
    send()


def _remind_the_provider(people: People, pk: int, old: Any) -> None:
    from django.utils import timezone

    from matching import clocks
    from matching.models import Suggestion

    soon = timezone.now() + timedelta(days=1)
    Suggestion.objects.filter(pk=pk).update(told_technology_at=old, expires_at=soon)
    clocks.remind(pk)


def introductions(people: People, send: Send) -> None:
    from django.db.models import F
    from django.utils import timezone

    from introductions import actions, meetings, milestones, tasks
    from introductions.models import Reminder
    from matching.choices import Side
    from matching.models import Introduction

    introduction = Introduction.objects.get()
    author, official = people.authors[0], people.officials[0]
    provider: dict[str, Any] = {"by": author, "side": Side.TECHNOLOGY}
    city: dict[str, Any] = {"by": official, "side": Side.NEED}
    actions.write(introduction, text="Good day.", **provider)
    actions.write(introduction, text="Good day to you.", **city)
    times = [timezone.now() + timedelta(days=3)]
    for asking, answering in ((provider, city), (city, provider)):
        meeting = meetings.propose(introduction, starts=times, minutes=60, place="", **asking)
        meetings.agree(meeting, meeting.slots.get(), **answering)
        meetings.cancel(meeting, **asking)
    today = timezone.localdate()
    first = milestones.report(introduction, step="meeting", day=today, **provider)
    milestones.confirm(first, **city)
    second = milestones.report(introduction, step="mou", day=today, **provider)
    milestones.contest(second, reason="Not signed yet", **city)
    for step, side in (("demonstration", provider), ("deployment", city)):
        milestones.report(introduction, step=step, day=today, **side)
    Reminder.objects.update(due_at=F("due_at") - timedelta(days=40))
    tasks.sweep()
    send()
    _managers(people, introduction, city)
    send()
    milestones.close(introduction, reason="funding", **provider)
    send()


def _managers(people: People, introduction: Any, city: dict[str, Any]) -> None:
    """One asks and is let in; one of each language is invited."""
    from django.utils import timezone

    from introductions import brokers
    from programmes.models import Programme

    today = timezone.localdate()
    programme = Programme.objects.create(
        organisation=people.city, title="Cool City", title_en="Cool City", starts=today, ends=today
    )
    programme.needs.add(introduction.suggestion.need)
    managers = people.readers()
    programme.managers.add(*managers)
    broker = brokers.ask(introduction, by=managers[0])
    brokers.admit(broker, **city)
    brokers.end(broker, by=managers[0])
    for manager in managers:
        brokers.end(brokers.invite(introduction, manager, **city), by=manager)


def digests_paused(people: People, send: Send) -> None:
    from django.utils import timezone

    from accounts.models import User
    from listings import actions
    from matching import tasks

    User.objects.update(date_joined=timezone.now() - timedelta(days=400), last_login=None)
    technology = people.make.TechnologyFactory(organisation=people.provider, submitted=True)
    actions.publish(technology, by=people.curator)
    need = people.make.NeedFactory(organisation=people.city, submitted=True)
    actions.publish(need, by=people.curator)
    tasks.sweep()
    send()


def accounts(people: People) -> set[str]:
    """As allauth would: with addresses of ours where its e-mails have addresses."""
    from allauth.account.adapter import get_adapter
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone, translation

    written = set()
    for reader in people.authors:
        with translation.override(reader.language):
            confirm = reverse("account_email_verification_sent")  # by code: no link confirms
            context = {
                "user": reader,
                "code": "K7RT-2MQX",
                "password_reset_url": settings.SITE_URL + reverse("account_reset_password"),
                "activate_url": settings.SITE_URL + confirm,
                "signup_url": settings.SITE_URL + reverse("account_signup"),
                "ip": "192.0.2.1",
                "timestamp": timezone.now(),
                "from_email": reader.email,
                "to_email": "new@people.example",
                "deleted_email": reader.email,
                "current_site": SimpleNamespace(name="GreenMatch", domain="greenmatch.example"),
            }
            for path in _account():
                name = path.name.removesuffix("_subject.txt")
                get_adapter().send_mail(f"account/email/{name}", reader.email, context)
                written.add(f"account {name} {reader.language}")
    return written
