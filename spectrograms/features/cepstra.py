"""Cepstra: spectra of logarithmic spectra, over quefrency."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.documenting import documented
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.features.framed import FramedInfo, FramedPlan
from spectrograms.params import StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_float, as_instance, require
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE
from spectrograms.plans.infos import EFFORTS, frame_words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

#: Kinds of cepstra.
CEPSTRA = ("real", "power")

# What the docstrings here have in common.
_documented = documented(
    kind="""kind : {"real", "power"}, default "real"
    The inverse transform of the logarithm of magnitudes, or the square of that of powers.
floor : float, default 1e-20
    Power that counts in place of less; > 0, finite.""",
)


@documented()
class Cepstrum(FrameArray):
    """Cepstra over time, shape (n_fft // 2 + 1, n_frames).

    See Also
    --------
    compute_cepstrum, CepstrumPlan : Make it.

    %(examples)s
    >>> stft = sg.StftParams(1024, 256, "hann")
    >>> cepstrum = sg.compute_cepstrum(np.random.default_rng(0).standard_normal(16000), stft, 16000)
    >>> cepstrum.shape, float(cepstrum.quefrencies[16])
    ((513, 63), 0.001)
    """

    __slots__ = ()
    __module__ = "spectrograms"

    @property
    def quefrencies(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_fft // 2 + 1,): quefrency of each row in seconds."""
        return self._info.quefrencies

    @property
    def kind(self) -> str:
        """str: ``"real"`` or ``"power"``."""
        return self._info.kind


class CepstrumInfo(FramedInfo, Params):
    """Parameters of the cepstra of one plan.

    Parameters
    ----------
    stft : StftParams
    sample_rate : float
    kind : str
    floor : float
    dtype : str
    effort : str
    """

    stft: StftParams
    sample_rate: float
    kind: str
    floor: float
    dtype: str
    effort: str

    scale = "cepstrum"
    amplitude = "cepstrum"
    unit = ""
    _kinds = ("Cepstrum",)

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        kind: str,
        floor: float,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        floor = as_float("floor", floor)
        require(0.0 < floor < math.inf, "floor must be finite and > 0", floor)
        kind = as_choice("kind", kind, CEPSTRA)
        stft, sample_rate = as_instance("stft_params", stft, StftParams), as_sample_rate(sample_rate)
        dtype, effort = parse_dtype(dtype), as_choice("effort", effort, EFFORTS)
        return cls._create(stft, sample_rate, kind, floor, dtype, effort)

    def _rows(self):
        return self.stft.n_fft // 2 + 1

    @property
    def params(self) -> StftParams:
        """StftParams: a cepstrum has none of its own."""
        return self.stft

    @property
    def quefrencies(self) -> NDArray[np.float64]:
        """Quefrency of each row in seconds."""
        return np.arange(self._rows()) / self.sample_rate

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        real = self.kind == "real"
        return frame_words(
            self,
            spectrum="magnitude" if real else "power",
            log=conventions.log_words("ln", floor=math.sqrt(self.floor) if real else self.floor),
            cepstrum=f"inverse transform{'' if real else ', squared'}",
        )


@_documented
class CepstrumPlan(FramedPlan[Cepstrum]):
    """Cepstra of frames with everything built once.

    Parameters
    ----------
    %(frames)s
    %(dtype)s
    %(kind)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If `floor` is not finite and positive, there is no such kind, or the sample rate is not finite and
        positive.

    See Also
    --------
    compute_cepstrum : Makes and uses it in one call.
    MfccPlan : Coefficients of a few bands.
    FeatureSet : Cepstra, as ``"cepstrum"`` and ``"power_cepstrum"``, beside other features.

    Notes
    -----
    With the discrete Fourier transform X of the windowed frame, of N samples, and its inverse::

        real     c[q] = 1/N sum_k ln|X[k]| exp(2 pi j k q / N)
        power    p[q] = (1/N sum_k ln|X[k]|**2 exp(2 pi j k q / N))**2 = (2 c[q])**2

    Row q is at the quefrency ``q / sample_rate`` seconds: harmonics of f Hz make a peak at ``1 / f`` seconds.
    Both are even, ``c[N - q] = c[q]``, and rows end at ``q = N // 2``. In float32 powers that are no normal
    number count as the least one, 1.2e-38.

    References
    ----------
    B. P. Bogert, M. J. R. Healy and J. W. Tukey, The quefrency alanysis of time series for echoes: cepstrum,
    pseudo-autocovariance, cross-cepstrum and saphe cracking, Proc. Symp. Time Series Analysis, 1963. A. V.
    Oppenheim and R. W. Schafer, Discrete-Time Signal Processing, 3rd ed., 2010, chapter 13.

    %(examples)s
    >>> plan = sg.CepstrumPlan(sg.StftParams(1024, 256, "hann"), 16000)
    >>> pulses = np.zeros(16000)
    >>> pulses[::80] = 1.0  # 200 Hz
    >>> cepstrum = plan.compute(pulses)
    >>> int(cepstrum.data[20:, 30].argmax()) + 20, float(cepstrum.quefrencies[80])
    (80, 0.005)
    """

    __slots__ = ()
    _info_class = CepstrumInfo
    _result_class = Cepstrum

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        dtype: DType = None,
        *,
        kind: str = "real",
        floor: float = 1e-20,
        effort: str = "estimate",
    ) -> None:
        self._configure(CepstrumInfo(stft_params, sample_rate, kind, floor, dtype, effort=effort))

    @classmethod
    def _output(cls, info):
        # Half of the logarithm of a power is that of a magnitude.
        half = 0.5 if info.kind == "real" else 1.0
        return "power", [("log", half, 0.0, info.floor), ("cepstrum", 1.0, info.kind == "power")]

    @property
    def quefrencies(self) -> NDArray[np.float64]:
        """Quefrency of each row in seconds, ndarray of float64."""
        return self._info.quefrencies

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Quefrency of each row in seconds, since rows have no frequency, ndarray of float64."""
        return self._info.quefrencies

    def __repr__(self) -> str:
        info = self._info
        more = f"kind={info.kind!r}, floor={info.floor:g}"
        return f"CepstrumPlan({info.stft}, sample_rate={info.sample_rate:g}, dtype={self.dtype!r}, {more})"


_plan: Any = lru_cache(maxsize=64)(CepstrumPlan._from_info)


@_documented
def compute_cepstrum(
    samples: ArrayLike,
    stft_params: StftParams,
    sample_rate: float,
    dtype: DType = None,
    *,
    kind: str = "real",
    floor: float = 1e-20,
) -> Cepstrum:
    """Compute the cepstrum of each frame.

    Parameters
    ----------
    %(samples)s
    %(frames)s
    %(dtype)s
    %(kind)s

    Returns
    -------
    Cepstrum, shape (n_fft // 2 + 1, n_frames)
        See :class:`CepstrumPlan` for the definition.

    Raises
    ------
    InvalidInputError
        If a value is out of range.
    ValueError
        If `samples` is empty or `dtype` unknown.
    TypeError
        If `samples` is not 1-D or `stft_params` of another class.

    See Also
    --------
    CepstrumPlan : The same with the tables kept; has the formula.
    minimum_phase : Another use of cepstra.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> echo = noise.copy()
    >>> echo[160:] += 0.8 * noise[:-160]  # 10 ms later
    >>> cepstrum = sg.compute_cepstrum(echo, sg.StftParams(2048, 512, "hann"), 16000)
    >>> peak = cepstrum.data.mean(axis=1)[40:].argmax() + 40
    >>> float(cepstrum.quefrencies[peak])
    0.01
    """
    info = CepstrumInfo(stft_params, sample_rate, kind, floor, dtype)
    return _plan(info)._compute(samples, EMPTY_FOR_FEATURE)
