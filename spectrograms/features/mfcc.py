"""Mel-frequency cepstral coefficients."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.documenting import documented
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.features.framed import FramedInfo, FramedPlan, known_framing
from spectrograms.features.matrix import apply_stages, as_matrix, framing
from spectrograms.filterbanks.dct import dct_matrix, lifter_weights
from spectrograms.params import MelParams, MfccParams, SpectrogramParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_count, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE
from spectrograms.plans.infos import EFFORTS, decibel_words, frame_words
from spectrograms.plans.scales import DEFAULT_FLOOR, amplitude_stages, scale_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = documented(
    mfcc_params="""mfcc_params : MfccParams
    Number and scaling of the coefficients.""",
)


@documented()
class Mfcc(FrameArray):
    """Mel-frequency cepstral coefficients over time, shape (n_mfcc, n_frames).

    See Also
    --------
    compute_mfcc, MfccPlan : Make it.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> mfcc = sg.compute_mfcc(noise, sg.StftParams(512, 160, "hann"), 16000, 40, sg.MfccParams(13))
    >>> mfcc.n_bins, mfcc.n_frames, mfcc.params
    (13, 101, MfccParams(n_mfcc=13))
    """

    __slots__ = ()
    __module__ = "spectrograms"


class MfccInfo(FramedInfo, Params):
    """Parameters of the coefficients of one plan.

    Parameters
    ----------
    stft : StftParams or None
    sample_rate : float or None
    n_mels : int
    params : MfccParams
    dtype : str
    effort : str
    """

    stft: StftParams | None
    sample_rate: float | None
    n_mels: int
    params: MfccParams
    dtype: str
    effort: str

    scale = "mfcc"
    amplitude = "cepstrum"
    unit = ""
    _kinds = ("Mfcc",)

    def __new__(
        cls,
        stft: StftParams | None,
        sample_rate: float | None,
        n_mels: int,
        params: MfccParams,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft, sample_rate = known_framing(stft, sample_rate)
        params = as_instance("mfcc_params", params, MfccParams)
        n_mels = as_count("n_mels", n_mels, zero="n_mels must be a positive integer")
        return cls._create(
            stft, sample_rate, n_mels, params, parse_dtype(dtype), as_choice("effort", effort, EFFORTS)
        )

    def _rows(self):
        params = self.params
        # A single coefficient is always kept, or nothing would be left.
        return params.n_mfcc if params.include_c0 or params.n_mfcc == 1 else params.n_mfcc - 1

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        rows = self.params
        # The bands of the plan: the whole range, peaks of 1, the default floor.
        stft: Any = self.stft
        rate: Any = self.sample_rate
        mel = MelParams(self.n_mels, 0.0, rate / 2)
        more = "" if rows.include_c0 or rows.n_mfcc == 1 else ", coefficient 0 left out"
        cepstrum = conventions.cepstrum_words(
            rows.n_mfcc, norm=rows.dct_norm or "none", lifter=rows.lifter, more=more
        )
        words = scale_of(mel).words(SpectrogramParams(stft, rate), mel)
        return frame_words(
            self, spectrum="power", **words, log=decibel_words(DEFAULT_FLOOR), cepstrum=cepstrum
        )


def _cepstrum_stages(params, n_mels):
    """The DCT with the lifter in its weights, without row 0 where that is left out."""
    weights = dct_matrix(params.n_mfcc, n_mels, params.dct_norm)
    weights *= lifter_weights(params.n_mfcc, params.lifter)[:, np.newaxis]
    # A single coefficient is always kept, or nothing would be left.
    first = 0 if params.include_c0 or params.n_mfcc == 1 else 1
    return [("dense", weights[first:])]


@_documented
class MfccPlan(FramedPlan[Mfcc]):
    """Mel-frequency cepstral coefficients with everything built once.

    Parameters
    ----------
    %(frames)s
    n_mels : int
        Number of mel bands, from 0 Hz to half the sample rate, peaks of 1.
    %(mfcc_params)s
    %(dtype)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If `n_mels` is 0 or unreasonably large, ``n_mfcc > n_mels``, or the sample rate is not finite and
        positive.

    Warns
    -----
    SpectrogramWarning
        If bands hold no bin.

    See Also
    --------
    compute_mfcc : Makes and uses it in one call.
    FeatureSet : Coefficients and other features from the same transforms.

    Notes
    -----
    With D the mel power in dB, not below -80::

        c[q, t] = (1 + L/2 sin(pi q / L)) sum_m D[m, t] cos(pi q (m + 1/2) / n_mels)

    where L is the length of the lifter; with ``dct_norm="ortho"`` the DCT is the orthonormal one.

    References
    ----------
    S. B. Davis and P. Mermelstein, Comparison of parametric representations for monosyllabic word
    recognition in continuously spoken sentences, IEEE Trans. ASSP 28, 1980.

    %(examples)s
    >>> plan = sg.MfccPlan(sg.StftParams(512, 160, "hann"), 16000, 40, sg.MfccParams(13))
    >>> plan.compute(np.zeros(16000)).shape
    (13, 101)
    """

    __slots__ = ()
    _info_class = MfccInfo
    _result_class = Mfcc

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        n_mels: int,
        mfcc_params: MfccParams,
        dtype: DType = None,
        *,
        effort: str = "estimate",
    ) -> None:
        checked = _checked(stft_params, sample_rate, n_mels, mfcc_params, dtype)
        self._configure(MfccInfo(*checked, effort=effort))

    @classmethod
    def _bands(cls, info):
        return SpectrogramParams(info.stft, info.sample_rate), MelParams(
            info.n_mels, 0.0, info.sample_rate / 2
        )

    @classmethod
    def _findings(cls, info, stages):
        params, mel = cls._bands(info)
        return scale_of(mel).findings(params, mel, stages)

    @classmethod
    def _output(cls, info):
        params, mel = cls._bands(info)
        return "power", [
            *scale_of(mel).stages(params, mel),
            *amplitude_stages("db", DEFAULT_FLOOR),
            *_cepstrum_stages(info.params, info.n_mels),
        ]

    @property
    def n_mels(self) -> int:
        """Number of mel bands."""
        return self._info.n_mels

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Number of each coefficient, since coefficients have no frequency, ndarray of float64."""
        return np.arange(float(self.n_bins)) + (not self.params.include_c0 and self.params.n_mfcc > 1)

    def __repr__(self) -> str:
        info = self._info
        return (
            f"MfccPlan({info.stft}, sample_rate={info.sample_rate:g}, n_mels={info.n_mels}, "
            f"{info.params}, dtype={self.dtype!r})"
        )


