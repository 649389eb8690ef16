"""PostgreSQL and Redis of the harness's own, which may be killed, hung, and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from importlib import import_module
from pathlib import Path

from tooling import servers
from tooling.console import Failure
from tooling.processes import dying_with_parent

# A crash of the server, not of the machine: what was committed is with the kernel.
SURVIVES_A_CRASH = ["fsync=off", "synchronous_commit=on", "max_connections=200"]
PATIENCE = 60.0


class Server:
    """A program that answers on a port; breaking it and bringing it back is the purpose."""

    def __init__(self, name: str, made: servers.Prepared, log: Path) -> None:
        self.name, self.made, self.log = name, made, log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.made.url

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.made.command,
                cwd="/",
                env=servers.plain(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGINT),
                user=self.made.account,
                group=self.made.account,
                extra_groups=None if self.made.account is None else [],
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process is not None
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Failure(f"{self.name} does not start; see {self.log}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.made.port)) == 0

    def send(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def die(self, number: int = signal.SIGKILL) -> None:
        """Killed, and gone with all it started."""
        assert self.process is not None
        self.send(number)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.die(signal.SIGINT)


class Postgres(Server):
    def __init__(self, folder: Path) -> None:
        made = servers.prepare_postgres(folder, SURVIVES_A_CRASH)
        super().__init__("PostgreSQL", made, folder / "postgresql.log")

    def _answers(self) -> bool:
        psycopg2 = import_module("psycopg2")  # it has no types
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """What ``pg_ctl stop -m immediate`` does: no goodbye, recovery at the next start."""
        self.die(signal.SIGQUIT)
        self.start()


class Redis(Server):
    def __init__(self, folder: Path) -> None:
        super().__init__("Redis", servers.prepare_redis(folder), folder / "redis.log")

    def hang(self) -> None:
        self.send(signal.SIGSTOP)

    def wake(self) -> None:
        self.send(signal.SIGCONT)

    def flush(self) -> None:
        import redis

        with redis.Redis(port=self.made.port, socket_timeout=5) as client:
            client.flushall()
