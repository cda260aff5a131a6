"""Spectral contrast: peaks over valleys, octave by octave."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.documenting import documented
from spectrograms._engine.loop.signals import as_signal
from spectrograms.errors import InvalidInputError, number
from spectrograms.features.framed import FramedInfo, FramedPlan, MeasuredArray
from spectrograms.features.matrix import apply_stages
from spectrograms.filterbanks.grid import fft_frequencies
from spectrograms.params import ContrastParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_float, as_instance, require
from spectrograms.params.explaining import explained
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE, Plan
from spectrograms.plans.infos import EFFORTS, frame_words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# No level is below this.
_FLOOR = 1e-10


@documented()
class Contrast(MeasuredArray):
    """Spectral contrast over time, shape (n_bands + 1, n_frames).

    See Also
    --------
    spectral_contrast, ContrastPlan : Make it.

    %(examples)s
    >>> contrast = sg.spectral_contrast(np.random.default_rng(0).standard_normal(22050), 22050)
    >>> contrast.n_bins, contrast.unit, contrast.edges[:3]
    (7, 'dB', [0.0, 200.0, 400.0])
    """

    __slots__ = ()
    __module__ = "spectrograms"

    @property
    def edges(self) -> list[float]:
        """list of float: edges of the bands in Hz, one more than there are bands."""
        return self._info.edges


class ContrastInfo(FramedInfo, Params):
    """Parameters of the contrast of one plan.

    Parameters
    ----------
    stft : StftParams
    sample_rate : float
    params : ContrastParams
    dtype : str
    effort : str
    """

    stft: StftParams
    sample_rate: float
    params: ContrastParams
    dtype: str
    effort: str

    scale = "contrast"
    amplitude = "contrast"
    _kinds = ("Contrast",)

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        params: ContrastParams,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft = as_instance("stft_params", stft, StftParams)
        params = as_instance("contrast_params", params, ContrastParams)
        effort = as_choice("effort", effort, EFFORTS)
        return cls._create(stft, as_sample_rate(sample_rate), params, parse_dtype(dtype), effort)

    def _rows(self):
        return self.params.n_bands + 1

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return "amplitude" if self.params.linear else "dB"

    @property
    def edges(self) -> list[float]:
        """Edges of the bands in Hz."""
        octaves = [self.params.f_min * 2.0**k for k in range(self.params.n_bands)]
        return [0.0, *octaves, self.sample_rate / 2]

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        p = self.params
        share, f_min = conventions.number(p.quantile), conventions.number(p.f_min)
        words = f"peaks {'less' if p.linear else 'over'} valleys, {share} of the bins each"
        bands = {"bands": f"{p.n_bands + 1}, octaves from {f_min} Hz, {words}"}
        return frame_words(self, spectrum="magnitude", bands=bands)


def _bands(info):
    """First bin, number of bins and number of extremes of each band."""
    params = info.params
    frequencies = fft_frequencies(info.sample_rate, info.stft.n_fft)
    bands = []
    for k in range(params.n_bands + 1):
        low = params.f_min * 2.0 ** (k - 1) if k else 0.0
        high = params.f_min * 2.0**k
        if low >= info.sample_rate / 2:
            raise InvalidInputError(
                f"n_bands must leave the last octave, from {number(low)} Hz on, below half the sample rate, "
                f"got {params.n_bands}"
            )
        inside = np.flatnonzero((frequencies >= low) & (frequencies <= high))
        last = k == params.n_bands
        # An octave begins at the last bin before it, and ends before its own last one.
        first = int(inside[0]) - (k > 0) if len(inside) else 0
        stop = len(frequencies) if last else int(inside[-1]) + 1 if len(inside) else 0
        length = stop - first - (not last)
        if len(inside) == 0 or length < 1:
            raise InvalidInputError(
                f"n_fft must be large enough for a bin in each band, got {info.stft.n_fft}, with none from "
                f"{number(low)} to {number(high)} Hz"
            )
        bands.append((first, length, max(1, round(params.quantile * (stop - first)))))
    return bands


def _extremes(info):
    """From power to magnitudes: of peaks of the bands, below them of valleys; in dB unless linear."""
    starts, lengths, counts = zip(*_bands(info), strict=True)
    kinds = ["peaks"] * len(starts) + ["valleys"] * len(starts)
    stages = [("describe", kinds, None, np.array(counts * 2, float), starts * 2, lengths * 2)]
    if not info.params.linear:
        stages.append(("log", 10.0 / math.log(10.0), 0.0, _FLOOR))
    return stages


def _difference(rows):
    """From peaks and valleys to what lies between them."""
    return [("dense", np.hstack([np.eye(rows), -np.eye(rows)]))]


@documented()
class ContrastPlan(FramedPlan[Contrast]):
    """Spectral contrast with everything built once.

    Parameters
    ----------
    %(frames)s
    contrast_params : ContrastParams
        Bands, and what counts as peak and valley.
    %(dtype)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If a band has no bin, or the sample rate is not finite and positive.

    See Also
    --------
    spectral_contrast : Makes and uses it in one call.
    FeatureSet : Contrast and other features from the same transforms.

    Notes
    -----
    Of the n bins of a band the ``max(1, round(quantile * n))`` largest and as many least magnitudes are
    averaged; the result is ``10 log10`` of the one over the other, none below 1e-10. The lowest band reaches
    from 0 to `f_min`, each other from the last bin before its lower edge; all but the last leave out their
    last bin. Unlike librosa's, levels are not raised to 80 dB below the highest of the whole signal, which a
    stream cannot know: see `spectral_contrast`.

    References
    ----------
    D.-N. Jiang et al., Music type classification by spectral contrast feature, ICME 2002.

    %(examples)s
    >>> stft = sg.StftParams(2048, 512, "hann", periodic=True)
    >>> plan = sg.ContrastPlan(stft, 22050, sg.ContrastParams())
    >>> plan.compute(np.random.default_rng(0).standard_normal(22050)).shape
    (7, 44)
    """

    __slots__ = ()
    _info_class = ContrastInfo
    _result_class = Contrast

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        contrast_params: ContrastParams,
        dtype: DType = None,
        *,
        effort: str = "estimate",
    ) -> None:
        self._configure(ContrastInfo(stft_params, sample_rate, contrast_params, dtype, effort=effort))

    @classmethod
    def _output(cls, info):
        return "power", [*_extremes(info), *_difference(info._rows())]

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Middle of each band in Hz, ndarray of float64, shape (n_bands + 1,)."""
        edges = np.array(self._info.edges)
        return (edges[:-1] + edges[1:]) / 2

    def __repr__(self) -> str:
        info = self._info
        return (
            f"ContrastPlan({info.stft}, sample_rate={info.sample_rate:g}, {info.params}, "
            f"dtype={self.dtype!r})"
        )


