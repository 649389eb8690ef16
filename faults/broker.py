"""Broker: Redis is stopped, hung or half open; compares the pages, times the return of the work."""

from __future__ import annotations

import argparse
import itertools
import os
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection
from importlib import import_module
from typing import Any

from faults.kit import load
from faults.kit.line import Line
from faults.kit.load import Window
from faults.kit.options import parser
from faults.kit.sink import Sink
from faults.kit.site import Site, site
from faults.kit.staff import Staff
from faults.kit.verdict import Verdict
from faults.kit.visitors import Browser, Traffic, people
from faults.kit.watch import insist
from faults.kit.web import Web
from tooling.console import Progress, seconds

FAULTS = ("stopped", "hung", "half open")
FULL = {"rounds": 6, "requests": 80, "pause": 0.15}
SMALL = {"rounds": 1, "requests": 16, "pause": 0.15}
PAGES = ("/en/technologies/", "/en/needs/", "/en/partners/", "/en/")
WRITES = 4  # one request in so many asks for work
SLOWER = 1.10  # times the p95 of a normal time
WITHIN = 120.0  # seconds after its return in which all due work is done
PATIENCE = 300.0
SETTLED = 1.0


def main(arguments: list[str]) -> int:
    made = parser("broker", __doc__)
    made.add_argument("--rounds", type=int, help="of a normal and a broken time, for each fault")
    options = made.parse_args(arguments)
    started = time.monotonic()
    with ExitStack() as stack:
        trial = _prepare(options, stack)
        progress = Progress()
        for fault in FAULTS:
            for number in range(trial.rounds):
                progress.show(f"{fault}, round {number + 1} of {trial.rounds}")
                trial.round(fault)
        progress.close()
        return _judge(trial, f"broker, {seconds(started)}", small=options.small)


