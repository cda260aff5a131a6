"""Constant-Q kernels as rows over the raw samples of a frame.

::

    l_k    = min(max(round(Q sr / f_k), 1), n_fft)                   halves round up
    g_k[n] = w_{l_k}[n] exp(2 pi i f_k n / sr),  n = 0..l_k-1
    C_k    = sum_n conj(g_k[n]) frame[s_k + n]                       s_k = n_fft - l_k, or n_fft//2 - l_k//2

with values below a fraction of the largest set to zero and, after that, each kernel scaled to unit energy.

References
----------
Brown, "Calculation of a constant Q spectral transform", JASA 89, 1991.
Brown and Puckette, "An efficient algorithm for the calculation of a constant Q transform", JASA 92, 1992.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.limits import MAX_CQT_BINS
from spectrograms.errors import InvalidInputError
from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.grid import check_band_count

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cqt_frequencies(bins_per_octave: int, n_octaves: int, f_min: float) -> NDArray[np.float64]:
    """Return ``f_min * 2**(k / bins_per_octave)`` in Hz for all bins, ndarray.

    Raises
    ------
    InvalidInputError
        If there are more than 100000 bins.
    """
    n_bins = bins_per_octave * n_octaves
    check_band_count("num_bins", n_bins, MAX_CQT_BINS)
    with np.errstate(over="ignore"):
        return f_min * np.exp2(np.arange(n_bins) / bins_per_octave)


def cqt_lengths(
    frequencies: NDArray[np.float64], q_factor: float, sample_rate: float, n_fft: int
) -> NDArray[np.intp]:
    """Return the length of each kernel in samples, ndarray of int64."""
    with np.errstate(over="ignore"):
        samples = np.floor(q_factor * sample_rate / np.asarray(frequencies) + 0.5)
    return np.clip(samples, 1, n_fft).astype(np.int64)


def cqt_lead(
    frequencies: NDArray[np.float64], q_factor: float, sample_rate: float, n_fft: int, time: float, align: str
) -> str:
    """How long before the sample `time` of a frame the middle of its kernels is late, in words.

    So much earlier than it happened an event stands at the times of frames.
    """
    lengths = cqt_lengths(frequencies, q_factor, sample_rate, n_fft)
    middles = n_fft - lengths / 2 if align == "end" else np.full(len(lengths), n_fft // 2)
    least, most = (
        float(value) * 1000 / sample_rate for value in ((middles - time).min(), (middles - time).max())
    )
    return f"{least:.0f} to {most:.0f} ms early" if most - least >= 1 else f"{most:.0f} ms early"


def cqt_bands(
    frequencies: NDArray[np.float64],
    q_factor: float,
    sample_rate: float,
    n_fft: int,
    *,
    window: Any,
    sparsity: float = 0.01,
    normalize: bool = True,
    align: str = "end",
) -> Bands:
    """Build the kernels of a constant-Q transform.

    Parameters
    ----------
    frequencies : array_like, shape (n_bins,)
        In Hz, as `cqt_frequencies` returns them.
    q_factor : float
        Ratio of frequency to bandwidth.
    sample_rate : float
    n_fft : int
        Length of a frame; longer kernels are cut to it and lose their Q.
    window : callable
        ``window(n)`` returns the window of length n.
    sparsity : float, default 0.01
        Values below this fraction of the largest magnitude of their kernel become zero.
    normalize : bool, default True
        Scale each kernel to unit energy.
    align : {"end", "centre"}
        Place of the kernel in the frame.

    Returns
    -------
    Bands
        ``2 * n_bins`` rows over ``n_fft`` samples: row 2k is the real and row 2k + 1 the imaginary part of
        the conjugated kernel k.

    Raises
    ------
    InvalidInputError
        If the list is empty, or a frequency is not below half the sample rate.
    """
    frequencies = np.asarray(frequencies, dtype=np.float64)
    if frequencies.size == 0:
        raise InvalidInputError("frequencies must not be empty")
    highest, nyquist = frequencies.max(), sample_rate / 2.0
    if not highest < nyquist:
        raise InvalidInputError(
            f"CQT maximum frequency must be below Nyquist frequency={nyquist:g}, got {highest:g}"
        )
    if align not in ("end", "centre"):
        raise InvalidInputError(f"align must be 'end' or 'centre', got {align!r}")
    lengths = cqt_lengths(frequencies, q_factor, sample_rate, n_fft)
    shapes = {}
    rows = []
    for frequency, length in zip(frequencies, lengths.tolist(), strict=True):
        if length not in shapes:
            shapes[length] = _shape(window(length), sparsity, normalize)
        first, weights = shapes[length]
        start = n_fft - length if align == "end" else n_fft // 2 - length // 2
        phase = (2.0 * np.pi * frequency / sample_rate) * np.arange(first, first + len(weights))
        rows.append((start + first, weights * np.cos(phase)))
        rows.append((start + first, weights * -np.sin(phase)))
    return Bands.from_rows(rows, n_fft)


def _shape(window, sparsity, normalize):
    """Return the part of a window above the threshold: its first index and the scaled values."""
    size = np.abs(window)
    kept = np.flatnonzero((size >= sparsity * size.max()) & (size > 0.0))
    if kept.size == 0:
        return 0, np.zeros(0)
    values = np.zeros(kept[-1] - kept[0] + 1)
    values[kept - kept[0]] = window[kept]
    energy = np.sum(values**2)
    return int(kept[0]), values / np.sqrt(energy) if normalize and energy > 0.0 else values
