"""Pitch classes for matching: chroma energy normalized statistics, quantized and smoothed over time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import narrowed
from spectrograms._common.limits import MAX_REACH, at_most
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.run import calls
from spectrograms.features.chroma import Chromagram, ChromaInfo, ChromaPlan
from spectrograms.features.context import Context, ContextPlan
from spectrograms.features.framed import FramedInfo
from spectrograms.features.matrix import as_matrix
from spectrograms.features.tonality import chroma_cqt
from spectrograms.params import ChromaCqtParams, ChromaNorm, ChromaParams, ChromaStftParams, StftParams
from spectrograms.params.base import Params
from spectrograms.params.checking import as_count
from spectrograms.params.norms import as_norm

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = documented(
    cens="""smoothing : int or None
    Frames of the Hann window that they are averaged under; None for none.
norm : ChromaNorm or its name, optional
    Scaling of each frame, ``"l2"`` by default.""",
    statistics="""Returns
-------
ndarray of float64, shape (n_chroma, n_frames)""",
)

# What shares of a frame must exceed, from the largest on.
_STEPS = (0.4, 0.2, 0.1, 0.05)


class CensInfo(FramedInfo, Params):
    """Parameters of the statistics of pitch classes of one plan.

    Parameters
    ----------
    stft, sample_rate, params, dtype, effort
        As in the :class:`ChromaInfo` of the pitch classes.
    smoothing : int or None
    norm : ChromaNorm
    """

    stft: StftParams
    sample_rate: float
    params: ChromaParams | ChromaStftParams | ChromaCqtParams
    smoothing: int | None
    norm: ChromaNorm
    dtype: str
    effort: str

    scale = "chroma"
    amplitude = "statistics"
    unit = ""
    _kinds = ("Chromagram",)

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        params: ChromaParams | ChromaStftParams | ChromaCqtParams,
        smoothing: int | None,
        norm: ChromaNorm | str | None,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        of = ChromaInfo(stft, sample_rate, params, dtype, effort=effort)
        norm = as_norm(ChromaNorm, norm, ChromaNorm.l2)
        return cls._create(
            of.stft, of.sample_rate, of.params, _smoothing(smoothing), norm, of.dtype, of.effort
        )

    @property
    def source(self) -> ChromaInfo:
        """ChromaInfo of the pitch classes."""
        dtype: Any = self.dtype
        return ChromaInfo(self.stft, self.sample_rate, self.params, dtype, effort=self.effort)

    def _rows(self):
        return self.source._rows()

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        words = self.source.conventions()
        smoothed = "" if self.smoothing is None else f", averaged over {self.smoothing} frames"
        words["filter norm"] = f"shares counted in quarters{smoothed}, {self.norm.name} of each frame"
        return words


def _smoothing(smoothing):
    if smoothing is None:
        return None
    count = as_count("smoothing", smoothing)
    at_most("smoothing", count, MAX_REACH)
    return count


class _SharesPlan(ChromaPlan):
    """Pitch classes divided by their sum."""

    __slots__ = ()

    @classmethod
    def _output(cls, info):
        kind, stages = super()._output(info)
        return kind, [*stages, _share()]


def _share():
    return ("normalize", int(ChromaNorm.l1))


@_documented
class CensPlan(ContextPlan[Chromagram]):
    """Chroma energy normalized statistics with everything built once.

    Parameters
    ----------
    %(frames)s
    chroma_params : ChromaParams, ChromaStftParams or ChromaCqtParams
        The pitch classes.
    %(dtype)s
    %(cens)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive, or `smoothing` out of range.

    Warns
    -----
    SpectrogramWarning
        If no bin is in range.

    See Also
    --------
    cens : The same of pitch classes that are there already; has the formula.
    ChromaPlan : The pitch classes.

    Notes
    -----
    A frame of a stream comes ``smoothing // 2`` frames late.

    %(examples)s
    >>> plan = sg.CensPlan(sg.StftParams(2048, 512, "hann"), 22050, sg.ChromaCqtParams())
    >>> plan.compute(np.random.default_rng(0).standard_normal(22050)).shape
    (12, 44)
    """

    __slots__ = ()
    _info_class = CensInfo
    _result_class = Chromagram

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        chroma_params: ChromaParams | ChromaStftParams | ChromaCqtParams,
        dtype: DType = None,
        *,
        smoothing: int | None = 41,
        norm: ChromaNorm | str | None = None,
        effort: str = "estimate",
    ) -> None:
        info = CensInfo(stft_params, sample_rate, chroma_params, smoothing, norm, dtype, effort=effort)
        self._configure(info)

    def _source(self, info):
        return _SharesPlan._from_info(info.source)

    def _context(self, info):
        return _reach(info.smoothing)

    def _derive(self, frames, out):
        out[...] = _statistics(frames, self._info.smoothing, self._info.norm)

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Lowest pitch of each class, the first first, in Hz, ndarray of float64; see `ChromaPlan`."""
        return self._plan.center_frequencies

    def __repr__(self) -> str:
        info = self._info
        frames = f"{info.stft}, sample_rate={info.sample_rate:g}"
        return f"CensPlan({frames}, {info.params}, smoothing={info.smoothing}, dtype={self.dtype!r})"


