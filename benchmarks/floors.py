"""What the machine allows, measured there and then, and the truth in float64."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np

from matching.engine.layout import LEVELS, VALUE_BITS

ROOT = Path(__file__).resolve().parents[1]
MEMORY = """
import json, sys
from pathlib import Path
def kilobytes():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    held = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    private = held["Private_Clean"] + held["Private_Dirty"]
    return private, held["Rss"] - private
from matching.engine import Catalogue, Demand, Text
before = kilobytes()
catalogue = Catalogue.open(Path(sys.argv[1]), fetch=dict)
need = Demand(1, 1, "en", (Text("en", "title", "solar cooling of roofs and batteries"),))
catalogue.ranked(need); catalogue.search("solar coolng", "en")
print(json.dumps([before, kilobytes()]))
"""


@numba.njit(nogil=True)  # type: ignore[untyped-decorator]
def _scatter(start: Any, rows: Any, values: Any, terms: Any, sums: Any) -> None:
    for term in terms:
        for at in range(start[term], start[term + 1]):
            sums[rows[at]] += values[at]


def scatter(held: dict[str, Any], arrays: dict[str, Any], n: int) -> tuple[int, float]:
    """(postings touched, seconds on two threads) of adding float32 impacts to sums, all needs."""
    known = len(arrays["posting_start"]) - 1
    start = arrays["posting_start"].astype(np.int64)
    rows = arrays["postings"] >> np.uint32(VALUE_BITS)
    values = ((arrays["postings"] & np.uint32(LEVELS)) / LEVELS).astype(np.float32)
    ids = np.split(held["q_ids"].astype(np.int64), held["q_start"][1:-1])
    needs = [terms[terms < known] for terms in ids]

    def run(terms: Any) -> None:
        _scatter(start, rows, values, terms, np.zeros(n, np.float32))

    run(needs[0])
    with ThreadPoolExecutor(2) as pool:
        begun = time.perf_counter()
        list(pool.map(run, needs))
        seconds = time.perf_counter() - begun
    return int(sum((start[terms + 1] - start[terms]).sum() for terms in needs)), seconds


def bandwidth() -> float:
    """Bytes a second that two threads read."""
    block = np.ones(1 << 25)
    with ThreadPoolExecutor(2) as pool:
        begun = time.perf_counter()
        list(pool.map(np.sum, [block[::1]] * 8))
        return 8 * block.nbytes / (time.perf_counter() - begun)


def truth(held: dict[str, Any], needs: int, top: int) -> list[list[int]]:
    """The best by dot products in float64, nothing rounded; equal ones by row."""
    weights = np.zeros(int(max(held["d_ids"].max(), held["q_ids"].max())) + 1)
    n, found = len(held["d_start"]) - 1, []
    values = held["d_values"].astype(np.float64)
    rows = np.repeat(np.arange(n), np.diff(held["d_start"]))
    for number in range(min(needs, len(held["q_start"]) - 1)):
        a, b = held["q_start"][number : number + 2]
        weights[:] = 0.0
        weights[held["q_ids"][a:b]] = held["q_values"][a:b]
        scores = np.bincount(rows, weights=values * weights[held["d_ids"]], minlength=n)
        chosen = np.argpartition(-scores, top)[:top]
        found.append(chosen.tolist())
    return found


def memory(path: Path) -> list[list[int]]:
    """[[private, shared] before, after] opening an index, in kilobytes."""
    command = [sys.executable, "-c", MEMORY, path]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    measured: list[list[int]] = json.loads(found.stdout)
    return measured
