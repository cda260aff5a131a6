"""Binaural cues: what differs between the signals of the two ears, by frequency and time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np

from spectrograms._common.documenting import Documented, documented
from spectrograms._common.intake import refuse_bytes
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.run import calls
from spectrograms.errors import DimensionMismatchError, InvalidInputError, number
from spectrograms.features.spatial.cues import (
    energy,
    level_difference,
    level_ratio,
    phase_difference,
    time_difference,
)
from spectrograms.features.spatial.histograms import histogram
from spectrograms.features.spatial.results import (
    IldSpectrogram,
    IlrSpectrogram,
    IpdSpectrogram,
    ItdSpectrogram,
)
from spectrograms.params import (
    ILDSpectrogramParams,
    ILRSpectrogramParams,
    IPDSpectrogramParams,
    ITDSpectrogramParams,
    parse_dtype,
)
from spectrograms.params.base import Params
from spectrograms.params.checking import as_instance
from spectrograms.params.dtype import COMPLEX
from spectrograms.plans.geometry import engine_frames
from spectrograms.plans.infos import Info

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from spectrograms.params.dtype import DType
    from spectrograms.params.stft import StftParams

__all__ = [
    "compute_ild_spectrogram",
    "compute_ilr_spectrogram",
    "compute_ipd_spectrogram",
    "compute_itd_spectrogram",
    "histogram",
]

# Elements of a block: the spectra of both ears and the values made from them fit in the second-level cache.
_BLOCK = 1 << 13
_UNITS = {
    ITDSpectrogramParams: "s",
    IPDSpectrogramParams: "rad",
    ILDSpectrogramParams: "dB",
    ILRSpectrogramParams: "",
}
_BandParams: TypeAlias = (
    ITDSpectrogramParams | IPDSpectrogramParams | ILDSpectrogramParams | ILRSpectrogramParams
)


class BinauralInfo(Info, Params):
    """Parameters and axes of a binaural cue.

    Parameters
    ----------
    params : ITDSpectrogramParams, IPDSpectrogramParams, ILDSpectrogramParams or ILRSpectrogramParams
    dtype : str
    """

    params: _BandParams
    dtype: str

    scale = "linear"

    def __new__(cls, params: _BandParams, dtype: DType) -> Self:
        if type(params) not in _UNITS:
            names = ", ".join(kind.__name__ for kind in _UNITS)
            raise TypeError(f"params must be one of {names}, got {type(params).__name__}")
        return cls._create(params, parse_dtype(dtype))

    @property
    def _kinds(self):
        return (f"{self.amplitude.capitalize()}Spectrogram",)

    def _rows(self):
        first, end = self.rows
        return end - first

    @property
    def amplitude(self) -> str:
        """What the values are: ``"itd"``, ``"ipd"``, ``"ild"`` or ``"ilr"``."""
        return type(self.params).__name__[:3].lower()

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return _UNITS[type(self.params)]

    @property
    def sample_rate(self) -> float:
        """Samples per second."""
        return self.params.spectrogram_params.sample_rate

    @property
    def stft(self) -> StftParams:
        """StftParams of the frames."""
        return self.params.spectrogram_params.stft

    @property
    def rows(self) -> tuple[int, int]:
        """First bin of the transform in the band, and the first beyond it."""
        params = self.params
        width = params.spectrogram_params.sample_rate / params.spectrogram_params.stft.n_fft
        first = math.floor(params.start_freq / width + 0.5)
        end = math.floor(params.end_freq / width + 0.5)
        # Bin 0 has a phase, but at 0 Hz a phase is not a delay.
        first = max(first, 1) if type(params) is ITDSpectrogramParams else first
        if first >= end:
            raise InvalidInputError(
                f"start_freq..end_freq must contain a bin, got {number(params.start_freq)}.."
                f"{number(params.end_freq)} Hz with bins {number(width)} Hz apart"
            )
        return first, end

    def _frequency_axis(self):
        params = self.params.spectrogram_params
        return np.arange(*self.rows) * (params.sample_rate / params.stft.n_fft)

    def _seconds(self, frames):
        # Multiplied and divided in another order than elsewhere, as in the reference.
        return frames * self.hop_size / self.sample_rate


@lru_cache(maxsize=64)
def _engine(params, rows, dtype):
    outputs = [("complex", [("rows", *rows)])]
    return Engine(dtype == "float32", outputs=outputs, **engine_frames(params.stft))


def _compute(result_class, params_class, formula, audio, params, dtype):
    """Evaluate `formula` on the spectra of both channels, a block of frames at a time."""
    if isinstance(audio, (Set, Mapping)) or not hasattr(audio, "__getitem__"):
        raise TypeError(
            f"'{type(audio).__name__}' object is not an instance of 'Sequence': "
            "audio must be a sequence of the left and the right channel"
        )
    refuse_bytes(audio, "audio")
    if len(audio) != 2:
        raise InvalidInputError(f"expected a sequence of length 2 (got {len(audio)})")
    left, right = audio
    info = BinauralInfo(as_instance("params", params, params_class), dtype)
    left = as_signal(left, "left audio array must not be empty")
    right = as_signal(right, "right audio array must not be empty")
    engine = _engine(params.spectrogram_params, info.rows, info.dtype)
    frames = engine.frame_count(len(left))
    if engine.frame_count(len(right)) < frames:
        raise DimensionMismatchError(frames, engine.frame_count(len(right)), "frames of the right channel")

    shape = (engine.rows, frames)
    energies = np.empty(shape, info.dtype)
    result = result_class._empty(shape, info.dtype, info, {"energy": energies})
    step = max(16, _BLOCK // engine.rows)
    buffers = np.empty((2, engine.rows * min(step, frames)), COMPLEX[info.dtype])
    # NaN and infinity are documented results here.
    with np.errstate(all="ignore"):
        for first in range(0, frames, step):
            count = min(step, frames - first)
            columns = slice(first, first + count)
            # Contiguous also when the last block is shorter: the same instructions for every value.
            spectra = [buffer[: engine.rows * count].reshape(-1, count) for buffer in buffers]
            for samples, spectrum in zip((left, right), spectra, strict=True):
                calls.compute_frames(engine, samples, spectrum, first, "")
            both = [energy(spectrum) for spectrum in spectra]
            result.data[:, columns] = formula(*spectra, *both, info)
            np.add(*both, out=energies[:, columns])
    return result


# --- one function for each cue -------------------------------------------------------------------------

_CALL = """Parameters
----------
audio : sequence of two array_like, each of shape (n_samples,)
    Left and right channel: a list, a tuple, or an array of shape (2, n_samples). Of a right channel with
    more frames than the left, the rest is dropped.
