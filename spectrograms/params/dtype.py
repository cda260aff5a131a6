"""The one place where a ``dtype`` argument is understood."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from spectrograms.errors import InvalidInputError, shown

#: What a ``dtype`` argument may be.
DType: TypeAlias = (
    Literal["float64", "f64", "double", "float32", "f32", "single"]
    | type[np.float64]
    | type[np.float32]
    | np.dtype[np.float64]
    | np.dtype[np.float32]
    | None
)

_NAMES: dict[Any, Literal["float64", "float32"]] = {
    None: "float64",
    "float64": "float64",
    "f64": "float64",
    "double": "float64",
    "float32": "float32",
    "f32": "float32",
    "single": "float32",
    np.float64: "float64",
    np.dtype(np.float64): "float64",
    np.float32: "float32",
    np.dtype(np.float32): "float32",
}

#: Complex numbers of a working precision.
COMPLEX = {"float32": "complex64", "float64": "complex128"}


def parse_dtype(dtype: DType) -> Literal["float32", "float64"]:
    """Name the working precision that a `dtype` argument asks for.

    Parameters
    ----------
    dtype : str, numpy.dtype, type or None
        ``"float64"``, ``"f64"``, ``"double"``, ``"float32"``, ``"f32"``, ``"single"`` (case matters),
        ``numpy.float64``, ``numpy.float32`` or their native `numpy.dtype`; None means float64.

    Returns
    -------
    str
        ``"float64"`` or ``"float32"``.

    Raises
    ------
    InvalidInputError
        For any other string.
    TypeError
        For anything else.
    """
    try:
        return _NAMES[dtype]
    except (KeyError, TypeError, ValueError):  # a writable memoryview has no hash, and says so by ValueError
        pass
    if isinstance(dtype, str):
        raise InvalidInputError(
            f"unsupported dtype \"{shown(dtype)[1:-1]}\"; expected 'float32' or 'float64'"
        )
    raise TypeError(f"dtype must be 'float32' or 'float64', got {shown(dtype)}")
