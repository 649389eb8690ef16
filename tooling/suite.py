"""./run test: the checks, then pytest, whose closing line comes last."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack

from tooling import checks, environment, installation, servers
from tooling.console import TTY, paint, say, seconds
from tooling.environment import PYTHON, ROOT, Environment

NO_TESTS_COLLECTED = 5
NO_CHROMIUM = (
    "browser tests skipped: no chromium found (install the package chromium, or set CHROMIUM)"
)


def test(arguments: list[str], *, services: bool) -> int:
    started = time.monotonic()
    installation.ensure(installation.DEVELOPMENT)
    failed: list[str] = []
    with ExitStack() as stack:
        env = environment.for_tests()
        if services:
            env |= stack.enter_context(servers.provide())
        elif arguments:
            say("  checks left out: pytest arguments were given")
        else:
            failed = checks.run_all(checks.style() + checks.project())
        say(
            "tests on PostgreSQL and Redis"
            if services
            else "tests on SQLite and the file system broker"
        )
        code, closing = _pytest(arguments, env, services=services)
    _notes(env, failed, started)
    say(closing)
    return code or (1 if failed else 0)


def lint() -> int:
    installation.ensure(installation.DEVELOPMENT)
    return 1 if checks.run_all(checks.style()) else 0


def _pytest(arguments: list[str], env: Environment, *, services: bool) -> tuple[int, str]:
    command = [str(PYTHON), "-m", "pytest", "-q", "-n", "auto", f"--color={'yes' if TTY else 'no'}"]
    left_out = [
        *(["browser"] if "CHROMIUM" not in env else []),
        *(["pages", "harness"] if services else []),  # they ran beside SQLite
    ]
    if left_out:
        command += ["-m", " and ".join(f"not {mark}" for mark in left_out)]
    with subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        closing = ""
        assert process.stdout is not None
        for line in process.stdout:  # the last line is held back until everything else is said
            if closing:
                say(closing)
            closing = line.rstrip("\n") or " "
    return process.returncode, closing.strip()


def _notes(env: Environment, failed: list[str], started: float) -> None:
    if "CHROMIUM" not in env:
        say(paint(NO_CHROMIUM, "yellow"))
    if failed:
        say(paint(f"checks that failed: {', '.join(failed)}", "red"))
    say(f"{os.cpu_count()} processors, {seconds(started)} in all")
