"""Kernels come ready made: nobody who matches or allots waits for numba or pays for its memory."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from matching.engine import Catalogue, Demand, Supply, Text, allot
def words(said): return (Text("en", "title", said),)
held = Catalogue([Supply(1, 1, "en", words("Cool roofs")), Supply(2, 2, "en", words("Rain gardens"))])
found = held.ranked(Demand(1, 1, "en", words("A roof that stays cool")), 1)
print([number for number, _score in found])
print(allot([(1, 2, 3, 70.0), (1, 4, 5, 80.0)], 5, 20))
print("numba" in sys.modules)
"""


def test_who_matches_and_allots_does_not_load_numba() -> None:
    command = [sys.executable, "-c", SCRIPT]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["[1]", "[(1, 2), (1, 4)]", "False"]
