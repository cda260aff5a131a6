"""Pitch-class weights: twelve on the magnitude spectrum, or any number on the power spectrum.

The first, for the bins with ``f_min <= f_k <= f_max`` and ``k > 0``::

    pc_k    = (69 + 12 log2(f_k / tuning)) mod 12          0 is C, 9 is A
    d[c, k] = min(|pc_k - c|, 12 - |pc_k - c|)             semitones round the circle
    V[c, k] = exp(-d^2 / 2), each row divided by its sum

The second, for bins k > 0 at ``p_k = n log2(f_k / a0)``, in classes from A0, and ``p_0 = p_1 - 1.5 n``::

    d[c, k] = p_k - c, modulo n, from -round(n / 2) on
    w_k     = max(p_{k+1} - p_k, 1)
    V[c, k] = exp(-2 (d / w_k)^2), each column divided by its length, times exp(-(p_k / n - m)^2 / (2 s^2))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectrograms.errors import InvalidInputError, number
from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.grid import fft_frequencies

if TYPE_CHECKING:
    from numpy.typing import NDArray


def chroma_bands(sample_rate: float, n_fft: int, tuning: float, f_min: float, f_max: float) -> Bands:
    """Build the weights of the twelve pitch classes over the bins of a real FFT.

    Parameters
    ----------
    sample_rate : float
        Finite and > 0.
    n_fft : int
    tuning : float
        Frequency of A4 in Hz.
    f_min, f_max : float
        Range of the bins that count, in Hz; may reach beyond half the sample rate.

    Returns
    -------
    Bands
        12 rows, C first, over ``n_fft // 2 + 1`` bins; each sums to 1, or is empty if no bin is in range.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and > 0, or the tuning is next to 0 or to infinity.
    """
    if not 0.0 < sample_rate < np.inf:
        raise InvalidInputError(f"sample_rate must be finite and > 0, got {sample_rate}")
    frequencies = fft_frequencies(sample_rate, n_fft)
    inside = np.flatnonzero((frequencies >= f_min) & (frequencies <= f_max) & (frequencies > 0.0))
    # A tuning so low that the ratio is infinite, or so high that it is 0, has no pitches.
    with np.errstate(over="ignore"):
        ratio = frequencies[inside] / tuning
    if not (np.isfinite(ratio).all() and ratio.all()):
        raise InvalidInputError(f"tuning must be a frequency in Hz, got {number(tuning)}")
    pitch = (69.0 + 12.0 * np.log2(ratio)) % 12.0
    distance = np.abs(pitch - np.arange(12.0)[:, np.newaxis])
    distance = np.minimum(distance, 12.0 - distance)
    weights = np.exp(-0.5 * distance**2)
    first = inside[0] if inside.size else 0
    return Bands.from_rows(
        [(first, row / row.sum()) if row.size else (0, row) for row in weights], len(frequencies)
    )


def power_chroma_weights(
    sample_rate: float,
    n_fft: int,
    n_chroma: int,
    tuning: float,
    octave_centre: float,
    octave_width: float,
    *,
    base_c: bool,
) -> NDArray[np.float64]:
    """Build the weights of `n_chroma` pitch classes over the powers of the bins of a real FFT.

    Parameters
    ----------
    sample_rate : float
        Finite and > 0.
    n_fft : int
        At least 4.
    n_chroma : int
    tuning : float
        Offset of the classes from A4 = 440 Hz, in classes.
    octave_centre, octave_width : float
        m and s of the weights of octaves.
    base_c : bool
        Whether row 0 is C, else A.

    Returns
    -------
    ndarray of float64, shape (n_chroma, n_fft // 2 + 1)

    Raises
    ------
    InvalidInputError
        If `n_fft` is below 4.
    """
    if n_fft < 4:
        raise InvalidInputError(f"n_fft must be at least 4 for pitch classes, got {n_fft}")
    bins = n_fft // 2 + 1
    lowest = 27.5 * 2.0 ** (tuning / n_chroma)
    # One bin more than there are gives the last its width.
    places = n_chroma * np.log2(np.arange(1, bins + 1) * (sample_rate / n_fft) / lowest)
    places = np.concatenate(([places[0] - 1.5 * n_chroma], places))
    widths = np.maximum(np.diff(places), 1.0)
    places = places[:-1]
    half = round(n_chroma / 2)
    distance = (places - np.arange(n_chroma)[:, np.newaxis] + half) % n_chroma - half
    weights = np.exp(-2.0 * (distance / widths) ** 2)
    lengths = np.sqrt(np.sum(weights**2, axis=0))
    weights /= np.where(lengths > np.finfo(float).tiny, lengths, 1.0)
    weights *= np.exp(-0.5 * ((places / n_chroma - octave_centre) / octave_width) ** 2)
    return np.roll(weights, -3 * (n_chroma // 12), axis=0) if base_c else weights
