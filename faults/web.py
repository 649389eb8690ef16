"""Web: kills web processes while people act; counts intentions without their rows."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random

from faults.kit.options import parser
from faults.kit.places import ask_where, on_each
from faults.kit.site import site
from faults.kit.stories import Stories
from faults.kit.verdict import Verdict
from faults.kit.visitors import Visitors
from faults.kit.web import Web
from tooling.console import Failure, Progress, seconds

FULL, SMALL = 300, 8
PEOPLE = 6
OF_MASTERS = 0.03
BETWEEN = (0.0, 0.6)  # seconds of work between a sign of life and the next kill
NO_MAIL = 9  # a port at which nobody listens: no worker runs, nothing is sent
SIGN_OF_LIFE = 60.0


def main(arguments: list[str]) -> int:
    made = parser("web", __doc__)
    ask_where(made)
    made.add_argument("--kills", type=int)
    options = made.parse_args(arguments)
    if options.kills is None:
        options.kills = SMALL if options.small else FULL
    return on_each("web", arguments) if options.on == "both" else _run(options.on, options)


@dataclass
class Trial:
    web: Web
    visitors: Visitors
    rng: Random
    kills: int
    masters: int = 0

    def kill(self, number: int) -> None:
        """At a random moment after somebody was answered since the last one."""
        self.wait_for_answer()
        time.sleep(self.rng.uniform(*BETWEEN))
        self.visitors.kill = number
        if self.rng.random() < OF_MASTERS:
            self.masters += 1
            self.web.kill_master()
        else:
            self.web.kill_worker(self.rng)

    def wait_for_answer(self) -> None:
        seen, deadline = self.answers, time.monotonic() + SIGN_OF_LIFE
        while self.answers == seen:
            if self.visitors.errors:
                raise self.visitors.errors[0]
            if time.monotonic() > deadline:
                raise Failure(f"nobody is answered any more; see {self.web.log}")
            time.sleep(0.01)

    @property
    def answers(self) -> int:
        return self.visitors.answered.total() + self.visitors.refused.total()


def _run(place: str, options: argparse.Namespace) -> int:
    with ExitStack() as stack:
        where = stack.enter_context(site(services=place == "postgresql", mail_port=NO_MAIL))
        web = stack.enter_context(Web(where))
        rng = Random(options.seed)
        visitors = Visitors(web.port)
        trial = Trial(web, visitors, rng, options.kills)
        started, progress = time.monotonic(), Progress()
        visitors.come(PEOPLE, Stories(Random(options.seed)).tell)
        for number in range(1, options.kills + 1):
            trial.kill(number)
            progress.show(f"{number} of {options.kills} kills, {trial.answers} forms answered")
        trial.wait_for_answer()
        visitors.go_home()
        progress.close()
        return _judge(trial, f"web on {place}, {seconds(started)}")


def _judge(trial: Trial, title: str) -> int:
    from faults.kit.orphans import KINDS

    visitors, verdict = trial.visitors, Verdict(title)
    if visitors.errors:
        raise visitors.errors[0]
    verdict.tell("kill -9 of a web process", trial.kills - trial.masters)
    verdict.tell("kill -9 of all of them", trial.masters)
    verdict.tell("kills that cut a form under way", len(visitors.cut))
    verdict.tell("forms cut", visitors.cut.total())
    for name, count in sorted(visitors.answered.items()):
        verdict.tell(f"answered with success: {name}", count)
    verdict.tell("refused, as done before", visitors.refused.total())
    broken = len(visitors.broken)
    first = f"{broken}: {visitors.broken[0]}" if broken else "0"
    verdict.expect("answered with an error", first, holds=not broken, wanted="0")
    unkept = [click for click in visitors.promised if not click.proof()]
    named = f"{len(unkept)} {sorted({click.name for click in unkept})}" if unkept else "0"
    verdict.expect("success said, nothing stored", named, holds=not unkept, wanted="0")
    for what, count_apart in KINDS.items():
        apart = count_apart()
        verdict.expect(f"orphans, {what}", apart, holds=not apart, wanted="0")
    return verdict.close()
