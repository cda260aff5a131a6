"""Pitch-class weights on the magnitude spectrum.

For the bins with ``f_min <= f_k <= f_max`` and ``k > 0``::

    pc_k    = (69 + 12 log2(f_k / tuning)) mod 12          0 is C, 9 is A
    d[c, k] = min(|pc_k - c|, 12 - |pc_k - c|)             semitones round the circle
    V[c, k] = exp(-d^2 / 2), each row divided by its sum
"""

from __future__ import annotations

import numpy as np

from spectrograms.errors import InvalidInputError, number
from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.grid import fft_frequencies


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
