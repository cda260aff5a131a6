"""Channels of a recording: each by itself, or their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectrograms._engine.arrays.arrays import mean_of_channels

if TYPE_CHECKING:
    from numpy.typing import NDArray

# NumPy adds up this many numbers and more in another order than one after the other.
_MANY_CHANNELS = 8


def mixed(part: NDArray[np.float32], mono: bool) -> NDArray[np.float32]:
    """Samples of all channels, shape (frames, channels), as they are returned."""
    if not mono:
        return part.T
    if part.shape[1] == 1:
        return part[:, 0]
    if part.shape[1] < _MANY_CHANNELS:
        return mean_of_channels(part)
    # In double precision, too, so that it is rounded once. Files of floats may hold infinities, and two of
    # opposite sign give NaN.
    with np.errstate(invalid="ignore"):
        return part.mean(axis=1, dtype=np.float64).astype(np.float32)
