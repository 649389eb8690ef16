"""Broker: Redis stops, hangs, goes half open; the web must not notice, due work must not wait."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random

from faults.kit.load import GOOD, Person, Taken, p95, window
from faults.kit.options import parser
from faults.kit.proxy import Proxy
from faults.kit.sink import Behaviour, Sink
from faults.kit.site import Site, site
from faults.kit.staff import Staff
from faults.kit.verdict import Verdict
from faults.kit.web import Web
from tooling.console import Progress, seconds

FULL, SMALL = {"rounds": 8, "requests": 40}, {"rounds": 1, "requests": 8}
PEOPLE = 2  # on each side
WORKERS = 2
DONE_WITHIN = 120.0
CONSUMES_WITHIN = 20.0
SLOWER = 1.10
NORMAL = "normal"
FAULTS = ("stopped", "hung", "half open")


def main(arguments: list[str]) -> int:
    made = parser("broker", __doc__)
    for name in FULL:
        made.add_argument(f"--{name}", type=int)
    options = made.parse_args(arguments)
    for name, value in (SMALL if options.small else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    started = time.monotonic()
    with ExitStack() as stack:
        trial = _prepare(stack, Random(options.seed))
        progress = Progress()
        for number in range(1, options.rounds + 1):
            _round(trial, options.requests, partial(_show, progress, number))
        progress.close()
        title = f"broker, {options.rounds} rounds, {seconds(started)}"
        return _judge(trial, title, timed=not options.small)


def _show(progress: Progress, number: int, what: str) -> None:
    progress.show(f"round {number}: {what}")


@dataclass
class Trial:
    site: Site
    web: Web
    proxy: Proxy
    people: list[Person]
    rng: Random
    taken: dict[str, list[list[Taken]]] = field(default_factory=dict)  # by window
    waited: dict[str, list[int]] = field(default_factory=dict)
    consumed: dict[str, list[float]] = field(default_factory=dict)
    done: dict[str, list[float]] = field(default_factory=dict)

    def begin(self, fault: str) -> None:
        redis = self.site.redis
        assert redis is not None
        if fault == "stopped":
            redis.die()
        elif fault == "hung":
            redis.hang()
        else:
            self.proxy.go_dead()

    def end(self, fault: str) -> None:
        redis = self.site.redis
        assert redis is not None
        if fault == "stopped":
            redis.start()
        elif fault == "hung":
            redis.wake()
        else:
            self.proxy.come_back()


def _prepare(stack: ExitStack, rng: Random) -> Trial:
    sink, proxy = Sink(behaviour=Behaviour()), Proxy()
    stack.callback(proxy.stop)
    where = stack.enter_context(
        site(
            services=True,
            mail_port=sink.port,
            REDIS_URL=f"redis://127.0.0.1:{proxy.port}/0",
        )
    )
    assert where.redis is not None
    proxy.target = where.redis.made.port
    sink.start()
    stack.callback(sink.stop)
    from faults.kit.stories import new_cast

    people = [Person(new_cast(), side) for _ in range(PEOPLE) for side in ("technology", "need")]
    web = stack.enter_context(Web(where))
    stack.enter_context(Staff(where, WORKERS))
    trial = Trial(where, web, proxy, people, rng)
    window(people, web.port, 8, rng)  # every page once, before anything is measured
    _wait_for(_at_rest)
    return trial


def _round(trial: Trial, requests: int, tell: Callable[[str], None]) -> None:
    """Each fault once, in any order, with a normal time before each."""
    for fault in trial.rng.sample(FAULTS, len(FAULTS)):
        tell(NORMAL)
        _measure(trial, NORMAL, requests)
        _wait_for(_at_rest)
        tell(fault)
        trial.begin(fault)
        try:
            _measure(trial, fault, requests)
            trial.waited.setdefault(fault, []).append(_due())
        finally:
            trial.end(fault)
        tell(f"after {fault}")
        _come_back(trial, fault)


def _measure(trial: Trial, name: str, requests: int) -> None:
    found = window(trial.people, trial.web.port, requests, trial.rng)
    trial.taken.setdefault(name, []).append(found)


def _come_back(trial: Trial, fault: str) -> None:
    from common import clock

    moment, started = clock.now(), time.monotonic()
    _wait_for(lambda: _consumed_since(moment))
    trial.consumed.setdefault(fault, []).append(time.monotonic() - started)
    _wait_for(_at_rest, DONE_WITHIN + started - time.monotonic())
    trial.done.setdefault(fault, []).append(time.monotonic() - started)


def _wait_for(there: Callable[[], bool], patience: float = DONE_WITHIN) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if there():
            return True
        time.sleep(0.25)
    return False


def _consumed_since(moment: datetime) -> bool:
    """A worker has taken a message of the beat."""
    from outbox.machinery import SWEEPER
    from outbox.models import Part

    return Part.objects.filter(name=SWEEPER, seen_at__gt=moment).exists()


def _at_rest() -> bool:
    return _due() == 0


def _due() -> int:
    """Work and e-mails whose moment has come and that are not done."""
    from common import clock
    from matching.models import Work
    from outbox.models import Message

    now = clock.now()
    open_ones = Message.objects.filter(status__in=["queued", "claimed", "sending"])
    late: int = open_ones.filter(next_attempt_at__lte=now).count()
    return late + Work.objects.filter(due_at__lte=now, parked_at__isnull=True).count()


def _judge(trial: Trial, title: str, *, timed: bool) -> int:
    """``timed``: whether the web's times are a promise here; the suite only tells them."""
    verdict = Verdict(title)
    normal = trial.taken[NORMAL]
    calm = _all(normal)
    verdict.tell("load of the machine at the end", f"{os.getloadavg()[0]:.1f}")
    verdict.tell("normal: requests", len(calm))
    verdict.tell("normal: p95 (ms)", _p95s(calm))
    halves = [p95(_all(normal[start::2])) for start in (0, 1)]
    verdict.tell("normal: one half by the other", f"{halves[1] / max(halves[0], 0.001):.2f}")
    for fault in FAULTS:
        _judge_fault(trial, fault, calm, verdict, timed=timed)
    asked = _all([part for windows in trial.taken.values() for part in windows])
    good = sum(one.status in GOOD for one in asked)
    verdict.expect("requests answered well", f"{good} of {len(asked)}", holds=good == len(asked))
    return verdict.close()


