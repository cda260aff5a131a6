"""Chromagrams: spectra gathered into pitch classes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_TABLE, fits
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.errors import DimensionMismatchError
from spectrograms.features.framed import FramedInfo, FramedPlan, known_framing
from spectrograms.features.matrix import apply_stages, as_matrix, framing
from spectrograms.filterbanks.chroma import chroma_bands, power_chroma_weights
from spectrograms.params import (
    ChromaCqtParams,
    ChromaParams,
    ChromaStftParams,
    SpectrogramParams,
    StftParams,
    parse_dtype,
)
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_count, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE
from spectrograms.plans.findings import empty_bands, say
from spectrograms.plans.infos import EFFORTS, frame_words
from spectrograms.plans.scales import bank_stage, scale_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = documented(
    chroma_params="""chroma_params : ChromaParams
    Tuning, range and scaling.""",
)

_Result = TypeVar("_Result")
_NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


class _Labels:
    """Names of the classes: of the class of results the twelve, of a result those of its rows."""

    def __get__(self, result, owner=None):
        if result is None or isinstance(result.params, ChromaParams):
            return list(_NAMES)
        n = result.n_bins
        if n % 12:
            return [str(c) for c in range(n)]
        names = _NAMES if getattr(result.params, "base_c", True) else _NAMES[9:] + _NAMES[:9]
        return [names[c * 12 // n] if c * 12 % n == 0 else "" for c in range(n)]


@documented()
class Chromagram(FrameArray):
    """Energy of pitch classes over time, shape (n_chroma, n_frames): twelve, unless parameters say otherwise.

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

    labels: ClassVar[list[str]] = _Labels()  # type: ignore[assignment]


