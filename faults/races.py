"""Answers, withdrawals, expiry and suspension at one moment on two connections of PostgreSQL.

Each round releases two steps together from a barrier and looks at what they left: an answer lost,
a second introduction or e-mail, contact details open in a state that is not mutual.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from threading import Barrier
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from faults.kit.options import parser
from faults.kit.verdict import Verdict
from faults.kit.world import world
from tooling.console import say

if TYPE_CHECKING:
    from accounts.models import User
    from matching.models import Suggestion

Step = Callable[[], Any]


@dataclass(frozen=True)
class People:
    """Who acts: for the provider, for the city, and for the platform."""

    author: User
    official: User
    curator: User


def main(arguments: list[str]) -> int:
    options = parser("races", __doc__)
    options.add_argument("--rounds", type=int, default=1000, help="of each race")
    chosen = options.parse_args(arguments)
    rounds = 20 if chosen.small else chosen.rounds
    verdict = Verdict(f"{rounds} rounds of each race, seed {chosen.seed}")
    with world():
        for name, race in RACES.items():
            started = monotonic()
            found = run(race, rounds, random.Random(chosen.seed))
            seconds = monotonic() - started
            say(f"{name}: {rounds} rounds in {seconds:.0f} s, {dict(found.ways)}")
            verdict.tell(f"{name}: outcomes seen", len(found.ways))
            for promise in PROMISES:
                broken = found.broken[promise]
                verdict.expect(f"{name}: {promise}", broken, holds=not broken, wanted="0")
    return verdict.close()


PROMISES = ("lost", "doubled", "revealed without both")


@dataclass
class Found:
    """What the rounds of one race left: which way each went, and what was broken."""

    ways: Counter[str]
    broken: Counter[str]


def run(race: Callable[..., str], rounds: int, dice: random.Random) -> Found:
    """Play one race; the database of the process must be PostgreSQL."""
    make = import_module("tests.factories")
    curator = make.UserFactory(is_superuser=True, is_staff=True)
    people = People(make.UserFactory(), make.UserFactory(), curator)
    provider = make.ProviderFactory(members=[people.author])
    need = make.NeedFactory(organisation=make.CityFactory(members=[people.official]))
    found = Found(Counter(), Counter())
    with ThreadPoolExecutor(2, initializer=_open_connection) as pool:
        for _ in range(rounds):
            suggestion = _pair(need, provider)
            found.ways[race(pool, suggestion, people, dice)] += 1
            found.broken.update(promises_broken(suggestion, people))
        at_once(pool, *[_close_connection] * 2)
    return found


def at_once(pool: ThreadPoolExecutor, *steps: Step) -> list[Any]:
    """Both steps from one barrier; what each gave, or the refusal it met."""
    from common.errors import Conflict, NotAllowed

    barrier = Barrier(len(steps))

    def step_in_time(step: Step) -> Any:
        barrier.wait(10)
        try:
            return step()
        except (Conflict, NotAllowed) as refusal:
            return refusal

    return [done.result(60) for done in [pool.submit(step_in_time, step) for step in steps]]


def accept_accept(
    pool: ThreadPoolExecutor, pair: Suggestion, people: People, dice: random.Random
) -> str:
    from matching import actions
    from matching.choices import Side
    from matching.models import Introduction

    found = at_once(
        pool,
        lambda: actions.accept(pair, by=people.author, side=Side.TECHNOLOGY),
        lambda: actions.accept(pair, by=people.official, side=Side.NEED),
    )
    opened = [isinstance(result, Introduction) for result in found]
    return "provider first" if opened == [False, True] else "city first" if any(opened) else "LOST"


def accept_withdraw(
    pool: ThreadPoolExecutor, pair: Suggestion, people: People, dice: random.Random
) -> str:
    from matching import actions
    from matching.choices import Side

    actions.accept(pair, by=people.author, side=Side.TECHNOLOGY)
    taken_back, _yes = at_once(
        pool,
        lambda: actions.withdraw(pair, by=people.author, side=Side.TECHNOLOGY),
        lambda: actions.accept(pair, by=people.official, side=Side.NEED),
    )
    return "withdrawn first" if taken_back is None else "accepted first"


def accept_expire(
    pool: ThreadPoolExecutor, pair: Suggestion, people: People, dice: random.Random
) -> str:
    from datetime import timedelta

    from django.utils import timezone

    from matching import actions, clocks
    from matching.choices import Side
    from matching.models import Suggestion

    actions.accept(pair, by=people.author, side=Side.TECHNOLOGY)
    end = timezone.now() + timedelta(milliseconds=dice.uniform(0, 150))
    Suggestion.objects.filter(pk=pair.pk).update(expires_at=end)

    def expire_in_the_end() -> None:
        while timezone.now() < end:
            pass
        clocks.expire(pair.pk)

    yes, _end = at_once(
        pool,
        lambda: actions.accept(pair, by=people.official, side=Side.NEED),
        expire_in_the_end,
    )
    return "expired first" if isinstance(yes, Exception) else "accepted first"


def accept_suspend(
    pool: ThreadPoolExecutor, pair: Suggestion, people: People, dice: random.Random
) -> str:
    from matching import actions
    from matching.choices import Side
    from partners.actions import suspend
    from partners.choices import OrganisationStatus
    from partners.models import Organisation

    provider = pair.technology.organisation
    Organisation.objects.filter(pk=provider.pk).update(status=OrganisationStatus.APPROVED)
    provider.refresh_from_db()
    actions.accept(pair, by=people.author, side=Side.TECHNOLOGY)
    hesitation = max(0.0, dice.uniform(-0.06, 0.06))  # suspending takes longer to begin

    def accept_a_little_later() -> object:
        sleep(hesitation)
        return actions.accept(pair, by=people.official, side=Side.NEED)

    yes, _suspended = at_once(
        pool,
        accept_a_little_later,
        lambda: suspend(provider, by=people.curator, reason="Reported"),
    )
    return "suspended first" if isinstance(yes, Exception) else "accepted first"


RACES: dict[str, Callable[..., str]] = {
    "accept/accept": accept_accept,
    "accept/withdraw": accept_withdraw,
    "accept/expire": accept_expire,
    "accept/suspend": accept_suspend,
}


def promises_broken(pair: Suggestion, people: People) -> Counter[str]:
    """Looks at the rows alone: what the two steps said of themselves does not count."""
    from accounts.models import AuditEntry
    from matching.choices import Decision
    from matching.models import Introduction, Suggestion
    from partners.choices import OrganisationStatus

    row = Suggestion.objects.select_related("need__organisation", "technology__organisation").get(
        pk=pair.pk
    )
    yeses = row.responses.filter(decision=Decision.ACCEPT).count()
    opened = Introduction.objects.filter(suggestion=row)
    verbs = Counter(
        AuditEntry.objects.filter(
            subject_type=row._meta.label_lower, subject_id=row.pk
        ).values_list("verb", flat=True)
    )
    said = verbs["accept suggestion"] - verbs["withdraw acceptance"]
    lost = yeses != said or opened.exists() != (yeses == 2)
    lost = lost or bool(row.closed_at and opened.exists())
    standing = {row.need.organisation.status, row.technology.organisation.status}
    mutual = yeses == 2 and standing == {OrganisationStatus.APPROVED}
    seen = any(
        Introduction.objects.all().visible_to(person).filter(suggestion=row).exists()
        for person in (people.author, people.official)
    )
    return Counter(
        {
            "lost": int(lost),
            "doubled": int(opened.count() > 1) + _doubled_mails(row),
            "revealed without both": int(seen and not mutual),
        }
    )


def _doubled_mails(row: Suggestion) -> int:
    """More than one e-mail of one kind and pair to one person."""
    from matching.models import Introduction
    from outbox.models import Message

    keys = Counter[tuple[str, int | None]]()
    starts = [f"accepted:{row.pk}:", f"withdrawn:{row.pk}:", f"expired:{row.pk}:"]
    opened = Introduction.objects.filter(suggestion=row).values_list("pk", flat=True)
    starts += [f"introduction:{pk}:" for pk in opened]
    for start in starts:
        rows = Message.objects.filter(dedupe_key__startswith=start)
        keys.update((start, person) for person in rows.values_list("recipient", flat=True))
    return sum(count - 1 for count in keys.values())


def _pair(need: Any, provider: Any) -> Suggestion:
    from datetime import timedelta

    from django.utils import timezone

    from matching.models import Suggestion
    from matching.policy import in_force

    make = import_module("tests.factories")
    return Suggestion.objects.create(
        need=need,
        technology=make.TechnologyFactory(organisation=provider),
        score=80,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=10),
        told_need_at=timezone.now(),
        told_technology_at=timezone.now(),
    )


def _open_connection() -> None:
    from django.db import connection

    connection.ensure_connection()


def _close_connection() -> None:
    from django.db import connection

    connection.close()
