"""Mail: kills workers, crashes PostgreSQL, flushes Redis; counts what is lost or doubled."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random

from faults.kit.options import parser
from faults.kit.places import ask_where, on_each
from faults.kit.sink import Behaviour, Sink
from faults.kit.site import Site, site
from faults.kit.staff import Staff
from faults.kit.verdict import Verdict
from faults.kit.watch import Doubts, insist, messages, states
from faults.kit.writer import Writer
from tooling.console import Progress, seconds

FULL = {"mails": 3000, "kills": 300, "crashes": 10, "flushes": 10}
SMALL = {"mails": 60, "kills": 6, "crashes": 1, "flushes": 1}
WORKERS = 3
OPEN = ("queued", "claimed", "sending")
UNTIL_AT_REST = 900.0
FIRST, BETWEEN = 3, 2.5  # e-mails before the first fault, and seconds after them
SHOWN_WITHIN = 900.0
NAMES = {"kill": "workers killed (-9)", "crash": "PostgreSQL crashes", "flush": "FLUSHALL"}


def main(arguments: list[str]) -> int:
    made = parser("mail", __doc__)
    ask_where(made)
    made.add_argument("--blind", action="store_true", help="with nobody to ask about unknown ones")
    for name in FULL:
        made.add_argument(f"--{name}", type=int)
    options = made.parse_args(arguments)
    if options.on == "both":
        return on_each("mail", arguments)
    for name, value in (SMALL if options.small else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return _run(options.on, options)


@dataclass
class Trial:
    site: Site
    sink: Sink
    staff: Staff
    writer: Writer
    rng: Random
    options: argparse.Namespace
    doubts: Doubts = field(default_factory=Doubts)
    done: dict[str, int] = field(default_factory=dict)

    def happen(self, event: str) -> None:
        self.done[event] = self.done.get(event, 0) + 1
        if event == "kill":
            self.staff.kill_one(self.rng)
        elif event == "crash" and self.site.postgres:
            self.site.postgres.crash()
        elif event == "flush" and self.site.redis:
            self.site.redis.flush()


def _run(place: str, options: argparse.Namespace) -> int:
    with ExitStack() as stack:
        trial = _prepare(place, options, stack)
        started = time.monotonic()
        progress = Progress()
        _begin(trial)
        _break_things(trial, progress)
        _come_to_rest(trial, progress)
        progress.close()
        return _judge(trial, f"mail on {place}, {seconds(started)}")


def _prepare(place: str, options: argparse.Namespace, stack: ExitStack) -> Trial:
    services = place == "postgresql"
    sink = Sink(behaviour=Behaviour(stagger=0.05))
    asked = {} if options.blind else {"OUTBOX_RECONCILER": "outbox.reconcile.in_log"}
    where = stack.enter_context(
        site(
            services=services,
            mail_port=sink.port,
            OUTBOX_RECONCILER_PATH=str(sink.record),
            **asked,
        )
    )
    sink.start()
    stack.callback(sink.stop)
    writer = Writer(readers=options.mails // 10)
    staff = stack.enter_context(Staff(where, WORKERS, "mail"))
    return Trial(where, sink, staff, writer, Random(options.seed), options)


def _events(trial: Trial) -> list[str]:
    """Kills, with the crashes and flushes spread evenly among them."""
    options, events = trial.options, ["kill"] * trial.options.kills
    rare = ["crash"] * options.crashes + ["flush"] * options.flushes if trial.site.redis else []
    trial.rng.shuffle(rare)
    for number, event in enumerate(rare):
        events.insert((number + 1) * len(events) // (len(rare) + 1), event)
    return events


def _begin(trial: Trial) -> None:
    """Some e-mails in peace: the record of the server must begin before the first that is in doubt,
    or nobody could ever say that it is absent.
    """
    trial.writer.write_until(FIRST)
    deadline = time.monotonic() + UNTIL_AT_REST
    while states()["sent"] < FIRST and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(BETWEEN)


def _break_things(trial: Trial, progress: Progress) -> None:
    events = _events(trial)
    for number, event in enumerate(events, start=1):
        trial.writer.write_until(trial.options.mails * number // len(events))
        time.sleep(trial.rng.uniform(0.1, 0.5))
        trial.happen(event)
        trial.doubts.look()
        progress.show(f"{number} of {len(events)} faults, {_counts()}")


def _come_to_rest(trial: Trial, progress: Progress) -> None:
    """No more faults: everything ends sent, or is shown as unknown."""
    open_states = OPEN if trial.options.blind else (*OPEN, "unknown")
    deadline = time.monotonic() + UNTIL_AT_REST
    while time.monotonic() < deadline:
        found = states()
        if not any(found[state] for state in open_states):
            return
        if found["unknown"] and not trial.options.blind:
            # The record of the server must reach beyond an e-mail to say that it is absent.
            trial.writer.write_until(trial.writer.written + 1)
        time.sleep(2)
        trial.doubts.look()
        progress.show(f"coming to rest, {_counts()}")


def _counts() -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states().items()))


def _judge(trial: Trial, title: str) -> int:
    rows = insist(lambda: list(messages().values_list("message_id", "status")))
    taken, verdict = trial.sink.taken(), Verdict(title)
    known = {message_id for message_id, _status in rows}
    waiting = [key for key, status in rows if status in OPEN]
    lost = [key for key, status in rows if not taken[key] and status not in (*OPEN, "unknown")]
    doubled = [key for key, count in taken.items() if count > 1]
    still = sum(status == "unknown" for _key, status in rows)
    verdict.tell("e-mails written", len(rows))
    for what, count in sorted(trial.done.items()):
        verdict.tell(
            {"kill": "kill -9", "crash": "PostgreSQL crashes"}.get(what, "FLUSHALL"), count
        )
    verdict.tell("of them, workers killed", trial.staff.kills)
    verdict.expect("written and in the outbox", len(known), holds=len(rows) == trial.writer.written)
    verdict.expect("lost", len(lost), holds=not lost, wanted="0")
    verdict.expect("still waiting", len(waiting), holds=not waiting, wanted="0")
    verdict.expect("doubled", len(doubled), holds=not doubled, wanted="0")
    unasked = set(taken) - known
    verdict.expect("sent by nobody", len(unasked), holds=not unasked, wanted="0")
    verdict.tell("ever unknown", len(trial.doubts.ever))
    good = trial.options.blind or not still
    verdict.expect("unknown at the end, shown to an admin", still, holds=good, wanted="0")
    longest = trial.doubts.longest
    verdict.expect("longest doubt (s)", f"{longest:.0f}", holds=longest < SHOWN_WITHIN)
    return verdict.close()
