"""Named arrays in one file that is mapped read-only, and so shared by all processes of a machine.

Written beside, flushed and renamed: a reader finds all of a snapshot or none of it.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layout import Arrays

FORMAT = 5
MAGIC = b"GreenMatch index\n"
ALIGNED = 64


class SnapshotError(ValueError):
    """The file is missing, torn, or of another version: build the index anew."""


def _padded(length: int) -> int:
    return -(-length // ALIGNED) * ALIGNED


def write(path: Path, arrays: Arrays, facts: Mapping[str, Any]) -> None:
    """Write a snapshot; `facts` is whatever JSON can hold. Equal arrays are written once."""
    listed, once, places, at = [], list[NDArray[Any]](), dict[bytes, int](), 0
    for name, array in arrays.items():
        mark = sha256(np.ascontiguousarray(array).data).digest()
        if mark not in places:
            once.append(array)
            places[mark], at = at, at + _padded(array.nbytes)
        listed.append([name, array.dtype.str, len(array), places[mark]])
    head = json.dumps({"format": FORMAT, "arrays": listed, "facts": facts}).encode()
    first = MAGIC + b"%016x%016x%08x" % (len(head), at, zlib.crc32(head)) + head
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(first.ljust(_padded(len(first)), b"\0"))
        for array in once:
            file.write(array.tobytes().ljust(_padded(array.nbytes), b"\0"))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """The arrays, mapped, and the facts. Raises SnapshotError."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path}: {error}") from error
    length, body, checksum = _head(path, mapped)
    start = len(MAGIC) + 40
    head = mapped[start : start + length]
    first = _padded(start + length)
    if zlib.crc32(head) != checksum or len(mapped) != first + body:
        raise SnapshotError(f"{path} is torn")
    said = json.loads(head)
    if said["format"] != FORMAT:
        raise SnapshotError(f"{path} is of format {said['format']}, not {FORMAT}")
    arrays = {
        name: np.frombuffer(mapped, dtype=kind, count=count, offset=first + at)
        for name, kind, count, at in said["arrays"]
    }
    return arrays, said["facts"]


def _head(path: Path, mapped: mmap.mmap) -> tuple[int, int, int]:
    said = mapped[len(MAGIC) : len(MAGIC) + 40]
    try:
        if mapped[: len(MAGIC)] != MAGIC:
            raise SnapshotError(f"{path} is not a snapshot")
        return int(said[:16], 16), int(said[16:32], 16), int(said[32:], 16)
    except ValueError as error:
        raise SnapshotError(f"{path} is torn") from error
