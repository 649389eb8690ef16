"""The one place where functions become machine code.

Numba compiles at the first call and keeps the result in NUMBA_CACHE_DIR; `nogil` lets threads run
side by side. Compiled functions take arrays and numbers only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

Args = ParamSpec("Args")
Result = TypeVar("Result")


def compiled(function: Callable[Args, Result]) -> Callable[Args, Result]:
    """Machine code of a function of arrays and numbers, compiled when first called."""
    made: Callable[Args, Result] = numba.njit(cache=True, nogil=True)(function)
    return made
