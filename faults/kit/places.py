"""On which database a harness runs; each in a process of its own, for Django has one for life."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys

from tooling.environment import ROOT
from tooling.processes import dying_with_parent

PLACES = ("postgresql", "sqlite")


def ask_where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", choices=[*PLACES, "both"], default="both", help="which database")


def on_each(name: str, arguments: list[str]) -> int:
    """The harness on one database after the other; the worst exit code."""
    return max([_run([name, *arguments, "--on", place]) for place in PLACES])


def _run(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "faults", *arguments]
    with subprocess.Popen(command, cwd=ROOT, preexec_fn=dying_with_parent(signal.SIGTERM)) as run:
        return run.wait()