def _judge_fault(
    trial: Trial, fault: str, calm: list[Taken], verdict: Verdict, *, timed: bool
) -> None:
    taken = _all(trial.taken[fault])
    ratio = p95(taken) / max(p95(calm), 0.001)
    verdict.tell(f"{fault}: p95 (ms)", _p95s(taken))
    by = f"{fault}: p95 by that of normal times"
    if timed:
        verdict.expect(by, f"{ratio:.2f}", holds=ratio <= SLOWER, wanted=f"{SLOWER:.2f}")
    else:
        verdict.tell(by, f"{ratio:.2f}")
    verdict.tell(f"{fault}: due rows at its end", trial.waited[fault])
    consumed, done = max(trial.consumed[fault]), max(trial.done[fault])
    soon = consumed <= CONSUMES_WITHIN
    verdict.expect(f"{fault}: a worker takes work again after (s)", f"{consumed:.1f}", holds=soon)
    verdict.expect(
        f"{fault}: all that was due is done after (s)", f"{done:.1f}", holds=done < DONE_WITHIN
    )


def _all(windows: list[list[Taken]]) -> list[Taken]:
    return [one for part in windows for one in part]


def _p95s(taken: list[Taken]) -> str:
    return f"{p95(taken):.0f} (read {p95(taken, 'read'):.0f}, write {p95(taken, 'write'):.0f})"
