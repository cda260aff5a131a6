"""Values in the type that they are stored in, and what that costs.

Floating-point types round. Eight bits are levels between the smallest and the largest value of each feature
in its row: ``level * scale + offset``, in float32. The scale has 16 significant bits, so that its product
with a level is exact, and the sum the same whether or not a processor does both in one instruction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spectrograms._common.extras import require
from spectrograms._engine.arrays.arrays import within
from spectrograms._engine.arrays.columns import values_of_levels
from spectrograms.corpus.stores.columns import numbers, view_of
from spectrograms.corpus.stores.stats import moments_of
from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: The type of levels, by its name.
LEVELS = "int8"
#: Columns of a shard of levels, and the largest absolute number in each: no level's value is infinite.
STEP_COLUMNS = {"features_scale": 1e36, "features_offset": 2e38}
_LOWEST, _HIGHEST = -128, 127
_LARGEST = float(np.finfo(np.float64).max)
# Bits of a scale that are zero.
_DROPPED = np.uint32((1 << 8) - 1)
# Beyond, a level's value may not be finite; below, the reciprocal of the scale is not.
_LARGEST_LEVEL, _SMALLEST_SCALE = 1e38, float(np.finfo(np.float32).tiny)


class Steps(NamedTuple):
    """What makes values of levels.

    Attributes
    ----------
    scale, offset : ndarray of float32, shape (n_features,)
    """

    scale: NDArray[np.float32]
    offset: NDArray[np.float32]


class Stored(NamedTuple):
    """Frames in the stored type.

    Attributes
    ----------
    features : ndarray, shape (n_frames, n_features)
    moments : ndarray of float64, shape (4, n_features), or None
        Of the values that readers get; None without frames.
    rounding : float
        Largest absolute difference between a computed value and the one that readers get.
    steps : Steps or None
        If the features are levels.
    """

    features: NDArray[Any]
    moments: NDArray[np.float64] | None
    rounding: float = 0.0
    steps: Steps | None = None


def unchanged(frames: NDArray[Any]) -> Stored:
    """Frames that are in the stored type; errors as for :func:`stored`, but for what does not fit."""
    return Stored(frames, _finite(frames))


def stored(frames: NDArray[Any], out: NDArray[Any]) -> Stored:
    """Convert frames into an array of the stored type.

    Parameters
    ----------
    frames, out : ndarray, shape (n_frames, n_features)

    Raises
    ------
    InvalidInputError
        If a value is not finite, or does not fit the stored type.
    """
    if out.dtype == LEVELS:
        return _levels(frames, out)
    # What is not finite differs from itself by NaN, and is refused below.
    with np.errstate(over="ignore", invalid="ignore"):
        np.copyto(out, frames, casting="same_kind")
        rounding = 0.0
        if out.itemsize < frames.itemsize and frames.size:
            rounding = float(np.max(np.abs(out - frames)))
    if np.isinf(rounding):
        raise _unfit(float(np.max(np.abs(frames))), out.dtype, f"{np.finfo(out.dtype).max}")
    return Stored(out, _finite(out), rounding)


def as_read(features: NDArray[Any], steps: Steps | None) -> NDArray[Any]:
    """What readers get of frames in the stored type, shape (n_frames, n_features); a new array of levels."""
    if steps is None:
        return features
    return values_of_levels(np.ascontiguousarray(features), *steps)


def step_columns(steps: Sequence[Steps], kinds: Sequence[Any]) -> list[Any]:
    """The columns of a shard for the steps of some rows, of these Arrow types."""
    pa = require("pyarrow", "the feature store")
    ends = np.arange(len(steps) + 1, dtype=np.int32) * np.int32(len(steps[0].scale))
    columns = zip(*steps, strict=True)
    return [
        pa.ListArray.from_arrays(numbers(ends), numbers(np.concatenate(values)), type=kind)
        for values, kind in zip(columns, kinds, strict=True)
    ]


def steps_of(batch: Any, width: int) -> Steps | None:
    """The steps of all rows of a batch, views of shape (rows, width); None where values are no levels."""
    names = batch.schema.names
    if not STEP_COLUMNS.keys() <= set(names):
        return None
    return Steps(*(view_of(batch.column(name).flatten()).reshape(-1, width) for name in STEP_COLUMNS))


def values_of_batch(levels: NDArray[np.int8], steps: Steps, n_frames: NDArray[Any]) -> NDArray[np.float32]:
    """The values of the levels of all rows of a batch, shape (all frames, width).

    Parameters
    ----------
    levels : ndarray of int8, shape (all frames, width)
    steps : Steps
        As :func:`steps_of` gives them.
    n_frames : ndarray of int, shape (rows,)
    """
    values, first = np.empty(levels.shape, np.float32), 0
    for count, *own in zip(n_frames.tolist(), *steps, strict=True):
        stop = first + count
        values[first:stop] = values_of_levels(levels[first:stop], *own)
        first = stop
    return values


def _levels(frames, out):
    found = _finite(frames)
    width = frames.shape[1]
    if found is None:
        return Stored(out, None, 0.0, Steps(np.zeros(width, np.float32), np.zeros(width, np.float32)))
    low, high = found[2], found[3]
    largest = max(-float(low.min()), float(high.max()))
    if largest > _LARGEST_LEVEL:
        raise _unfit(largest, LEVELS, f"{_LARGEST_LEVEL:g}")
    scale = ((high - low) / (_HIGHEST - _LOWEST)).astype(np.float32)
    bits = scale.view(np.uint32)
    bits += _DROPPED  # to the next number of so many bits, that no value lies beyond the last level
    bits &= ~_DROPPED
    # A feature that does not change is its offset.
    scale[scale < _SMALLEST_SCALE] = 0.0
    steps = Steps(scale, (low - _LOWEST * scale.astype(np.float64)).astype(np.float32))
    inverse = np.divide(np.float32(1.0), scale, out=np.zeros_like(scale), where=scale > 0.0)
    levels = frames - steps.offset
    levels *= inverse
    np.rint(levels, out=levels)
    np.clip(levels, _LOWEST, _HIGHEST, out=levels)
    np.copyto(out, levels, casting="unsafe")
    values = values_of_levels(out, *steps)
    rounding = float(np.max(np.abs(values - frames)))
    return Stored(out, moments_of(values), rounding, steps)


def _finite(frames):
    """The moments of frames, which are finite."""
    found = moments_of(frames)
    # If the mean is not finite, the squares are not either.
    if found is not None and not within(found[1], _LARGEST):
        raise InvalidInputError("features hold NaN or infinities: the samples are not finite, or too large")
    return found


def _unfit(value, dtype, largest):
    return InvalidInputError(
        f"a value of {value:g} does not fit {dtype}, whose largest is {largest}: store float32, or take a "
        "logarithmic amplitude"
    )
