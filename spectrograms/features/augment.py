"""Augmentation of features for training: SpecAugment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.intake import as_array, kept, real
from spectrograms._common.limits import MAX_MASKS, at_most
from spectrograms.errors import InvalidInputError, shown
from spectrograms.features.fourier.arrays import generator
from spectrograms.params.checking import as_float, as_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def spec_augment(
    features: ArrayLike,
    *,
    seed: int | Sequence[int],
    freq_masks: int = 2,
    freq_width: int = 27,
    time_masks: int = 2,
    time_width: int = 100,
    time_ratio: float = 1.0,
    value: float | str = 0.0,
    lengths: ArrayLike | None = None,
    time_major: bool = False,
) -> NDArray[Any]:
    """Mask random bands and random spans of time.

    Parameters
    ----------
    features : array_like, shape (..., n_bins, n_frames)
        One matrix or a batch of them; ``(..., n_frames, n_bins)`` if `time_major`.
    seed : int or tuple of int
        Whole numbers >= 0. Item i of a batch draws from the generator of ``(seed, i)``: what it gets does not
        depend on how many others there are, or how long they are.
    freq_masks, freq_width : int
        Number of masked bands of each item, 2**16 at most, and the largest width in bins: widths are drawn
        evenly from 0 to this.
    time_masks, time_width : int
        The same for spans of time, in frames.
    time_ratio : float
        No mask is wider than this part of an item's frames.
    value : float or "mean"
        Value in the masks; ``"mean"`` for the mean of the item's valid frames.
    lengths : sequence of int, optional
        Valid frames of each item; masks keep within them.
    time_major : bool
        Whether frames come before bins in `features`.

    Returns
    -------
    ndarray
        A new array of the shape and dtype of `features`.

    Raises
    ------
    TypeError
        If `features` has fewer than 2 dimensions, or a parameter is of the wrong type.
    InvalidInputError
        If there are more than 2**16 masks of a kind, `time_ratio` is not in 0..1, or `lengths` does not fit.

    See Also
    --------
    corpus.FeatureStore : Features to train with.
    Batch.padded : Signals of different lengths in one array.

    References
    ----------
    D. S. Park et al., SpecAugment: a simple data augmentation method for automatic speech recognition,
    Interspeech 2019.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> masked = sg.spec_augment(np.ones((2, 80, 300)), seed=1)
    >>> masked.shape, bool((masked == 0).any())
    ((2, 80, 300), True)
    """
    out = np.array(kept(as_array(features, "features"), "features", features))
    if out.ndim < 2:
        raise TypeError(f"features must have at least 2 dimensions, got shape {out.shape}")
    freq_masks, freq_width = as_index("freq_masks", freq_masks), as_index("freq_width", freq_width)
    time_masks, time_width = as_index("time_masks", time_masks), as_index("time_width", time_width)
    at_most("freq_masks", freq_masks, MAX_MASKS)
    at_most("time_masks", time_masks, MAX_MASKS)
    time_ratio = as_float("time_ratio", time_ratio)
    if not 0.0 <= time_ratio <= 1.0:
        raise InvalidInputError(f"time_ratio must be in 0..1, got {time_ratio}")
    number = None if isinstance(value, str) and value == "mean" else as_float("value", value)
    items = out.reshape(-1, *out.shape[-2:])
    if time_major:
        items = items.swapaxes(1, 2)
    n_bins, n_frames = items.shape[1:]
    valid = _lengths(lengths, len(items), n_frames)
    for i, (item, length) in enumerate(zip(items, valid, strict=True)):
        rng = generator(seed, i)
        if length == 0:
            continue
        with np.errstate(over="ignore", invalid="ignore"):  # values may be infinite
            fill = item[:, :length].mean() if number is None else number
        for _ in range(freq_masks):
            start, end = _span(rng, freq_width, n_bins)
            item[start:end, :length] = fill
        for _ in range(time_masks):
            start, end = _span(rng, min(time_width, int(time_ratio * length)), length)
            item[:, start:end] = fill
    return out


def _span(rng, width, size):
    width = int(rng.integers(0, min(width, size), endpoint=True))
    start = int(rng.integers(0, size - width, endpoint=True))
    return start, start + width


def _lengths(lengths, count, n_frames):
    if lengths is None:
        return [n_frames] * count
    lengths = [int(n) for n in real(as_array(lengths, "lengths"), "lengths", lengths).reshape(-1)]
    if len(lengths) != count or not all(0 <= n <= n_frames for n in lengths):
        raise InvalidInputError(f"lengths must be {count} numbers in 0..{n_frames}, got {shown(lengths)}")
    return lengths
