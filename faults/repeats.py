"""Repeats: every task delivered five times, two at once; counts extra e-mails, rows and entries."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from faults.kit.options import parser
from faults.kit.places import ask_where, on_each
from faults.kit.sink import Sink
from faults.kit.site import site
from faults.kit.verdict import Verdict
from tooling.console import say, seconds, step

TIMES = 5
ORDERS = 6  # in which one beat fires the same jobs
Prepare = Callable[[], Callable[[], object]]


def main(arguments: list[str]) -> int:
    made = parser("repeats", __doc__)
    ask_where(made)
    made.add_argument("--rounds", type=int, help="of each task")
    made.add_argument("--only", default="", help="tasks whose name has this in it, or beat")
    options = made.parse_args(arguments)
    if options.on == "both":
        return on_each("repeats", arguments)
    rounds = options.rounds or (1 if options.small else 3)
    started, sink = time.monotonic(), Sink()
    settings = {"HINTS": "0", "DIGEST_DEFAULT": "at_once", "LOG_LEVEL": "CRITICAL"}
    with site(services=options.on == "postgresql", mail_port=sink.port, **settings):
        sink.start()
        try:
            verdict = Verdict(f"repeats on {options.on}, {rounds} rounds")
            _repeat_all(sink, verdict, rounds, options.only)
        finally:
            sink.stop()
    verdict.title += f", {seconds(started)}"
    return verdict.close()


def _repeat_all(sink: Sink, verdict: Verdict, rounds: int, only: str) -> None:
    from faults.kit import town

    found = town.scenarios()
    left_out = sorted(tasks() - {task for task, _arguments in found.values()})
    verdict.expect("tasks without a scenario", ", ".join(left_out) or 0, holds=not left_out)
    with step("building a town"):
        town.build()
    trial = Trial(sink)
    for name, (task, arguments) in found.items():
        if only in name:
            _repeat(trial, verdict, name, _call(task, arguments), rounds)
    if only in "beat":
        _start_beat_twice(trial, verdict, rounds)


def _repeat(trial: Trial, verdict: Verdict, name: str, prepare: Prepare, rounds: int) -> None:
    """Once in one copy, five times in others; before comparing, each town comes to rest."""
    began = time.monotonic()
    once = trial.run(prepare, 1)
    verdict.expect(f"{name}: had something to do", once.did, holds=once.did == "yes")
    wrong: list[str] = []
    for _round in range(rounds):
        often = trial.run(prepare, TIMES)
        wrong += _differs(once.rows, often.rows)
        wrong += [f"{key} was sent {count} times" for key, count in often.doubled.items()]
    shown = "; ".join(sorted(set(wrong)))
    verdict.expect(f"{name}: differs from once", shown or 0, holds=not wrong, wanted="0")
    say(f"  {name}: {shown or 'as once'}, {seconds(began)}")


def _start_beat_twice(trial: Trial, verdict: Verdict, rounds: int) -> None:
    """Two beats ask for the same at the same moment: each job runs once for each due time."""
    from faults.kit import beats

    wrong, ran = [], 0
    singles = [trial.run(partial(beats.one, order), 1).rows for order in range(ORDERS)]
    for _round in range(rounds):
        with beats.noting_runs() as noted:
            often = trial.run(beats.one_of_two, 2 * beats.tasks())
            runs = noted()
        ran += len(runs)
        wrong += [f"{job} ran {count} times" for job, count in runs.items() if count > 1]
        nearest = min((_differs(single, often.rows) for single in singles), key=len)
        wrong += nearest
        wrong += [f"{key} was sent {count} times" for key, count in often.doubled.items()]
    verdict.expect("two beats: jobs with a due time, all rounds", ran, holds=ran >= 2 * rounds)
    shown = "; ".join(sorted(set(wrong)))
    verdict.expect(
        "two beats: differs from one in any order", shown or 0, holds=not wrong, wanted="0"
    )
    say(f"  two beats: {shown or 'as one'}")


def tasks() -> set[str]:
    from greenmatch.celery import app

    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def _call(task: str, arguments: Callable[[], list[int]]) -> Prepare:
    """Through Celery, as a worker would; what it raises is ours to see."""
    from greenmatch.celery import app

    def prepared() -> Callable[[], object]:
        given = arguments()
        return lambda: app.tasks[task].apply(args=given, throw=True)

    return prepared


def _differs(wanted: Any, got: Any) -> list[str]:
    from faults.kit.copies import differences

    return differences(wanted, got)


@dataclass
class Left:
    """What a trial left behind; ``did`` says whether its task changed anything by itself."""

    did: str
    rows: Any
    doubled: dict[str, int]


class Trial:
    """The same town each time: what tasks leave behind in it, and which e-mails went out twice."""

    def __init__(self, sink: Sink) -> None:
        from faults.kit.copies import Copies

        self._sink, self._copies = sink, Copies()

    def run(self, prepare: Prepare, times: int) -> Left:
        from django.db import connection

        from faults.kit import copies, pair, town

        self._copies.switch_to_fresh_one()
        try:
            mails, delivery = self._sink.taken(), prepare()
            before = copies.rows()
            connection.close()
            pair.deliver(delivery, times)
            did = "yes" if _differs(before, copies.rows()) else "no"
            connection.close()
            pair.deliver(town.come_to_rest, 1)
            sent = self._sink.taken() - mails
            doubled = {key: count for key, count in sent.items() if count > 1}
            return Left(did, copies.rows(), doubled)
        finally:
            self._copies.leave()