def _reach(smoothing):
    n = smoothing or 1
    return Context(n, (n - 1) // 2, n // 2)


def _statistics(shares, smoothing, norm):
    """Statistics of shares: of each ``smoothing`` frames in a row, every value out of the same sums."""
    counted = shares * 0  # NaN where shares are
    for step in _STEPS:
        counted += shares.dtype.type(0.25) * (shares > step)
    if smoothing is not None:
        window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(1, smoothing + 1) / (smoothing + 1))
        window = (window / window.sum()).astype(counted.dtype)
        count = counted.shape[1] - smoothing + 1
        smooth, part = (
            np.zeros((len(counted), count), counted.dtype),
            np.empty((len(counted), count), counted.dtype),
        )
        for j, weight in enumerate(window):
            np.multiply(counted[:, j : j + count], weight, out=part)
            smooth += part
        counted = smooth
    return _normalized(counted, norm)


def _normalized(values, norm):
    """Each column divided by its norm, by the engine: the same bytes, however many columns there are."""
    if norm is ChromaNorm.none:
        return values
    out = np.empty_like(values)
    engine = _normalizer(values.dtype == np.float32, len(values), norm)
    calls.compute_frames(engine, np.ascontiguousarray(values.T).reshape(-1), out, 0, "")
    return out


@lru_cache(maxsize=64)
def _normalizer(single, rows, norm):
    return Engine(single, rows, rows, None, outputs=[("samples", [("normalize", int(norm))])])


@_documented
def cens(
    chroma: ArrayLike, *, smoothing: int | None = 41, norm: ChromaNorm | str | None = None
) -> NDArray[np.float64]:
    """Make chroma energy normalized statistics of pitch classes: quantized, and smoothed over time.

    Parameters
    ----------
    chroma : array_like, shape (n_chroma, n_frames)
        Pitch classes, not negative; of this package or another.
    %(cens)s

    %(statistics)s

    %(out_of_range)s
    TypeError
        If `chroma` is not 2-D and real.
    ValueError
        If it is empty.

    See Also
    --------
    CensPlan : From signals, in batches and streams, too.
    chroma_cens : From a signal.
    chroma_cqt, chroma_stft, ChromaPlan : Compute pitch classes.

    Notes
    -----
    Classes are divided by their sum and counted: a quarter for each of 0.05, 0.1, 0.2 and 0.4 that they
    exceed. Frames beyond the ends are zero.

    References
    ----------
    M. Müller and S. Ewert, Chroma toolbox: MATLAB implementations for extracting variants of chroma-based
    audio features, ISMIR 2011.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(22050)
    >>> sg.cens(sg.chroma_stft(noise, 22050)).shape
    (12, 44)
    """
    values = narrowed(as_matrix("chroma", chroma), np.float64)
    smoothing, norm = _smoothing(smoothing), as_norm(ChromaNorm, norm, ChromaNorm.l2)
    _, before, after, _ = _reach(smoothing)
    shares = np.pad(_normalized(values, ChromaNorm.l1), ((0, 0), (before, after)))
    return _statistics(shares, smoothing, norm)


@_documented
def chroma_cens(
    samples: ArrayLike,
    sample_rate: float,
    *,
    smoothing: int | None = 41,
    norm: ChromaNorm | str | None = None,
    **options: Any,
) -> NDArray[np.float64]:
    """Compute chroma energy normalized statistics of a signal, from its constant-Q transform.

    %(signal)s
    smoothing, norm
        As for :func:`cens`.
    **options
        `hop_size`, `n_chroma`, `tuning`, `n_octaves`, `bins_per_octave` and `dtype` of :func:`chroma_cqt`.

    %(statistics)s

    %(bad_signal)s

    See Also
    --------
    cens : The same of pitch classes that are there already.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(22050)
    >>> sg.chroma_cens(noise, 22050, smoothing=11).shape
    (12, 44)
    """
    return cens(chroma_cqt(samples, sample_rate, **options), smoothing=smoothing, norm=norm)
