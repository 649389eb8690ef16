"""Compile the kernels to machine code: `python -m matching.engine.compile FILE`.

Run in a process of its own (native.py), because numba keeps 120 MB for itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numba import cfunc, types

from . import kernels
from .layout import TABLES_OF
from .memory import record
from .native import NEEDED, REPORTING, machine_here


def _exported(name: str) -> Any:
    """A function of the kernels that takes the addresses of its tables."""
    function: Callable[..., int] = getattr(kernels, name)
    tables = [record(kind) for kind in TABLES_OF[name]]
    first, second, third = (*tables, None, None)[:3]
    call: Callable[..., int]
    if third is not None:

        def call(a: int, b: int, c: int) -> int:
            return function(first(a), second(b), third(c))
    elif second is not None:

        def call(a: int, b: int) -> int:
            return function(first(a), second(b))
    else:

        def call(a: int) -> int:
            return function(first(a))

    return cfunc(types.int64(*[types.int64] * len(tables)), error_model="numpy")(call)


def object_code() -> bytes:
    """All exported functions as one object file, under their own names."""
    whole = None
    for name in TABLES_OF:
        made = _exported(name)
        module = llvm.parse_assembly(str(made._library._final_module))
        module.get_function(made.native_name).name = name
        if whole is None:
            whole = module
        else:
            whole.link_in(module)
    _check(whole)
    code: bytes = machine_here().emit_object(whole)
    return code


def _check(module: Any) -> None:
    """Raise RuntimeError if the code calls what native.py does not give it."""
    declared = {f.name for f in module.functions if f.is_declaration}
    unknown = {name for name in declared if not name.startswith("llvm.")}
    unknown -= {*NEEDED, *REPORTING}
    if unknown:
        raise RuntimeError(f"the kernels call {sorted(unknown)}")


def main(path: Path) -> None:
    """Write the object file beside and rename it, so that a reader finds all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    beside.write_bytes(object_code())
    beside.replace(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
