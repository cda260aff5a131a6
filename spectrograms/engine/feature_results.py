"""Results of the features: each adds to the compiled base only what its axes mean."""

from __future__ import annotations

import importlib
import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spectrograms.engine.frame_results import FrameArray, TimeFrequency
from spectrograms.engine.result import OwnedArray
from spectrograms.errors import DimensionMismatchError, InvalidInputError, shown
from spectrograms.plain import fields

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Chromagram(FrameArray):
    """Energy of the twelve pitch classes over time, shape (12, n_frames)."""

    __slots__ = ()
    __module__ = "spectrograms"

    labels: ClassVar[list[str]] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


class Mfcc(FrameArray):
    """Mel-frequency cepstral coefficients over time, shape (n_mfcc, n_frames)."""

    __slots__ = ()
    __module__ = "spectrograms"


class Descriptor(FrameArray):
    """One number for each frame, shape (1, n_frames)."""

    __slots__ = ()
    __module__ = "spectrograms"

    @property
    def name(self) -> str:
        """str: what was computed, such as ``"centroid"``."""
        return self._info.name

    @property
    def unit(self) -> str:
        """str: unit of the values."""
        return self._info.unit


class CqtResult(TimeFrequency):
    """A constant-Q transform: complex numbers of shape (n_bins, n_frames)."""

    __slots__ = ()
    __module__ = "spectrograms"

    def to_power(self) -> NDArray[np.floating[Any]]:
        """Squared absolute values, ``re**2 + im**2``.

        Returns
        -------
        ndarray of float32 or float64, shape (n_bins, n_frames)
        """
        return power(self.data)

    def to_magnitude(self) -> NDArray[np.floating[Any]]:
        """Absolute values, ``sqrt(re**2 + im**2)``.

        Returns
        -------
        ndarray of float32 or float64, shape (n_bins, n_frames)
        """
        values = power(self.data)
        return np.sqrt(values, out=values)


def power(data: NDArray[Any]) -> NDArray[np.floating[Any]]:
    with np.errstate(over="ignore"):
        return data.real**2 + data.imag**2


