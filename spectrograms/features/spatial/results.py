"""What the binaural functions return: each adds to the compiled base the meaning of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from spectrograms._common.documenting import Documented, documented
from spectrograms._engine.results.frame_results import TimeFrequency
from spectrograms.features.spatial.histograms import RESULT, WEIGHTS, histogram

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What the docstrings of the four have in common; a name in capitals stands in the names of parameter classes.
_MADE = """See Also
--------
compute_%(cue)s_spectrogram : Makes it.

Examples
--------
%(example)s
>>> %(cue)s.n_bins, %(cue)s.n_frames, %(cue)s.unit_label
(%(n_bins)s, 63, '%(label)s')"""
_EXAMPLE = """>>> import numpy as np
>>> import spectrograms as sg
>>> noise = np.random.default_rng(0).standard_normal(16010)
>>> params = sg.%(CUE)sSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
>>> %(cue)s = sg.compute_%(cue)s_spectrogram([noise[10:], noise[:-10]], params)"""
_COUNTS = """num_bins : int, optional
    Number of bins; None and 0 mean 400."""
_EXPONENT = """exponent : int, optional
    Power to which counts are raised, 0 to 2**31 - 1; None means 3."""
_RAISES = """InvalidInputError
    If the range is not finite and ascending, or the result without energies.
TypeError
    If an argument is of another type."""
_LEVEL_RAISES = """InvalidInputError
    If the range is not finite and ascending, `exponent` negative, or the result without energies.
OverflowError
    If `exponent` is 2**31 or more.
TypeError
    If an argument is of another type."""


def _cue(name: str, n_bins: int, label: str) -> Documented:
    """Fill the docstrings of a cue and of its histogram."""
    texts = {"made": _MADE, "example": _EXAMPLE, "num_bins": _COUNTS, "exponent": _EXPONENT}
    texts |= {"weights": WEIGHTS, "counted": RESULT, "raises": _RAISES, "level_raises": _LEVEL_RAISES}
    return documented(**texts, cue=name, CUE=name.upper(), n_bins=str(n_bins), label=label)


class BinauralCue(TimeFrequency):
    """A difference between the two ears, shape (n_bins, n_frames).

    The compute functions add the energy of both ears, ``|left|**2 + |right|**2``, of the shape of the data,
    as the extra array ``"energy"``: histograms may be weighted by it.
    """

    __slots__ = ()
    _extra_names = ("energy",)

    def _histogram(self, num_bins, value_range, exponent, energy_weighted, normalize):
        value_range = self.default_range if value_range is None else value_range
        exponent = 3 if exponent is None else exponent
        return histogram(self, num_bins, value_range, exponent, energy_weighted, normalize)


@_cue("itd", n_bins=13, label="ITD (seconds)")
class ItdSpectrogram(BinauralCue):
    """Interaural time differences in seconds, positive where the left ear leads.

    %(made)s
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
        %(num_bins)s
        delay_range : tuple of two floats, optional
            Lower and upper edge, in seconds; None means (-0.00088, 0.00088). Values outside are left out.
        %(weights)s

        %(counted)s

        Raises
        ------
        %(raises)s

        Examples
        --------
        %(example)s
        >>> counts = itd.histogram(num_bins=44)  # bins of 40 microseconds
        >>> counts.shape
        (44, 63)
        >>> fullest = int(counts.sum(axis=1).argmax())
        >>> fullest, int((10 / 44100 + 0.00088) // 0.00004)  # the bin of ten samples
        (27, 27)
        """
        return self._histogram(num_bins, delay_range, 1, energy_weighted, normalize)


@_cue("ipd", n_bins=13, label="IPD (radians)")
class IpdSpectrogram(BinauralCue):
    """Interaural phase differences in radians, positive where the left ear leads.

    %(made)s
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
        %(num_bins)s
        phase_range : tuple of two floats, optional
            Lower and upper edge, in radians; None means (-pi, pi). Values outside are left out.
        %(weights)s

        %(counted)s

        Raises
        ------
        %(raises)s

        Examples
        --------
        %(example)s
        >>> ipd.histogram(num_bins=36).shape
        (36, 63)
        """
        return self._histogram(num_bins, phase_range, 1, energy_weighted, normalize)


@_cue("ild", n_bins=68, label="ILD (dB)")
class IldSpectrogram(BinauralCue):
    """Interaural level differences in dB, positive where the left ear is louder.

    %(made)s
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
        %(num_bins)s
        db_range : tuple of two floats, optional
            Lower and upper edge, in dB; None means (-24, 24). Values outside are left out.
        %(exponent)s
        %(weights)s

        %(counted)s

        Raises
        ------
        %(level_raises)s

        Examples
        --------
        %(example)s
        >>> ild.histogram(num_bins=48).shape
        (48, 63)
        """
        return self._histogram(num_bins, db_range, exponent, energy_weighted, normalize)


@_cue("ilr", n_bins=68, label="ILR (normalized)")
class IlrSpectrogram(BinauralCue):
    """Interaural level ratios from -1 to 1, positive where the left ear is louder.

    %(made)s
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
        %(num_bins)s
        ratio_range : tuple of two floats, optional
            Lower and upper edge; None means (-1, 1). Values outside are left out.
        %(exponent)s
        %(weights)s

        %(counted)s

        Raises
        ------
        %(level_raises)s

        Examples
        --------
        %(example)s
        >>> ilr.histogram(num_bins=40).shape
        (40, 63)
        """
        return self._histogram(num_bins, ratio_range, exponent, energy_weighted, normalize)
