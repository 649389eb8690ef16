"""``manage.py demo_introductions``: what follows a match, for the demonstration accounts to see."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.choices import Evidence, Metric, Unit
from demo.accounts import ACCOUNTS, DOMAIN
from demo.loading import DATA
from introductions import meetings
from introductions.actions import attach
from introductions.choices import Step, Word
from introductions.models import ImpactEntry, Milestone, MilestoneAnswer, ThreadMessage
from introductions.permissions import other
from introductions.uploads import check
from matching import actions
from matching.choices import Side
from matching.models import Introduction, Suggestion
from partners.models import Organisation

STEPS = (Step.MEETING, Step.MOU, Step.DEMONSTRATION)
AGO = (55, 30, 4)  # days since each step; the last one waits for the other side
ZONES = {
    "city": "Europe/London",
    "city.zh": "Asia/Shanghai",
    "city.ar": "Asia/Amman",
    "provider": "Europe/Paris",
    "provider.zh": "Asia/Shanghai",
}
METERS = b"month,kWh\n2026-08,41200\n2026-09,38950\n2026-10,36010\n"


class Command(BaseCommand):
    help = "Open an introduction for each demonstration account, with a thread and milestones."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if ThreadMessage.objects.exists():
            return
        lines = (DATA / "introductions.jsonl").read_text(encoding="utf-8").splitlines()
        texts = {row["lang"]: row for row in map(json.loads, lines)}
        for name, zone in ZONES.items():
            person = User.objects.filter(email=f"{name}@{DOMAIN}", time_zone__in=["", "UTC"])
            person.update(time_zone=zone)
        pairs = [pair for account in ACCOUNTS if (pair := _pair(account.email))]
        for number, pair in enumerate(pairs):
            _Story(pair, texts[pair.need.source_language]).tell(number % len(STEPS))
        self.stdout.write(f"introductions: {len(pairs)} with a thread")


def _pair(email: str) -> Suggestion | None:
    """The last open pair of an account: the best ones are left for the visitor to answer."""
    own = Organisation.objects.filter(memberships__user__email=email)
    rows = Suggestion.objects.live().open().filter(responses__isnull=True)
    mine = rows.filter(need__organisation__in=own) | rows.filter(technology__organisation__in=own)
    found: Suggestion | None = mine.order_by("score", "pk").first()
    return found


class _Story:
    """One introduction, from the second yes to a milestone that waits."""

    def __init__(self, pair: Suggestion, texts: dict[str, Any]) -> None:
        self.texts = texts
        self.people = {side: _member(pair, side) for side in Side}
        for side, person in self.people.items():
            actions.accept(pair, by=person, side=side)
        self.introduction = Introduction.objects.get(suggestion=pair)

    def tell(self, steps: int) -> None:
        opened = timezone.now() - timedelta(days=70)
        Introduction.objects.filter(pk=self.introduction.pk).update(opened_at=opened)
        self.introduction.suggestion.responses.update(answered_at=opened)
        for number, text in enumerate(self.texts["messages"]):
            self._write(number, text, opened + timedelta(days=1 + number, hours=number * 3 % 7))
        for number in range(steps + 1):
            waits = number == steps
            self._reach(number, Side.TECHNOLOGY if number % 2 else Side.NEED, waits)
        if steps == len(STEPS) - 1:
            self._measure()
        self._meet()

    def _measure(self) -> None:
        """A figure that the provider claims, then documents."""
        today = timezone.localdate()
        claimed: dict[str, Any] = {
            "introduction": self.introduction,
            "metric": Metric.ENERGY_SAVING,
            "unit": Unit.PERCENT,
            "starts": today - timedelta(days=35),
            "ends": today - timedelta(days=5),
            "side": Side.TECHNOLOGY,
            "by": self.people[Side.TECHNOLOGY],
        }
        first = ImpactEntry.objects.create(**claimed, value=21, evidence=Evidence.CLAIMED)
        ImpactEntry.objects.create(
            **claimed,
            value=Decimal("18.5"),
            evidence=Evidence.DOCUMENTED,
            method=self.texts["method"],
            replaces=first,
        )

    def _meet(self) -> None:
        monday = timezone.now() + timedelta(days=7 - timezone.now().weekday())
        start = monday.replace(hour=8, minute=0, second=0, microsecond=0)
        meetings.propose(
            self.introduction,
            by=self.people[Side.TECHNOLOGY],
            side=Side.TECHNOLOGY,
            starts=[start + timedelta(days=days) for days in (1, 3)],
            minutes=60,
            place="",
        )

    def _write(self, number: int, text: str, at: datetime) -> None:
        side = Side.TECHNOLOGY if number % 2 else Side.NEED
        message = ThreadMessage.objects.create(
            introduction=self.introduction, side=side, by=self.people[side], text=text, at=at
        )
        if number == 2:
            attach(check(self.texts["file"], METERS), message=message)

    def _reach(self, number: int, side: Side, waits: bool) -> None:
        at = timezone.now() - timedelta(days=AGO[number])
        milestone = Milestone.objects.create(
            introduction=self.introduction,
            step=STEPS[number],
            day=at.date(),
            note=self.texts["notes"][number],
            side=side,
            by=self.people[side],
            at=timezone.now() - timedelta(days=3) if waits else at,
        )
        if not waits:
            MilestoneAnswer.objects.create(
                milestone=milestone,
                word=Word.CONFIRMED,
                side=other(side),
                by=self.people[other(side)],
                at=at + timedelta(days=2),
            )


def _member(pair: Suggestion, side: Side) -> User:
    """The demonstration account where there is one, else whoever acts for the organisation."""
    rows = getattr(pair, side).organisation.memberships.select_related("user")
    emails = [account.email for account in ACCOUNTS]
    member = rows.filter(user__email__in=emails).first() or rows.earliest("pk")
    person: User = member.user
    return person
