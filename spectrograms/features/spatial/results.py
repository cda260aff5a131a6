"""What the binaural functions return: each adds to the compiled base the meaning of its numbers."""

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
    """Interaural time differences in seconds, positive where the left ear leads.

    See Also
    --------
    compute_itd_spectrogram : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> noise = np.random.default_rng(0).standard_normal(16010)
    >>> params = sg.ITDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
    >>> itd = sg.compute_itd_spectrogram([noise[10:], noise[:-10]], params)
    >>> itd.n_bins, itd.n_frames, itd.unit_label
    (13, 63, 'ITD (seconds)')
    """

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

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> noise = np.random.default_rng(0).standard_normal(16010)
        >>> params = sg.ITDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
        >>> itd = sg.compute_itd_spectrogram([noise[10:], noise[:-10]], params)
        >>> counts = itd.histogram(num_bins=44)  # bins of 40 microseconds
        >>> counts.shape
        (44, 63)
        >>> fullest = int(counts.sum(axis=1).argmax())
        >>> fullest, int((10 / 44100 + 0.00088) // 0.00004)  # the bin of ten samples
        (27, 27)
        """
        return self._histogram(num_bins, delay_range, 1, energy_weighted, normalize)


class IpdSpectrogram(BinauralCue):
    """Interaural phase differences in radians, positive where the left ear leads.

    See Also
    --------
    compute_ipd_spectrogram : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> noise = np.random.default_rng(0).standard_normal((2, 16000))
    >>> params = sg.IPDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
    >>> ipd = sg.compute_ipd_spectrogram(noise, params)
    >>> ipd.n_bins, ipd.n_frames, ipd.unit_label
    (13, 63, 'IPD (radians)')
    """

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
        num_bins : int, optional
            Number of bins; None and 0 mean 400.
        phase_range : tuple of two floats, optional
            Lower and upper edge, in radians; None means (-pi, pi). Values outside are left out.
        energy_weighted : bool
            Count each value by the energy of its bin in both ears instead of by 1.
        normalize : bool
            Divide the counts of each frame by their sum, where it is above 0.

        Returns
        -------
        ndarray of float64, shape (num_bins, n_frames)

        Raises
        ------
        InvalidInputError, TypeError
            As `ItdSpectrogram.histogram`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> noise = np.random.default_rng(0).standard_normal((2, 16000))
        >>> params = sg.IPDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
        >>> sg.compute_ipd_spectrogram(noise, params).histogram(num_bins=36).shape
        (36, 63)
        """
        return self._histogram(num_bins, phase_range, 1, energy_weighted, normalize)


class IldSpectrogram(BinauralCue):
    """Interaural level differences in dB, positive where the left ear is louder.

    See Also
    --------
    compute_ild_spectrogram : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> noise = np.random.default_rng(0).standard_normal((2, 16000))
    >>> params = sg.ILDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
    >>> ild = sg.compute_ild_spectrogram(noise, params)
    >>> ild.n_bins, ild.n_frames, ild.unit_label
    (68, 63, 'ILD (dB)')
    """

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
        num_bins : int, optional
            Number of bins; None and 0 mean 400.
        db_range : tuple of two floats, optional
            Lower and upper edge, in dB; None means (-24, 24). Values outside are left out.
        exponent : int, optional
            Power to which counts are raised, 0 to 2**31 - 1; None means 3.
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
            If `exponent` is negative, or for the reasons of `ItdSpectrogram.histogram`.
        OverflowError
            If `exponent` is 2**31 or more.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> noise = np.random.default_rng(0).standard_normal((2, 16000))
        >>> params = sg.ILDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
        >>> sg.compute_ild_spectrogram(noise, params).histogram(num_bins=48).shape
        (48, 63)
        """
        exponent = 3 if exponent is None else exponent
        return self._histogram(num_bins, db_range, exponent, energy_weighted, normalize)


class IlrSpectrogram(BinauralCue):
    """Interaural level ratios from -1 to 1, positive where the left ear is louder.

    See Also
    --------
    compute_ilr_spectrogram : Makes it.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> noise = np.random.default_rng(0).standard_normal((2, 16000))
    >>> params = sg.ILRSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
    >>> ilr = sg.compute_ilr_spectrogram(noise, params)
    >>> ilr.n_bins, ilr.n_frames, ilr.unit_label
    (68, 63, 'ILR (normalized)')
    """

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
        num_bins : int, optional
            Number of bins; None and 0 mean 400.
        ratio_range : tuple of two floats, optional
            Lower and upper edge; None means (-1, 1). Values outside are left out.
        exponent : int, optional
            Power to which counts are raised, 0 to 2**31 - 1; None means 3.
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
            If `exponent` is negative, or for the reasons of `ItdSpectrogram.histogram`.
        OverflowError
            If `exponent` is 2**31 or more.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> noise = np.random.default_rng(0).standard_normal((2, 16000))
        >>> params = sg.ILRSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
        >>> sg.compute_ilr_spectrogram(noise, params).histogram(num_bins=40).shape
        (40, 63)
        """
        exponent = 3 if exponent is None else exponent
        return self._histogram(num_bins, ratio_range, exponent, energy_weighted, normalize)
