"""The life of suggestions and introductions, played at random by a Hypothesis state machine.

People answer, withdraw, are suspended or leave; workers score, tell, send and die; after every
step the rows, the audit, the e-mails and what each person sees are compared with a model.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from faults.kit.options import parser
from faults.kit.verdict import Verdict
from tooling import environment
from tooling.console import Progress, say

if TYPE_CHECKING:
    from faults.kit.life.stage import Stage

DOORS = ("actions", "http")


def main(arguments: list[str]) -> int:
    options = parser("lifecycle", __doc__)
    options.add_argument("--examples", type=int, default=5000, help="lives, for each door")
    options.add_argument("--steps", type=int, default=100, help="of one life")
    options.add_argument("--door", choices=[*DOORS, "both"], default="both")
    chosen = options.parse_args(arguments)
    lives, steps = (10, 30) if chosen.small else (chosen.examples, chosen.steps)
    verdict = Verdict(f"{lives} lives of {steps} steps, seed {chosen.seed}")
    with _world():
        for door in DOORS if chosen.door == "both" else (chosen.door,):
            _play(door, lives, steps, chosen.seed, verdict)
    return verdict.close()


def _play(door: str, lives: int, steps: int, seed: int, verdict: Verdict) -> None:
    from faults.kit.life.play import play

    began, progress = time.process_time(), Progress(every=10.0)

    def tell(stage: Stage) -> None:
        pace = 1000 * (time.process_time() - began) / max(1, stage.steps)
        words = f"{stage.lives} lives, {stage.steps} steps, {pace:.1f} ms of processor a step"
        progress.show(f"{door}: {words}")

    broken = ""
    try:
        played = play(door, lives=lives, steps=steps, seed=seed, told=tell)
    except AssertionError as error:
        broken = str(error)
        say("\n".join([f"\n{door}: {error}", *getattr(error, "__notes__", [])]))
    else:
        verdict.tell(f"{door}: lives, steps", f"{played.lives}, {played.steps}")
        for rule, count in sorted(played.seen.items()):
            verdict.tell(f"{door}: {rule}", count)
    progress.close()
    verdict.expect(f"{door}: promises broken", int(bool(broken)), holds=not broken, wanted="0")


@contextmanager
def _world() -> Iterator[None]:
    """A SQLite database in memory, or one beside what DATABASE_URL of the shell names."""
    with tempfile.TemporaryDirectory(prefix="greenmatch-lifecycle-") as folder:
        given = {"DATABASE_URL": os.environ.get("DATABASE_URL", "sqlite://:memory:")}
        os.environ.update(environment.TEST_DEFAULTS | given)
        os.environ |= {"DATA_DIR": folder, "HINTS": "0", "LOG_LEVEL": "CRITICAL"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "greenmatch.settings"
        import django

        django.setup()
        logging.disable(logging.CRITICAL)  # refusals are what half of the steps are for
        from django.db import connections
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        config = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
            connections.close_all()
            teardown_databases(config, verbosity=0)
