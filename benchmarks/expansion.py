"""Many technologies from a few thousand real ones: every row mixes the terms and facts of two."""

from __future__ import annotations

import numpy as np

from matching.engine.blocks import Supplies, gather, join, spread
from matching.engine.columns import SUPPLY_COLUMNS
from matching.engine.layout import Arrays

SEED = 7
CHUNK = 130_000  # rows that are mixed at a time
OWN, OTHER = 0.75, 0.4  # shares of the terms of the first and of the second
FACTS = {name: column for name, column in SUPPLY_COLUMNS.items() if column.start != "vector_start"}


def expanded(few: Arrays, n: int) -> Supplies:
    """n rows: facts, language and most terms of one, some terms of another of its language."""
    random = np.random.default_rng(SEED)
    parts = [_mixed(few, min(CHUNK, n - first), first, random) for first in range(0, n, CHUNK)]
    held = parts.pop(0)
    while parts:
        held = join(held, parts.pop(0), SUPPLY_COLUMNS)
    return Supplies(held)


def _mixed(few: Arrays, n: int, number: int, random: np.random.Generator) -> Arrays:
    size = len(few["ids"])
    first = random.integers(0, size, n)
    order = np.argsort(few["languages"], kind="stable")
    place = np.searchsorted(few["languages"][order], few["languages"][first])
    ends = np.searchsorted(few["languages"][order], few["languages"][first], side="right")
    second = order[place + (random.random(n) * (ends - place)).astype(np.int64)]
    rows, ids, levels = [], [], []
    for chosen, share in ((first, OWN), (second, OTHER)):
        at, starts = spread(few["vector_start"], chosen)
        kept = random.random(len(at)) < share
        rows.append(np.repeat(np.arange(n), np.diff(starts))[kept])
        ids.append(few["vector_ids"][at[kept]])
        levels.append(few["vector_levels"][at[kept]])
    keys = np.concatenate(rows) << 32 | np.concatenate(ids).astype(np.int64)
    unique, where = np.unique(keys, return_index=True)
    held = gather(few, FACTS, first)
    held["ids"] = np.arange(number, number + n, dtype=np.int64)
    held["vector_ids"] = (unique & 0xFFFFFFFF).astype(np.uint32)
    held["vector_levels"] = np.concatenate(levels)[where]
    counts = np.bincount(unique >> 32, minlength=n)
    held["vector_start"] = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
    return held
