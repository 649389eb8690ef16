"""Plays lives: as many as asked, each as long as asked, the same ones for the same seed."""

from __future__ import annotations

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from faults.kit.life.stage import Stage, stage
from faults.kit.life.workers import Lifecycle


def play(door: str, *, lives: int, steps: int, seed: int | str) -> Stage:
    """Raises what the first broken promise raised, after the shortest life that breaks it."""
    wish = hypothesis.settings(
        max_examples=lives,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    with stage(door) as played:
        machine = type("Lifecycle", (Lifecycle,), {"stage": played})
        run_state_machine_as_test(hypothesis.seed(seed)(machine), settings=wish)
    return played
