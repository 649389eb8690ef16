"""Programs kept running: each in its own process group, with its own log, stopped together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType

from tooling.console import Failure, say, step
from tooling.environment import ROOT, Environment

PR_SET_PDEATHSIG = 1
POLL = 0.05


class Stop(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP."""


def stop_on_signals() -> None:
    def raise_stop(number: int, frame: FrameType | None) -> None:
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, raise_stop)


def dying_with_parent(number: int) -> Callable[[], None] | None:
    """If this program is killed outright, its children must not stay behind (Linux only)."""
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    return lambda: prctl(PR_SET_PDEATHSIG, number)


class Child:
    def __init__(
        self, name: str, process: subprocess.Popen[bytes], log: Path, stop_signal: int
    ) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.stop_signal = stop_signal

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def signal_group(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def report(self) -> Failure:
        tail = "\n".join(f"    {line}" for line in self.log_text().splitlines()[-25:])
        how = f"{self.name} stopped by itself (exit code {self.process.returncode})"
        return Failure(f"{how}. End of {os.path.relpath(self.log, ROOT)}:\n{tail}")


class Crew:
    """Context manager: whatever is started in it is stopped when it is left, last started first."""

    def __init__(self, logs: Path, *, patience: float = 20.0) -> None:
        self._logs = logs
        self._patience = patience
        self.children: list[Child] = []

    def __enter__(self) -> Crew:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with step("stopping"):
            self.stop()

    def start(
        self,
        name: str,
        command: list[str],
        env: Environment,
        *,
        stop_signal: int = signal.SIGTERM,
        user: int | None = None,
    ) -> Child:
        log = self._logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT if user is None else "/",
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches this program only, which stops the others
                preexec_fn=dying_with_parent(stop_signal),
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        child = Child(name, process, log, stop_signal)
        self.children.append(child)
        return child

    def check(self) -> None:
        for child in self.children:
            if child.process.poll() is not None:
                raise child.report()

    def wait_for(self, what: str, is_there: Callable[[], bool], timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not is_there():
            self.check()
            if time.monotonic() > deadline:
                where = os.path.relpath(self._logs, ROOT)
                raise Failure(f"{what} is not there after {timeout:.0f} s; see {where}/")
            time.sleep(POLL)

    def watch(self) -> None:
        """Return never; leave by Stop or by the Failure of a child."""
        while True:
            self.check()
            time.sleep(0.5)

    def stop(self) -> None:
        """Ask politely, wait for work in hand, then insist. A second Ctrl-C insists at once."""
        try:
            for child in reversed(self.children):
                if child.process.poll() is None:
                    child.process.send_signal(child.stop_signal)
            self._wait(self._patience)
        except Stop:
            say(" at once")
        for child in self.children:
            if child.process.poll() is None:
                say(f" {child.name} was killed")
            child.signal_group(signal.SIGKILL)  # also what it may have left in its group
            child.process.wait()
        self.children.clear()

    def _wait(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while any(child.process.poll() is None for child in self.children):
            if time.monotonic() > deadline:
                return
            time.sleep(POLL)
