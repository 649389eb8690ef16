"""Impacts and weights in whole steps: sums of them are exact, in any order and from either side.

Source: Anh, de Kretser and Moffat 2001, "Vector-space ranking with effective early termination".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .layout import LEVELS, WEIGHT_SUM
from .statistics import Vector

if TYPE_CHECKING:
    from .vectors import Query


def levels(vector: Vector) -> NDArray[np.uint16]:
    """Impacts 0..1 in whole steps; a term that is there counts at least one."""
    whole = np.rint(np.clip(vector.values, 0.0, 1.0).astype(np.float64) * LEVELS)
    return np.maximum(whole, 1).astype(np.uint16)


def unit_of(query: Query) -> float:
    """The step of the weights of a version of a need."""
    sums = (float(np.abs(v.values.astype(np.float64)).sum()) for v in (query.vector, query.abroad))
    return max(sums) / WEIGHT_SUM


def steps(vector: Vector, unit: float) -> NDArray[np.int32]:
    """Weights of a need in whole steps of `unit`."""
    return np.rint(vector.values.astype(np.float64) / unit).astype(np.int32)
