"""Two beats: what the schedule has, fired by two processes at the same moment."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from unittest.mock import patch


def _schedule() -> list[str]:
    from greenmatch.celery import app

    return sorted(entry["task"] for entry in app.conf.beat_schedule.values())


def tasks() -> int:
    return len(_schedule())


def one(order: int) -> Callable[[], object]:
    """Fire everything, one after the other; what came first decides what there is to tell."""
    from greenmatch.celery import app

    names = _schedule()
    Random(order).shuffle(names)

    def fire_all() -> None:
        for name in names:
            app.tasks[name].apply(throw=True)

    return fire_all


def one_of_two() -> Callable[[], object]:
    """Each call fires the next task; every process that is forked begins with the first."""
    from greenmatch.celery import app

    left = iter(_schedule())
    return lambda: app.tasks[next(left)].apply(throw=True)


@contextmanager
def noting_runs() -> Iterator[Callable[[], Counter[str]]]:
    """How often each job with a due time was run, in whatever process."""
    from outbox import machinery

    handle, name = tempfile.mkstemp(prefix="greenmatch-runs-")
    run_once = machinery.run_once

    def noted(job: str, due_at: datetime, what: Callable[[], None]) -> bool:
        def note_and_do() -> None:
            os.write(handle, f"{job} of {due_at:%Y-%m-%d}\n".encode())
            what()

        return run_once(job, due_at, note_and_do)

    try:
        with patch.object(machinery, "run_once", noted):
            yield lambda: Counter(Path(name).read_text().splitlines())
    finally:
        os.close(handle)
        Path(name).unlink()