def _checked(stft_params, sample_rate, n_mels, mfcc_params, dtype):
    """The arguments of a plan, converted, so that equal plans have equal keys."""
    as_instance("stft_params", stft_params, StftParams)
    as_instance("mfcc_params", mfcc_params, MfccParams)
    n_mels = as_count("n_mels", n_mels, zero="n_mels must be a positive integer")
    return stft_params, as_sample_rate(sample_rate), n_mels, mfcc_params, parse_dtype(dtype)


_plan: Any = lru_cache(maxsize=64)(MfccPlan)


@_documented
def compute_mfcc(
    samples: ArrayLike,
    stft_params: StftParams,
    sample_rate: float,
    n_mels: int,
    mfcc_params: MfccParams,
    dtype: DType = None,
) -> Mfcc:
    """Compute mel-frequency cepstral coefficients.

    %(framed_signal)s
    n_mels : int
        Number of mel bands, from 0 Hz to half the sample rate.
    %(mfcc_params)s
    %(dtype)s

    Returns
    -------
    Mfcc, shape (n_mfcc, n_frames)
        See :class:`MfccPlan` for the definition. One row fewer without coefficient 0.

    Raises
    ------
    InvalidInputError
        If `n_mels` is 0, ``n_mfcc > n_mels``, or the sample rate is not finite and positive.
    %(bad_call)s

    See Also
    --------
    MfccPlan : The same with the tables kept; has the formula.
    mfcc_from_log_mel : From a mel spectrogram in dB.
    add_deltas : Appends differences.
    frontend : ``"librosa_mfcc"``, ``"kaldi_mfcc"`` and others, with the scale and the bands of their own.

    Notes
    -----
    Slaney's mel scale and the DCT of type II. Levels stop at -80 dB re 1, not at 80 dB below the loudest of
    the clip, as librosa's do: a frame does not depend on the others, nor a channel on the other ones.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> mfcc = sg.compute_mfcc(noise, sg.StftParams(512, 160, "hann"), 16000, 40, sg.MfccParams(13))
    >>> mfcc.shape
    (13, 101)
    >>> sg.add_deltas(mfcc).shape  # with first and second differences
    (39, 101)

    Of bands from elsewhere, here up to 7 kHz on the scale of HTK, and more coefficients:

    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> bands = sg.MelParams(40, 0.0, 7000.0, formula="htk")
    >>> mel = sg.compute_mel_db_spectrogram(noise, params, bands)
    >>> sg.mfcc_from_log_mel(mel, sg.MfccParams(20)).shape
    (20, 101)
    >>> from matplotlib.figure import Figure
    >>> mfcc.plot(Figure().add_subplot()).get_ylabel()
    'Coefficient'
    """
    plan = _plan(*_checked(stft_params, sample_rate, n_mels, mfcc_params, dtype))
    return plan._compute(samples, EMPTY_FOR_FEATURE)


@_documented
def mfcc_from_log_mel(log_mel: ArrayLike, mfcc_params: MfccParams, dtype: DType = None) -> Mfcc:
    """Compute mel-frequency cepstral coefficients from logarithmic mel bands.

    Parameters
    ----------
    log_mel : array_like, shape (n_mels, n_frames)
        Usually a mel spectrogram in dB; any logarithm will do.
    %(mfcc_params)s
    %(dtype)s

    Returns
    -------
    Mfcc, shape (n_mfcc, n_frames)
        Equal to `compute_mfcc`, bit for bit, if `log_mel` is what that computes first. Times are known
        if `log_mel` is a result of this package, else NaN.

    Raises
    ------
    InvalidInputError
        If ``n_mfcc > n_mels``.
    TypeError
        If `log_mel` is not 2-D and real.
    ValueError
        If it is empty or `dtype` unknown.

    See Also
    --------
    compute_mfcc : From the signal.
    compute_mel_db_spectrogram : What this wants.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> log_mel = sg.compute_mel_db_spectrogram(noise, params, sg.MelParams(40, 0.0, 8000.0))
    >>> mfcc = sg.mfcc_from_log_mel(log_mel, sg.MfccParams(13))
    >>> whole = sg.compute_mfcc(noise, params.stft, 16000, 40, sg.MfccParams(13))
    >>> np.array_equal(mfcc.data, whole.data)
    True
    """
    as_instance("mfcc_params", mfcc_params, MfccParams)
    dtype = parse_dtype(dtype)
    matrix = as_matrix("log_mel", log_mel)
    stft, sample_rate = framing(log_mel)
    info = MfccInfo(stft, sample_rate, matrix.shape[0], mfcc_params, dtype)
    return apply_stages(matrix, Mfcc, info, _cepstrum_stages, mfcc_params, matrix.shape[0])
