"""Arrow arrays of our own buffers, and NumPy's view of Arrow's.

``pyarrow.array`` and ``to_numpy`` do the same, but import pandas where it is installed, to ask whether
something is of pandas: a quarter of a second in each process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.extras import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

# By Arrow's names.
_DTYPES = {
    name: np.dtype(dtype)
    for name, dtype in {
        "int8": "int8",
        "int32": "int32",
        "int64": "int64",
        "halffloat": "float16",
        "float": "float32",
        "double": "float64",
    }.items()
}


def numbers(values: NDArray[Any]) -> Any:
    """An array of numbers, shape (n,)."""
    pa = require("pyarrow", "the feature store")
    values = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def whole_numbers(values: Sequence[int | None]) -> Any:
    """64-bit integers, some of which are null."""
    pa = require("pyarrow", "the feature store")
    content = np.array([value or 0 for value in values], np.int64)
    return pa.Array.from_buffers(pa.int64(), len(content), [_known(pa, values), pa.py_buffer(content)])


def texts(values: Sequence[str | None]) -> Any:
    """Texts, some of which are null."""
    pa = require("pyarrow", "the feature store")
    content = [(value or "").encode() for value in values]
    offsets = np.zeros(len(content) + 1, np.int32)
    np.cumsum([len(text) for text in content], out=offsets[1:])
    buffers = [_known(pa, values), pa.py_buffer(offsets), pa.py_buffer(b"".join(content))]
    return pa.Array.from_buffers(pa.string(), len(content), buffers)


def values_of(kind: Any, values: Sequence[Any]) -> Any:
    """A further column, of any of its Arrow types, some of whose values are null."""
    pa = require("pyarrow", "the feature store")
    name = str(kind)
    if name == "string":
        return texts(values)
    if name == "int64":
        return whole_numbers(values)
    if name == "bool":
        content = np.packbits([bool(value) for value in values], bitorder="little")
    else:
        content = np.array([0.0 if value is None else value for value in values], np.float64)
    return pa.Array.from_buffers(kind, len(values), [_known(pa, values), pa.py_buffer(content)])


def view_of(array: Any) -> NDArray[Any]:
    """The values of an array of numbers without nulls, shape (n,), where they lie; not to be written to."""
    dtype, count = _DTYPES[str(array.type)], len(array)
    if not count:
        return np.empty(0, dtype)
    return np.frombuffer(array.buffers()[1], dtype, count, array.offset * dtype.itemsize)


def _known(pa, values):
    """A bit for each value that is not null, or None if all are there."""
    there = np.array([value is not None for value in values], bool)
    return None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
