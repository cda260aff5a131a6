"""The short-time Fourier transform."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.results.frame_results import StftResult
from spectrograms.params import SpectrogramParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice
from spectrograms.params.dtype import COMPLEX
from spectrograms.plans.base import EMPTY_FOR_FEATURE, Plan
from spectrograms.plans.infos import EFFORTS, Info, frame_words
from spectrograms.plans.spectrogram import as_spectrogram_params
from spectrograms.plans.units import unit_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from spectrograms.params.dtype import DType


class StftInfo(Info, Params):
    """Parameters and axes of the complex spectra of one plan.

    Parameters
    ----------
    spectrogram_params : SpectrogramParams
    dtype : str
    effort : str
    """

    spectrogram_params: SpectrogramParams
    dtype: str
    effort: str

    scale = "linear"
    amplitude = "complex"
    _kinds = ("StftResult",)
    _complex = True

    def __new__(
        cls, spectrogram_params: SpectrogramParams, dtype: DType, *, effort: str = "estimate"
    ) -> Self:
        return cls._create(
            as_spectrogram_params(spectrogram_params),
            parse_dtype(dtype),
            as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return self.stft.n_fft // 2 + 1

    @property
    def params(self) -> Any:
        """StftParams: what a result of this kind calls its parameters."""
        return self.spectrogram_params.stft

    @property
    def _framing(self):
        return self.spectrogram_params

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return unit_of(self.spectrogram_params, self.amplitude)

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        return frame_words(self, spectrum="complex", dtype=COMPLEX[self.dtype])

    def _frequency_axis(self):
        n_fft = self.stft.n_fft
        # Other axes multiply by sample_rate / n_fft. The last bit differs, as it does in the reference.
        return np.arange(n_fft // 2 + 1) * self.sample_rate / n_fft


@documented()
class StftPlan(Plan[StftResult]):
    """Short-time Fourier transform with everything built once.

    Parameters
    ----------
    %(params)s
    %(dtype)s
    %(effort)s

    Raises
    ------
    MemoryError
        If ``n_fft`` exceeds 2**28.

    See Also
    --------
    compute_stft : Makes and uses it in one call.
    IstftPlan : The inverse.

    Notes
    -----
    ``X[k, t] = sum_n w[n] x[t * hop_size + n - pad] exp(-2j pi k n / n_fft)``, unnormalised, with
    ``pad = n_fft // 2`` where frames are centred, else 0.

    References
    ----------
    J. B. Allen and L. R. Rabiner, A unified approach to short-time Fourier analysis and synthesis,
    Proc. IEEE 65, 1977.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> sg.StftPlan(params).compute(np.zeros(16000)).shape
    (257, 101)
    """

    __slots__ = ()
    _info_class = StftInfo
    _result_class = StftResult

    def __init__(
        self, params: SpectrogramParams, dtype: DType = "float64", *, effort: str = "estimate"
    ) -> None:
        self._configure(StftInfo(params, dtype, effort=effort))

    @classmethod
    def _output(cls, info):
        return "complex", ()

    def _numpy_dtype(self):
        return np.dtype(COMPLEX[self.dtype])

    @property
    def params(self) -> StftParams:
        """SpectrogramParams of the transform; its results have the StftParams."""
        return self._info.spectrogram_params

    @property
    def n_fft(self) -> int:
        """Length of the transform."""
        return self._info.stft.n_fft

    @property
    def hop_size(self) -> int:
        """Samples from one frame to the next."""
        return self._info.hop_size

    def __repr__(self) -> str:
        return f"StftPlan({self.params}, dtype={self.dtype!r})"


@lru_cache(maxsize=64)
def _stft_plan(params, dtype):
    return StftPlan(params, dtype)


@documented()
def compute_stft(samples: ArrayLike, params: SpectrogramParams, dtype: DType = "float64") -> StftResult:
    """Compute the short-time Fourier transform.

    Parameters
    ----------
    %(samples)s
    %(params)s
    %(complex_dtype)s

    Returns
    -------
    StftResult, shape (n_fft // 2 + 1, n_frames)
        Complex, unnormalised; see :class:`StftPlan` for the definition.

    Raises
    ------
    ValueError
        If `samples` is empty or `dtype` unknown.
    TypeError
        If `samples` is not 1-D or `params` of another class.

    See Also
    --------
    compute_istft : The inverse.
    StftPlan : The same with the tables kept; has the formula.
    compute_stft_multichannel : All channels at once.

    Notes
    -----
    ``abs(result.data[k, t])`` is the magnitude and ``angle(result.data[k, t])`` the phase of bin k in frame
    t; ``result.frequencies[k]`` says where that is in Hz, ``result.times[t]`` in seconds. To write into an
    array of one's own, use ``StftPlan.compute(samples, out=)``.

    References
    ----------
    J. B. Allen and L. R. Rabiner, A unified approach to short-time Fourier analysis and synthesis,
    Proc. IEEE 65, 1977.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> transform = sg.compute_stft(tone, params)
    >>> transform.shape, transform.data.dtype
    ((257, 101), dtype('complex128'))
    >>> back = sg.compute_istft(transform, 512, 160, "hann", length=16000)
    >>> np.allclose(back, tone)
    True

    Magnitude and phase where the tone is; frames that begin with their time instead of lying around it;
    a shorter hop:

    >>> loudest = int(abs(transform.data[:, 50]).argmax())
    >>> float(transform.frequencies[loudest]), round(float(abs(transform.data[loudest, 50])))
    (1000.0, 128)
    >>> begins = sg.StftParams(512, 160, "hann", centre=False)
    >>> sg.compute_stft(tone, sg.SpectrogramParams(begins, 16000)).shape
    (257, 97)
    >>> sg.compute_stft(tone, sg.SpectrogramParams(sg.StftParams(512, 64, "hann"), 16000)).shape
    (257, 251)
    """
    if not isinstance(params, SpectrogramParams):
        raise TypeError(f"params must be SpectrogramParams, got {type(params).__name__}")
    plan = _stft_plan(params, parse_dtype(dtype))
    return plan._compute(samples, EMPTY_FOR_FEATURE)
