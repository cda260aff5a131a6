"""Histograms of binaural cues, one per frame."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_TABLE, fits
from spectrograms.errors import InvalidInputError, number, shown
from spectrograms.params.checking import as_bool, as_float, as_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms._engine.results.frame_results import TimeFrequency

_DEFAULT_BINS = 400

# Of every docstring of a histogram.
WEIGHTS = """energy_weighted : bool
    Count each value by the energy of its bin in both ears, ``|left|**2 + |right|**2``, instead of by 1.
normalize : bool
    Divide the counts of each frame by their sum, where it is above 0. Done last."""
RESULT = """Returns
-------
ndarray of float64, shape (num_bins, n_frames)"""


@documented(weights=WEIGHTS, counted=RESULT)
def histogram(
    cue: TimeFrequency,
    num_bins: int | None,
    value_range: tuple[float, float],
    exponent: int,
    energy_weighted: bool,
    normalize: bool,
) -> NDArray[np.float64]:
    """Count the values of each frame of a binaural cue.

    Parameters
    ----------
    cue : ItdSpectrogram, IpdSpectrogram, IldSpectrogram or IlrSpectrogram
    num_bins : int or None
        Number of bins; None and 0 mean 400.
    value_range : tuple of two floats
        Lower and upper edge of the histogram. Values outside are left out, as is NaN; one equal to the upper
        edge counts in the last bin.
    exponent : int
        Power to which counts are raised: above 1 it brings out the peaks.
    %(weights)s

    %(counted)s

    Raises
    ------
    InvalidInputError
        If the range is not finite and ascending or no pair, the exponent negative, or the result without
        energies.
    OverflowError
        If the exponent is 2**31 or more.
    TypeError
        If the range is not a sequence of numbers, or a number or flag is of another type.
    MemoryError
        If it has more than 2**28 bins in all.
    """
    num_bins = (0 if num_bins is None else as_index("num_bins", num_bins)) or _DEFAULT_BINS
    low, high = _checked_range(value_range)
    try:
        exponent = operator.index(exponent)
    except TypeError as error:
        raise TypeError(f"{error}: exponent must be an integer") from None
    if exponent < 0:
        raise InvalidInputError(f"exponent must be >= 0, got {shown(exponent)}")
    if exponent >= 2**31:
        raise OverflowError(
            f"Python int too large to convert to C int: exponent must be < 2**31, got {shown(exponent)}"
        )
    energy_weighted = as_bool("energy_weighted", energy_weighted)
    normalize = as_bool("normalize", normalize)
    values = cue.data
    frames = values.shape[1]
    fits("num_bins * n_frames", num_bins * frames, MAX_TABLE, "bins")

    # Values out of range, NaN and infinity among them, go to an extra bin, which is cut off.
    inside = (values >= low) & (values <= high)
    places = np.subtract(values, low, dtype=np.float64)
    places /= (high - low) / num_bins
    np.minimum(places, num_bins - 1, out=places)
    places = np.where(inside, places, num_bins).astype(np.int64)
    places *= frames
    places += np.arange(frames)
    weights = _energies(cue) if energy_weighted else np.ones(values.shape)
    # Row after row, so that each sum is always taken in the same order.
    counts: NDArray[Any] = np.bincount(places.ravel(), weights.ravel(), (num_bins + 1) * frames)
    counts = counts[: num_bins * frames]
    if exponent == 0:
        counts[:] = 1.0
    elif exponent != 1:
        # Most counts are 0 and stay 0.
        filled = np.flatnonzero(counts)
        counts[filled] **= float(exponent)
    counts = counts.reshape(num_bins, frames)
    if normalize:
        total = counts.sum(axis=0)
        np.divide(counts, total, out=counts, where=total > 0)
    return counts


def _checked_range(value_range):
    if not isinstance(value_range, (Sequence, np.ndarray)) or isinstance(value_range, (str, bytes)):
        raise TypeError(f"the range must be a pair of numbers, got {type(value_range).__name__}")
    if len(value_range) != 2:
        raise InvalidInputError(
            f"expected tuple of length 2, but got tuple of length {len(value_range)}: "
            "the range must be a pair"
        )
    low, high = value_range
    low, high = as_float("lower edge of the range", low), as_float("upper edge of the range", high)
    if not (low < high and math.isfinite(high - low)):
        raise InvalidInputError(f"the range must be finite and ascending, got {number(low)}, {number(high)}")
    return low, high


def _energies(cue):
    try:
        return cue._extras["energy"]
    except (TypeError, KeyError):
        raise InvalidInputError(
            "energy_weighted must be False for a result without energies, got True"
        ) from None
