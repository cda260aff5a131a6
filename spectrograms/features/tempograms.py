"""What repeats in onset strength: autocorrelation by lag, and transforms by tempo."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array, narrowed, real
from spectrograms._common.limits import MAX_REACH, at_most
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.results.frame_results import StftResult
from spectrograms._engine.run import calls
from spectrograms.errors import InvalidInputError
from spectrograms.features.onsets import OnsetStrength
from spectrograms.features.stft_forward import StftPlan
from spectrograms.params import ChromaNorm, SpectrogramParams, StftParams
from spectrograms.params.checking import as_count
from spectrograms.params.explaining import explained
from spectrograms.params.norms import as_norm
from spectrograms.params.stft import as_sample_rate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


# What the docstrings here have in common.
_documented = documented(
    onsets="""onsets : array_like, shape (n_frames,) or (1, n_frames)
    Onset strength; of this package or another.""",
    several_rows="TypeError\n    If there are several rows.",
    see_also="See Also\n--------\nonset_strength : Computes what this wants.",
    references="""References
----------
P. Grosche, M. Müller and F. Kurth, Cyclic tempogram, a mid-level tempo representation for music signals,
ICASSP 2010.""",
    clicks="""%(examples)s
>>> clicks = np.zeros(10 * 22050)
>>> clicks[:: 22050 // 2] = 1.0  # 120 in a minute""",
)

# Frames that are correlated at a time.
_BLOCK = 64


def _envelope(onsets):
    """One row of numbers, and how many there are in a second if they say so."""
    values = real(as_array(onsets, "onsets"), "onsets", onsets)
    if values.ndim == 2 and len(values) == 1:
        values = values[0]
    if values.ndim != 1:
        raise TypeError(f"onsets must have one row, got shape {values.shape}")
    if len(values) == 0:
        raise ValueError("onsets must not be empty")
    rate = onsets.sample_rate / onsets.hop_size if isinstance(onsets, OnsetStrength) else 1.0
    return narrowed(values, np.float32 if values.dtype == np.float32 else np.float64), rate


