"""Companions: the technologies most like another say which of its words matter.

A word counts up to a quarter more where the companions of a technology use it too. No technology
gets a word it does not say, so that reasons stay its own words and no list grows longer. Frozen
like all statistics: of at most 16,384 technologies, evenly spread, the strongest words.

Source: the cluster hypothesis (van Rijsbergen 1979) as smoothing by nearest neighbours, Tao et al.
2006, "Language model information retrieval with document expansion", kept to a text's own words.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from . import native
from .layout import COMPANIES_TABLE, COMPANY, SOUGHT, Arrays, Ints, Table
from .packs import GLOSSED
from .vocabulary import written

FORCE = 0.25  # of what companions give of a word
MOST = 1 << 14
TOGETHER = 1 << 14  # rows that one processor raises at a time
SKETCHED = 64  # of a companion's words, the strongest
RARITY_STEP = 1 / 32
PRIOR = (50.5, 1.0)  # of vectors.rarity
NAMES = ("terms", "rarity", "checks", "held_start", "held_rows", "held_levels", "marks")


def companions_of(rows: Arrays, words: Sequence[str]) -> Arrays:
    """The arrays of Companions, from vector_* of columns.SUPPLY_COLUMNS in the order of the ids."""
    starts: Ints = rows["vector_start"].astype(np.int64)
    lengths = starts[1:] - starts[:-1]
    chosen = np.zeros(len(lengths), np.bool_)
    chosen[:: max(1, -(-len(lengths) // MOST))] = True
    inside = np.repeat(chosen, lengths)
    ids = rows["vector_ids"][inside].astype(np.int64)
    levels = rows["vector_levels"][inside].astype(np.int64)
    owners = np.repeat(np.arange(chosen.sum()), lengths[chosen])
    rarity, checks = np.zeros(len(words), np.int64), np.zeros(len(words), np.int64)
    held = np.flatnonzero(np.bincount(ids, minlength=len(words)))
    checks[held] = [crc32(written(words[n])) for n in held.tolist()]
    holding = np.bincount(rows["vector_ids"], minlength=len(words))[held]
    idf = np.log(1 + (len(lengths) - holding + PRIOR[0]) / (holding + PRIOR[1]))
    plain = [" " not in words[n] and words[n][0] != GLOSSED for n in held.tolist()]
    rarity[held] = np.rint(idf / RARITY_STEP) * np.array(plain, np.bool_)
    kept = _strongest(owners, levels * rarity[ids] << 32 | checks[ids], rarity[ids] > 0)
    terms, places = np.unique(ids[kept], return_inverse=True)
    turned = np.argsort(places, kind="stable")
    known = np.zeros(len(words), np.bool_)
    known[terms] = True
    marks = np.concatenate([[0], np.cumsum(np.where(known[ids], levels * checks[ids], 0))])
    ends = np.concatenate([[0], np.cumsum(lengths[chosen])])
    return {
        "terms": terms.astype(np.uint32),
        "rarity": rarity[terms].astype(np.int32),
        "checks": checks[terms].astype(np.uint32),
        "held_start": _ends(places, len(terms)),
        "held_rows": owners[kept][turned].astype(np.uint16),
        "held_levels": levels[kept][turned].astype(np.uint16),
        "marks": marks[ends[1:]] - marks[ends[:-1]],
    }


def _strongest(owners: Ints, keys: Ints, allowed: NDArray[np.bool_]) -> Ints:
    """Places of the strongest of each owner, by owner, greatest key first."""
    order = np.flatnonzero(allowed)
    order = order[np.lexsort((-keys[order], owners[order]))]
    ranked = owners[order]
    first: Ints = np.searchsorted(ranked, ranked)
    return order[np.arange(len(order)) - first < SKETCHED]


def _ends(numbers: Ints, most: int) -> NDArray[np.uint32]:
    return np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=most))]).astype(np.uint32)


class Companions:
    """Frozen technologies by their strongest words; `arrays` are of `companions_of`."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays

    def raised(
        self, starts: NDArray[Any], ids: NDArray[Any], levels: NDArray[Any]
    ) -> NDArray[np.uint16]:
        """The levels of sparse rows, those of words that their companions use raised; the
        processors share many rows.
        """
        made, rows = np.empty(len(ids), np.uint16), len(starts) - 1
        given: dict[str, float | NDArray[Any]] = {
            **self.arrays,
            "vector_start": starts.astype(np.uint32, copy=False),
            "vector_ids": ids.astype(np.uint32, copy=False),
            "vector_levels": levels.astype(np.uint16, copy=False),
            "raised": made,
        }
        if rows <= TOGETHER:
            self._raise(given, 0, rows)
            return made
        firsts = range(0, rows, TOGETHER)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(lambda n: self._raise(given, n, min(n + TOGETHER, rows)), firsts))
        return made

    def _raise(self, given: Mapping[str, float | NDArray[Any]], first: int, last: int) -> None:
        n, known, best = len(self.arrays["marks"]), len(self.arrays["terms"]), max(SOUGHT, COMPANY)
        own: dict[str, float | NDArray[Any]] = {
            "n": n,
            "known": known,
            "force": FORCE,
            "first": first,
            "last": last,
            "sums": np.zeros(n, np.int64),
            "touched": np.zeros(n, np.uint32),
            "shares": np.zeros(COMPANY),
            "keys": np.zeros(best, np.int64),
            "wanted": np.zeros(best, np.int64),
        }
        native.call("raise_levels", Table(COMPANIES_TABLE, {**given, **own}))
