"""The web server of a site under test: gunicorn as `./run up` runs it, and how to kill it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType

from faults.kit.site import Site
from tooling.console import Failure
from tooling.environment import ROOT
from tooling.processes import dying_with_parent
from tooling.servers import free_port
from tooling.serving import web_command

PATIENCE = 90.0


class Web:
    """Context manager: a master and its workers, which may be killed and come back."""

    def __init__(self, site: Site) -> None:
        self.port = free_port()
        self._site, self._log = site, site.folder / "web.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Web:
        from django.core.management import call_command

        call_command("collectstatic", verbosity=0, interactive=False)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill_all()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                web_command("127.0.0.1", self.port),
                cwd=ROOT,
                env=self._site.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=dying_with_parent(signal.SIGTERM),
            )
        self.wait()

    def wait(self) -> None:
        """Until somebody answers."""
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process is not None
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise Failure(self._log.read_text(errors="replace")[-3000:])
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """The processes that serve."""
        assert self._process is not None
        pid = self._process.pid
        with suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            return [int(child) for child in children.split()]
        return []

    def kill_workers(self) -> None:
        """kill -9 of whoever serves; the master forks others."""
        for pid in self.workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """kill -9 of the master, and of the workers that it leaves."""
        assert self._process is not None
        left = self.workers()
        self._process.kill()
        self._process.wait(PATIENCE)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
