"""Octave bands and their fractions: sums of the power between two edges, with parts of the bins there."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.grid import check_band_count, check_f_max

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Ratio of an octave, base ten, and the frequency that all bands are counted from.
OCTAVE, REFERENCE = 10.0**0.3, 1000.0


def octave_numbers(fraction: int, f_min: float, f_max: float) -> NDArray[np.int64]:
    """Numbers of the bands from the one that holds `f_min` to the one that holds `f_max`."""
    # Of even fractions 1 kHz is an edge, of odd ones the middle of a band.
    shift = 0.0 if fraction % 2 else 0.5
    steps = fraction * np.log(np.array([f_min, f_max]) / REFERENCE) / np.log(OCTAVE) - shift
    # Nominal frequencies such as 31.5 Hz lie near the middle; an edge belongs to the band above it.
    first, last = np.floor(steps + 0.5 + 1e-9).astype(np.int64)
    check_band_count("bands of octaves", int(last - first + 1))
    return np.arange(first, last + 1)


def octave_centres(fraction: int, f_min: float, f_max: float) -> NDArray[np.float64]:
    """Return the exact middles of the bands in Hz: of 1 kHz times a power of ``10**(0.3 / fraction)``."""
    numbers = octave_numbers(fraction, f_min, f_max)
    shift = 0.0 if fraction % 2 else 0.5
    return REFERENCE * OCTAVE ** ((numbers + shift) / fraction)


def octave_edges(fraction: int, f_min: float, f_max: float) -> NDArray[np.float64]:
    """Return the lower edges of the bands in Hz, and the upper one of the last."""
    centres = octave_centres(fraction, f_min, f_max)
    half = OCTAVE ** (0.5 / fraction)
    return np.append(centres / half, centres[-1] * half)


def octave_bands(fraction: int, f_min: float, f_max: float, sample_rate: float, n_fft: int) -> Bands:
    """Build the weights over the bins of a real FFT: how much of each bin lies in a band.

    A bin reaches half the distance to the next one on both sides, and its power is spread evenly there.

    Parameters
    ----------
    fraction : int
        Bands of an octave.
    f_min, f_max : float
        Somewhere in the first and in the last band, in Hz.
    sample_rate : float
    n_fft : int

    Returns
    -------
    Bands

    Raises
    ------
    InvalidInputError
        If the last band ends above half the sample rate, or there are too many.

    References
    ----------
    IEC 61260-1:2014, Octave-band and fractional-octave-band filters, 5.
    """
    edges = octave_edges(fraction, f_min, f_max)
    message = "upper edge {f_max} Hz of the last band exceeds Nyquist={nyquist}"
    check_f_max(float(edges[-1]), sample_rate, message)
    # In bins, where bin k reaches from k - 0.5 to k + 0.5.
    places = edges * (n_fft / sample_rate) + 0.5
    last = n_fft // 2
    rows = []
    for low, high in pairwise(places):
        first, end = int(low), min(int(np.ceil(high)), last + 1)
        bins = np.arange(first, end)
        rows.append((first, np.minimum(bins + 1, high) - np.maximum(bins, low)))
    return Bands.from_rows(rows, last + 1)