def _length(n):
    """A length of at least n that a transform likes."""
    power = 1 << max(3, (n - 1).bit_length())
    return min(each for each in (power, power // 8 * 5, power // 4 * 3) if each >= n)


@lru_cache(maxsize=16)
def _correlation(single, win_length, norm):
    """Engines of autocorrelation: from frames to power, and from power, which is even, back to lags."""
    n = _length(2 * win_length - 1)
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(win_length) / win_length)
    if win_length == 1:
        window[:] = 1.0
    forward = Engine(single, n, 1, window)
    scaling = [] if norm is ChromaNorm.none else [("normalize", int(norm))]
    stages = [("rows", 0, win_length), ("real",), *scaling]
    back = Engine(single, n, n, np.full(n, 1.0 / n), outputs=[("complex", stages)])
    return n, forward, back


@explained
@_documented
def tempogram(
    onsets: ArrayLike, *, win_length: int = 384, centre: bool = True, norm: ChromaNorm | str | None = None
) -> NDArray[np.floating[Any]]:
    """Correlate onset strength with itself, in frames of `win_length` around each of its values.

    Parameters
    ----------
    %(onsets)s
    win_length : int
        Values of a frame, under a periodic Hann window; lags go up to there.
    centre : bool
        Whether a frame lies around its value, with a slope to zero beyond both ends, else begins with it.
    norm : ChromaNorm or its name, optional
        Scaling of each frame, by its largest value by default.

    Returns
    -------
    ndarray of float64 or float32, shape (win_length, n_frames)
        Row l is a lag of l values: a tempo of ``60 * sample_rate / hop_size / l`` beats in a minute.

    Raises
    ------
    InvalidInputError
        If a value is out of range, or without `centre` there are fewer values than a frame has.
    %(several_rows)s

    %(see_also)s
    TempogramPlan : From signals, in batches and streams, too.
    fourier_tempogram : By frequency instead of lag.

    %(references)s

    %(clicks)s
    >>> lags = sg.tempogram(sg.onset_strength(clicks, 22050))
    >>> best = 10 + lags[10:30, 200].argmax()
    >>> round(60 * 22050 / 512 / best)
    117
    """
    values, _ = _envelope(onsets)
    win_length = as_win_length(win_length)
    norm = as_norm(ChromaNorm, norm, ChromaNorm.max)
    before = win_length // 2 if centre else 0
    count = len(values) if centre else len(values) - win_length + 1
    if count < 1:
        raise InvalidInputError(
            f"win_length must be at most the {len(values)} values there are, got {win_length}"
        )
    after = win_length - 1 - before if centre else 0
    begins, ends = slopes(values[:1], values[-1:], before, after)
    lags = np.empty((win_length, count), values.dtype)
    correlate(np.concatenate((begins, values, ends)), win_length, norm, lags)
    return lags


def as_win_length(win_length: Any) -> int:
    """Check how many values a frame has."""
    count = as_count("win_length", win_length)
    at_most("win_length", count, MAX_REACH)
    return count


def slopes(
    first: NDArray[Any], last: NDArray[Any], before: int, after: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """What stands before the first value and behind the last: they rise from zero, and fall to it.

    Of the slope down, which is as long as the one up, an even frame does not see the last value.
    """
    up, down = (np.linspace(0, edge[0], before, endpoint=False, dtype=edge.dtype) for edge in (first, last))
    return up, down[::-1][:after]


def correlate(
    values: NDArray[np.floating[Any]], win_length: int, norm: ChromaNorm, out: NDArray[np.floating[Any]]
) -> None:
    """Correlate each `win_length` values in a row with themselves: lags in the columns of `out`."""
    single, count = values.dtype == np.float32, out.shape[1]
    n, forward, back = _correlation(bool(single), win_length, norm)
    # Frames are counted by the length of the transform, of which the window sees the beginning.
    padded = np.zeros(count + n - 1, values.dtype)
    padded[: len(values)] = values
    # A block after the other in the same memory, which stays in the cache.
    power = np.empty((min(_BLOCK, count), n), values.dtype)
    for first in range(0, count, _BLOCK):
        block = power[: count - first]
        # The power of all bins, frame after frame: the upper half mirrors the lower.
        calls.compute_frames(forward, padded, block[:, : n // 2 + 1].T, first, "")
        block[:, n // 2 + 1 :] = block[:, n // 2 - 1 : 0 : -1]
        calls.compute_frames(back, block.reshape(-1), out[:, first : first + len(block)], 0, "")


@explained
@_documented
def fourier_tempogram(
    onsets: ArrayLike, *, win_length: int = 384, centre: bool = True, frame_rate: float | None = None
) -> StftResult:
    """Transform onset strength in frames of `win_length`, one for each value: which tempi it has.

    Parameters
    ----------
    %(onsets)s
    win_length : int
        Values of a frame, under a periodic Hann window.
    centre : bool
        Whether a frame lies around its value, between zeros, else begins with it.
    frame_rate : float, optional
        Values in a second; known of an OnsetStrength, else 1 by default.

    Returns
    -------
    StftResult, shape (win_length // 2 + 1, n_frames + 1)
        Its ``frequencies`` are beats in a second.

    %(out_of_range)s
    %(several_rows)s

    %(see_also)s
    FourierTempogramPlan : From signals, in batches and streams, too.
    tempogram : By lag instead of frequency.

    %(references)s

    %(clicks)s
    >>> tempi = sg.fourier_tempogram(sg.onset_strength(clicks, 22050))
    >>> tempi.shape, [round(60 * f) for f in tempi.frequencies[:3]]
    ((193, 432), [0, 7, 13])
    """
    values, rate = _envelope(onsets)
    if frame_rate is not None:
        rate = as_sample_rate(frame_rate)
    stft = StftParams(win_length, 1, "hann", centre, periodic=True)
    plan = StftPlan(SpectrogramParams(stft, rate), values.dtype.name)
    return plan.compute(values)