class ChromaInfo(FramedInfo, Params):
    """Parameters of the pitch classes of one plan.

    Parameters
    ----------
    stft : StftParams or None
    sample_rate : float or None
    params : ChromaParams, ChromaStftParams or ChromaCqtParams
    dtype : str
    effort : str
    """

    stft: StftParams | None
    sample_rate: float | None
    params: ChromaParams | ChromaStftParams | ChromaCqtParams
    dtype: str
    effort: str

    scale = "chroma"
    _kinds = ("Chromagram",)

    def __new__(
        cls,
        stft: StftParams | None,
        sample_rate: float | None,
        params: ChromaParams | ChromaStftParams | ChromaCqtParams,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft, sample_rate = known_framing(stft, sample_rate)
        params = _as_params(params)
        return cls._create(
            stft, sample_rate, params, parse_dtype(dtype), as_choice("effort", effort, EFFORTS)
        )

    def _rows(self):
        return 12 if isinstance(self.params, ChromaParams) else self.params.n_chroma

    @property
    def amplitude(self) -> str:
        """What is gathered: ``"magnitude"`` or ``"power"``."""
        return "power" if isinstance(self.params, ChromaStftParams) else "magnitude"

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return "power" if isinstance(self.params, ChromaStftParams) else "amplitude"

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        p = self.params
        stft: Any = self.stft
        rate: Any = self.sample_rate
        if isinstance(p, ChromaParams):
            bands = conventions.other_bands(
                12, p.f_min, p.f_max, f"pitch classes, A4 at {conventions.number(p.tuning)} Hz"
            )
        elif isinstance(p, ChromaCqtParams):
            words = scale_of(p.cqt).words(SpectrogramParams(stft, rate), p.cqt)
            words["bands"]["bands"] = f"{p.n_chroma}, pitch classes of {words['bands']['bands']}"
            words["bands"]["filter norm"] += f", {p.norm.name} of each frame"
            return frame_words(self, spectrum="magnitude", **words)
        else:
            a4 = conventions.number(440.0 * 2.0 ** (p.tuning / p.n_chroma))
            first = "C" if p.base_c else "A"
            octaves = f"octave {conventions.number(p.octave_centre)} +- {conventions.number(p.octave_width)}"
            kind = f"pitch classes from {first}, A4 at {a4} Hz, {octaves}"
            bands = conventions.other_bands(p.n_chroma, 0.0, rate / 2, kind)
        bands["filter norm"] = f"{p.norm.name} of each frame"
        return frame_words(self, spectrum=self.amplitude, bands=bands)


def _as_params(params):
    if isinstance(params, ChromaStftParams | ChromaCqtParams):
        return params
    return as_instance("chroma_params", params, ChromaParams)


# Twelve rows of half as many weights.
_LARGEST_TABLE = MAX_TABLE // 8


def _bands(sample_rate, n_fft, params):
    return chroma_bands(sample_rate, n_fft, params.tuning, params.f_min, params.f_max)


def class_stages(sample_rate: float, n_fft: int, params: Any) -> list[Any]:
    """From magnitudes, or powers, to scaled pitch classes."""
    if isinstance(params, ChromaParams):
        stages = [bank_stage(_bands(sample_rate, n_fft, params))]
    else:
        fits("n_fft * n_chroma", n_fft * params.n_chroma, MAX_TABLE)
        weights = power_chroma_weights(
            sample_rate, n_fft, params.n_chroma, params.tuning, params.octave_centre, params.octave_width,
            base_c=params.base_c,
        )  # fmt: skip
        stages = [("dense", weights)]
    return [*stages, *_scaling(params)]


def _folding(params):
    """From the bins of a constant-Q transform to scaled pitch classes, the first of which is C."""
    bins = np.arange(params.n_octaves * params.bins_per_octave)
    each = params.bins_per_octave // params.n_chroma
    # Bins above and below a class belong to it. The lowest is that of the note of `f_min`.
    semitones = (69.0 + 12.0 * np.log2(params.f_min / 440.0)) % 12.0
    first = round(semitones * params.n_chroma / 12.0)
    classes = ((bins + each // 2) // each + first) % params.n_chroma
    weights = (classes == np.arange(params.n_chroma)[:, np.newaxis]).astype(float)
    return [("dense", weights), *_scaling(params)]


def _scaling(params):
    return [] if params.norm.name == "none" else [("normalize", int(params.norm))]


def _findings(stage):
    return empty_bands(stage, "a larger n_fft or a wider range")


def _said_stages(*given):
    """The stages, with a warning about their findings where no plan is made that would give it."""
    stages = class_stages(*given)
    say(_findings(stages[0]))
    return stages


class ClassesPlan(FramedPlan[_Result]):
    """Base of plans of pitch classes, and of what is made of them in the same frame."""

    __slots__ = ()

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        chroma_params: ChromaParams | ChromaStftParams | ChromaCqtParams,
        dtype: DType = None,
        *,
        effort: str = "estimate",
    ) -> None:
        checked = _checked(stft_params, sample_rate, chroma_params, dtype)
        self._configure(self._info_class(*checked, effort=effort))

    @classmethod
    def _output(cls, info):
        params = info.params
        if isinstance(params, ChromaCqtParams):
            row = scale_of(params.cqt)
            stages = row.stages(SpectrogramParams(info.stft, info.sample_rate), params.cqt)
            return row.spectrum, [*stages, ("root", 0.0), *_folding(params)]
        stages = class_stages(info.sample_rate, info.stft.n_fft, params)
        return "power", [("root", 0.0), *stages] if isinstance(params, ChromaParams) else stages

    @classmethod
    def _findings(cls, info, stages):
        return _findings(stages[1]) if isinstance(info.params, ChromaParams) else []

    def __repr__(self) -> str:
        info = self._info
        frames = f"{info.stft}, sample_rate={info.sample_rate:g}"
        return f"{type(self).__name__}({frames}, {info.params}, dtype={self.dtype!r})"


@_documented
class ChromaPlan(ClassesPlan[Chromagram]):
    """Chromagrams with everything built once.

    Parameters
    ----------
    %(frames)s
    chroma_params : ChromaParams, ChromaStftParams or ChromaCqtParams
        Which definition, its tuning and scaling.
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
    compute_chromagram, chroma_stft : Make and use it in one call.
    FeatureSet : Chromagrams and other features from the same transforms.

    Notes
    -----
    With ChromaParams, each bin within the range adds its magnitude to all classes, weighted by
    ``exp(-d**2 / 2)``, where d is the distance in semitones round the circle; the weights of a class sum to
    1. Each frame is then divided by its norm if that is above 0.

    With ChromaStftParams, bins add their power, weighted as in ``librosa.filters.chroma``: ``exp(-2 (d /
    w)**2)`` over the distance d in classes and the width w of the bin, at least a class; the weights of a bin
    have length 1, times ``exp(-(o - m)**2 / (2 s**2))`` over its octave o. With ChromaCqtParams, the
    magnitudes of the bins next to each class are added, as in ``librosa.feature.chroma_cqt``; the length of
    the transform has no part in it then.

    References
    ----------
    T. Fujishima, Realtime chord recognition of musical sound: a system using Common Lisp Music, ICMC 1999.
    D. P. W. Ellis, Chroma feature analysis and synthesis, Columbia University, 2007.

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

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Lowest pitch of each class, the first first, in Hz, ndarray of float64.

        Of ChromaParams from `f_min` on, of others from C1 or A0 on.
        """
        p = self.params
        if isinstance(p, ChromaCqtParams):
            classes = np.arange(p.n_chroma) / p.n_chroma
            return 27.5 * np.exp2(0.25 + classes + p.tuning / p.bins_per_octave)
        if isinstance(p, ChromaStftParams):
            first = 3 * (p.n_chroma // 12) if p.base_c else 0
            return 27.5 * np.exp2((np.arange(p.n_chroma) + first + p.tuning) / p.n_chroma)
        pitches = self.params.tuning * np.exp2((np.arange(12) - 9) / 12)
        return pitches * np.exp2(np.ceil(np.log2(self.params.f_min / pitches)))


def _checked(stft_params, sample_rate, chroma_params, dtype):
    """The arguments of a plan, converted, so that equal plans have equal keys."""
    as_instance("stft_params", stft_params, StftParams)
    return stft_params, as_sample_rate(sample_rate), _as_params(chroma_params), parse_dtype(dtype)


_plan: Any = lru_cache(maxsize=64)(ChromaPlan)


@_documented
def compute_chromagram(
    samples: ArrayLike,
    stft_params: StftParams,
    sample_rate: float,
    chroma_params: ChromaParams,
    dtype: DType = None,
) -> Chromagram:
    """Compute a chromagram as the package that this one replaces defines it; see `chroma_stft` for librosa's.

    %(framed_signal)s
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
    %(bad_call)s

    See Also
    --------
    ChromaPlan : The same with the tables kept.
    chroma_stft : As librosa defines it.
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
    as_instance("chroma_params", chroma_params, ChromaParams)
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
