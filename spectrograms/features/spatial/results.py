"""What the binaural functions return: each adds to the compiled base only what its numbers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from spectrograms._engine.results.frame_results import TimeFrequency
from spectrograms.features.spatial.histograms import histogram

if TYPE_CHECKING:
    from numpy.typing import NDArray


class BinauralCue(TimeFrequency):
    """A difference between the two ears, shape (n_bins, n_frames).

    The compute functions add the energy of both ears, ``|left|**2 + |right|**2``, of the shape of the data,
    as the extra array ``"energy"``: histograms may be weighted by it.
    """

    __slots__ = ()
    _extra_names = ("energy",)

    def _histogram(self, num_bins, value_range, exponent, energy_weighted, normalize):
        value_range = self.default_range if value_range is None else value_range
        return histogram(self, num_bins, value_range, exponent, energy_weighted, normalize)


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
