"""Typed wrappers of numba: machine functions, and reading and writing memory by address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import from_dtype, njit, types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])


def machine(function: Function) -> Function:
    """Compile for the kernels: NumPy's arithmetic, no exceptions, no reordering of sums."""
    return cast(Function, njit(error_model="numpy")(function))


def _reader(kind: Any) -> Callable[[int, int], Any]:
    def read(typing: Any, address: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], context.get_data_type(kind).as_pointer())
            return builder.load(builder.gep(pointer, [arguments[1]]))

        return kind(types.int64, types.int64), generate

    return cast(Callable[[int, int], Any], intrinsic(read))


def _loose_reader(kind: Any) -> Callable[[int], Any]:
    def read(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], context.get_data_type(kind).as_pointer())
            return builder.load(pointer, align=1)

        return kind(types.int64), generate

    return cast(Callable[[int], Any], intrinsic(read))


def _writer(kind: Any) -> Callable[[int, int, Any], None]:
    def write(typing: Any, address: Any, index: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], context.get_data_type(kind).as_pointer())
            builder.store(arguments[2], builder.gep(pointer, [arguments[1]]))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, kind), generate

    return cast(Callable[[int, int, Any], None], intrinsic(write))


def record(dtype: Any) -> Any:
    """Of an address: the record that lies there."""
    kind = from_dtype(dtype)

    def at(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(kind))

        return kind(types.int64), generate

    return intrinsic(at)


u8: Callable[[int, int], int] = _reader(types.uint8)
u16: Callable[[int, int], int] = _reader(types.uint16)
u32: Callable[[int, int], int] = _reader(types.uint32)
i32: Callable[[int, int], int] = _reader(types.int32)
i64: Callable[[int, int], int] = _reader(types.int64)
f64: Callable[[int, int], float] = _reader(types.float64)
loose_u32: Callable[[int], int] = _loose_reader(types.uint32)
"""What lies at an address, also at an odd one."""
put_i32, put_i64 = _writer(types.int32), _writer(types.int64)
put_u8, put_u16 = _writer(types.uint8), _writer(types.uint16)
put_u32, put_f64 = _writer(types.uint32), _writer(types.float64)
