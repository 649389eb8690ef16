"""Frozen statistics read where they lie in a snapshot; only words that are new take memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .codes import Codes
from .companions import NAMES, Companions
from .layout import Arrays
from .statistics import Floats, Statistics
from .vocabulary import REMEMBERED, MappedSpeller, Vocabulary

NARROW = ("held_times_", "pair_ranks", "spelled_long", "sound_spoken")


def narrowed(arrays: Arrays) -> Arrays:
    """Statistics as they are saved: what is read one by one in the smallest type that holds it."""
    return {
        name: array.astype(np.min_scalar_type(array.max(initial=0)))
        if name.startswith(NARROW)
        else array
        for name, array in arrays.items()
    }


class MappedStatistics(Statistics):
    """Statistics of a snapshot: the same answers as when it was saved."""

    remembered = REMEMBERED

    def __init__(self, arrays: Arrays, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.codes = Codes(facts["codes"])
        self._arrays = arrays
        self._known = Vocabulary(arrays)
        self._near = MappedSpeller(self._known, arrays)
        self._documents.update(facts["documents"])
        self._mean = dict(facts["mean"])
        self._sizes: Mapping[str, int] = facts["given"]
        self._remembered: dict[tuple[str, str], int] = {}
        self.companions = Companions({name: arrays[f"companion_{name}"] for name in NAMES})

    def __len__(self) -> int:
        return len(self._known) + len(self._words)

    def known(self, term: str) -> int | None:
        found = self._known.number(term)
        return self._numbers.get(term) if found is None else found

    def number(self, term: str) -> int:
        found = self.known(term)
        if found is None:
            with self._growing:
                found = self._numbers.get(term)
                if found is None:
                    found = len(self)
                    self._words.append(term)
                    self._numbers[term] = found
        return found

    def numbers(self, terms: Sequence[str]) -> list[int]:
        return list(map(self.number, terms))

    def word(self, number: int) -> str:
        old = len(self._known)
        return self._known.word(number) if number < old else self._words[number - old]

    def holding(self, term: str, pool: str) -> int:
        key = (term, pool)
        if key not in self._remembered:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            number = self._known.number(term)
            self._remembered[key] = 0 if number is None else self._times(number, pool)
        return self._remembered[key]

    def _times(self, number: int, pool: str) -> int:
        ids = self._arrays.get(f"held_ids_{pool}", _NO_IDS)
        at = int(np.searchsorted(ids, np.uint32(number)))
        held = at < len(ids) and ids[at] == number
        return int(self._arrays[f"held_times_{pool}"][at]) if held else 0

    def given(self, language: str, ids: NDArray[np.int32]) -> tuple[int, Floats, Floats]:
        held = self._arrays.get(f"given_ids_{language}", _NO_IDS)
        sums, squares = np.zeros(len(ids)), np.zeros(len(ids))
        if len(held):
            at = np.minimum(np.searchsorted(held, ids.astype(np.uint32)), len(held) - 1)
            known = held[at] == ids
            sums[known] = self._arrays[f"given_sums_{language}"][at[known]]
            squares[known] = self._arrays[f"given_squares_{language}"][at[known]]
        return self._sizes.get(language, 0), sums, squares

    def sounding(self, key: int, languages: int) -> list[str]:
        sums, numbers = self._arrays["sound_sums"], self._arrays["sound_numbers"]
        first = np.searchsorted(sums, np.uint32(key))
        last = np.searchsorted(sums, np.uint32(key), side="right")
        kept = self._arrays["sound_spoken"][first:last] & np.uint32(languages) != 0
        return [self._known.word(number) for number in numbers[first:last][kept].tolist()]

    def speller(self) -> MappedSpeller:
        """Words of the snapshot; those that are new since are found when written in full."""
        return self._near

    def arrays(self) -> tuple[Arrays, dict[str, Any]]:
        raise NotImplementedError("a mapped index is not saved again: build anew")


_NO_IDS: NDArray[np.uint32] = np.zeros(0, np.uint32)
