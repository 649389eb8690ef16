"""The parts of `./run bench whole` that need Django: each runs in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import django
import numpy as np

WORD = "qanatflume"
PATIENCE = 60.0


def fill(name: str, data: str) -> None:
    """The world of this name."""
    from benchmarks.world import fill as make

    _, technologies, needs = name.split("_")
    make(Path(data), int(technologies), int(needs))


def stages() -> dict[str, Any]:
    """What the last run has written; then everybody counts as told."""
    from matching.models import Run, Suggestion

    run = Run.objects.latest("started_at")
    told = {"told_need_at": run.finished_at, "told_technology_at": run.finished_at}
    found = {"needs matched": run.needs, "suggestions": run.suggestions, "mark": _mark()}
    Suggestion.objects.update(**told)  # the letters of this night are not what is measured next
    _no_letters()
    return found


def _mark() -> str:
    """A checksum of what is suggested: the same after any run over the same world."""
    from matching.models import Suggestion

    found = sha256()
    columns = ("need", "technology", "score")
    for need, technology, score in Suggestion.objects.order_by(*columns).values_list(*columns):
        found.update(f"{need} {technology} {score:.6f}\n".encode())
    return found.hexdigest()[:12]


def _no_letters() -> None:
    from matching.choices import Effect
    from matching.models import Work

    Work.objects.filter(effect=Effect.TELL_ORGANISATION).delete()


def singles(many: int) -> dict[str, Any]:
    """Needs and technologies published one by one while the worker runs."""
    needs = [seconds for number in range(many) if (seconds := _need(number)) is not None]
    with Popen([sys.executable, "-m", "benchmarks.watching", "watch"], stdin=PIPE, stdout=PIPE,
               text=True) as other:  # fmt: skip
        changes = [_change(number, other) for number in range(20)]
        if other.stdin:
            other.stdin.close()
    figures = {"new need, publication to suggestions and letters, ms": needs,
               "change seen by another process, ms": changes}  # fmt: skip
    return {
        name: {"p50": float(np.percentile(v, 50)) * 1e3, "p95": float(np.percentile(v, 95)) * 1e3,
               "most": max(v) * 1e3, "n": len(v)}
        for name, v in figures.items()
    }  # fmt: skip


def _need(number: int) -> float | None:
    """Publish a need of a new city with one member; None when nothing fits it."""
    from accounts.models import User
    from benchmarks.corpus import Market
    from benchmarks.world import need_row
    from common.choices import Status
    from listings.actions import publish
    from matching.models import Shortlist, Suggestion
    from outbox.models import Message
    from partners.models import Membership, Organisation
    from vocabulary.models import Concept

    boss = User.objects.get(email="boss@greenmatch.example")
    person = User.objects.create_user(email=f"city{number}.{time.time_ns()}@greenmatch.example")
    city = Organisation.objects.create(
        name=f"New city {number}", kind="city", country="FR", place="Lyon", status="approved",
        decided_by=boss, decided_at=boss.date_joined,
    )  # fmt: skip
    Membership.objects.create(organisation=city, user=person)
    demand = _market(Market).need(10_000_000 + number)
    known = {"status": Status.SUBMITTED, "submitted_at": boss.date_joined, "submitted_by": boss,
             "created_by": person}  # fmt: skip
    need = need_row(None, demand, city.pk, known)
    need.save()
    need.concepts.set(Concept.objects.filter(scheme="topic").order_by("?")[:2])
    publish(need, by=boss)
    start = time.perf_counter()
    letters = Message.objects.filter(recipient=person, kind="suggestion")
    if not _wait(lambda: Shortlist.objects.filter(need=need).exists()):
        raise TimeoutError("the worker does not score")
    if not Suggestion.objects.filter(need=need).exists():
        return None
    if not _wait(letters.exists):
        raise TimeoutError("no letter")
    return time.perf_counter() - start


_markets: list[Any] = []


def _market(kind: Any) -> Any:
    from benchmarks.whole import _data

    if not _markets:
        _markets.append(kind(Path(_data())))
    return _markets[0]


def _wait(there: Callable[[], bool]) -> bool:
    until = time.perf_counter() + PATIENCE
    while not there():
        if time.perf_counter() > until:
            return False
        time.sleep(0.004)
    return True


def _change(number: int, other: Popen[str]) -> float:
    """Publish a technology with a word of its own; when does another process find it?"""
    from accounts.models import User
    from common.choices import Status
    from listings.actions import publish
    from technologies.models import Technology

    boss = User.objects.get(email="boss@greenmatch.example")
    row = Technology(organisation_id=1, source_language="en", status=Status.SUBMITTED,
                     submitted_at=boss.date_joined, submitted_by=boss, created_by=boss)  # fmt: skip
    word = f"{WORD}{'abcdefghijklmnopqrstuvwxyz'[number]}x"
    row.say("title", "en", f"The {word} of the river")
    row.save()
    assert other.stdin
    assert other.stdout
    other.stdin.write(f"{word}\n")
    other.stdin.flush()
    other.stdout.readline()  # it looks now
    time.sleep(0.037 * number)  # at any moment between two looks
    publish(row, by=boss)
    start = time.time()
    return float(other.stdout.readline()) - start


def watch() -> None:
    """Say when each word can be found."""
    from matching import index

    for line in sys.stdin:
        word = line.strip()
        index.search_technologies(word, "en")
        print("looking", flush=True)
        while not index.search_technologies(word, "en"):
            time.sleep(0.02)
        print(time.time(), flush=True)


def main() -> int:
    """One of the parts; what it found, as JSON."""
    django.setup()
    what, *rest = sys.argv[1:]
    if what == "fill":
        fill(*rest)
    elif what == "watch":
        watch()
    else:
        print(json.dumps(stages() if what == "stages" else singles(int(rest[0]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