# --- two-dimensional FFT -------------------------------------------------------------------------------


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
        """
        return power(self.data)

    def magnitude(self) -> NDArray[np.floating[Any]]:
        """Absolute values, without overflow in between.

        Returns
        -------
        ndarray of float32 or float64, shape (n_rows, n_cols // 2 + 1)
        """
        return np.abs(self.data)

    def phase(self) -> NDArray[np.floating[Any]]:
        """Phase angles in radians.

        Returns
        -------
        ndarray of float32 or float64, shape (n_rows, n_cols // 2 + 1)
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
        """
        return importlib.import_module("spectrograms").ifft2d(self.data, self.n_cols, self.dtype)

    def _summary(self):
        return f"shape={self.shape}, input_shape={self.input_shape}, dtype={self.dtype}"

    def _axes(self):
        return {"row_frequencies": self.row_frequencies, "col_frequencies": self.col_frequencies}


# --- binaural cues -----------------------------------------------------------------------------------


class BinauralCue(TimeFrequency):
    """A difference between the two ears, shape (n_bins, n_frames).

    The compute functions add the energy of both ears, ``|left|**2 + |right|**2``, of the shape of the data,
    as the extra array ``"energy"``: histograms may be weighted by it.
    """

    __slots__ = ()
    _extra_names = ("energy",)

    def _histogram(self, num_bins, value_range, exponent, energy_weighted, normalize):
        value_range = self.default_range if value_range is None else value_range
        return importlib.import_module("spectrograms.features.binaural").histogram(
            self, num_bins, value_range, exponent, energy_weighted, normalize
        )


class ItdSpectrogram(BinauralCue):
    """Interaural time differences in seconds, positive where the left ear leads."""

    __slots__ = ()
    __module__ = "spectrograms"

    unit_label = "ITD (seconds)"
    default_range: ClassVar[tuple[float, float]] = (-0.00088, 0.00088)

    def histogram(
        self,
        num_bins: int | None = None,
        delay_range: tuple[float, float] | None = None,
        energy_weighted: bool = False,
        normalize: bool = False,
    ) -> NDArray[np.float64]:
        """Count the delays of every frame.

        Parameters
        ----------
        num_bins : int, optional
            Number of bins; None and 0 mean 400.
        delay_range : tuple of two floats, optional
            Lower and upper edge, in seconds; None means (-0.00088, 0.00088). Values outside are left out.
        energy_weighted : bool
            Count each value by the energy of its bin in both ears instead of by 1.
        normalize : bool
            Divide the counts of each frame by their sum, where it is above 0.

        Returns
        -------
        ndarray of float64, shape (num_bins, n_frames)

        Raises
        ------
        InvalidInputError
            If the range is not finite and ascending, or the result without energies.
        TypeError
            If an argument is of another type.
        """
        return self._histogram(num_bins, delay_range, 1, energy_weighted, normalize)


class IpdSpectrogram(BinauralCue):
    """Interaural phase differences in radians, positive where the left ear leads."""

    __slots__ = ()
    __module__ = "spectrograms"

    unit_label = "IPD (radians)"
    default_range: ClassVar[tuple[float, float]] = (-np.pi, np.pi)

    def histogram(
        self,
        num_bins: int | None = None,
        phase_range: tuple[float, float] | None = None,
        energy_weighted: bool = False,
        normalize: bool = False,
    ) -> NDArray[np.float64]:
        """Count the phases of every frame.

        Parameters
        ----------
        num_bins, energy_weighted, normalize
            See `ItdSpectrogram.histogram`.
        phase_range : tuple of two floats, optional
            Lower and upper edge, in radians; None means (-pi, pi). Values outside are left out.

        Returns
        -------
        ndarray of float64, shape (num_bins, n_frames)
        """
        return self._histogram(num_bins, phase_range, 1, energy_weighted, normalize)


class IldSpectrogram(BinauralCue):
    """Interaural level differences in dB, positive where the left ear is louder."""

    __slots__ = ()
    __module__ = "spectrograms"

    unit_label = "ILD (dB)"
    default_range: ClassVar[tuple[float, float]] = (-24.0, 24.0)

    def histogram(
        self,
        num_bins: int | None = None,
        db_range: tuple[float, float] | None = None,
        exponent: int | None = None,
        energy_weighted: bool = False,
        normalize: bool = False,
    ) -> NDArray[np.float64]:
        """Count the levels of every frame.

        Parameters
        ----------
        num_bins, energy_weighted, normalize
            See `ItdSpectrogram.histogram`.
        db_range : tuple of two floats, optional
            Lower and upper edge, in dB; None means (-24, 24). Values outside are left out.
        exponent : int, optional
            Power to which counts are raised, 0 to 2**31 - 1; None means 3.

        Returns
        -------
        ndarray of float64, shape (num_bins, n_frames)

        Raises
        ------
        InvalidInputError
            If `exponent` is negative, or for the reasons of `ItdSpectrogram.histogram`.
        OverflowError
            If `exponent` is 2**31 or more.
        """
        exponent = 3 if exponent is None else exponent
        return self._histogram(num_bins, db_range, exponent, energy_weighted, normalize)


class IlrSpectrogram(BinauralCue):
    """Interaural level ratios from -1 to 1, positive where the left ear is louder."""

    __slots__ = ()
    __module__ = "spectrograms"

    unit_label = "ILR (normalized)"
    default_range: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def histogram(
        self,
        num_bins: int | None = None,
        ratio_range: tuple[float, float] | None = None,
        exponent: int | None = None,
        energy_weighted: bool = False,
        normalize: bool = False,
    ) -> NDArray[np.float64]:
        """Count the ratios of every frame.

        Parameters
        ----------
        num_bins, energy_weighted, normalize
            See `ItdSpectrogram.histogram`.
        ratio_range : tuple of two floats, optional
            Lower and upper edge; None means (-1, 1). Values outside are left out.
        exponent : int, optional
            Power to which counts are raised, 0 to 2**31 - 1; None means 3.

        Returns
        -------
        ndarray of float64, shape (num_bins, n_frames)

        Raises
        ------
        InvalidInputError
            If `exponent` is negative, or for the reasons of `ItdSpectrogram.histogram`.
        OverflowError
            If `exponent` is 2**31 or more.
        """
        exponent = 3 if exponent is None else exponent
        return self._histogram(num_bins, ratio_range, exponent, energy_weighted, normalize)
