"""Chromagrams: spectral magnitude gathered into the twelve pitch classes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_TABLE, fits
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.errors import DimensionMismatchError
from spectrograms.features.framed import FramedInfo, FramedPlan, known_framing
from spectrograms.features.matrix import apply_stages, as_matrix, framing
from spectrograms.filterbanks.chroma import chroma_bands
from spectrograms.params import ChromaParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_count, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE
from spectrograms.plans.infos import EFFORTS, frame_words
from spectrograms.plans.scales import bank_stage, empty_bands, say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = documented(
    chroma_params="""chroma_params : ChromaParams
    Tuning, range and scaling.""",
)


@documented()
class Chromagram(FrameArray):
    """Energy of the twelve pitch classes over time, shape (12, n_frames).

    See Also
    --------
    compute_chromagram, ChromaPlan : Make it.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> chroma = sg.compute_chromagram(tone, sg.StftParams(2048, 512, "hann"), 22050, sg.ChromaParams())
    >>> chroma.n_bins, chroma.n_frames, chroma.labels[:3]
    (12, 44, ['C', 'C#', 'D'])
    >>> chroma.times[:2]
    [0.0, 0.023219954648526078]
    """

    __slots__ = ()
    __module__ = "spectrograms"

    labels: ClassVar[list[str]] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


class ChromaInfo(FramedInfo, Params):
    """Parameters of the pitch classes of one plan.

    Parameters
    ----------
    stft : StftParams or None
    sample_rate : float or None
    params : ChromaParams
    dtype : str
    effort : str
    """

    stft: StftParams | None
    sample_rate: float | None
    params: ChromaParams
    dtype: str
    effort: str

    scale = "chroma"
    amplitude = "magnitude"
    unit = "amplitude"
    _kinds = ("Chromagram",)

    def __new__(
        cls,
        stft: StftParams | None,
        sample_rate: float | None,
        params: ChromaParams,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft, sample_rate = known_framing(stft, sample_rate)
        params = as_instance("chroma_params", params, ChromaParams)
        return cls._create(
            stft, sample_rate, params, parse_dtype(dtype), as_choice("effort", effort, EFFORTS)
        )

    def _rows(self):
        return 12

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        p = self.params
        bands = conventions.other_bands(
            12, p.f_min, p.f_max, f"pitch classes, A4 at {conventions.number(p.tuning)} Hz"
        )
        bands["filter norm"] = f"{p.norm.name} of each frame"
        return frame_words(self, spectrum="magnitude", bands=bands)


# Twelve rows of half as many weights.
_LARGEST_TABLE = MAX_TABLE // 8


def _bands(sample_rate, n_fft, params):
    return chroma_bands(sample_rate, n_fft, params.tuning, params.f_min, params.f_max)


def _class_stages(sample_rate, n_fft, params):
    """From magnitudes to scaled pitch classes."""
    stages = [bank_stage(_bands(sample_rate, n_fft, params))]
    if params.norm.name != "none":
        stages.append(("normalize", int(params.norm)))
    return stages


def _findings(stage):
    return empty_bands(stage, "a larger n_fft or a wider range")


def _said_stages(*given):
    """The stages, with a warning about their findings where no plan is made that would give it."""
    stages = _class_stages(*given)
    say(_findings(stages[0]))
    return stages


@_documented
class ChromaPlan(FramedPlan[Chromagram]):
    """Chromagrams with everything built once.

    Parameters
    ----------
    %(frames)s
    %(chroma_params)s
    %(dtype)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive.

    Warns
    -----
    SpectrogramWarning
        If no bin is in range.

    See Also
    --------
    compute_chromagram : Makes and uses it in one call.
    FeatureSet : Chromagrams and other features from the same transforms.

    Notes
    -----
    Each bin within the range adds its magnitude to all classes, weighted by ``exp(-d**2 / 2)``, where d is
    the distance in semitones round the circle; the weights of a class sum to 1. Each frame is then divided
    by its norm if that is above 0.

    References
    ----------
    T. Fujishima, Realtime chord recognition of musical sound: a system using Common Lisp Music, ICMC 1999.

    %(examples)s
    >>> plan = sg.ChromaPlan(sg.StftParams(2048, 512, "hann"), 22050, sg.ChromaParams())
    >>> plan.compute(np.zeros(22050)).shape
    (12, 44)
    >>> float(plan.center_frequencies[9].round(1))  # the lowest A from `f_min` on
    55.0
    """

    __slots__ = ()
    _info_class = ChromaInfo
    _result_class = Chromagram

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        chroma_params: ChromaParams,
        dtype: DType = None,
        *,
        effort: str = "estimate",
    ) -> None:
        checked = _checked(stft_params, sample_rate, chroma_params, dtype)
        self._configure(ChromaInfo(*checked, effort=effort))

    @classmethod
    def _output(cls, info):
        return "power", [("root", 0.0), *_class_stages(info.sample_rate, info.stft.n_fft, info.params)]

    @classmethod
    def _findings(cls, info, stages):
        return _findings(stages[1])

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Lowest pitch of each class from `f_min` on, C first, in Hz, ndarray of float64."""
        pitches = self.params.tuning * np.exp2((np.arange(12) - 9) / 12)
        return pitches * np.exp2(np.ceil(np.log2(self.params.f_min / pitches)))

    def __repr__(self) -> str:
        info = self._info
        return (
            f"ChromaPlan({info.stft}, sample_rate={info.sample_rate:g}, {info.params}, dtype={self.dtype!r})"
        )


