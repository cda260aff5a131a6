"""Logarithmically spaced points, each interpolated between the two FFT bins beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.grid import check_band_count, check_banded

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DROP = 1e-10


def loghz_frequencies(n_bins: int, f_min: float, f_max: float) -> NDArray[np.float64]:
    """Return `n_bins` frequencies in Hz at equal ratios from `f_min` to `f_max`; a single one is `f_min`."""
    check_band_count("n_bins", n_bins)
    if n_bins == 1:
        return np.array([float(f_min)])
    low, high = np.log(f_min), np.log(f_max)
    return np.exp(low + np.arange(n_bins) * (high - low) / (n_bins - 1))


def loghz_bands(n_bins: int, f_min: float, f_max: float, sample_rate: float, n_fft: int) -> Bands:
    """Build the interpolation weights over the bins of a real FFT.

    Energy between two points that are more than a bin apart is in no row: this samples the spectrum, it does
    not sum it.

    Parameters
    ----------
    n_bins : int
        At most 10000.
    f_min, f_max : float
        First and last point in Hz.
    sample_rate : float
    n_fft : int

    Returns
    -------
    Bands
        ``n_bins`` rows of one or two weights over ``n_fft // 2 + 1`` bins.

    Raises
    ------
    InvalidInputError
        If f_max exceeds half the sample rate or there are too many bins.
    """
    check_banded("n_bins", n_bins, f_max, sample_rate)
    last = n_fft // 2
    position = loghz_frequencies(n_bins, f_min, f_max) / (sample_rate / n_fft)
    lower = np.floor(position).astype(np.int64)
    upper = np.minimum(np.ceil(position).astype(np.int64), last)
    share = np.where(lower < upper, position - lower, 0.0)
    columns = np.stack([lower, upper], axis=1).ravel()
    weights = np.stack([1.0 - share, share], axis=1).ravel()
    weights[(weights <= _DROP) | (columns > last)] = 0.0
    return Bands.from_entries(np.repeat(np.arange(n_bins), 2), columns, weights, (n_bins, last + 1))