@dataclass
class Trial:
    site: Site
    line: Line
    traffic: Traffic
    boss: Any
    size: dict[str, float]
    rounds: int
    normal: dict[str, Window] = field(default_factory=lambda: {f: Window() for f in FAULTS})
    broken: dict[str, Window] = field(default_factory=lambda: {f: Window() for f in FAULTS})
    back: dict[str, list[float]] = field(default_factory=lambda: {f: [] for f in FAULTS})
    heard: dict[str, list[float]] = field(default_factory=lambda: {f: [] for f in FAULTS})
    waiting: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))

    def round(self, fault: str) -> None:
        """A normal time, the same with the broker broken, and its return."""
        self.normal[fault] += self._window()
        _until(_at_rest, PATIENCE)
        requests = self._requests()
        self._break(fault)
        time.sleep(SETTLED)
        self.broken[fault] += load.run(requests, self.size["pause"])
        self.waiting[fault] += _left()
        self._mend(fault)
        since = time.monotonic()
        self.heard[fault].append(_until(partial(_swept, _now()), PATIENCE))
        _until(_at_rest, PATIENCE)
        self.back[fault].append(time.monotonic() - since)

    def _window(self) -> Window:
        return load.run(self._requests(), self.size["pause"])

    def _requests(self) -> list[load.Request]:
        """Pages that anybody reads, and between them yeses that a worker tells the other side."""
        count = int(self.size["requests"])
        pages = itertools.cycle(PAGES)
        yeses = iter(self._yeses(-(-count // WRITES)))
        return [
            next(yeses) if number % WRITES == 0 else partial(_get, self.traffic.port, next(pages))
            for number in range(count)
        ]

    def _yeses(self, count: int) -> list[load.Request]:
        made: list[load.Request] = []
        while len(made) < count:
            cast = people(self.boss)
            author = Browser(self.traffic, cast.author)
            for pair in cast.pairs:
                path = f"/en/matching/suggestions/{pair.pk}/accept/"
                made.append(partial(author.once, path, side="technology", message=""))
        return made[:count]

    def _break(self, fault: str) -> None:
        assert self.site.redis is not None
        if fault == "stopped":
            self.site.redis.die()
        elif fault == "hung":
            self.site.redis.hang()
        else:
            self.line.cut()

    def _mend(self, fault: str) -> None:
        assert self.site.redis is not None
        if fault == "stopped":
            self.site.redis.start()
        elif fault == "hung":
            self.site.redis.wake()
        else:
            self.line.mend()


def _prepare(options: argparse.Namespace, stack: ExitStack) -> Trial:
    size = SMALL if options.small else FULL
    sink, line = Sink(), stack.enter_context(Line())
    url = f"redis://127.0.0.1:{line.port}/0"
    where = stack.enter_context(site(services=True, mail_port=sink.port, REDIS_URL=url))
    assert where.redis is not None
    line.target = where.redis.made.port
    sink.start()
    stack.callback(sink.stop)
    web = stack.enter_context(Web(where))
    stack.enter_context(Staff(where, 1))
    make: Any = import_module("tests.factories")
    email = f"boss-{secrets.token_hex(4)}@people.example"
    boss = make.UserFactory(email=email, is_superuser=True, is_staff=True)
    rounds = options.rounds or int(size["rounds"])
    trial = Trial(where, line, Traffic(web.port), boss, dict(size), rounds)
    load.run([partial(_get, web.port, page) for page in PAGES * 4], size["pause"])
    trial._window()
    _until(_at_rest, PATIENCE)
    return trial


def _get(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _until(holds: Callable[[], bool], patience: float) -> float:
    """Seconds until it holds, at most those of patience."""
    since = time.monotonic()
    while not insist(holds) and time.monotonic() - since < patience:
        time.sleep(0.2)
    return time.monotonic() - since


def _left() -> int:
    """Due work, and e-mails that are due or half sent."""
    from matching.models import Work
    from outbox.models import Message

    def count() -> int:
        underway = Message.objects.filter(status__in=["claimed", "sending"])
        return (
            Work.objects.all().due().count() + Message.objects.all().due().count() + len(underway)
        )

    return insist(count)


def _at_rest() -> bool:
    return _left() == 0


def _now() -> Any:
    from common import clock

    return clock.now()


def _swept(since: Any) -> bool:
    """A worker has taken a message of the broker since: the beat's sweep."""
    from outbox import machinery
    from outbox.models import Part

    late = since + timedelta(milliseconds=100)
    return Part.objects.filter(name=machinery.SWEEPER, seen_at__gt=late).exists()


def _judge(trial: Trial, title: str, *, small: bool) -> int:
    verdict = Verdict(title)
    verdict.tell("load average", " ".join(f"{value:.1f}" for value in os.getloadavg()))
    for fault in FAULTS:
        normal, broken = trial.normal[fault], trial.broken[fault]
        before, during = (1000 * window.percentile(0.95) for window in (normal, broken))
        verdict.tell(
            f"{fault}: requests, normal and broken", f"{len(normal.taken)} + {len(broken.taken)}"
        )
        wrong = normal.wrong + broken.wrong
        verdict.expect(f"{fault}: not answered well", wrong, holds=not wrong, wanted="0")
        middle = " and ".join(f"{1000 * w.percentile(0.5):.0f}" for w in (normal, broken))
        verdict.tell(f"{fault}: p50 (ms), normal and broken", middle)
        # A few requests on a busy machine say nothing of speed: the small run only tells.
        holds, ratio = small or during <= SLOWER * before, during / max(before, 0.001)
        verdict.expect(
            f"{fault}: p95 (ms), normal and broken",
            f"{before:.0f} and {during:.0f}, × {ratio:.2f}",
            holds=holds,
            wanted=f"× {SLOWER} at most",
        )
        verdict.tell(f"{fault}: waiting at its return", trial.waiting[fault])
        verdict.tell(f"{fault}: a worker hears again (s)", f"{max(trial.heard[fault]):.1f}")
        longest = max(trial.back[fault])
        verdict.expect(f"{fault}: all due work done (s)", f"{longest:.1f}", holds=longest < WITHIN)
    return verdict.close()
