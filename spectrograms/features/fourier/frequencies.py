"""The frequencies of a spectrum's elements, and shifts of frequency zero to the middle and back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_LENGTH, fits
from spectrograms.errors import InvalidInputError
from spectrograms.features.fourier.arrays import as_numbers
from spectrograms.params import parse_dtype
from spectrograms.params.checking import as_count, as_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = partial(
    documented,
    frequencies="""Parameters
----------
n : int
    Length of the transform, at least 1.
d : float
    Distance of samples, not 0; ``1 / sample_rate`` gives Hz.
%(result_dtype)s""",
    raises="""Raises
------
ValueError
    If `n` is 0.
InvalidInputError
    If `d` is 0.
MemoryError
    If `n` exceeds 2**28.""",
    line="""Parameters
----------
arr : array_like, shape (n,)
    Real or complex; may be empty.
%(result_dtype)s

Returns
-------
ndarray, shape (n,)""",
    plane="""Parameters
----------
arr : array_like, shape (n_rows, n_cols)
    Real or complex; may be empty.
%(result_dtype)s

Returns
-------
ndarray, shape (n_rows, n_cols)""",
    otherwise="""Raises
------
TypeError
    If `arr` is not %(ndim)s-D.

See Also
--------
%(inverse)s : The inverse.""",
)


@_documented()
def fftfreq(n: int, d: float = 1.0, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the frequencies of a full spectrum, in the order of the transform.

    %(frequencies)s

    Returns
    -------
    ndarray of float64 or float32, shape (n,)
        ``i / (n d)`` for ``i < (n + 1) // 2``, else ``(i - n) / (n d)``.

    %(raises)s

    See Also
    --------
    rfftfreq : Those of a half spectrum.
    fftshift_1d : Sorts them.

    %(plain_examples)s
    >>> sg.fftfreq(4, 1 / 16000)
    array([    0.,  4000., -8000., -4000.])
    """
    n, span, dtype = _frequency_arguments(n, d, dtype)
    numbers = np.arange(n, dtype=np.float64)
    numbers[(n + 1) // 2 :] -= n
    return _divided(numbers, span, dtype)


@_documented()
def rfftfreq(n: int, d: float = 1.0, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the frequencies of a half spectrum.

    %(frequencies)s

    Returns
    -------
    ndarray of float64 or float32, shape (n // 2 + 1,)
        ``i / (n d)``.

    %(raises)s

    See Also
    --------
    fftfreq : Those of a full spectrum.
    compute_fft : The half spectrum.

    %(plain_examples)s
    >>> sg.rfftfreq(4, 1 / 16000)
    array([   0., 4000., 8000.])
    """
    n, span, dtype = _frequency_arguments(n, d, dtype)
    return _divided(np.arange(n // 2 + 1, dtype=np.float64), span, dtype)


def _frequency_arguments(n, d, dtype):
    n = as_count("n", n, zero="n must be >= 1")
    d = as_float("d", d)
    if d == 0:
        raise InvalidInputError("d must not be 0, got 0")
    fits("n", n, MAX_LENGTH)
    return n, n * d, parse_dtype(dtype)


def _divided(numbers, span, dtype):
    # One division by the product, as the reference rounds it.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        numbers /= span
        return numbers.astype(dtype, copy=False)


@_documented(ndim="1", inverse="ifftshift_1d")
def fftshift_1d(arr: ArrayLike, dtype: DType = None) -> NDArray[Any]:
    """Move frequency zero from the first place to the middle, place ``n // 2``.

    %(line)s
        Complex where `arr` is. `numpy.fft.fftshift`, odd lengths included.

    %(otherwise)s
    fftshift : The same in two dimensions.

    %(plain_examples)s
    >>> sg.fftshift_1d(sg.fftfreq(5, 1 / 5))
    array([-2., -1.,  0.,  1.,  2.])
    """
    return np.fft.fftshift(as_numbers("arr", arr, 1, parse_dtype(dtype)))


@_documented(ndim="1", inverse="fftshift_1d")
def ifftshift_1d(arr: ArrayLike, dtype: DType = None) -> NDArray[Any]:
    """Undo `fftshift_1d`: move frequency zero from the middle to the first place.

    %(line)s

    %(otherwise)s
    ifftshift : The same in two dimensions.

    %(plain_examples)s
    >>> sg.ifftshift_1d([-2.0, -1.0, 0.0, 1.0, 2.0])
    array([ 0.,  1.,  2., -2., -1.])
    """
    return np.fft.ifftshift(as_numbers("arr", arr, 1, parse_dtype(dtype)))


@_documented(ndim="2", inverse="ifftshift")
def fftshift(arr: ArrayLike, dtype: DType = None) -> NDArray[Any]:
    """Move frequency zero from the corner to the middle, place ``(n_rows // 2, n_cols // 2)``.

    Meant for full spectra: in a half spectrum, as `fft2d` returns it, only the rows are in an order that can
    be shifted. `Fft2dResult.shifted` does both.

    %(plane)s
        Complex where `arr` is. `numpy.fft.fftshift`, odd lengths included.

    %(otherwise)s
    Fft2dResult.shifted : Shifts a half spectrum, and its frequencies.

    %(examples)s
    >>> spectrum = np.zeros((3, 3))
    >>> spectrum[0, 0] = 1.0  # frequency zero
    >>> sg.fftshift(spectrum)
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    return np.fft.fftshift(as_numbers("arr", arr, 2, parse_dtype(dtype)))


@_documented(ndim="2", inverse="fftshift")
def ifftshift(arr: ArrayLike, dtype: DType = None) -> NDArray[Any]:
    """Undo `fftshift`: move frequency zero from the middle to the corner.

    %(plane)s

    %(otherwise)s

    %(examples)s
    >>> image = np.arange(9.0).reshape(3, 3)
    >>> np.array_equal(sg.ifftshift(sg.fftshift(image)), image)
    True
    """
    return np.fft.ifftshift(as_numbers("arr", arr, 2, parse_dtype(dtype)))
