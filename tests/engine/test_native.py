"""Kernels come ready made: nobody who matches or allots waits for numba or pays for its memory."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from matching.engine import Catalogue, Demand, Supply, Text, allot
def words(said): return (Text("en", "title", said),)
said = ("Cool roofs", "Rain gardens")
held = Catalogue(Supply(n, n, "en", words(text)) for n, text in enumerate(said, 1))
found = held.ranked(Demand(1, 1, "en", words("A roof that stays cool")), 1)
print([number for number, _score in found])
print(allot([(1, 2, 3, 70.0), (1, 4, 5, 80.0)], 5, 20))
print("numba" in sys.modules)
"""


def test_who_matches_and_allots_does_not_load_numba() -> None:
    command = [sys.executable, "-c", SCRIPT]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["[1]", "[(1, 2), (1, 4)]", "False"]
