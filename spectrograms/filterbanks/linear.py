"""The bins of a transform themselves, or those of a range."""

from __future__ import annotations

import math

from spectrograms.errors import InvalidInputError, number
from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.grid import check_f_max

# How far a frequency may be beyond a bin to be that of the bin, in bins.
_SLACK = 1e-9


def linear_range(f_min: float, f_max: float, sample_rate: float, n_fft: int) -> range:
    """Find the bins from one frequency to another, both included.

    Raises
    ------
    InvalidInputError
        If `f_max` exceeds half the sample rate, or no bin lies between.
    """
    check_f_max(f_max, sample_rate, "f_max={f_max} exceeds Nyquist={nyquist}")
    step = sample_rate / n_fft
    first, last = math.ceil(f_min / step - _SLACK), math.floor(f_max / step + _SLACK)
    if first > last:
        raise InvalidInputError(
            f"f_min and f_max must have a bin between, which lie {number(step)} Hz apart, got "
            f"{number(f_min)} and {number(f_max)}"
        )
    return range(first, last + 1)


def linear_bands(f_min: float, f_max: float, sample_rate: float, n_fft: int) -> Bands:
    """Build a row for each bin from one frequency to another, of the one weight 1; errors as above."""
    bins = linear_range(f_min, f_max, sample_rate, n_fft)
    return Bands.from_rows([(k, [1.0]) for k in bins], n_fft // 2 + 1)
