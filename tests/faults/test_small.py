"""The harnesses as small as they come; each starts servers of its own and breaks them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNS = {
    "mail on PostgreSQL": ["mail", "--on", "postgresql"],
    "mail on SQLite": ["mail", "--on", "sqlite"],
    "smtp": ["smtp"],
    "web on PostgreSQL": ["web", "--on", "postgresql"],
    "web on SQLite": ["web", "--on", "sqlite"],
    "broker": ["broker"],
    "repeats on SQLite": ["repeats", "--on", "sqlite"],
    "links on SQLite": ["links", "--on", "sqlite"],
}


@pytest.mark.harness
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", RUNS)
def test_promise_is_kept(name: str) -> None:
    command = [sys.executable, "-m", "faults", *RUNS[name], "--small"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
