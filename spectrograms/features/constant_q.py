"""The complex constant-Q transform."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_CQT_BINS, at_most
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.results.frame_results import TimeFrequency
from spectrograms._engine.run import calls
from spectrograms.errors import DimensionMismatchError, InvalidInputError, number
from spectrograms.features.fourier.arrays import as_nonempty_signal, power
from spectrograms.filterbanks.constant_q import cqt_bands, cqt_frequencies, cqt_lead
from spectrograms.filterbanks.multirate import multirate_lengths, spectral_kernels
from spectrograms.params import CqtParams, WindowType, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_count, as_instance
from spectrograms.params.dtype import COMPLEX
from spectrograms.params.explaining import explained
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import Plan
from spectrograms.plans.findings import cut_kernels, say
from spectrograms.plans.geometry import FrameGeometry
from spectrograms.plans.infos import Info
from spectrograms.plans.multirate import octaves_of
from spectrograms.plans.scales import pair_bank_stage, scale_of

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
    effort = "estimate"
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

    def lead(self, n_frames: int) -> str:
        """How early events stand in a result of that many frames, in words; empty if that is not known."""
        # A single frame may be as short as its signal.
        params = self.params
        if params.method != "frame" or n_frames < 2:
            return ""
        return cqt_lead(self.frequencies, params.q_factor, self.sample_rate, MAX_KERNEL, 0, params.align)

    def conventions(self) -> dict[str, str]:
        """The transform in words: a dict from convention to choice."""
        params, rate, centre = self.params, self.sample_rate, self.params.method == "multirate"
        longest = multirate_lengths(self.frequencies[:1], params.q_factor, params.gamma, rate)[0]
        length = max(1, round(float(longest))) if centre else MAX_KERNEL
        frames = FrameGeometry.centred(length, self.hop_size, length, centre=centre).words()
        says: Any = scale_of(params).says
        said = says(params)
        said["bands"]["bands"] = str(self.n_bins)
        if not centre:
            said["bands"]["events"] = self.lead(2)
        return conventions.words(rate=rate, spectrum="complex", dtype=COMPLEX[self.dtype], **frames | said)

    def _rows(self):
        return self.n_bins

    def _frequency_axis(self):
        return scale_of(self.params).frequencies(None, self.params)[: self.n_bins]


#: Longest kernel and longest frame, in samples.
MAX_KERNEL = 16384


def _bins(params, sample_rate):
    """Frequencies of the bins below half the sample rate."""
    frequencies = cqt_frequencies(params.bins_per_octave, params.n_octaves, params.f_min)
    frequencies = frequencies[: int((frequencies < sample_rate / 2).sum())]
    if frequencies.size == 0:
        raise InvalidInputError(
            f"f_min must be below Nyquist={number(sample_rate / 2)}, got {number(params.f_min)}"
        )
    return frequencies


@lru_cache(maxsize=16)
def _prepared(params, sample_rate, frame, hop_size, dtype):
    """The engine for frames of a given length, and the info."""
    frequencies = _bins(params, sample_rate)
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
    return engine, CqtInfo(params, sample_rate, hop_size, len(frequencies), dtype)


@documented()
class CqtPlan(Plan[CqtResult]):
    """Complex constant-Q transform with kernels of full length, with everything built once.

    Parameters
    ----------
    params : CqtParams
        With ``method="multirate"``. Bins from half the sample rate on are left out.
    %(sample_rate)s
    hop_size : int
        Samples from one frame to the next.
    %(complex_dtype)s

    Raises
    ------
    InvalidInputError
        If the method is another, the sample rate is not finite and positive, `hop_size` is 0, ``f_min`` is
        not below half the sample rate, or a kernel is longer than 2**20 samples of its rate.
    TypeError
        If `params` is of another class.

    See Also
    --------
    cqt : Makes and uses it in one call; has the formula.
    icqt : The inverse.
    CqtPowerPlan : Powers, also of kernels that are cut to a frame.

    Notes
    -----
    A frame is complete when all samples under its kernels are there: `latency` of a stream is half the length
    of the longest and what the filters between the rates reach over. With ``method="frame"`` the length of a
    frame follows from that of the signal, for which there is no plan.

    References
    ----------
    C. Schörkhuber and A. Klapuri, Constant-Q transform toolbox for music processing, SMC 2010.

    %(examples)s
    >>> plan = sg.CqtPlan(sg.CqtParams(12, 3, 220.0, method="multirate"), 22050, 512)
    >>> noise, stream = np.random.default_rng(0).standard_normal(22050), plan.stream()
    >>> frames = [stream.push(chunk) for chunk in np.split(noise, 5)]
    >>> np.array_equal(np.hstack([*frames, stream.flush()]), plan.compute(noise))
    True
    """

    __slots__ = ()
    _info_class = CqtInfo
    _result_class = CqtResult

    def __init__(
        self, params: CqtParams, sample_rate: float, hop_size: int, dtype: DType = "float64"
    ) -> None:
        as_instance("params", params, CqtParams)
        sample_rate = as_sample_rate(sample_rate)
        as_multirate("a CqtPlan", params)
        self._configure(CqtInfo(params, sample_rate, hop_size, len(_bins(params, sample_rate)), dtype))

    def _configure(self, info):
        params, rate, hop_size = info.params, info.sample_rate, info.hop_size
        as_multirate("a CqtPlan", params)
        frequencies = _bins(params, rate)
        if info.n_bins != len(frequencies):
            raise DimensionMismatchError(len(frequencies), info.n_bins, "n_bins of the plan")
        stages = [octaves_of(params, frequencies, rate, hop_size).stage(), ("complex",)]
        frames = FrameGeometry.centred(2, hop_size, 2).for_engine(None)
        self._info = info
        self._engine = Engine(info.dtype == "float32", outputs=[("samples", stages)], **frames)

    def _numpy_dtype(self):
        return np.dtype(COMPLEX[self.dtype])

    @property
    def hop_size(self) -> int:
        """Samples from one frame to the next."""
        return self._info.hop_size

    def __repr__(self) -> str:
        return (
            f"CqtPlan({self.params}, sample_rate={self.sample_rate:g}, hop_size={self.hop_size}, "
            f"dtype={self.dtype!r})"
        )


def as_multirate(name: str, params: CqtParams) -> None:
    """Refuse kernels that are cut to a frame."""
    if params.method != "multirate":
        raise InvalidInputError(f"method of {name} must be 'multirate', got {params.method!r}")


_plan: Any = lru_cache(maxsize=16)(CqtPlan)


@explained
@documented()
def cqt(
    samples: ArrayLike, sample_rate: float, params: CqtParams, hop_size: int, dtype: DType = None
) -> CqtResult:
    """Compute the complex constant-Q transform.

    %(signal)s
    params : CqtParams
        Bins and kernels. Bins from half the sample rate on are left out.
    hop_size : int
        Samples from one frame to the next.
    %(complex_dtype)s

    Returns
    -------
    CqtResult, shape (n_bins, n_frames)
        Complex; ``(n_samples - m) // hop_size + 1`` frames, where m is the length of a frame, and with
        ``method="multirate"`` ``n_samples // hop_size + 1``.

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
    CqtPlan : With the tables kept, for batches and streams.
    compute_cqt_db_spectrogram : Levels, in the frames of a spectrogram.
    hybrid_cqt : Magnitudes in which no event falls between frames.
    icqt : Back to a signal.

    Notes
    -----
    A frame is ``m = min(n_samples, 16384)`` samples from ``t * hop_size`` on, without padding. With the
    kernels of :class:`CqtParams`::

        l_k    = min(max(round(q_factor * sample_rate / f_k), 1), m)
        g_k[n] = w_{l_k}[n] exp(2j pi f_k n / sample_rate)
        C_k[t] = sum_n conj(g_k[n]) x[t * hop_size + m - l_k + n]

    where values of g_k below `sparsity` of its largest are zero and, with `normalize`, its energy is 1. With
    ``align="centre"`` kernels sit in the middle of the frame, not at its end. Events stand early by up to
    ``m - l_k / 2`` samples.

    With ``method="multirate"`` the middle of every kernel is sample ``t * hop_size``, in a signal with zeros
    on both sides, and the octave of each bin has a rate s of its own::

        l_k    = q_factor * s / (f_k + gamma * q_factor)       and h_k = ceil(l_k / 2)
        g_k[n] = w[h_k - n] exp(2j pi f_k n / s)               n = -floor(l_k / 2) + 1 .. h_k
        C_k[t] = sqrt(q_factor * sample_rate / (f_k + gamma * q_factor)) / sum_n w[n]
                 * sum_n conj(g_k[n]) x_s[t * hop_size * s / sample_rate + n]

    x_s is the signal after half-band filters (140 dB), one for each halving of the rate; rates are halved
    from octave to octave while the hop is a whole number of samples. ``gamma=0`` are the numbers of
    ``librosa.cqt``, another the ones of ``librosa.vqt``, where 24.7 / 0.108 / q_factor is the default: up to
    -90 dB of the largest (-60 dB with a gamma), which is the filter of its resampler, and -83 dB (-45 dB) as
    its kernels lack what they see of negative frequencies. At the ends it cuts resampled signals off.

    Bins that are in tune with the signal begin at ``f_min * 2**(tuning / bins_per_octave)``, with the tuning
    that :func:`estimate_tuning` finds.

    References
    ----------
    J. C. Brown, Calculation of a constant Q spectral transform, JASA 89, 1991.
    C. Schörkhuber and A. Klapuri, Constant-Q transform toolbox for music processing, SMC 2010.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> transform = sg.cqt(tone, 22050, sg.CqtParams(12, 3, 220.0, method="multirate"), 512)
    >>> transform.shape, transform.data.dtype
    ((36, 44), dtype('complex128'))
    >>> transform = sg.cqt(tone, 22050, sg.CqtParams(12, 3, 220.0), 512)
    >>> transform.shape
    (36, 12)
    >>> loudest = int(abs(transform.data[:, 0]).argmax())
    >>> loudest, round(transform.frequencies[loudest])  # an octave above the first bin
    (12, 440)

    Quarter tones, in tune with a recording that is a little high:

    >>> high = np.sin(2 * np.pi * 446 * np.arange(22050) / 22050)
    >>> tuning = sg.estimate_tuning(high, 22050, bins_per_octave=24)
    >>> params = sg.CqtParams(24, 3, 220.0 * 2 ** (tuning / 24), method="multirate")
    >>> transform = sg.cqt(high, 22050, params, 512)
    >>> loudest = int(abs(transform.data[:, 20]).argmax())
    >>> round(tuning, 2), round(transform.frequencies[loudest])
    (0.43, 445)
    >>> from matplotlib.figure import Figure
    >>> transform.plot(Figure().add_subplot()).get_ylabel()
    'Note (Hz, constant Q)'
    """
    as_instance("params", params, CqtParams)
    sample_rate = as_sample_rate(sample_rate)
    hop_size = as_count("hop_size", hop_size)
    dtype = parse_dtype(dtype)
    samples = as_nonempty_signal(samples)
    if params.method == "multirate":
        return _plan(params, sample_rate, hop_size, dtype)._compute(samples, "")
    frame = min(len(samples), MAX_KERNEL)
    engine, info = _prepared(params, sample_rate, frame, hop_size, dtype)
    return calls.compute(engine, CqtResult, info, "", samples)


@lru_cache(maxsize=16)
def _prepared_hybrid(params, sample_rate, hop_size, dtype):
    """The engine, and how many rows its output of kernels at several rates has."""
    frequencies = _bins(params, sample_rate)
    lengths = multirate_lengths(frequencies, params.q_factor, params.gamma, sample_rate)
    whole = int((np.exp2(np.ceil(np.log2(lengths))) >= 2 * hop_size).sum())
    outputs, n_fft = [], 2
    if whole:
        stage = octaves_of(params, frequencies[:whole], sample_rate, hop_size).stage()
        outputs.append(("samples", [stage, ("pair_power",), ("root", 0.0)]))
    window = None
    if whole < len(frequencies):
        n_fft, weights = spectral_kernels(
            frequencies[whole:], params.q_factor, sample_rate, hop_size,
            window=lambda length: params.window.make(length, periodic=True), gamma=params.gamma,
        )  # fmt: skip
        window = WindowType.hanning.make(n_fft, periodic=True)
        outputs.append(("power", [("root", 0.0), ("dense", weights)]))
    frames = FrameGeometry.centred(n_fft, hop_size, n_fft).for_engine(window)
    return Engine(dtype == "float32", outputs=outputs, **frames), whole, len(frequencies)


@explained
@documented()
def hybrid_cqt(
    samples: ArrayLike, sample_rate: float, params: CqtParams, hop_size: int, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Compute magnitudes of a constant-Q transform, those of short kernels from a short-time transform.

    Kernels that would see less than a hop are laid over the magnitudes of a transform with overlapping
    frames, so that no event falls between frames. Longer ones are those of :func:`cqt`.

    %(signal)s
    params : CqtParams
        With ``method="multirate"``. Bins from half the sample rate on are left out.
    hop_size : int
        Samples from one frame to the next.
    %(dtype)s

    Returns
    -------
    ndarray of float32 or float64, shape (n_bins, n_samples // hop_size + 1)
        Frame t is at ``t * hop_size / sample_rate`` seconds, bin k at ``params.bin_frequency(k)`` Hz.

    Raises
    ------
    InvalidInputError
        As for :func:`cqt`, and for another method.
    TypeError
        If `samples` is not 1-D.

    See Also
    --------
    cqt : Complex numbers, by kernels alone.

    Notes
    -----
    Short are kernels whose length, rounded up to a power of two, is below ``2 * hop_size``. These are the
    numbers of ``librosa.hybrid_cqt``: those of short kernels up to -140 dB of the largest, its kernels being
    of single precision, those of long ones up to -80 dB, as with :func:`cqt`.

    %(examples)s
    >>> click = np.zeros(22050)
    >>> click[11000] = 1.0
    >>> params = sg.CqtParams(12, 7, 32.7, method="multirate")
    >>> magnitudes = sg.hybrid_cqt(click, 22050, params, 512)
    >>> magnitudes.shape, bool((magnitudes.max(axis=1) > 0).all())
    ((84, 44), True)
    """
    as_instance("params", params, CqtParams)
    as_multirate("hybrid_cqt", params)
    sample_rate = as_sample_rate(sample_rate)
    hop_size = as_count("hop_size", hop_size)
    dtype = parse_dtype(dtype)
    samples = as_nonempty_signal(samples)
    engine, whole, count = _prepared_hybrid(params, sample_rate, hop_size, dtype)
    out = np.empty((count, engine.frame_count(len(samples))), dtype)
    parts = [part for part in (out[:whole], out[whole:]) if len(part)]
    calls.compute_outputs_into(engine, samples, parts, "samples must be non-empty")
    return out
