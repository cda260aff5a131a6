"""Array arguments of the transforms: what counts as a vector, an image, a complex spectrum."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.intake import contiguous, narrowed, numbers
from spectrograms._engine.loop.signals import of_dimension, real_numbers
from spectrograms.errors import DimensionMismatchError, InvalidInputError, shown
from spectrograms.params.dtype import COMPLEX

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# What the docstrings of planners have in common, with what they keep plans for.
PLANNER = """The functions of the package share a cache of limited size; a planner keeps the plans of
every %(size)s it has met. It may be used from any number of threads at once.

Parameters
----------
dtype : {"float64", "float32"}, optional
    Working precision of all methods.

See Also
--------
%(shared)s : The same with the cache that all share.
%(other)s : The transforms of %(what)s."""


def as_samples(name: str, value: ArrayLike) -> NDArray[Any]:
    """Turn a 1-D argument, maybe empty, into an ndarray of any real dtype; one number is a vector too."""
    return real_numbers(value, name, 1)


def as_response(value: ArrayLike) -> NDArray[Any]:
    """Turn an impulse response, not empty, into a 1-D ndarray of any real dtype."""
    array = as_samples("ir", value)
    if array.size == 0:
        raise InvalidInputError("ir must not be empty")
    return array


def as_vector(name: str, value: ArrayLike) -> NDArray[Any]:
    """Turn a non-empty 1-D argument into an ndarray of any real dtype; a single number is a vector too."""
    array = real_numbers(value, name, 1)
    if array.size == 0:
        raise empty(name)
    return array


def as_nonempty_signal(samples: ArrayLike) -> NDArray[Any]:
    """Turn one signal, not empty, into a 1-D ndarray of any real dtype and stride."""
    array = real_numbers(samples, "samples", 1)
    if array.size == 0:
        raise InvalidInputError("samples must be non-empty, got 0 samples")
    return array


def as_image(name: str, value: ArrayLike, subject: str = "array") -> NDArray[Any]:
    """Turn a 2-D argument without an axis of length 0 into an ndarray of any real dtype.

    Messages begin with `subject`.
    """
    array = real_numbers(value, name, 2)
    if array.size == 0:
        raise InvalidInputError(
            f"{subject} dimensions must be > 0: {name} must have rows and columns, got shape {array.shape}"
        )
    return array


def as_real(name: str, value: ArrayLike, ndim: int, dtype: str) -> NDArray[Any]:
    """Turn an argument into a C-contiguous real ndarray of the working precision."""
    return contiguous(_narrowed(real_numbers(value, name, ndim), dtype), dtype)


def as_complex(name: str, value: ArrayLike, ndim: int, dtype: str) -> NDArray[Any]:
    """Turn an argument into a C-contiguous complex ndarray of the working precision."""
    return complexes(any_numbers(name, value, ndim), dtype)


def any_numbers(name: str, value: ArrayLike, ndim: int) -> NDArray[Any]:
    """Turn an argument into an ndarray of real or complex numbers, of whatever dtype they have."""
    return numbers(of_dimension(value, name, ndim), name, value)


def complexes(array: NDArray[Any], dtype: str) -> NDArray[Any]:
    """An array of numbers as a C-contiguous complex ndarray of the working precision."""
    return contiguous(_narrowed(array, dtype), COMPLEX[dtype])


def as_numbers(name: str, value: ArrayLike, ndim: int, dtype: str) -> NDArray[Any]:
    """Turn an argument into an ndarray of the working precision, complex where it is complex."""
    array = _narrowed(any_numbers(name, value, ndim), dtype)
    return array.astype(COMPLEX[dtype] if array.dtype.kind == "c" else dtype, copy=False)


def _narrowed(array, dtype):
    """An array whose values `dtype` can hold: beyond its range they are infinite, without a warning."""
    known = array.dtype
    wanted = np.dtype(COMPLEX[dtype] if known.kind == "c" else dtype)
    if known.kind not in "fc" or known.itemsize <= wanted.itemsize:
        return array
    return narrowed(array, wanted)


def empty(name: str) -> ValueError:
    """The error for a vector without numbers."""
    return ValueError(f"input array must not be empty: {name} must hold at least one number")


def require_length(name: str, array: NDArray[Any], expected: int, axis: int = 0) -> None:
    """Raise `DimensionMismatchError` unless an axis of `array` has the expected length."""
    if array.shape[axis] != expected:
        raise DimensionMismatchError(expected, array.shape[axis], f"{name}, axis {axis}")


def generator(seed: Any, *more: int) -> np.random.Generator:
    """NumPy's default generator of a seed, a whole number >= 0 or a sequence of them, and of more numbers.

    Raises
    ------
    InvalidInputError
        If a number is negative.
    TypeError
        If one is not a whole number.
    """
    given = list(seed) if isinstance(seed, (list, tuple)) else np.atleast_1d(seed).tolist()
    for each in given:
        try:
            negative = index(each) < 0
        except TypeError as error:
            raise TypeError(f"{error}: seed must be an integer, or a sequence of them") from None
        if negative:
            raise InvalidInputError(f"seed must be >= 0, got {shown(each)}")
    return np.random.default_rng([*map(index, given), *more])


def power(data: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Squared absolute values of complex numbers."""
    with np.errstate(over="ignore"):
        return data.real**2 + data.imag**2
