"""The kernels as machine code: compiled once by numba, loaded by everybody with llvmlite alone.

numba costs a process 120 MB and three seconds, loading its object code 6 MB and a tenth of one.
The code is for the processor at hand; the name of its file says which, and from which source.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Lock

import llvmlite.binding as llvm

from .layout import TABLES_OF, Table

SOURCES = [
    "auction",
    "blend",
    "compile",
    "conditions",
    "criteria",
    "facts",
    "finding",
    "giving",
    "heap",
    "kernels",
    "layout",
    "lookup",
    "memory",
    "purpose",
    "score",
    "sums",
    "sweep",
]
NEEDED = ("memset", "memcpy", "memmove", "pow", "sqrt")
REPORTING = (
    "numba_gil_ensure",
    "numba_gil_release",
    "numba_unpickle",
    "numba_do_raise",
    "numba_runtime_build_excinfo_struct",
    "NRT_Free",
    "PyBytes_FromStringAndSize",
    "PyErr_Clear",
    "PyErr_SetNone",
    "PyErr_SetString",
    "PyErr_WriteUnraisable",
    "PyUnicode_FromString",
    "Py_DecRef",
)
HERE = Path(__file__).resolve().parent
Kernel = Callable[..., int]
_loading = Lock()


def folder() -> Path:
    """Where machine code is kept: NUMBA_CACHE_DIR, else the cache of the user."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    return Path(given) if given else Path.home() / ".cache" / "greenmatch"


def machine_here() -> llvm.TargetMachine:
    """Code for this processor, with all it can do."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=3, jit=True
    )


def is_missing() -> bool:
    """Whether the next `prepare` has to compile."""
    return not _place().exists()


def load() -> None:
    """Load the machine code, unless it is still to be compiled."""
    if not is_missing():
        with _loading:
            _engine()


def _place(where: Path | None = None) -> Path:
    return (where or folder()) / f"kernels-{_fingerprint()}.o"


def prepare(where: Path | None = None) -> Path:
    """The file with the machine code, compiled (half a minute) if it is not there."""
    path = _place(where)
    if not path.exists():
        command = [sys.executable, "-m", f"{__package__}.compile", str(path)]
        paths = [str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own module
    return path


def _fingerprint() -> str:
    """What the machine code depends on: our source, the compiler, the processor."""
    found = sha256()
    for name in SOURCES:
        source = HERE / f"{name}.py"
        found.update(source.read_bytes() if source.exists() else b"")
    features = llvm.get_host_cpu_features().flatten()
    parts = (version("numba"), version("llvmlite"), llvm.get_host_cpu_name(), features)
    found.update("\n".join(parts).encode())
    return found.hexdigest()[:16]


@cache
def _engine() -> llvm.ExecutionEngine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    _stand_in()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine_here())
    engine.add_object_file(llvm.ObjectFileRef.from_data(prepare().read_bytes()))
    engine.finalize_object()
    return engine


def _stand_in() -> None:
    """What the code may call: the C library; of numba's helpers only those that report exceptions,
    which kernels never raise. Symbols are shared by the whole process: what is there stays, or
    functions that numba compiles in this process would report to nobody."""
    here = ctypes.CDLL(None)
    nothing = ctypes.cast(ctypes.pythonapi.PyErr_Clear, ctypes.c_void_p).value or 0
    for name in NEEDED:
        llvm.add_symbol(name, ctypes.cast(getattr(here, name), ctypes.c_void_p).value or 0)
    for name in REPORTING:
        if llvm.address_of_symbol(name) is None:
            llvm.add_symbol(name, nothing)


@cache
def _function(name: str) -> Callable[..., int]:
    with _loading:
        address = _engine().get_function_address(name)
    kinds = [ctypes.c_void_p] * len(TABLES_OF[name])
    function: Callable[..., int] = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(address)
    return function


def call(name: str, *tables: Table) -> int:
    """Run a kernel over tables; other threads run meanwhile."""
    return _function(name)(*(table.address for table in tables))
