"""People in five zones, hour by hour: suggestions, bursts, changed wishes, workers that sleep."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from common.choices import Status
from matching import tasks
from matching.choices import Effect, Side
from matching.models import Suggestion, Work
from matching.policy import in_force
from matching.work import ask
from needs.models import Need
from outbox import tasks as outbox
from outbox.actions import choose, put
from outbox.choices import Frequency, MessageKind, MessageStatus
from outbox.hours import is_working_day
from outbox.models import Message, Preference
from partners.choices import Kind, OrganisationStatus
from partners.models import Membership, Organisation
from technologies.models import Technology

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINK = re.compile(r"/matching/suggestions/(\d+)/")
ZONES = {  # two with clock changes north, one south, one with Friday and Saturday free, one without
    "GB": "Europe/London",
    "US": "America/New_York",
    "CL": "America/Santiago",
    "EG": "Africa/Cairo",
    "CN": "Asia/Shanghai",
}
WAKES, RESTS = 8, 19
LIVES = timedelta(days=21)  # a suggestion, as the policy has it
NUMBER = count(1)


@dataclass(frozen=True, slots=True)
class Seen:
    """One e-mail as it arrived."""

    person: int
    kind: str
    key: str
    local: datetime
    at: datetime
    text: str


@dataclass
class Diary:
    """A world of its own from ``start`` on; ``live`` moves it forward."""

    start: datetime
    seed: int = 1
    people: list[User] = field(default_factory=list)
    zones: dict[int, ZoneInfo] = field(default_factory=dict)
    countries: dict[int, str] = field(default_factory=dict)
    suggestions: int = 0
    asleep: int = 0
    away: User | None = None

    def __post_init__(self) -> None:
        self.rng, self.now = Random(self.seed), self.start
        self.sleeps_until = self.start
        self.told: dict[int, dict[int, datetime]] = {}
        with time_machine.travel(self.now, tick=False):
            self.needs, self.technologies = self._settle()

    @property
    def sent(self) -> int:
        count: int = self._mine().filter(status=MessageStatus.SENT).count()
        return count

    def live(self, span: timedelta, *, quiet: bool = False) -> None:
        end = self.now + span
        while self.now < end:
            with time_machine.travel(self.now, tick=False):
                if not quiet:
                    self._happenings()
                if self.now >= self.sleeps_until:
                    self._work()
                else:
                    self.asleep += 1
            self.now += HOUR

    def come_to_rest(self) -> None:
        """Nothing new happens until the last suggestion would have ended."""
        self.live(LIVES + DAY, quiet=True)

    def _settle(self) -> tuple[list[Need], list[Technology]]:
        needs, technologies = [], []
        for country, zone in ZONES.items():
            for kind in (Kind.CITY, Kind.PROVIDER):
                owner = _organisation(kind, country)
                for frequency in (Frequency.DAILY, Frequency.WEEKLY):
                    self._join(owner, frequency, country, ZoneInfo(zone))
                facts = {"organisation": owner, **_published(owner.decided_by)}
                if kind == Kind.CITY:
                    needs.append(Need.objects.create(country=country, **facts))
                else:
                    technologies.append(Technology.objects.create(**facts))
        return needs, technologies

    def _join(self, owner: Organisation, frequency: str, country: str, zone: ZoneInfo) -> None:
        person = _person()
        Membership.objects.create(organisation=owner, user=person)
        Preference.objects.create(
            person=person,
            frequency=frequency,
            hour=self.rng.randrange(WAKES, RESTS),
            weekday=self.rng.randrange(7),
        )
        self.people.append(person)
        self.zones[person.pk], self.countries[person.pk] = zone, country

    def _happenings(self) -> None:
        self._sometimes(1 / 30, self._suggest)
        self._sometimes(1 / 300, self._burst)
        self._sometimes(1 / 40, self._remind)
        self._sometimes(1 / 250, self._change_wishes)
        self._sometimes(1 / 200, self._lose_the_worker)
        if self.now.hour == 0:
            self._sign_in()

    def _sometimes(self, chance: float, what: Callable[[], None]) -> None:
        if self.rng.random() < chance:
            what()

    def _suggest(self) -> None:
        pair = {
            "need": self.rng.choice(self.needs),
            "technology": self.rng.choice(self.technologies),
        }
        ended = Suggestion.objects.filter(**pair, expires_at__lte=timezone.now())
        ended.delete()
        row, created = Suggestion.objects.get_or_create(
            **pair,
            defaults={
                "score": self.rng.randrange(40, 99),
                "policy": in_force(),
                "expires_at": timezone.now() + LIVES,
            },
        )
        if not created:
            return
        self.suggestions += 1
        owners = {side: getattr(row, side).organisation_id for side in Side}
        members = Membership.objects.filter(organisation__in=owners.values())
        self.told[row.pk] = dict.fromkeys(members.values_list("user", flat=True), row.expires_at)
        for owner in owners.values():
            ask(Effect.TELL_ORGANISATION, owner, hint=False)

    def _burst(self) -> None:
        """A lively thread, more than a day takes."""
        person = self.rng.choice(self.people)
        for _ in range(self.rng.randrange(15, 35)):
            self._put(MessageKind.THREAD, person)

    def _remind(self) -> None:
        self._put(MessageKind.REMINDER, self.rng.choice(self.people))

    def _put(self, kind: MessageKind, person: User) -> None:
        put(kind, to=person, subject="S", text="T", dedupe_key=f"{kind}:{next(NUMBER)}:{self.now}")

    def _change_wishes(self) -> None:
        person = self.rng.choice(self.people)
        wish = Preference.objects.get(person=person)
        wish.hour, wish.weekday = self.rng.randrange(WAKES, RESTS), self.rng.randrange(7)
        wish.frequency = self.rng.choice([Frequency.DAILY, Frequency.WEEKLY])
        choose(wish, by=person)

    def _lose_the_worker(self) -> None:
        self.sleeps_until = self.now + self.rng.randrange(1, 40) * HOUR

    def _sign_in(self) -> None:
        """Everybody now and then, but one."""
        self.away = self.away or self.people[0]
        User.objects.exclude(pk=self.away.pk).update(last_login=timezone.now())

    def _work(self) -> None:
        """What beat does, sometimes twice; nothing due, nothing done."""
        for _ in range(self.rng.choice([1, 1, 1, 2])):
            if Work.objects.all().due().exists():
                tasks.sweep()
            if (
                self._mine()
                .filter(status=MessageStatus.QUEUED, next_attempt_at__lte=timezone.now())
                .exists()
            ):
                outbox.sweep()

    def _mine(self) -> Any:
        return Message.objects.filter(recipient__in=self.people)

    def arrived(self) -> list[Seen]:
        rows = self._mine().filter(status=MessageStatus.SENT).order_by("sent_at", "pk")
        return [
            Seen(
                row.recipient_id,
                row.kind,
                row.dedupe_key,
                row.sent_at.astimezone(self.zones[row.recipient_id]),
                row.sent_at,
                row.text,
            )
            for row in rows
        ]

    def digests(self) -> list[Seen]:
        return [mail for mail in self.arrived() if mail.key.startswith("digest:")]

    def second_digests(self) -> list[tuple[int, date]]:
        days = Counter((mail.person, mail.local.date()) for mail in self.digests())
        return [day for day, number in days.items() if number > 1]

    def out_of_hours(self) -> list[Seen]:
        """By figures of our own: 8 to 19 on the wall, on a working day there."""
        waits = (MessageKind.SUGGESTION, MessageKind.REMINDER)
        return [
            mail
            for mail in self.arrived()
            if mail.kind in waits
            and not (
                time(WAKES) <= mail.local.time() < time(RESTS)
                and is_working_day(mail.local.date(), self.countries[mail.person])
            )
        ]

    def over_the_cap(self) -> list[tuple[int, date]]:
        days = Counter((mail.person, mail.local.date()) for mail in self.arrived())
        return [day for day, number in days.items() if number > settings.MAILS_PER_DAY]

    def _tellings(self) -> Counter[tuple[int, int]]:
        """How often a person read of a suggestion while it was live."""
        found: Counter[tuple[int, int]] = Counter()
        for mail in self.digests():
            for number in {int(pk) for pk in LINK.findall(mail.text)}:
                ends = self.told[number][mail.person]
                found[number, mail.person] += 1 if mail.at < ends else 0
        return found

    def lost(self) -> list[tuple[int, int]]:
        told = self._tellings()
        away = self.away.pk if self.away else 0
        wanted = {(pk, who) for pk, people in self.told.items() for who in people if who != away}
        return sorted(pair for pair in wanted if not told[pair])

    def doubled(self) -> list[tuple[int, int]]:
        return [pair for pair, number in self._tellings().items() if number > 1]

    def left_over(self) -> list[int]:
        rows = self._mine().exclude(status__in=[MessageStatus.SENT])
        return list(rows.values_list("pk", flat=True))

    def to_people_away(self) -> list[Seen]:
        """Digests to somebody who was not here for half a year."""
        ended = self.start + timedelta(days=settings.DIGESTS_PAUSE_AFTER_DAYS) + DAY
        away = self.away.pk if self.away else 0
        return [mail for mail in self.digests() if mail.person == away and mail.at > ended]

    def pauses(self) -> list[Seen]:
        """E-mails that say that digests pause."""
        return [mail for mail in self.arrived() if mail.key.startswith("paused:")]


def _person() -> User:
    number = next(NUMBER)
    return User.objects.create_user(f"person{number}@year.example", name=f"Person {number}")


def _organisation(kind: str, country: str) -> Organisation:
    return Organisation.objects.create(
        kind=kind,
        name=f"{kind} {country} {next(NUMBER)}",
        country=country,
        status=OrganisationStatus.APPROVED,
        decided_at=timezone.now(),
        decided_by=_person(),
    )


def _published(by: Any) -> dict[str, Any]:
    now, title = timezone.now(), f"Record {next(NUMBER)}"
    both = {"title": title, "title_en": title, "status": Status.PUBLISHED}
    return both | {"published_at": now, "published_by": by, "created_by": by}
