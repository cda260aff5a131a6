"""Two-dimensional Fourier transforms of real images."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.plain import fields
from spectrograms._engine.results.result import OwnedArray
from spectrograms._engine.transforms.filter2d import Filter2d, filter_2d
from spectrograms._engine.transforms.real2d import Fft2, fft2
from spectrograms.errors import DimensionMismatchError, InvalidInputError, shown
from spectrograms.features.fourier.arrays import as_complex, as_image, as_numbers, power, require_length
from spectrograms.params import parse_dtype
from spectrograms.params.checking import as_float, as_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# Of what is nearer together the frequencies are infinite.
_SHORTEST = sys.float_info.min


@dataclass(frozen=True, slots=True)
class Fft2dInfo:
    """What the axes of an `Fft2dResult` mean.

    Parameters
    ----------
    n_cols : int
        Columns of the original array; the half spectrum does not tell whether they were even.
    spacing : tuple of two floats
        Distance of rows and of columns, in any unit.
    """

    n_cols: int
    spacing: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        if type(self.n_cols) is not int or self.n_cols < 1:
            raise InvalidInputError(f"n_cols must be an int >= 1, got {shown(self.n_cols)}")
        pair = self.spacing if isinstance(self.spacing, (tuple, list)) else ()
        good = [type(d) in (int, float) and math.isfinite(d) and abs(d) >= _SHORTEST for d in pair]
        if good != [True, True]:
            raise InvalidInputError(f"spacing must be two finite numbers, not 0, got {shown(self.spacing)}")
        object.__setattr__(self, "spacing", (float(pair[0]), float(pair[1])))

    def check_result(self, kind: str, shape: tuple[int, ...], dtype: Any) -> None:
        if kind != "Fft2dResult":
            raise InvalidInputError(f"info of a {kind} must be of another type, got Fft2dInfo")
        if len(shape) != 2 or np.dtype(dtype).kind != "c":
            raise InvalidInputError(f"data of an {kind} must be 2-D and complex, got {dtype}, shape {shape}")
        if shape[1] != self.n_cols // 2 + 1:
            raise DimensionMismatchError(self.n_cols // 2 + 1, shape[1], "columns of the data")

    def to_dict(self) -> dict[str, Any]:
        return {"type": "Fft2dInfo", "n_cols": self.n_cols, "spacing": self.spacing}

    @classmethod
    def from_dict(cls, description: dict[str, Any]) -> Self:
        # Files of earlier versions say where the class was defined.
        data = fields("info", description, "Fft2dInfo", ("n_cols", "spacing"), ("module",))
        return cls(data["n_cols"], data["spacing"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Fft2dInfo, (self.n_cols, self.spacing)


def _set_checked(info, state):
    """Take the fields from a pickle of an earlier version."""
    checked = Fft2dInfo(*state)
    for name in ("n_cols", "spacing"):
        object.__setattr__(info, name, getattr(checked, name))


Fft2dInfo.__setstate__ = _set_checked  # type: ignore[attr-defined]  # after the decorator, which sets its own


class Fft2dResult(OwnedArray):
    """The Fourier transform of a real image: the half spectrum, shape (n_rows, n_cols // 2 + 1).

    Its info is an `Fft2dInfo`. Frequencies are in cycles per unit of `spacing`.

    See Also
    --------
    compute_fft2d : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> rows = np.arange(8)[:, None]
    >>> waves = np.cos(2 * np.pi * 2 * rows / 8) * np.ones((8, 6))  # two periods down the rows
    >>> result = sg.compute_fft2d(waves)
    >>> result.shape, result.input_shape
    ((8, 4), (8, 6))
    >>> strongest = np.unravel_index(result.power().argmax(), result.shape)
    >>> float(result.row_frequencies[strongest[0]]), float(result.col_frequencies[strongest[1]])
    (0.25, 0.0)
    """

    __slots__ = ()
    __module__ = "spectrograms"

    @property
    def n_rows(self) -> int:
        """int: rows of the original array."""
        return self.shape[0]

    @property
    def n_cols(self) -> int:
        """int: columns of the original array."""
        return self._info.n_cols

    @property
    def input_shape(self) -> tuple[int, int]:
        """tuple of two ints: shape of the original array."""
        return self.n_rows, self.n_cols

    @property
    def row_frequencies(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_rows,): frequency of every row, zero first, negative ones last."""
        return np.fft.fftfreq(self.n_rows, self._info.spacing[0])

    @property
    def col_frequencies(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_cols // 2 + 1,): frequency of every column, from zero on."""
        return np.fft.rfftfreq(self.n_cols, self._info.spacing[1])

    def power(self) -> NDArray[np.floating[Any]]:
        """Squared absolute values, ``re**2 + im**2``.

        Returns
        -------
        ndarray of float32 or float64, shape (n_rows, n_cols // 2 + 1)

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.compute_fft2d(np.ones((2, 2))).power()
        array([[16.,  0.],
               [ 0.,  0.]])
        """
        return power(self.data)

    def magnitude(self) -> NDArray[np.floating[Any]]:
        """Absolute values, without overflow in between.

        Returns
        -------
        ndarray of float32 or float64, shape (n_rows, n_cols // 2 + 1)

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.compute_fft2d(np.ones((2, 2))).magnitude()
        array([[4., 0.],
               [0., 0.]])
        """
        return np.abs(self.data)

    def phase(self) -> NDArray[np.floating[Any]]:
        """Phase angles in radians.

        Returns
        -------
        ndarray of float32 or float64, shape (n_rows, n_cols // 2 + 1)

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.compute_fft2d(-np.ones((1, 1))).phase().round(4)
        array([[3.1416]])
        """
        return np.angle(self.data)

    def full(self) -> NDArray[np.complexfloating[Any, Any]]:
        """Both halves of the spectrum.

        Returns
        -------
        ndarray of complex64 or complex128, shape (n_rows, n_cols)

        Notes
        -----
        The transform of real numbers is symmetric, ``F[r, c] = conj(F[-r % n_rows, n_cols - c])``.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> image = np.random.default_rng(0).standard_normal((4, 6))
        >>> full = sg.compute_fft2d(image).full()
        >>> full.shape, np.allclose(full, np.fft.fft2(image))
        ((4, 6), True)
        """
        half = self.data
        known = half.shape[1]
        full = np.empty(self.input_shape, half.dtype)
        full[:, :known] = half
        # Row -r % n_rows: all rows reversed, and then row 0 back to its place.
        mirrored = np.roll(half[::-1], 1, axis=0)
        np.conjugate(mirrored[:, self.n_cols - known : 0 : -1], out=full[:, known:])
        return full

    def shifted(
        self,
    ) -> tuple[NDArray[np.complexfloating[Any, Any]], NDArray[np.float64], NDArray[np.float64]]:
        """Both halves of the spectrum with frequency zero in the middle.

        Returns
        -------
        spectrum : ndarray of complex64 or complex128, shape (n_rows, n_cols)
        row_frequencies : ndarray of float64, shape (n_rows,)
        col_frequencies : ndarray of float64, shape (n_cols,)

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> spectrum, row_frequencies, col_frequencies = sg.compute_fft2d(np.ones((4, 4))).shifted()
        >>> col_frequencies
        array([-0.5 , -0.25,  0.  ,  0.25])
        >>> spectrum.real[2]
        array([ 0.,  0., 16.,  0.])
        """
        columns = np.fft.fftfreq(self.n_cols, self._info.spacing[1])
        return (
            np.fft.fftshift(self.full()),
            np.fft.fftshift(self.row_frequencies),
            np.fft.fftshift(columns),
        )

    def inverse(self) -> NDArray[np.floating[Any]]:
        """Transform back; see `spectrograms.ifft2d`.

        Returns
        -------
        ndarray of float32 or float64, shape (n_rows, n_cols)

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> image = np.arange(6.0).reshape(2, 3)
        >>> np.allclose(sg.compute_fft2d(image).inverse(), image)
        True
        """
        return ifft2d(self.data, self.n_cols, self.dtype)

    def _summary(self):
        return f"shape={self.shape}, input_shape={self.input_shape}, dtype={self.dtype}"

    def _axes(self):
        return {"row_frequencies": self.row_frequencies, "col_frequencies": self.col_frequencies}


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

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> sg.fft2d(np.ones((2, 4))).real
    array([[8., 0., 0.],
           [0., 0., 0.]])
    """
    return _forward(fft2, data, parse_dtype(dtype))


def ifft2d(spectrum: ArrayLike, output_ncols: int, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the real image that has a given half spectrum.

    Parameters
    ----------
    spectrum : array_like of complex, shape (n_rows, output_ncols // 2 + 1)
        As `fft2d` gives it.
    output_ncols : int
        Columns of the image; the half spectrum does not tell whether they were even.
    dtype : {"float64", "float32"}, optional
        Working precision.

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

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> image = np.arange(6.0).reshape(2, 3)
    >>> sg.ifft2d(sg.fft2d(image), 3).round(12)
    array([[0., 1., 2.],
           [3., 4., 5.]])
    """
    return _backward(filter_2d, spectrum, output_ncols, parse_dtype(dtype))


def power_spectrum_2d(data: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the power spectrum of a real image.

    Parameters
    ----------
    data : array_like, shape (n_rows, n_cols)
        Real numbers, at least one.
    dtype : {"float64", "float32"}, optional
        Working precision.

    Returns
    -------
    ndarray of float64 or float32, shape (n_rows, n_cols // 2 + 1)
        ``re**2 + im**2`` of `fft2d`.

    Raises
    ------
    InvalidInputError, TypeError, MemoryError
        As `fft2d`.

    See Also
    --------
    magnitude_spectrum_2d : Its root.
    fft2d : The complex spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> sg.power_spectrum_2d(np.ones((2, 4)))
    array([[64.,  0.,  0.],
           [ 0.,  0.,  0.]])
    """
    return _forward(fft2, data, parse_dtype(dtype), power=True)


def magnitude_spectrum_2d(data: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the magnitude spectrum of a real image.

    Parameters
    ----------
    data : array_like, shape (n_rows, n_cols)
        Real numbers, at least one.
    dtype : {"float64", "float32"}, optional
        Working precision.

    Returns
    -------
    ndarray of float64 or float32, shape (n_rows, n_cols // 2 + 1)
        ``abs`` of `fft2d`, without overflow in between.

    Raises
    ------
    InvalidInputError, TypeError, MemoryError
        As `fft2d`.

    See Also
    --------
    power_spectrum_2d : Its square.
    fft2d : The complex spectrum.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> stripes = np.tile([1.0, -1.0], (2, 2))  # as narrow as columns allow
    >>> sg.magnitude_spectrum_2d(stripes)
    array([[0., 0., 8.],
           [0., 0., 0.]])
    """
    return np.abs(_forward(fft2, data, parse_dtype(dtype)))


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
    dtype : {"float64", "float32"}, optional
        Working precision.

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

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> sg.compute_fft2d(np.zeros((4, 6)), spacing=(0.5, 0.5)).col_frequencies
    array([0.        , 0.33333333, 0.66666667, 1.        ])
    """
    return _result(fft2, data, spacing, parse_dtype(dtype))


class Fft2dPlanner:
    """The two-dimensional transforms with plans of its own.

    The functions of the package share a cache of limited size; a planner keeps the plans of every shape it
    has met. It may be used from any number of threads at once.

    Parameters
    ----------
    dtype : {"float64", "float32"}, optional
        Working precision of all methods.

    See Also
    --------
    fft2d : The same with the cache that all share.
    FftPlanner : The transforms of signals.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
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

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.Fft2dPlanner().fft2d(np.ones((2, 2))).real
        array([[4., 0.],
               [0., 0.]])
        """
        return _forward(self._transform, data, self._dtype)

    def ifft2d(self, spectrum: ArrayLike, output_ncols: int) -> NDArray[np.floating[Any]]:
        """Compute the image of a half spectrum; see `spectrograms.ifft2d`.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.Fft2dPlanner().ifft2d([[4.0, 0.0], [0.0, 0.0]], 2)
        array([[1., 1.],
               [1., 1.]])
        """
        return _backward(self._filter, spectrum, output_ncols, self._dtype)

    def power_spectrum_2d(self, data: ArrayLike) -> NDArray[np.floating[Any]]:
        """Compute the power spectrum; see `spectrograms.power_spectrum_2d`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.Fft2dPlanner().power_spectrum_2d(np.ones((2, 2)))
        array([[16.,  0.],
               [ 0.,  0.]])
        """
        return _forward(self._transform, data, self._dtype, power=True)

    def magnitude_spectrum_2d(self, data: ArrayLike) -> NDArray[np.floating[Any]]:
        """Compute the magnitude spectrum; see `spectrograms.magnitude_spectrum_2d`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.Fft2dPlanner().magnitude_spectrum_2d(np.ones((2, 2)))
        array([[4., 0.],
               [0., 0.]])
        """
        return np.abs(_forward(self._transform, data, self._dtype))

    def compute(self, data: ArrayLike, spacing: tuple[float, float] = (1.0, 1.0)) -> Fft2dResult:
        """Compute the transform with its frequencies; see `spectrograms.compute_fft2d`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
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


def _backward(transform_of, spectrum, output_ncols, dtype):
    cols = as_index("output_ncols", output_ncols)
    spectrum = as_complex("spectrum", spectrum, 2, dtype)
    rows = spectrum.shape[0]
    if rows == 0 or cols == 0:
        raise InvalidInputError(f"dimensions must be > 0, got {rows} rows and output_ncols={cols}")
    require_length("spectrum", spectrum, cols // 2 + 1, axis=1)
    return transform_of(dtype == "float32", rows, cols).backward(spectrum)


def _as_spacing(spacing):
    try:
        down, across = spacing
    except (TypeError, ValueError):
        raise TypeError(f"spacing must be two numbers, got {shown(spacing)}") from None
    distances = as_float("spacing[0]", down), as_float("spacing[1]", across)
    if not all(sys.float_info.min <= abs(each) <= sys.float_info.max for each in distances):
        raise InvalidInputError(f"spacing must be two finite numbers other than 0, got {distances}")
    return distances


def fftshift(arr: ArrayLike, dtype: DType = None) -> NDArray[Any]:
    """Move frequency zero from the corner to the middle, place ``(n_rows // 2, n_cols // 2)``.

    Parameters
    ----------
    arr : array_like, shape (n_rows, n_cols)
        Real or complex; may be empty. Meant for full spectra: of a half spectrum, as `fft2d` gives it, only
        the rows are in an order that can be shifted. `Fft2dResult.shifted` does both.
    dtype : {"float64", "float32"}, optional
        Precision of the result.

    Returns
    -------
    ndarray, shape (n_rows, n_cols)
        Complex where `arr` is. `numpy.fft.fftshift`, odd lengths included.

    Raises
    ------
    TypeError
        If `arr` is not 2-D.

    See Also
    --------
    ifftshift : The inverse.
    Fft2dResult.shifted : Shifts a half spectrum, and its frequencies.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> spectrum = np.zeros((3, 3))
    >>> spectrum[0, 0] = 1.0  # frequency zero
    >>> sg.fftshift(spectrum)
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    return np.fft.fftshift(as_numbers("arr", arr, 2, parse_dtype(dtype)))


def ifftshift(arr: ArrayLike, dtype: DType = None) -> NDArray[Any]:
    """Undo `fftshift`: move frequency zero from the middle to the corner.

    Parameters
    ----------
    arr : array_like, shape (n_rows, n_cols)
        Real or complex; may be empty.
    dtype : {"float64", "float32"}, optional
        Precision of the result.

    Returns
    -------
    ndarray, shape (n_rows, n_cols)

    Raises
    ------
    TypeError
        If `arr` is not 2-D.

    See Also
    --------
    fftshift : The inverse.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> image = np.arange(9.0).reshape(3, 3)
    >>> np.array_equal(sg.ifftshift(sg.fftshift(image)), image)
    True
    """
    return np.fft.ifftshift(as_numbers("arr", arr, 2, parse_dtype(dtype)))
