"""The best k of what the kernels find, as a binary heap with the worst on top (Williams 1964)."""

from __future__ import annotations

from typing import Any

from .memory import f64, i64, machine, put_f64, put_i64


@machine
def worse(asking: Any, left: int, right: int) -> bool:
    """Is the result at `left` behind the one at `right`: lower, or equal with a higher id?"""
    a, b = f64(asking.best_z, left), f64(asking.best_z, right)
    return a < b or (a == b and i64(asking.best_ids, left) > i64(asking.best_ids, right))


@machine
def swap(asking: Any, left: int, right: int) -> None:
    """Let two results change places."""
    z, number = f64(asking.best_z, left), i64(asking.best_ids, left)
    put_f64(asking.best_z, left, f64(asking.best_z, right))
    put_i64(asking.best_ids, left, i64(asking.best_ids, right))
    put_f64(asking.best_z, right, z)
    put_i64(asking.best_ids, right, number)


@machine
def keep(asking: Any, held: int, number: int, z: float) -> int:
    """Put a result on the heap of the best k, the worst on top; how many it holds then."""
    if held < asking.k:
        at = held
        put_f64(asking.best_z, at, z)
        put_i64(asking.best_ids, at, number)
        while at > 0 and worse(asking, at, (at - 1) >> 1):
            swap(asking, at, (at - 1) >> 1)
            at = (at - 1) >> 1
        return held + 1
    top = f64(asking.best_z, 0)
    if held == 0 or z < top or (z == top and number > i64(asking.best_ids, 0)):
        return held
    put_f64(asking.best_z, 0, z)
    put_i64(asking.best_ids, 0, number)
    at = 0
    while 2 * at + 1 < held:
        child = 2 * at + 1
        if child + 1 < held and worse(asking, child + 1, child):
            child += 1
        if not worse(asking, child, at):
            break
        swap(asking, child, at)
        at = child
    return held
