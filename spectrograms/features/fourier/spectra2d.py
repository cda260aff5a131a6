"""Two-dimensional Fourier transforms of real images."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.transforms.filter2d import Filter2d, filter_2d
from spectrograms._engine.transforms.real2d import Fft2, fft2
from spectrograms.errors import InvalidInputError, shown
from spectrograms.features.fourier.arrays import PLANNER, as_image
from spectrograms.features.fourier.result2d import Fft2dInfo, Fft2dResult, backward
from spectrograms.params import parse_dtype
from spectrograms.params.checking import as_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = documented(
    image="""Parameters
----------
data : array_like, shape (n_rows, n_cols)
    Real numbers, at least one.
%(working_dtype)s""",
    real_half="""Returns
-------
ndarray of float64 or float32, shape (n_rows, n_cols // 2 + 1)""",
    as_fft2d="""Raises
------
InvalidInputError, TypeError, MemoryError
    As `fft2d`.""",
)


@documented()
def fft2d(data: ArrayLike, dtype: DType = None) -> NDArray[np.complexfloating[Any, Any]]:
    """Compute the Fourier transform of a real image: the non-negative frequencies of the columns.

    Parameters
    ----------
    data : array_like, shape (n_rows, n_cols)
        Real numbers, at least one.
    dtype : {"float64", "float32"}, optional
        Working precision, whatever the dtype of `data`.

    Returns
    -------
    ndarray of complex128 or complex64, shape (n_rows, n_cols // 2 + 1)

    Raises
    ------
    InvalidInputError
        If there are no rows or no columns.
    TypeError
        If `data` is not 2-D.
    MemoryError
        If there are more than 2**28 rows or columns.

    See Also
    --------
    compute_fft2d : The same with its frequencies.
    Fft2dPlanner : The same with plans of its own.

    Notes
    -----
    ``F[k, l] = sum_rc x[r, c] exp(-2j pi (k r / n_rows + l c / n_cols))``, not scaled: `numpy.fft.rfft2`.

    References
    ----------
    M. Frigo and S. G. Johnson, The design and implementation of FFTW3, Proc. IEEE 93, 2005.

    %(examples)s
    >>> sg.fft2d(np.ones((2, 4))).real
    array([[8., 0., 0.],
           [0., 0., 0.]])
    """
    return _forward(fft2, data, parse_dtype(dtype))


