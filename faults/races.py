"""Answers, withdrawals, expiry and suspension at one moment on two connections.

Each round releases two steps together from a barrier and looks at what they left: an answer lost,
a second introduction or e-mail, contact details open in a state that is not mutual.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from importlib import import_module
from secrets import token_hex
from threading import Barrier
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from faults.kit.options import parser
from faults.kit.places import ask_where, on_each
from faults.kit.verdict import Verdict
from faults.kit.world import world
from tooling.console import Progress, seconds

if TYPE_CHECKING:
    from accounts.models import User
    from matching.models import Suggestion
    from partners.models import Organisation

Step = Callable[[], Any]
AHEAD = 50  # rounds that are prepared together


@dataclass(frozen=True)
class People:
    """Who acts: for the provider, for the city, and for the platform."""

    author: User
    official: User
    curator: User


def main(arguments: list[str]) -> int:
    options = parser("races", __doc__)
    ask_where(options)
    options.add_argument("--rounds", type=int, default=1000, help="of each race")
    options.add_argument("--only", choices=RACES, help="one race alone")
    chosen = options.parse_args(arguments)
    if chosen.on == "both":
        return on_each("races", arguments)
    rounds = 20 if chosen.small else chosen.rounds
    verdict = Verdict(f"{rounds} rounds of each race on {chosen.on}, seed {chosen.seed}")
    with world(chosen.on):
        for name in [chosen.only] if chosen.only else RACES:
            started = monotonic()
            found = run(RACES[name], rounds, random.Random(chosen.seed), Progress(30), name)
            took = seconds(started)
            verdict.tell(
                f"{name}: {took}", ", ".join(f"{n} {way}" for way, n in found.ways.items())
            )
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


def run(
    race: Callable[..., str],
    rounds: int,
    dice: random.Random,
    progress: Progress | None = None,
    name: str = "",
) -> Found:
    """Play one race; every round has people and a pair of its own, so that the last is as fast."""
    found = Found(Counter(), Counter())
    with ThreadPoolExecutor(2, initializer=_open_connection) as pool:
        for number, (suggestion, people) in enumerate(_rounds(rounds), start=1):
            found.ways[race(pool, suggestion, people, dice)] += 1
            found.broken.update(promises_broken(suggestion, people))
            if progress:
                progress.show(f"{name}: {number} of {rounds} rounds")
        at_once(pool, dice, *[_close_connection] * 2)
    if progress:
        progress.close()
    return found


def at_once(pool: ThreadPoolExecutor, dice: random.Random, *steps: Step) -> list[Any]:
    """Both steps from one barrier; what each gave, or the refusal it met.

    The last to come to a barrier is the first to leave it: which that is, is left to chance.
    """
    from common.errors import Conflict, NotAllowed

    barrier = Barrier(len(steps))

    def step_in_time(step: Step) -> Any:
        barrier.wait(10)
        try:
            return step()
        except (Conflict, NotAllowed) as refusal:
            return refusal

    order = dice.sample(range(len(steps)), len(steps))
    begun = {number: pool.submit(step_in_time, steps[number]) for number in order}
    return [begun[number].result(60) for number in range(len(steps))]


def accept_accept(
    pool: ThreadPoolExecutor, pair: Suggestion, people: People, dice: random.Random
) -> str:
    from matching import actions
    from matching.choices import Side
    from matching.models import Introduction

    found = at_once(
        pool,
        dice,
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
        dice,
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
        dice,
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

    provider = pair.technology.organisation
    actions.accept(pair, by=people.author, side=Side.TECHNOLOGY)
    ahead = dice.uniform(-0.03, 0.03)  # either may be a little ahead of the other

    def accept() -> object:
        sleep(max(0.0, -ahead))
        return actions.accept(pair, by=people.official, side=Side.NEED)

    def end_all() -> None:
        sleep(max(0.0, ahead))
        suspend(provider, by=people.curator, reason="Reported")

    yes, _suspended = at_once(pool, dice, accept, end_all)
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


def _rounds(count: int) -> Iterator[tuple[Suggestion, People]]:
    """A pair for each round, with a provider and people that no other round knows."""
    make = import_module("tests.factories")
    curator = make.UserFactory(is_superuser=True, is_staff=True)
    city, provider = make.CityFactory(), make.ProviderFactory()
    need = make.NeedFactory(organisation=city)
    technology = make.TechnologyFactory(organisation=provider)
    for start in range(0, count, AHEAD):
        many = min(AHEAD, count - start)
        cities, officials = _sides(city, many)
        providers, authors = _sides(provider, many)
        needs = _copies(need, [{"organisation": row} for row in cities])
        technologies = _copies(technology, [{"organisation": row} for row in providers])
        people = [People(*each, curator) for each in zip(authors, officials, strict=True)]
        yield from zip(_pairs(needs, technologies), people, strict=True)


def _sides(organisation: Organisation, count: int) -> tuple[list[Organisation], list[User]]:
    """As many like it, with one member each."""
    from accounts.models import User
    from partners.models import Membership

    rows = _copies(organisation, [{}] * count)
    names = [f"{token_hex(8)}@people.example" for _row in rows]
    members = User.objects.bulk_create([User(email=name, name="Person") for name in names])
    both = zip(rows, members, strict=True)
    Membership.objects.bulk_create(
        Membership(organisation=row, user=member, role="manager") for row, member in both
    )
    return rows, members


def _copies(row: Any, changes: list[dict[str, Any]]) -> list[Any]:
    found = []
    for change in changes:
        one = copy(row)
        one.pk, one._state.adding = None, True
        for name, value in change.items():
            setattr(one, name, value)
        found.append(one)
    return list(type(row)._base_manager.bulk_create(found))


def _pairs(needs: list[Any], technologies: list[Any]) -> list[Suggestion]:
    from datetime import timedelta

    from django.utils import timezone

    from matching.models import Suggestion
    from matching.policy import in_force

    now, policy = timezone.now(), in_force()
    return Suggestion.objects.bulk_create(
        Suggestion(
            need=need,
            technology=technology,
            score=80,
            policy=policy,
            expires_at=now + timedelta(days=10),
            told_need_at=now,
            told_technology_at=now,
        )
        for need, technology in zip(needs, technologies, strict=True)
    )


def _open_connection() -> None:
    from django.db import connection

    connection.ensure_connection()


def _close_connection() -> None:
    from django.db import connection

    connection.close()
