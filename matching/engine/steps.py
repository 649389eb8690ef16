"""Impacts and weights in whole steps: sums of them are exact, in any order and from either side.

Source: Anh, de Kretser and Moffat 2001, "Vector-space ranking with effective early termination".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .layout import LEVELS, WEIGHT_SUM
from .statistics import Reading, Vector

if TYPE_CHECKING:
    from .records import Demand
    from .vectors import Chance, Context, Query


class Steps(NamedTuple):
    """Terms with their weights in whole steps."""

    ids: NDArray[np.uint32]
    weights: NDArray[np.int32]


@dataclass(frozen=True)
class Version:
    """A language version of a need as it is scored: `unit` is what a step times a level is worth.

    The other fields are those of vectors.Query.
    """

    language: str
    home: Steps
    abroad: Steps
    unit: float
    total: float
    chance: Mapping[str, Chance]

    @cached_property
    def at_home(self) -> dict[int, int]:
        """Weights by term, looked up once for each technology."""
        return dict(zip(self.home.ids.tolist(), self.home.weights.tolist(), strict=True))

    @cached_property
    def away(self) -> dict[int, int]:
        """The same against a technology without words in this language."""
        return dict(zip(self.abroad.ids.tolist(), self.abroad.weights.tolist(), strict=True))


def levels(vector: Vector) -> NDArray[np.uint16]:
    """Impacts 0..1 in whole steps; a term that is there counts at least one."""
    whole = np.rint(np.clip(vector.values, 0.0, 1.0).astype(np.float64) * LEVELS)
    return np.maximum(whole, 1).astype(np.uint16)


def impacts_of(vector: Vector) -> dict[int, int]:
    """Impacts by term in whole steps."""
    return dict(zip(vector.ids.tolist(), levels(vector).tolist(), strict=True))


def version_of(query: Query) -> Version:
    """Weights in whole steps of which there are at most WEIGHT_SUM."""
    sums = (float(np.abs(v.values.astype(np.float64)).sum()) for v in (query.vector, query.abroad))
    unit = max(sums) / WEIGHT_SUM
    home, abroad = (_steps(vector, unit) for vector in (query.vector, query.abroad))
    return Version(query.language, home, abroad, unit / LEVELS, query.total, query.chance)


def versions_of(
    demand: Demand, context: Context, readings: Mapping[str, Reading] | None = None
) -> list[Version]:
    """The language versions of a need; none if it has no words."""
    return [version_of(query) for query in context.queries(demand, readings)]


def _steps(vector: Vector, unit: float) -> Steps:
    whole = np.rint(vector.values.astype(np.float64) / unit)
    return Steps(vector.ids.astype(np.uint32), whole.astype(np.int32))