class _ExtremesPlan(ContrastPlan):
    """Peaks and valleys themselves, for what needs those of the whole signal."""

    __slots__ = ()

    @classmethod
    def _output(cls, info):
        return "power", _extremes(info)


_plan: Any = lru_cache(maxsize=64)(ContrastPlan._from_info)
_extremes_plan: Any = lru_cache(maxsize=64)(_ExtremesPlan._from_info)


@explained
@documented()
def spectral_contrast(
    samples: ArrayLike,
    sample_rate: float,
    *,
    n_fft: int = 2048,
    hop_size: int = 512,
    f_min: float = 200.0,
    n_bands: int = 6,
    quantile: float = 0.02,
    linear: bool = False,
    top_db: float | None = 80.0,
    dtype: DType = None,
) -> Contrast:
    """Compute how far the peaks of each octave stand above its valleys.

    %(signal)s
    %(hann_frames)s
    f_min, n_bands, quantile, linear : float, int, float, bool
        As for :class:`ContrastParams`.
    top_db : float, optional
        Levels of peaks are at least so many dB below their highest of the whole signal, and those of valleys
        below theirs, as in librosa; None for the numbers of :class:`ContrastPlan`.
    %(dtype)s

    Returns
    -------
    Contrast, shape (n_bands + 1, n_frames)
        The lowest band first.

    Raises
    ------
    InvalidInputError
        If a value is out of range, or a band has no bin.
    ValueError
        If `samples` is empty.

    See Also
    --------
    ContrastPlan : The definition; with batches and streams.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)
    >>> int(sg.spectral_contrast(tone, 22050).data[:, 20].argmax())  # the band from 800 to 1600 Hz
    3
    """
    stft = StftParams(n_fft, hop_size, "hann", periodic=True)
    params = ContrastParams(f_min, n_bands, quantile, linear=linear)
    info = ContrastInfo(stft, sample_rate, params, dtype)
    if top_db is None or linear:
        return _plan(info)._compute(samples, EMPTY_FOR_FEATURE)
    top_db = as_float("top_db", top_db)
    require(0.0 <= top_db < math.inf, "top_db must be finite and >= 0", top_db)
    plan: Plan[Any] = _extremes_plan(info)
    levels = np.empty(plan.output_shape(len(as_signal(samples, EMPTY_FOR_FEATURE))), plan.dtype)
    plan.compute_into(samples, levels)
    for half in np.split(levels, 2):
        # As NumPy's maximum: a NaN is the highest.
        np.maximum(half, half.max() - half.dtype.type(top_db), out=half)
    return apply_stages(levels, Contrast, info, _difference, info._rows())
