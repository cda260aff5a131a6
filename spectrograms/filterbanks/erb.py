"""Gammatone-shaped weights on the power spectrum, one row per centre frequency.

::

    E(f)    = 24.7 (4.37 f / 1000 + 1)                     equivalent rectangular bandwidth in Hz
    G[i, k] = (1 + ((f_k - c_i) / (1.019 E(c_i)))^2)^-4    squared magnitude of a gammatone of order 4

References
----------
Glasberg and Moore, "Derivation of auditory filter shapes from notched-noise data", Hearing Research 47, 1990
(E and the ERB-rate scale).
Slaney, "An efficient implementation of the Patterson-Holdsworth auditory filter bank", Apple Technical Report
35, 1993 (its centre frequencies).
Patterson et al., "An efficient auditory filterbank based on the gammatone function", APU Report 2341, 1988
(1.019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.limits import MAX_RATE, at_most
from spectrograms.errors import InvalidInputError
from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.grid import check_band_count, check_banded, fft_frequencies

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_MIN_BANDWIDTH = 24.7
_EAR_Q = 9.26449


def erb(frequencies: ArrayLike) -> Any:
    """Return the equivalent rectangular bandwidth in Hz at frequencies in Hz."""
    return _MIN_BANDWIDTH * (4.37 * np.asarray(frequencies, dtype=np.float64) / 1000.0 + 1.0)


def hz_to_erb_rate(frequencies: ArrayLike) -> Any:
    """Convert Hz to ERB-rate, ``21.4 log10(1 + 0.00437 f)``."""
    return 21.4 * np.log10(1.0 + 0.00437 * np.asarray(frequencies, dtype=np.float64))


def erb_rate_to_hz(rates: ArrayLike) -> Any:
    """Convert ERB-rate to Hz; the inverse of `hz_to_erb_rate`."""
    return (10.0 ** (np.asarray(rates, dtype=np.float64) / 21.4) - 1.0) / 0.00437


def erb_centres(n_filters: int, f_min: float, f_max: float, spacing: str = "linear") -> NDArray[np.float64]:
    """Return the centre frequencies in Hz, lowest first.

    Parameters
    ----------
    n_filters : int
        At least 2.
    f_min, f_max : float
        Lowest and highest centre in Hz (``"apple_tr35"`` ends below f_max).
    spacing : {"linear", "erb_rate", "apple_tr35"}
        Equal steps of E(f), which are equal steps in Hz; of ERB-rate; or of ``ln(f + 9.26449 * 24.7)``.

    Returns
    -------
    ndarray, shape (n_filters,), float64

    Raises
    ------
    InvalidInputError
        If there are too many filters, or f_max exceeds 1e12.
    """
    check_band_count("n_filters", n_filters)
    at_most("f_max", f_max, MAX_RATE)
    steps = np.arange(n_filters) / (n_filters - 1)
    if spacing == "linear":
        low, high = erb(f_min), erb(f_max)
        return (
            ((low + np.arange(n_filters) * (high - low) / (n_filters - 1)) / _MIN_BANDWIDTH - 1.0)
            * 1000.0
            / 4.37
        )
    if spacing == "erb_rate":
        low, high = hz_to_erb_rate(f_min), hz_to_erb_rate(f_max)
        return erb_rate_to_hz(low + steps * (high - low))
    if spacing == "apple_tr35":
        shift = _EAR_Q * _MIN_BANDWIDTH
        step = (np.log(f_min + shift) - np.log(f_max + shift)) / n_filters
        return (np.exp(np.arange(n_filters, 0, -1) * step) * (f_max + shift)) - shift
    raise InvalidInputError(f"spacing must be 'linear', 'erb_rate' or 'apple_tr35', got {spacing!r}")


def erb_bands(
    n_filters: int, f_min: float, f_max: float, sample_rate: float, n_fft: int, *, spacing: str = "linear"
) -> Bands:
    """Build the gammatone weights over all bins of a real FFT.

    Parameters
    ----------
    n_filters : int
        2..10000.
    f_min, f_max : float
        Range of the centres in Hz.
    sample_rate : float
    n_fft : int
    spacing : {"linear", "erb_rate", "apple_tr35"}

    Returns
    -------
    Bands
        ``n_filters`` full rows of ``n_fft // 2 + 1`` weights, peak 1 at the centre. The skirts are kept:
        below a steep spectrum they carry the output.

    Raises
    ------
    InvalidInputError
        If f_max exceeds half the sample rate or there are too many filters.
    """
    check_banded("n_filters", n_filters, f_max, sample_rate)
    centres = erb_centres(n_filters, f_min, f_max, spacing)[:, np.newaxis]
    offset = (fft_frequencies(sample_rate, n_fft) - centres) / (1.019 * erb(centres))
    weights = (1.0 + offset**2) ** -4
    lengths = np.full(n_filters, weights.shape[1], dtype=np.int64)
    return Bands(
        starts=np.zeros(n_filters, dtype=np.int64),
        lengths=lengths,
        offsets=np.arange(n_filters) * weights.shape[1],
        values=weights.ravel(),
        n_inputs=weights.shape[1],
    )
