"""Web: kills the web server while people act; counts intentions without their rows."""

from __future__ import annotations

import argparse
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from random import Random
from typing import Any

from faults.kit.options import parser
from faults.kit.pairs import halves
from faults.kit.places import ask_where, on_each
from faults.kit.site import site
from faults.kit.verdict import Verdict
from faults.kit.visitors import Browser, Traffic, live
from faults.kit.web import Web
from tooling.console import Progress, seconds
from tooling.servers import free_port

FULL, SMALL = {"postgresql": 300, "sqlite": 60}, {"postgresql": 8, "sqlite": 5}
VISITORS = 4
MASTERS = 0.05  # of the kills take the master too
ACTS, PAUSE = 6, 0.3  # at most so many acts and so many seconds more between two kills
IDLE = 8.0  # seconds without an act: the next kill comes all the same
SETTLE = 3.0


def main(arguments: list[str]) -> int:
    made = parser("web", __doc__)
    ask_where(made)
    made.add_argument("--kills", type=int)
    options = made.parse_args(arguments)
    return on_each("web", arguments) if options.on == "both" else _run(options.on, options)


def _run(place: str, options: argparse.Namespace) -> int:
    kills = options.kills or (SMALL if options.small else FULL)[place]
    started = time.monotonic()
    with ExitStack() as stack:
        where = stack.enter_context(site(services=place == "postgresql", mail_port=free_port()))
        web = stack.enter_context(Web(where))
        traffic = Traffic(web.port)
        with _visitors(traffic):
            hits, masters = _kill(web, traffic, kills, Random(options.seed))
            time.sleep(SETTLE)
        return _judge(f"web on {place}, {seconds(started)}", traffic, kills, masters, hits)


@contextmanager
def _visitors(traffic: Traffic) -> Iterator[None]:
    make: Any = import_module("tests.factories")
    boss = make.UserFactory(
        email=f"boss-{secrets.token_hex(4)}@people.example", is_superuser=True, is_staff=True
    )
    curator = Browser(traffic, boss)
    threads = [
        threading.Thread(target=live, args=(traffic, curator, boss), daemon=True)
        for _ in range(VISITORS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        traffic.ending.set()
        for thread in threads:
            thread.join(60)


def _kill(web: Web, traffic: Traffic, kills: int, rng: Random) -> tuple[int, int]:
    """How many kills broke a request off, and how many took the master."""
    hits = masters = 0
    progress = Progress()
    for number in range(1, kills + 1):
        web.wait()
        _let_them_act(traffic, rng)
        before, busy = traffic.broken, traffic.under_way
        if rng.random() < MASTERS or number == kills:
            masters += 1
            web.kill_all()
            web.start()
        else:
            web.kill_workers()
            web.wait()
        hits += busy > 0 and traffic.broken > before
        progress.show(f"{number} of {kills} kills, {hits} during a request, {traffic.done} acts")
    progress.close()
    return hits, masters


def _let_them_act(traffic: Traffic, rng: Random) -> None:
    """Some acts, and a part of the next one."""
    until, deadline = traffic.done + rng.randint(1, ACTS), time.monotonic() + IDLE
    while traffic.done < until and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(rng.uniform(0, PAUSE))


def _judge(title: str, traffic: Traffic, kills: int, masters: int, hits: int) -> int:
    verdict = Verdict(title)
    verdict.tell("kill -9", kills)
    verdict.tell("of them, with the master", masters)
    verdict.expect("while a request was under way", hits, holds=hits * 2 >= kills, wanted="half")
    verdict.tell("requests broken off", traffic.broken)
    for name, count in sorted(traffic.answers.items()):
        verdict.expect(f"answered: {name}", count, holds=count > 0, wanted="some")
    for name, count in sorted(traffic.wrong.items()):
        if count:
            refused = name.rpartition(" ")[2] < "500"  # what was done already is refused
            verdict.expect(f"refused: {name}", count, holds=refused, wanted="no error")
    for name, (count, half) in halves().items():
        verdict.expect(f"{name} ({count})", len(half), holds=not half and count > 0, wanted="0")
    return verdict.close()
