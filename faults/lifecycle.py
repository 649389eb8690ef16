"""The life of suggestions and introductions, played at random by a Hypothesis state machine.

People answer, withdraw, are suspended or leave; workers score, tell, send and die; after every
step the rows, the audit, the e-mails and what each person sees are compared with a model.
"""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from faults.kit.options import parser
from faults.kit.verdict import Verdict
from tooling import environment
from tooling.console import Progress, say
from tooling.processes import dying_with_parent

DOORS = ("either", "actions", "http")
LIVES = 50  # of a part, which one process plays


@dataclass
class Part:
    """What one process has played."""

    lives: int = 0
    steps: int = 0
    took: float = 0.0  # seconds of processor
    seen: Counter[str] = field(default_factory=Counter)
    broken: str = ""

    def __iadd__(self, other: Part) -> Part:
        self.lives += other.lives
        self.steps += other.steps
        self.took += other.took
        self.seen += other.seen
        self.broken = self.broken or other.broken
        return self


def main(arguments: list[str]) -> int:
    options = parser("lifecycle", __doc__)
    options.add_argument("--examples", type=int, default=5000, help="lives")
    options.add_argument("--steps", type=int, default=100, help="of one life")
    options.add_argument("--door", choices=DOORS, default=DOORS[0], help="either: in turn")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    options.add_argument(
        "--first", type=int, default=0, help=f"part, of {LIVES} lives, to go on at"
    )
    chosen = options.parse_args(arguments)
    lives, steps = (10, 30) if chosen.small else (chosen.examples, chosen.steps)
    verdict = Verdict(f"{lives} lives of {steps} steps, seed {chosen.seed}, by {chosen.door}")
    whole, progress = Part(), Progress(every=10.0)
    with ProcessPoolExecutor(
        chosen.jobs, get_context("spawn"), initializer=_leave_with_us, max_tasks_per_child=1
    ) as pool:
        asked = []
        for part in range(chosen.first, -(-lives // LIVES)):
            size, seed = min(LIVES, lives - LIVES * part), f"{chosen.seed}:{part}"
            asked.append(pool.submit(_play, chosen.door, size, steps, seed))
        for number, done in enumerate(as_completed(asked), 1):
            whole += done.result()
            pace = 1000 * whole.took / max(1, whole.steps)
            words = f"{whole.lives} lives, {whole.steps} steps, {pace:.1f} ms of processor a step"
            progress.show(f"part {number} of {len(asked)}: {words}")
            if whole.broken:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    progress.close()
    if whole.broken:
        say(whole.broken)
    verdict.tell("lives, steps", f"{whole.lives}, {whole.steps}")
    for rule, count in sorted(whole.seen.items()):
        verdict.tell(rule, count)
    verdict.expect("promises broken", int(bool(whole.broken)), holds=not whole.broken, wanted="0")
    return verdict.close()


def _leave_with_us() -> None:
    """In a new process: it stops when this program is stopped."""
    if bind := dying_with_parent(signal.SIGKILL):
        bind()


def _play(door: str, lives: int, steps: int, seed: str) -> Part:
    """In a process of its own; what Hypothesis found is told as text."""
    with _world():
        from faults.kit.life.play import play

        began = time.process_time()
        try:
            played = play(door, lives=lives, steps=steps, seed=seed)
        except Exception as error:  # noqa: BLE001 # any of them breaks a promise
            notes = getattr(error, "__notes__", [])
            return Part(broken="\n".join([f"{door}, seed {seed}: {error!r}", *notes]))
        return Part(played.lives, played.steps, time.process_time() - began, played.seen)


@contextmanager
def _world() -> Iterator[None]:
    """A SQLite database in memory, or one beside what DATABASE_URL of the shell names."""
    with tempfile.TemporaryDirectory(prefix="greenmatch-lifecycle-") as folder:
        given = {"DATABASE_URL": os.environ.get("DATABASE_URL", "sqlite://:memory:")}
        os.environ.update(environment.TEST_DEFAULTS | given)
        os.environ |= {"DATA_DIR": folder, "HINTS": "0", "LOG_LEVEL": "CRITICAL"}
        Path(folder, "static").mkdir()  # the server warns without it
        os.environ["DJANGO_SETTINGS_MODULE"] = "greenmatch.settings"
        import django

        django.setup()
        logging.disable(logging.CRITICAL)  # refusals are what half of the steps are for
        from django.db import connections
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        if connections["default"].vendor == "postgresql":
            connections["default"].settings_dict["TEST"]["NAME"] = f"lifecycle_{os.getpid()}"
        setup_test_environment()
        config = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
            connections.close_all()
            teardown_databases(config, verbosity=0)
