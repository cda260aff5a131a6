"""The frequencies of an FFT's bins, and what a filterbank may ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectrograms._common.limits import MAX_BANDS, at_most
from spectrograms.errors import InvalidInputError, number

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fft_frequencies(sample_rate: float, n_fft: int) -> NDArray[np.float64]:
    """Return the bin frequencies in Hz, ``k * (sample_rate / n_fft)`` for ``k = 0..n_fft//2``, ndarray."""
    return np.arange(n_fft // 2 + 1, dtype=np.float64) * (sample_rate / n_fft)


def check_band_count(name: str, n_bands: int, limit: int = MAX_BANDS) -> None:
    """Raise `InvalidInputError` for more bands than any real filterbank has: they would exhaust memory."""
    at_most(name, n_bands, limit)


def check_banded(name: str, n_bands: int, f_max: float, sample_rate: float) -> None:
    """Raise `InvalidInputError` if there are too many bands, or they end above half the sample rate."""
    check_f_max(f_max, sample_rate, "f_max={f_max} exceeds Nyquist={nyquist}")
    check_band_count(name, n_bands)


def check_f_max(f_max: float, sample_rate: float, message: str) -> None:
    """Raise `InvalidInputError` if `f_max` is above half the sample rate.

    `message` is a format with the fields ``f_max`` and ``nyquist``.
    """
    nyquist = sample_rate / 2.0
    if not f_max <= nyquist:
        raise InvalidInputError(message.format(f_max=number(f_max), nyquist=number(nyquist)))
