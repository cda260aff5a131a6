"""Linear-frequency cepstral coefficients."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.documenting import documented
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.features.framed import FramedInfo, FramedPlan
from spectrograms.filterbanks.dct import dct_matrix, lifter_weights
from spectrograms.filterbanks.mel import linear_triangles
from spectrograms.params import LfccParams, LogParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE
from spectrograms.plans.findings import empty_bands
from spectrograms.plans.infos import EFFORTS, decibel_words, frame_words
from spectrograms.plans.scales import bank_stage, log_stage

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = documented(
    lfcc_params="""lfcc_params : LfccParams
    Bands, and number and scaling of the coefficients.""",
)


@documented()
class Lfcc(FrameArray):
    """Linear-frequency cepstral coefficients over time, shape (n_lfcc, n_frames).

    See Also
    --------
    compute_lfcc, LfccPlan : Make it.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> lfcc = sg.compute_lfcc(noise, sg.StftParams(512, 160, "hann"), 16000, sg.LfccParams(20))
    >>> lfcc.n_bins, lfcc.params
    (20, LfccParams(n_lfcc=20, n_filters=128, f_min=0, f_max=None))
    """

    __slots__ = ()
    __module__ = "spectrograms"


class LfccInfo(FramedInfo, Params):
    """Parameters of the coefficients of one plan.

    Parameters
    ----------
    stft : StftParams
    sample_rate : float
    params : LfccParams
    dtype : str
    effort : str
    """

    stft: StftParams
    sample_rate: float
    params: LfccParams
    dtype: str
    effort: str

    scale = "lfcc"
    amplitude = "cepstrum"
    unit = ""
    _kinds = ("Lfcc",)

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        params: LfccParams,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        params = as_instance("lfcc_params", params, LfccParams)
        stft, sample_rate = as_instance("stft_params", stft, StftParams), as_sample_rate(sample_rate)
        dtype, effort = parse_dtype(dtype), as_choice("effort", effort, EFFORTS)
        return cls._create(stft, sample_rate, params, dtype, effort)

    def _rows(self):
        return self.params.n_lfcc

    def _range(self):
        rows = self.params
        return rows.n_filters, rows.f_min, self.sample_rate / 2 if rows.f_max is None else rows.f_max

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        rows = self.params
        bands = conventions.mel_bands(*self._range(), scale=None, norm="none")
        log = decibel_words(LogParams(rows.floor_db))
        cepstrum = conventions.cepstrum_words(rows.n_lfcc, norm=rows.dct_norm or "none", lifter=rows.lifter)
        return frame_words(self, spectrum="power", bands=bands, log=log, cepstrum=cepstrum)


@_documented
class LfccPlan(FramedPlan[Lfcc]):
    """Linear-frequency cepstral coefficients with everything built once.

    Parameters
    ----------
    %(frames)s
    %(lfcc_params)s
    %(dtype)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If the bands end above half the sample rate, there are too many of them, or the sample rate is not
        finite and positive.

    Warns
    -----
    SpectrogramWarning
        If bands hold no bin.

    See Also
    --------
    compute_lfcc : Makes and uses it in one call.
    MfccPlan : Coefficients of mel bands.
    FeatureSet : Coefficients and other features from the same transforms.

    Notes
    -----
    With D the power in triangles at equal steps in Hz, in dB and not below the floor::

        c[q, t] = (1 + L/2 sin(pi q / L)) s_q sum_m D[m, t] cos(pi q (m + 1/2) / n_filters)

    where L is the length of the lifter and ``s_q`` makes the DCT orthonormal, or is 1. These are the numbers
    of ``torchaudio.transforms.LFCC``, but for its `top_db`, which needs the highest level of the whole clip:
    the frontend ``torchaudio_lfcc`` has that.

    References
    ----------
    M. Sahidullah, T. Kinnunen and C. Hanilçi, A comparison of features for synthetic speech detection,
    Interspeech 2015.

    %(examples)s
    >>> plan = sg.LfccPlan(sg.StftParams(512, 160, "hann"), 16000, sg.LfccParams(20, 60))
    >>> plan.compute(np.zeros(16000)).shape
    (20, 101)
    """

    __slots__ = ()
    _info_class = LfccInfo
    _result_class = Lfcc

    @classmethod
    def _output(cls, info):
        params, rate = info.params, info.sample_rate
        # First: it checks how many there are.
        bands = linear_triangles(*info._range(), rate, info.stft.n_fft)
        weights = dct_matrix(params.n_lfcc, params.n_filters, params.dct_norm)
        weights *= lifter_weights(params.n_lfcc, params.lifter)[:, np.newaxis]
        return "power", [bank_stage(bands), log_stage(params.floor_db), ("dense", weights)]

    @classmethod
    def _findings(cls, info, stages):
        return empty_bands(stages[0])

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        lfcc_params: LfccParams,
        dtype: DType = None,
        *,
        effort: str = "estimate",
    ) -> None:
        self._configure(LfccInfo(stft_params, sample_rate, lfcc_params, dtype, effort=effort))

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Number of each coefficient, since coefficients have no frequency, ndarray of float64."""
        return np.arange(float(self.n_bins))

    def __repr__(self) -> str:
        info = self._info
        frames = f"{info.stft}, sample_rate={info.sample_rate:g}"
        return f"LfccPlan({frames}, {info.params}, dtype={self.dtype!r})"


_plan: Any = lru_cache(maxsize=64)(LfccPlan._from_info)


@_documented
def compute_lfcc(
    samples: ArrayLike,
    stft_params: StftParams,
    sample_rate: float,
    lfcc_params: LfccParams,
    dtype: DType = None,
) -> Lfcc:
    """Compute linear-frequency cepstral coefficients.

    Parameters
    ----------
    %(samples)s
    %(frames)s
    %(lfcc_params)s
    %(dtype)s

    Returns
    -------
    Lfcc, shape (n_lfcc, n_frames)
        See :class:`LfccPlan` for the definition.

    Raises
    ------
    InvalidInputError
        If the bands end above half the sample rate, or it is not finite and positive.
    ValueError
        If `samples` is empty or `dtype` unknown.
    TypeError
        If `samples` is not 1-D or a parameter object of another class.

    See Also
    --------
    LfccPlan : The same with the tables kept; has the formula.
    compute_mfcc : Coefficients of mel bands.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> sg.compute_lfcc(noise, sg.StftParams(512, 160, "hann"), 16000, sg.LfccParams(20)).shape
    (20, 101)
    """
    return _plan(LfccInfo(stft_params, sample_rate, lfcc_params, dtype))._compute(samples, EMPTY_FOR_FEATURE)
