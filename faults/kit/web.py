"""The web server of a site under test: gunicorn as in production, its processes to be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from random import Random
from types import TracebackType

from faults.kit.site import Site
from tooling import servers
from tooling.console import Failure, step
from tooling.environment import ROOT
from tooling.processes import dying_with_parent

PATIENCE = 90.0
APPLICATION = "faults.kit.wsgi:application"


class Web:
    """Context manager."""

    def __init__(self, site: Site, *, workers: int = 2, threads: int = 4) -> None:
        self.port = servers.free_port()
        self.log = site.folder / "web.log"
        self.pids = site.folder / "web"
        self.pids.mkdir()
        self._env = site.env | {"WEB_PIDS": str(self.pids)}
        self._command = [sys.executable, "-m", "gunicorn", APPLICATION, "--preload"]
        self._command += ["--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        self._command += ["--workers", str(workers), "--threads", str(threads)]

    def __enter__(self) -> Web:
        _collect_static()
        with step("starting the web server"):
            self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kill_all()

    def _start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGTERM),
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise Failure(self.log.read_text()[-3000:])
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill_worker(self, rng: Random) -> None:
        """kill -9 of one of those that serve; the master forks another."""
        deadline = time.monotonic() + PATIENCE
        while not (alive := sorted(self.pids.iterdir())):
            if time.monotonic() > deadline:
                raise Failure(f"no web process lives; see {self.log}")
            time.sleep(0.02)
        chosen = rng.choice(alive)
        with suppress(ProcessLookupError):
            os.kill(int(chosen.name), signal.SIGKILL)
        chosen.unlink()

    def kill_master(self) -> None:
        """kill -9 of all at once, as when the machine loses power; then it is started again."""
        self._kill_all()
        self._start()

    def _kill_all(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        for pid in self.pids.iterdir():
            pid.unlink()


def _collect_static() -> None:
    from django.core.management import call_command

    with step("collecting static files"):
        call_command("collectstatic", verbosity=0, interactive=False)