@documented()
def ifft2d(spectrum: ArrayLike, output_ncols: int, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the real image that has a given half spectrum.

    Parameters
    ----------
    spectrum : array_like of complex, shape (n_rows, output_ncols // 2 + 1)
        As `fft2d` gives it.
    output_ncols : int
        Columns of the image; the half spectrum does not tell whether they were even.
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_rows, output_ncols)

    Raises
    ------
    InvalidInputError
        If there are no rows or `output_ncols` is 0.
    DimensionMismatchError
        If `spectrum` has another number of columns.
    TypeError
        If `spectrum` is not 2-D.

    See Also
    --------
    fft2d : The transform that this inverts.

    Notes
    -----
    The inverse of `fft2d`, with the factor ``1 / (n_rows output_ncols)``: `numpy.fft.irfft2`. A spectrum that
    no real image has is transformed along its columns and then, with the imaginary parts at frequency zero
    and at the Nyquist frequency of the rows ignored, along its rows.

    %(examples)s
    >>> image = np.arange(6.0).reshape(2, 3)
    >>> sg.ifft2d(sg.fft2d(image), 3).round(12)
    array([[0., 1., 2.],
           [3., 4., 5.]])
    """
    return backward(filter_2d, spectrum, output_ncols, parse_dtype(dtype))


@_documented
def power_spectrum_2d(data: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the power spectrum of a real image.

    %(image)s

    %(real_half)s
        ``re**2 + im**2`` of `fft2d`.

    %(as_fft2d)s

    See Also
    --------
    magnitude_spectrum_2d : Its root.
    fft2d : The complex spectrum.

    %(examples)s
    >>> sg.power_spectrum_2d(np.ones((2, 4)))
    array([[64.,  0.,  0.],
           [ 0.,  0.,  0.]])
    """
    return _forward(fft2, data, parse_dtype(dtype), power=True)


@_documented
def magnitude_spectrum_2d(data: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the magnitude spectrum of a real image.

    %(image)s

    %(real_half)s
        ``abs`` of `fft2d`, without overflow in between.

    %(as_fft2d)s

    See Also
    --------
    power_spectrum_2d : Its square.
    fft2d : The complex spectrum.

    %(examples)s
    >>> stripes = np.tile([1.0, -1.0], (2, 2))  # as narrow as columns allow
    >>> sg.magnitude_spectrum_2d(stripes)
    array([[0., 0., 8.],
           [0., 0., 0.]])
    """
    return np.abs(_forward(fft2, data, parse_dtype(dtype)))


@documented()
def compute_fft2d(
    data: ArrayLike, spacing: tuple[float, float] = (1.0, 1.0), dtype: DType = None
) -> Fft2dResult:
    """Compute the Fourier transform of a real image, with its frequencies.

    Parameters
    ----------
    data : array_like, shape (n_rows, n_cols)
        Real numbers, at least one.
    spacing : tuple of two floats
        Distance of rows and of columns, in any unit; frequencies are in cycles per unit.
    %(working_dtype)s

    Returns
    -------
    Fft2dResult, shape (n_rows, n_cols // 2 + 1)

    Raises
    ------
    InvalidInputError
        If there are no rows or no columns, or a distance is 0 or not finite.
    TypeError, MemoryError
        As `fft2d`.

    See Also
    --------
    fft2d : The transform as a plain array.
    ifft2d : The inverse.

    %(examples)s
    >>> sg.compute_fft2d(np.zeros((4, 6)), spacing=(0.5, 0.5)).col_frequencies
    array([0.        , 0.33333333, 0.66666667, 1.        ])
    """
    return _result(fft2, data, spacing, parse_dtype(dtype))


@documented(planner=PLANNER, size="shape", shared="fft2d", other="FftPlanner", what="signals")
class Fft2dPlanner:
    """The two-dimensional transforms with plans of its own.

    %(planner)s

    %(examples)s
    >>> planner = sg.Fft2dPlanner("float32")
    >>> planner.power_spectrum_2d(np.ones((2, 2)))
    array([[16.,  0.],
           [ 0.,  0.]], dtype=float32)
    """

    __slots__ = ("__weakref__", "_dtype", "_filters", "_transforms")

    def __init__(self, dtype: DType = None) -> None:
        self._dtype = parse_dtype(dtype)
        self._transforms: dict[tuple[int, int], Fft2] = {}
        self._filters: dict[tuple[int, int], Filter2d] = {}

    @property
    def dtype(self) -> str:
        """str: working precision, ``"float32"`` or ``"float64"``."""
        return self._dtype

    def _transform(self, single, rows, cols):
        found = self._transforms.get((rows, cols))
        return found or self._transforms.setdefault((rows, cols), Fft2(single, rows, cols))

    def _filter(self, single, rows, cols):
        found = self._filters.get((rows, cols))
        return found or self._filters.setdefault((rows, cols), Filter2d(single, rows, cols))

    def fft2d(self, data: ArrayLike) -> NDArray[np.complexfloating[Any, Any]]:
        """Compute the half spectrum; see `spectrograms.fft2d`.

        %(examples)s
        >>> sg.Fft2dPlanner().fft2d(np.ones((2, 2))).real
        array([[4., 0.],
               [0., 0.]])
        """
        return _forward(self._transform, data, self._dtype)

    def ifft2d(self, spectrum: ArrayLike, output_ncols: int) -> NDArray[np.floating[Any]]:
        """Compute the image of a half spectrum; see `spectrograms.ifft2d`.

        %(plain_examples)s
        >>> sg.Fft2dPlanner().ifft2d([[4.0, 0.0], [0.0, 0.0]], 2)
        array([[1., 1.],
               [1., 1.]])
        """
        return backward(self._filter, spectrum, output_ncols, self._dtype)

    def power_spectrum_2d(self, data: ArrayLike) -> NDArray[np.floating[Any]]:
        """Compute the power spectrum; see `spectrograms.power_spectrum_2d`.

        %(examples)s
        >>> sg.Fft2dPlanner().power_spectrum_2d(np.ones((2, 2)))
        array([[16.,  0.],
               [ 0.,  0.]])
        """
        return _forward(self._transform, data, self._dtype, power=True)

    def magnitude_spectrum_2d(self, data: ArrayLike) -> NDArray[np.floating[Any]]:
        """Compute the magnitude spectrum; see `spectrograms.magnitude_spectrum_2d`.

        %(examples)s
        >>> sg.Fft2dPlanner().magnitude_spectrum_2d(np.ones((2, 2)))
        array([[4., 0.],
               [0., 0.]])
        """
        return np.abs(_forward(self._transform, data, self._dtype))

    def compute(self, data: ArrayLike, spacing: tuple[float, float] = (1.0, 1.0)) -> Fft2dResult:
        """Compute the transform with its frequencies; see `spectrograms.compute_fft2d`.

        %(examples)s
        >>> sg.Fft2dPlanner().compute(np.ones((4, 6))).shape
        (4, 4)
        """
        return _result(self._transform, data, spacing, self._dtype)

    def __repr__(self) -> str:
        return f"Fft2dPlanner(dtype={self._dtype!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Fft2dPlanner, (self._dtype,)


def _forward(transform_of, data, dtype, power=False):
    image = as_image("data", data)
    return transform_of(dtype == "float32", *image.shape).forward(image, power)


def _result(transform_of, data, spacing, dtype):
    image = as_image("data", data)
    info = Fft2dInfo(image.shape[1], _as_spacing(spacing))
    return transform_of(dtype == "float32", *image.shape).forward_result(Fft2dResult, image, info)


def _as_spacing(spacing):
    try:
        down, across = spacing
    except (TypeError, ValueError):
        raise TypeError(f"spacing must be two numbers, got {shown(spacing)}") from None
    distances = as_float("spacing[0]", down), as_float("spacing[1]", across)
    if not all(sys.float_info.min <= abs(each) <= sys.float_info.max for each in distances):
        raise InvalidInputError(f"spacing must be two finite numbers other than 0, got {distances}")
    return distances
