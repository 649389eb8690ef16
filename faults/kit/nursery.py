"""Real Celery workers and a beat, forked from a process that has imported everything.

``python -m faults.kit.nursery FOLDER WORKERS QUEUES``: whoever is killed is forked again, so that
hundreds of kill -9 take minutes. ``FOLDER/pids`` has the living: one file each, named by its role.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from tooling.processes import dying_with_parent

# What a worker would import at its start, hundreds of times.
AHEAD = """celery.bin.celery celery.bin.worker celery.bin.beat celery.beat celery.apps.beat
celery.apps.worker celery.worker.consumer celery.concurrency.solo kombu.transport.redis
kombu.transport.filesystem kombu.asynchronous.hub django.core.mail.backends.smtp"""
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]


def main(folder: Path, workers: int, queues: str) -> None:
    from greenmatch.celery import app

    app.loader.import_default_modules()  # Django, and every task
    for name in AHEAD.split():
        import_module(name)
    roles = [f"worker{number}" for number in range(workers)] + ["beat"]
    alive: dict[int, str] = {}
    signal.signal(signal.SIGTERM, lambda *_: _end(alive))
    while True:
        for role in set(roles) - set(alive.values()):
            alive[_fork(app, folder, role, queues)] = role
        pid, _status = os.wait()
        alive.pop(pid, None)
        time.sleep(0.02)


def _fork(app: Any, folder: Path, role: str, queues: str) -> int:
    pid = os.fork()
    if pid:
        (folder / "pids" / role).write_text(str(pid))
        return pid
    try:
        _live(app, folder, role, queues)
    finally:
        os._exit(1)


def _live(app: Any, folder: Path, role: str, queues: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    follow = dying_with_parent(signal.SIGKILL)
    if follow:
        follow()
    with (folder / f"{role}.log").open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    if role == "beat":
        app.start(["beat", "--pidfile=", "--schedule", str(folder / "schedule"), *QUIET[3:]])
    else:
        name = f"{role}-{os.getpid()}@faults"
        app.worker_main(["worker", "--pool", "solo", "-Q", queues, "-n", name, *QUIET])


def _end(alive: dict[int, str]) -> None:
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