params : %(CUE)sSpectrogramParams
    %(about)s
%(dtype)s

Returns
-------
%(cue)sSpectrogram, shape (n_bins, n_frames)
    %(values)s

Raises
------
ValueError
    If there are not two channels, one is empty, or `dtype` is unknown.
TypeError
    If `params` is of another class or a channel not 1-D.
InvalidInputError
    If the band contains no bin.
DimensionMismatchError
    If the right channel has fewer frames than the left.

See Also
--------
%(see)s"""
_BLAUERT = """References
----------
J. Blauert, Spatial Hearing: The Psychophysics of Human Sound Localization, MIT Press, 1997."""
_LOUDER = """Examples
--------
The left ear hears twice the amplitude:

>>> import numpy as np
>>> import spectrograms as sg
>>> noise = np.random.default_rng(0).standard_normal(16000)
>>> params = sg.%(CUE)sSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))"""


def _cue(name: str, values: str, see: tuple[str, ...], about: str = "Transform and band.") -> Documented:
    """Fill a docstring with how the function is called."""
    texts = {"call": _CALL, "reference": _BLAUERT, "louder": _LOUDER, "cue": name, "CUE": name.upper()}
    return documented(**texts, values=values, about=about, see="\n".join(see))


@_cue(
    "Itd",
    values="Seconds, positive where the left ear leads. 0 where both ears are silent, NaN where a sample is.",
    see=(
        "compute_ipd_spectrogram : The phase before it is divided.",
        "compute_itd_spectrogram_diff : Compares two stereo signals.",
        "ItdSpectrogram.histogram : Counts the delays of every frame.",
    ),
)
def compute_itd_spectrogram(
    audio: Sequence[ArrayLike], params: ITDSpectrogramParams, dtype: DType = "float64"
) -> ItdSpectrogram:
    """Compute interaural time differences.

    %(call)s

    Notes
    -----
    ``wrap(arg L[k, t] - arg R[k, t]) / (2 pi f_k)`` for the bins from ``round(start_freq / width)`` to before
    ``round(end_freq / width)``, with ``width = sample_rate / n_fft``; ``wrap`` adds a multiple of 2 pi to
    reach the range from -pi on and below pi. Bin 0, where no phase is a delay, is left out.

    Phases become ambiguous above about 700 Hz, where half a period is shorter than the way around the head.

    %(reference)s

    Examples
    --------
    The right ear hears the noise ten samples later than the left:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> noise = np.random.default_rng(0).standard_normal(16010)
    >>> left, right = noise[10:], noise[:-10]
    >>> params = sg.ITDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
    >>> itd = sg.compute_itd_spectrogram([left, right], params)
    >>> itd.shape
    (13, 63)
    >>> round(float(np.median(itd.data) * 44100))  # in samples
    10
    """
    return _compute(ItdSpectrogram, ITDSpectrogramParams, time_difference, audio, params, dtype)


@_cue(
    "Ipd",
    values="Radians, positive where the left ear leads. 0 where both ears are silent, NaN where a sample is.",
    see=(
        "compute_itd_spectrogram : The same in seconds.",
        "IpdSpectrogram.histogram : Counts the phases of every frame.",
    ),
    about="Transform, band, and whether to wrap.",
)
def compute_ipd_spectrogram(
    audio: Sequence[ArrayLike], params: IPDSpectrogramParams, dtype: DType = "float64"
) -> IpdSpectrogram:
    """Compute interaural phase differences.

    %(call)s

    Notes
    -----
    ``arg L[k, t] - arg R[k, t]``, between -2 pi and 2 pi, or wrapped to the range from -pi on and below pi.
    Phases are not unwrapped over frequency or time. A bin without energy has phase 0.

    %(reference)s

    Examples
    --------
    A quarter of a period between the ears:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> phase = 2 * np.pi * 430.6640625 * np.arange(16000) / 44100  # the middle of bin 10
    >>> params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100)
    >>> ipd = sg.compute_ipd_spectrogram(
    ...     [np.cos(phase), np.sin(phase)], sg.IPDSpectrogramParams(params, wrapped=True)
    ... )
    >>> row = int(np.argmin(np.abs(np.array(ipd.frequencies) - 430.66)))
    >>> float((ipd[row, 20] / np.pi).round(3))  # in pi
    0.5
    """
    return _compute(IpdSpectrogram, IPDSpectrogramParams, phase_difference, audio, params, dtype)


@_cue(
    "Ild",
    values="Decibels, positive where the left ear is louder. NaN where an ear is silent or a sample is NaN.",
    see=(
        "compute_ilr_spectrogram : The same as a ratio from -1 to 1.",
        "IldSpectrogram.histogram : Counts the levels of every frame.",
    ),
)
def compute_ild_spectrogram(
    audio: Sequence[ArrayLike], params: ILDSpectrogramParams, dtype: DType = "float64"
) -> IldSpectrogram:
    """Compute interaural level differences.

    %(call)s

    Notes
    -----
    ``-20 log10(|R[k, t]| / |L[k, t]|)``.

    %(reference)s

    %(louder)s
    >>> ild = sg.compute_ild_spectrogram([noise, 0.5 * noise], params)
    >>> ild.shape, float(np.median(ild.data).round(2))
    ((68, 63), 6.02)
    """
    return _compute(IldSpectrogram, ILDSpectrogramParams, level_difference, audio, params, dtype)


@_cue(
    "Ilr",
    values=(
        "Between -1 and 1, positive where the left ear is louder. NaN where an ear is silent or a sample is\n"
        "NaN."
    ),
    see=(
        "compute_ild_spectrogram : The same in decibels.",
        "compute_ilr_spectrogram_diff : Compares two stereo signals.",
    ),
)
def compute_ilr_spectrogram(
    audio: Sequence[ArrayLike], params: ILRSpectrogramParams, dtype: DType = "float64"
) -> IlrSpectrogram:
    """Compute interaural level ratios.

    %(call)s

    Notes
    -----
    ``1 - |R| / |L|`` where the left ear is louder, else ``|L| / |R| - 1``.

    %(louder)s
    >>> ilr = sg.compute_ilr_spectrogram([noise, 0.5 * noise], params)
    >>> ilr.shape, float(np.median(ilr.data).round(2))
    ((68, 63), 0.5)
    """
    return _compute(IlrSpectrogram, ILRSpectrogramParams, level_ratio, audio, params, dtype)
