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

from matching.engine.inverting import turned
from matching.engine.layout import BLOCK, LEVELS, VALUE_BITS

ROOT = Path(__file__).resolve().parents[1]
MEMORY = """
import json, sys
from pathlib import Path
def kilobytes():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    held = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    private = held["Private_Dirty"]  # pages of files can be shared with others
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


class Scatter:
    """Adding float32 impacts to sums, for all needs: the least that inverted lists cost."""

    def __init__(self, held: dict[str, Any], arrays: dict[str, Any], n: int) -> None:
        lists, blocks = turned(arrays), len(arrays["spoken"])
        starts = lists["posting_start"].reshape(blocks, -1).astype(np.int64)
        known = starts.shape[1] - 1
        self._starts = list(starts)
        self._rows = lists["postings"] >> np.uint32(VALUE_BITS)
        self._values = (lists["postings"] & np.uint32(LEVELS)).astype(np.float32) / LEVELS
        self._n = min(n, BLOCK)
        ids = np.split(held["q_ids"].astype(np.int64), held["q_start"][1:-1])
        self._needs = [terms[terms < known] for terms in ids]
        counts = np.diff(starts, axis=1).sum(axis=0)
        self.touched = int(sum(counts[terms].sum() for terms in self._needs))
        self._add(self._needs[0])

    def _add(self, terms: Any) -> None:
        for start in self._starts:
            sums = np.zeros(self._n, np.float32)
            _scatter(start, self._rows, self._values, terms, sums)

    def seconds(self) -> float:
        """On two threads."""
        with ThreadPoolExecutor(2) as pool:
            begun = time.perf_counter()
            list(pool.map(self._add, self._needs))
            return time.perf_counter() - begun


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
        asked = np.flatnonzero((weights != 0)[held["d_ids"]])
        sums = values[asked] * weights[held["d_ids"][asked]]
        scores = np.bincount(rows[asked], weights=sums, minlength=n)
        chosen = np.argpartition(-scores, top)[:top]
        found.append(chosen.tolist())
    return found


def memory(path: Path) -> list[list[int]]:
    """[[private, shared] before, after] opening an index, in kilobytes."""
    command = [sys.executable, "-c", MEMORY, path]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    measured: list[list[int]] = json.loads(found.stdout)
    return measured
