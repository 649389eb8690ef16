"""./run up: the site with its worker and beat. ./run match: the worker for a folder of records."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tooling import environment, installation
from tooling.console import Failure, Progress, paint, say, seconds, step
from tooling.environment import PYTHON, ROOT, Environment
from tooling.processes import Child, Crew, Stop

Summary = dict[str, Any]
QUEUES = "mail,match,maintenance"
STALLED_AFTER = 20.0


def up(host: str, port: int, *, demo: bool) -> int:
    started = time.monotonic()
    env = environment.for_site(host, port, demo=demo)
    address = environment.address(host, port)
    with only_one(environment.data_dir(env) / "run.lock", address):
        _require_free(host, port)
        installation.ensure(installation.RUNTIME)
        summary = prepare(env, demo=demo)
        crew = Crew(environment.data_dir(env) / "log")
        try:
            with crew:
                _start_site(crew, env, host, port)
                summary = _wait_for_matching(crew, env, summary)
                _announce(summary, address, env, started)
                crew.watch()
        except Stop:
            say(f"stopped after {seconds(started)}")
    return 0


def match(folder: Path) -> int:
    """Import a folder of records into its own database, match it, print the best of each need."""
    if not folder.is_dir():
        raise Failure(f"{folder} is not a folder")
    installation.ensure(installation.RUNTIME)
    env = _environment_of(folder)
    prepare(env, demo=False, static=False)
    with Crew(environment.data_dir(env) / "log") as crew:
        crew.start("worker", worker_command(2), env)  # gets ready while records are imported
        return subprocess.run(
            [*manage("match_folder"), str(folder)], cwd=ROOT, env=env, check=False
        ).returncode


def manage(*arguments: str) -> list[str]:
    return [str(PYTHON), str(ROOT / "manage.py"), *arguments]


def celery(*arguments: str) -> list[str]:
    return [str(PYTHON), "-m", "celery", "-A", "greenmatch", *arguments]


def worker_command(processes: int) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return celery(
        "worker",
        "-Q",
        QUEUES,
        "--pool",
        "prefork",
        "-c",
        str(processes),
        "--loglevel",
        "INFO",
        *quiet,
    )


def web_command(host: str, port: int) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [
        str(PYTHON),
        "-m",
        "gunicorn",
        "greenmatch.wsgi:application",
        "--bind",
        bind,
        "--preload",
    ]
    command += [
        "--workers",
        "2",
        "--threads",
        "4",
        "--graceful-timeout",
        "10",
        "--no-control-socket",
    ]
    return [*command, "--access-logfile", "-"]


def prepare(env: Environment, *, demo: bool, static: bool = True) -> Summary:
    """Database, vocabulary, demo data, static files; one process that skips what is done."""
    options = [*(["--demo"] if demo else []), *([] if static else ["--no-static"])]
    command = manage("prepare", *options)
    summary: Summary = {}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("{"):
                    summary = json.loads(line)
                else:
                    say(f"  {line.rstrip()}")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise Failure(
            f"`./run manage {' '.join(command[2:])}` failed with exit code {process.returncode}"
        )
    return summary


def _start_site(crew: Crew, env: Environment, host: str, port: int) -> None:
    with step("starting web server, worker and beat"):
        crew.start("web", web_command(host, port), env)
        worker = crew.start("worker", worker_command(2), env)
        beat = crew.start("beat", celery("beat", "--loglevel", "INFO", "--pidfile="), env)
        crew.wait_for("the web server", lambda: _answers(host, port, env), 60)
        _wait_for_worker(crew, worker)
        crew.wait_for("beat", lambda: "beat: Starting" in beat.log_text(), 60)


def _wait_for_worker(crew: Crew, worker: Child) -> None:
    crew.wait_for("the worker", lambda: " ready." in worker.log_text(), 60)


def _answers(host: str, port: int, env: Environment) -> bool:
    # As the proxy of a production site would ask: its own name, and https outside.
    headers = {"Host": env["ALLOWED_HOSTS"].split(",")[0], "X-Forwarded-Proto": "https"}
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(local, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _wait_for_matching(crew: Crew, env: Environment, summary: Summary) -> Summary:
    """Follow the worker until the first matching is done; the site already answers meanwhile."""
    if not summary.get("pending"):
        return summary
    started, progress, total = time.monotonic(), Progress(), int(summary["pending"])
    for counts in _follow(env):
        crew.check()
        if counts["pending"] != summary["pending"]:
            started = time.monotonic()
        elif time.monotonic() - started > STALLED_AFTER:
            say(paint("  matching does not move; the site is up, see var/log/worker.log", "yellow"))
            return summary
        summary |= counts
        total = max(total, int(counts["pending"]))
        progress.show(
            f"matching: {total - counts['pending']} of {total} listings done,"
            f" {counts['suggestions']} suggestions, {counts['messages']} messages"
        )
    progress.close()
    if env.get("DEMO_MODE") == "1":
        subprocess.run(manage("demo_answers"), cwd=ROOT, env=env, check=False, capture_output=True)
        summary |= json.loads(_output(env, "match_progress"))
    return summary


def _output(env: Environment, command: str) -> str:
    done = subprocess.run(
        manage(command), cwd=ROOT, env=env, check=True, capture_output=True, text=True
    )
    return done.stdout


def _follow(env: Environment) -> Iterator[Summary]:
    """Each line of `match_progress --watch` is one JSON object; it ends when nothing is pending."""
    with subprocess.Popen(
        manage("match_progress", "--watch"), cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            yield from map(json.loads, process.stdout)
        finally:
            process.kill()


def _announce(summary: Summary, address: str, env: Environment, started: float) -> None:
    say(paint(f"ready in {seconds(started)}: {address}/", "bold"))
    if "suggestions" in summary:
        numbers = (
            "{technologies} technologies, {needs} needs: {suggestions} suggestions, {messages}"
        )
        say(f"  {numbers} messages".format_map(summary))
    accounts = summary.get("accounts", [])
    if accounts:
        say("  demonstration accounts:")
        width = max(len(account["email"]) for account in accounts)
        for account in accounts:
            say(f"    {account['email']:<{width}}  {account['password']}  {account['role']}")
    say(f"  logs in {os.path.relpath(Path(env['DATA_DIR']) / 'log', ROOT)}/   stop with Ctrl-C")


def _environment_of(folder: Path) -> Environment:
    """A fresh SQLite database per run, unless the person names a database."""
    env = environment.with_secret_key(environment.base())
    env.setdefault("DIGEST_DEFAULT", "at_once")  # the e-mails of this run are counted at its end
    if env.get("DATABASE_URL"):
        return env
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]
    own = Path(env["DATA_DIR"]) / f"match-{name}"
    shutil.rmtree(own, ignore_errors=True)
    # Its own broker too: a worker of another database must not take these hints.
    return env | {"DATA_DIR": str(own), "REDIS_URL": "", "DEMO_MODE": "0"}


@contextmanager
def only_one(lock: Path, address: str) -> Iterator[None]:
    with lock.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Failure(
                f"GreenMatch already runs from this folder: {file.read().strip()}"
            ) from None
        file.truncate(0)
        file.write(f"{address}/ (process {os.getpid()})\n")
        file.flush()
        yield


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Failure(
                    f"port {port} is in use by another program: ./run up --port {port + 1}"
                ) from error
            raise Failure(f"cannot listen on {host} port {port}: {error.strerror}") from error


def measure(what: str, arguments: list[str]) -> int:
    """A module of benchmarks/: paths are those of the shell; no database, no Django."""
    installation.ensure(installation.RUNTIME)
    env = environment.base() | {"PYTHONPATH": str(ROOT)}
    env.setdefault("NUMBA_CACHE_DIR", str(Path(env["DATA_DIR"]) / "kernels"))
    command = [str(PYTHON), "-m", f"benchmarks.{what}", *arguments]
    return subprocess.run(command, env=env, check=False).returncode


def pass_to_manage(arguments: list[str]) -> int:
    """./run manage …: replaces this program, so that terminals, pipes and Ctrl-C behave."""
    installation.ensure(installation.RUNTIME)
    env = environment.with_secret_key(environment.base())
    sys.stdout.flush()
    os.execve(PYTHON, manage(*arguments), env)
