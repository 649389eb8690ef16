"""Kernels loaded without numba, beside functions that numba compiles in the same process."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from matching.engine import allot, native
if {first}: native._engine()
print(allot([(1, 2, 3, 70.0), (1, 4, 5, 80.0)], 5, 20))
native._engine()
print(allot([(1, 2, 3, 70.0), (1, 4, 5, 80.0)], 5, 20))
"""


def test_kernels_leave_numba_what_it_needs_whoever_is_loaded_first() -> None:
    for first in (True, False):
        command = [sys.executable, "-c", SCRIPT.format(first=first)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert printed.splitlines() == ["[(1, 2), (1, 4)]"] * 2
