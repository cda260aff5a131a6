"""Array arguments of the transforms: what counts as a vector, an image, a complex spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.engine.signals import readable
from spectrograms.errors import DimensionMismatchError, InvalidInputError
from spectrograms.intake import as_array, numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

COMPLEX: dict[str, type[np.complexfloating[Any, Any]]] = {"float32": np.complex64, "float64": np.complex128}


def as_vector(name: str, value: ArrayLike) -> NDArray[Any]:
    """Turn a non-empty 1-D argument into an ndarray of any real dtype; a single number is a vector too."""
    array = _of_dimension(name, value, 1)
    require_numbers(name, array)
    return readable(array, value, name)


def as_signal(samples: ArrayLike) -> NDArray[Any]:
    """Turn one signal, not empty, into a 1-D ndarray of any real dtype and stride."""
    array = _of_dimension("samples", samples, 1)
    if array.size == 0:
        raise InvalidInputError("samples must be non-empty, got 0 samples")
    return readable(array, samples)


def as_image(name: str, value: ArrayLike, subject: str = "array") -> NDArray[Any]:
    """Turn a 2-D argument without an axis of length 0 into an ndarray of any real dtype.

    Messages begin with `subject`.
    """
    array = _of_dimension(name, value, 2)
    if array.size == 0:
        raise InvalidInputError(
            f"{subject} dimensions must be > 0: {name} must have rows and columns, got shape {array.shape}"
        )
    return readable(array, value, name)


def as_real(name: str, value: ArrayLike, ndim: int, dtype: str) -> NDArray[Any]:
    """Turn an argument into a C-contiguous real ndarray of the working precision."""
    return np.ascontiguousarray(readable(_of_dimension(name, value, ndim), value, name), dtype)


def as_complex(name: str, value: ArrayLike, ndim: int, dtype: str) -> NDArray[Any]:
    """Turn an argument into a C-contiguous complex ndarray of the working precision."""
    return np.ascontiguousarray(numbers(_of_dimension(name, value, ndim), name, value), COMPLEX[dtype])


def as_numbers(name: str, value: ArrayLike, ndim: int, dtype: str) -> NDArray[Any]:
    """Turn an argument into an ndarray of the working precision, complex where it is complex."""
    array = numbers(_of_dimension(name, value, ndim), name, value)
    return array.astype(COMPLEX[dtype] if array.dtype.kind == "c" else dtype, copy=False)


def require_numbers(name: str, array: NDArray[Any]) -> None:
    """Raise ValueError if an array is empty."""
    if array.size == 0:
        raise ValueError(f"input array must not be empty: {name} must hold at least one number")


def require_length(name: str, array: NDArray[Any], expected: int, axis: int = 0) -> None:
    """Raise `DimensionMismatchError` unless an axis of `array` has the expected length."""
    if array.shape[axis] != expected:
        raise DimensionMismatchError(expected, array.shape[axis], f"{name}, axis {axis}")


def _of_dimension(name, value, ndim):
    array = value if type(value) is np.ndarray else as_array(value, name)
    if array.ndim == 0 and ndim == 1:
        array = array.reshape(1)
    if array.ndim != ndim:
        raise TypeError(f"{name} must be {ndim}-D, got an array of shape {array.shape}")
    return array
