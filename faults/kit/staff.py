"""The workers and the beat of a site under test, and how to kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from types import TracebackType

from faults.kit.site import Site
from tooling.console import Failure
from tooling.environment import ROOT
from tooling.processes import dying_with_parent

PATIENCE = 90.0
GROWN_AFTER = 0.8  # seconds: it has connected and taken up work


class Staff:
    """Context manager: a nursery in its own process."""

    def __init__(self, site: Site, workers: int, queues: str = "mail,match,maintenance") -> None:
        self.folder = site.folder
        (self.folder / "pids").mkdir(exist_ok=True)
        self._command = [sys.executable, "-m", "faults.kit.nursery"]
        self._command += [str(self.folder), str(workers), queues]
        self._env = site.env
        self.kills = 0

    def __enter__(self) -> Staff:
        with (self.folder / "nursery.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=dying_with_parent(signal.SIGTERM),
            )
        deadline = time.monotonic() + PATIENCE
        while not (self.folder / "pids" / "beat").exists():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise Failure((self.folder / "nursery.log").read_text()[-3000:])
            time.sleep(0.1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(30)

    def kill_one(self, rng: Random) -> None:
        """kill -9 of a worker that has had time to work; one time in twenty of the beat too."""
        if rng.random() < 0.05:
            self._kill(self.folder / "pids" / "beat")
        deadline = time.monotonic() + PATIENCE
        while not (grown := self._grown()):
            if time.monotonic() > deadline:
                raise Failure("no worker lives long enough to be killed")
            time.sleep(0.05)
        self._kill(rng.choice(grown))
        self.kills += 1

    def _grown(self) -> list[Path]:
        born_before = time.time() - GROWN_AFTER
        found = (self.folder / "pids").glob("worker*")
        return sorted(path for path in found if path.stat().st_mtime < born_before)

    def _kill(self, pid_file: Path) -> None:
        with suppress(OSError, ValueError):
            os.kill(int(pid_file.read_text()), signal.SIGKILL)
            os.utime(pid_file)
