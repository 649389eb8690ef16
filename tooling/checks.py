"""What `./run test` checks first: style, types, ladder, migrations, messages, deployment."""

from __future__ import annotations

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from tooling import environment
from tooling.console import paint, say, seconds
from tooling.environment import PYTHON, ROOT, Environment
from tooling.serving import manage

MOST_LINES = 80


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]
    env: Environment


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    time: str
    output: str


def tool(name: str, *arguments: str) -> list[str]:
    return [str(PYTHON.parent / name), *arguments]


def style() -> list[Check]:
    env = environment.for_tests()
    return [
        Check("types (mypy)", tool("mypy"), env),  # the longest first
        Check("style (ruff check)", tool("ruff", "check", "--output-format", "concise", "."), env),
        Check(
            "format (ruff format)",
            tool("ruff", "format", "--check", "--output-format", "concise", "."),
            env,
        ),
        Check("templates (djlint)", tool("djlint", "templates", "--lint", "--quiet"), env),
        Check("import ladder (import-linter)", tool("lint-imports"), env),
    ]


def project() -> list[Check]:
    env = environment.for_tests()
    deploy = manage("check", "--deploy", "--fail-level", "WARNING")
    return [
        Check("migrations complete", manage("makemigrations", "--check", "--dry-run"), env),
        Check("messages complete in six languages", manage("messages", "--check"), env),
        Check("deployment settings", deploy, environment.for_production_check()),
    ]


def run_all(checks: list[Check]) -> list[str]:
    """Run side by side, show each as it ends, return the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for future in as_completed([pool.submit(_run, check) for check in checks]):
            outcome = future.result()
            word = paint("ok    ", "green") if outcome.passed else paint("FAILED", "red")
            say(f"  {word} {outcome.name:<38} {outcome.time}")
            if not outcome.passed:
                failed.append(outcome.name)
                _show(outcome.output.strip().splitlines())
    return failed


def _show(lines: list[str]) -> None:
    for line in lines[:MOST_LINES]:
        say(f"         {line}")
    if len(lines) > MOST_LINES:
        say(f"         ... and {len(lines) - MOST_LINES} more lines")


def _run(check: Check) -> Outcome:
    started = time.monotonic()
    result = subprocess.run(
        check.command,
        cwd=ROOT,
        env=check.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Outcome(check.name, result.returncode == 0, seconds(started), result.stdout)
