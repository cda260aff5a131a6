"""The result of a two-dimensional transform: a half spectrum that knows its frequencies."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.plain import fields
from spectrograms._engine.results.result import OwnedArray
from spectrograms._engine.transforms.filter2d import filter_2d
from spectrograms.errors import DimensionMismatchError, InvalidInputError, shown
from spectrograms.features.fourier.arrays import as_complex, power, require_length
from spectrograms.params.checking import as_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms._engine.transforms.filter2d import Filter2d

# At smaller distances the frequencies would be infinite.
_SHORTEST = sys.float_info.min


# What the docstrings here have in common.
_documented = documented(
    half="""Returns
-------
ndarray of float32 or float64, shape (n_rows, n_cols // 2 + 1)

%(examples)s""",
)


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
        # Files of earlier versions also say where the class was defined.
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


@_documented
class Fft2dResult(OwnedArray):
    """The Fourier transform of a real image: the half spectrum, shape (n_rows, n_cols // 2 + 1).

    Its info is an `Fft2dInfo`. Frequencies are in cycles per unit of `spacing`.

    See Also
    --------
    compute_fft2d : Makes it.

    %(examples)s
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

        %(half)s
        >>> sg.compute_fft2d(np.ones((2, 2))).power()
        array([[16.,  0.],
               [ 0.,  0.]])
        """
        return power(self.data)

    def magnitude(self) -> NDArray[np.floating[Any]]:
        """Absolute values, without overflow in between.

        %(half)s
        >>> sg.compute_fft2d(np.ones((2, 2))).magnitude()
        array([[4., 0.],
               [0., 0.]])
        """
        return np.abs(self.data)

    def phase(self) -> NDArray[np.floating[Any]]:
        """Phase angles in radians.

        %(half)s
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

        %(examples)s
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

        %(examples)s
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

        %(examples)s
        >>> image = np.arange(6.0).reshape(2, 3)
        >>> np.allclose(sg.compute_fft2d(image).inverse(), image)
        True
        """
        return backward(filter_2d, self.data, self.n_cols, self.dtype)

    def _summary(self):
        return f"shape={self.shape}, input_shape={self.input_shape}, dtype={self.dtype}"

    def _axes(self):
        return {"row_frequencies": self.row_frequencies, "col_frequencies": self.col_frequencies}


def backward(
    transform_of: Callable[[bool, int, int], Filter2d], spectrum: ArrayLike, output_ncols: int, dtype: str
) -> NDArray[np.floating[Any]]:
    """The image of a half spectrum, by the transform that a function gives for its size."""
    cols = as_index("output_ncols", output_ncols)
    spectrum = as_complex("spectrum", spectrum, 2, dtype)
    rows = spectrum.shape[0]
    if rows == 0 or cols == 0:
        raise InvalidInputError(f"dimensions must be > 0, got {rows} rows and output_ncols={cols}")
    require_length("spectrum", spectrum, cols // 2 + 1, axis=1)
    return transform_of(dtype == "float32", rows, cols).backward(spectrum)
