"""The complex constant-Q transform."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_CQT_BINS, at_most
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.results.frame_results import TimeFrequency
from spectrograms._engine.run import calls
from spectrograms.errors import InvalidInputError, number
from spectrograms.features.fourier.arrays import as_nonempty_signal, power
from spectrograms.filterbanks.constant_q import cqt_bands, cqt_frequencies
from spectrograms.params import CqtParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_count, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.infos import Info
from spectrograms.plans.scales import cut_kernels, pair_bank_stage, say, scale_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# Of both methods below.
_SHOWN = """Returns
-------
ndarray of float32 or float64, shape (n_bins, n_frames)

%(examples)s
>>> transform = sg.cqt(np.ones(2048), 22050, sg.CqtParams(12, 2, 440.0), 512)"""


@documented(shown=_SHOWN)
class CqtResult(TimeFrequency):
    """A constant-Q transform: complex numbers of shape (n_bins, n_frames).

    See Also
    --------
    cqt : Makes it.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> transform = sg.cqt(tone, 22050, sg.CqtParams(12, 3, 220.0), 512)
    >>> transform.n_bins, transform.n_frames, transform.frequencies[12]
    (36, 12, 440.0)
    >>> np.allclose(transform.to_magnitude() ** 2, transform.to_power())
    True
    """

    __slots__ = ()
    __module__ = "spectrograms"

    def to_power(self) -> NDArray[np.floating[Any]]:
        """Squared absolute values, ``re**2 + im**2``.

        %(shown)s
        >>> np.allclose(transform.to_power(), abs(transform.data) ** 2)
        True
        """
        return power(self.data)

    def to_magnitude(self) -> NDArray[np.floating[Any]]:
        """Absolute values, ``sqrt(re**2 + im**2)``.

        %(shown)s
        >>> np.allclose(transform.to_magnitude(), abs(transform.data))
        True
        """
        values = power(self.data)
        return np.sqrt(values, out=values)


class CqtInfo(Info, Params):
    """Parameters and axes of a complex constant-Q transform.

    Parameters
    ----------
    params : CqtParams
    sample_rate : float
    hop_size : int
    n_bins : int
        Bins below half the sample rate.
    dtype : str
    """

    params: CqtParams
    sample_rate: float
    hop_size: int
    n_bins: int
    dtype: str

    scale = "cqt"
    amplitude = "complex"
    unit = "amplitude"
    _kinds = ("CqtResult",)
    _complex = True

    def __new__(cls, params: CqtParams, sample_rate: float, hop_size: int, n_bins: int, dtype: DType) -> Self:
        params = as_instance("params", params, CqtParams)
        sample_rate = as_sample_rate(sample_rate)
        hop_size = as_count("hop_size", hop_size)
        n_bins = as_count("n_bins", n_bins)
        at_most("num_bins", params.num_bins, MAX_CQT_BINS)
        if n_bins > params.num_bins:
            raise InvalidInputError(f"n_bins must be <= num_bins={params.num_bins}, got {n_bins}")
        return cls._create(params, sample_rate, hop_size, n_bins, parse_dtype(dtype))

    def _rows(self):
        return self.n_bins

    def _frequency_axis(self):
        return scale_of(self.params).frequencies(None, self.params)[: self.n_bins]


#: Longest kernel and longest frame, in samples.
MAX_KERNEL = 16384


@lru_cache(maxsize=16)
def _prepared(params, sample_rate, frame, hop_size, dtype):
    """The engine for frames of a given length, and the info."""
    frequencies = cqt_frequencies(params.bins_per_octave, params.n_octaves, params.f_min)
    n_bins = int((frequencies < sample_rate / 2).sum())
    if n_bins == 0:
        raise InvalidInputError(
            f"f_min must be below Nyquist={number(sample_rate / 2)}, got {number(params.f_min)}"
        )
    frequencies = frequencies[:n_bins]
    bands = cqt_bands(
        frequencies, params.q_factor, sample_rate, frame,
        window=params.window.make, sparsity=params.sparsity, normalize=params.normalize, align=params.align,
    )  # fmt: skip
    stages = [pair_bank_stage(bands), ("complex",)]
    engine = Engine(dtype == "float32", frame, hop_size, None, outputs=[("samples", stages)])
    say(cut_kernels(
        frequencies, params.q_factor, sample_rate, frame, stages[0],
        "a longer signal, a higher f_min or a smaller q_factor",
    ))  # fmt: skip
    return engine, CqtInfo(params, sample_rate, hop_size, n_bins, dtype)


@documented()
def cqt(
    samples: ArrayLike, sample_rate: float, params: CqtParams, hop_size: int, dtype: DType = None
) -> CqtResult:
    """Compute the complex constant-Q transform.

    Parameters
    ----------
    %(samples)s
    %(sample_rate)s
    params : CqtParams
        Bins and kernels. Bins from half the sample rate on are left out.
    hop_size : int
        Samples from one frame to the next.
    %(complex_dtype)s

    Returns
    -------
    CqtResult, shape (n_bins, n_frames)
        Complex; ``(n_samples - m) // hop_size + 1`` frames, where m is the length of a frame.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive, `hop_size` is 0, the signal is empty, or ``f_min`` is
        not below half the sample rate.
    TypeError
        If `samples` is not 1-D.

    Warns
    -----
    SpectrogramWarning
        Once for each length of a frame, if kernels are longer and cut, or so short that nothing is left of
        their window.

    See Also
    --------
    CqtParams : Bins and kernels.
    compute_cqt_db_spectrogram : Levels, in the frames of a spectrogram.

    Notes
    -----
    A frame is ``m = min(n_samples, 16384)`` samples from ``t * hop_size`` on, without padding. With the
    kernels of :class:`CqtParams`::

        l_k    = min(max(round(q_factor * sample_rate / f_k), 1), m)
        g_k[n] = w_{l_k}[n] exp(2j pi f_k n / sample_rate)
        C_k[t] = sum_n conj(g_k[n]) x[t * hop_size + m - l_k + n]

    where values of g_k below `sparsity` of its largest are zero and, with `normalize`, its energy is 1. With
    ``align="centre"`` kernels sit in the middle of the frame, not at its end.

    References
    ----------
    J. C. Brown, Calculation of a constant Q spectral transform, JASA 89, 1991.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> transform = sg.cqt(tone, 22050, sg.CqtParams(12, 3, 220.0), 512)
    >>> transform.shape, transform.data.dtype
    ((36, 12), dtype('complex128'))
    >>> loudest = int(abs(transform.data[:, 0]).argmax())
    >>> loudest, round(transform.frequencies[loudest])  # an octave above the first bin
    (12, 440)
    """
    as_instance("params", params, CqtParams)
    sample_rate = as_sample_rate(sample_rate)
    hop_size = as_count("hop_size", hop_size)
    dtype = parse_dtype(dtype)
    samples = as_nonempty_signal(samples)
    n_samples = len(samples)
    frame = min(n_samples, MAX_KERNEL)
    engine, info = _prepared(params, sample_rate, frame, hop_size, dtype)
    return calls.compute(engine, CqtResult, info, "", samples)