def _checked(stft_params, sample_rate, chroma_params, dtype):
    """The arguments of a plan, converted, so that equal plans have equal keys."""
    as_instance("stft_params", stft_params, StftParams)
    as_instance("chroma_params", chroma_params, ChromaParams)
    return stft_params, as_sample_rate(sample_rate), chroma_params, parse_dtype(dtype)


_plan: Any = lru_cache(maxsize=64)(ChromaPlan)


@_documented
def compute_chromagram(
    samples: ArrayLike,
    stft_params: StftParams,
    sample_rate: float,
    chroma_params: ChromaParams,
    dtype: DType = None,
) -> Chromagram:
    """Compute a chromagram.

    Parameters
    ----------
    %(samples)s
    %(frames)s
    %(chroma_params)s
    %(dtype)s

    Returns
    -------
    Chromagram, shape (12, n_frames)
        The first row is C; see :class:`ChromaPlan` for the definition.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive.
    ValueError
        If `samples` is empty or `dtype` unknown.
    TypeError
        If `samples` is not 1-D or a parameter object of another class.

    See Also
    --------
    ChromaPlan : The same with the tables kept.
    chromagram_from_spectrogram : From a magnitude spectrogram.

    Examples
    --------
    The note A4 in the class of A:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> chroma = sg.compute_chromagram(tone, sg.StftParams(2048, 512, "hann"), 22050, sg.ChromaParams())
    >>> chroma.shape
    (12, 44)
    >>> chroma.labels[chroma.data[:, 20].argmax()]
    'A'
    """
    plan = _plan(*_checked(stft_params, sample_rate, chroma_params, dtype))
    return plan._compute(samples, EMPTY_FOR_FEATURE)


@_documented
def chromagram_from_spectrogram(
    spectrogram: ArrayLike, sample_rate: float, n_fft: int, chroma_params: ChromaParams, dtype: DType = None
) -> Chromagram:
    """Gather the bins of a spectrogram into pitch classes.

    Parameters
    ----------
    spectrogram : array_like, shape (n_fft // 2 + 1, n_frames)
        Usually the magnitudes of a linear spectrogram.
    %(sample_rate)s
    n_fft : int
        Length of the transform behind it.
    %(chroma_params)s
    %(dtype)s

    Returns
    -------
    Chromagram, shape (12, n_frames)
        Equal to `compute_chromagram`, bit for bit, if `spectrogram` is what that computes first. Times
        are known if `spectrogram` is a result of this package, else NaN.

    Raises
    ------
    DimensionMismatchError
        If there are not ``n_fft // 2 + 1`` rows.
    InvalidInputError
        If the sample rate is not finite and positive.
    TypeError
        If `spectrogram` is not 2-D and real.
    ValueError
        If it is empty or `dtype` unknown.

    See Also
    --------
    compute_chromagram : From the signal.
    compute_linear_magnitude_spectrogram : What this wants.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> params = sg.SpectrogramParams(sg.StftParams(2048, 512, "hann"), 22050)
    >>> magnitudes = sg.compute_linear_magnitude_spectrogram(tone, params)
    >>> sg.chromagram_from_spectrogram(magnitudes, 22050, 2048, sg.ChromaParams()).shape
    (12, 44)
    """
    as_instance("chroma_params", chroma_params, ChromaParams)
    sample_rate = as_sample_rate(sample_rate)
    n_fft = as_count("n_fft", n_fft)
    dtype = parse_dtype(dtype)
    matrix = as_matrix("spectrogram", spectrogram)
    if matrix.shape[0] != n_fft // 2 + 1:
        raise DimensionMismatchError(n_fft // 2 + 1, matrix.shape[0], "rows of spectrogram")
    info = ChromaInfo(framing(spectrogram)[0], sample_rate, chroma_params, dtype)
    return apply_stages(matrix, Chromagram, info, _said_stages, sample_rate, n_fft, chroma_params)


@documented()
def build_chroma_filterbank(
    sample_rate: float, n_fft: int, chroma_params: ChromaParams
) -> NDArray[np.float64]:
    """Build the weights of the bins in the twelve pitch classes.

    Parameters
    ----------
    %(sample_rate)s
    n_fft : int
        Length of the transform, 2**25 at most.
    chroma_params : ChromaParams
        Tuning and range.

    Returns
    -------
    ndarray of float64, shape (12, n_fft // 2 + 1)
        The first row is C. Each row sums to 1, or is zero if no bin is in range.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive.
    MemoryError
        If `n_fft` exceeds 2**25.

    See Also
    --------
    compute_chromagram : Applies it.

    %(plain_examples)s
    >>> weights = sg.build_chroma_filterbank(22050, 2048, sg.ChromaParams())
    >>> weights.shape
    (12, 1025)
    >>> weights.sum(axis=1).round(6)[:3]
    array([1., 1., 1.])
    """
    as_instance("chroma_params", chroma_params, ChromaParams)
    n_fft = as_count("n_fft", n_fft)
    fits("n_fft", n_fft, _LARGEST_TABLE)
    bands = _bands(as_sample_rate(sample_rate), n_fft, chroma_params)
    say(_findings(bank_stage(bands)))
    return bands.dense()
