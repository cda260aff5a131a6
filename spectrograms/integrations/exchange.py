"""Shared by the bridges to PyTorch and JAX: labels of results, and the shape of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spectrograms.errors import InvalidInputError


def is_chromagram(result: Any) -> bool:
    """Whether the rows of a result are pitch classes."""
    return hasattr(result, "labels")


def labels(result: Any) -> dict[str, Any]:
    """Describe a result or any other array.

    Returns
    -------
    dict
        ``shape``, ``frequencies`` and ``times`` (ndarrays of float64), and ``params``; None where the object
        lacks one. Spectrograms also have ``db_range``.
    """
    known = {
        "shape": tuple(np.shape(result)),
        "frequencies": _axis(result, "frequencies"),
        "times": _axis(result, "times"),
        "params": getattr(result, "params", None),
    }
    if hasattr(result, "db_range"):
        known["db_range"] = result.db_range()
    return known


def chromagram_labels(result: Any) -> dict[str, Any]:
    """Describe a chromagram: ``labels`` of its rows, ``params``, ``shape`` and ``n_frames``."""
    return {
        "labels": list(result.labels),
        "params": result.params,
        "shape": result.shape,
        "n_frames": result.n_frames,
    }


def batch_shape(shapes: Sequence[tuple[int, ...]], pad: bool) -> tuple[int, ...]:
    """Shape that holds arrays of the given shapes, stacked along a new first axis.

    Raises
    ------
    InvalidInputError
        If there are none, they differ without `pad`, or they differ in the number of axes.
    """
    if not shapes:
        raise InvalidInputError("Cannot batch empty list of spectrograms")
    different = sorted(set(shapes))
    if len(different) > 1 and not pad:
        raise InvalidInputError(
            f"All spectrograms must have the same shape without pad=True, got {different}"
        )
    if len({len(shape) for shape in different}) > 1:
        raise InvalidInputError(f"All spectrograms must have the same number of axes, got shapes {different}")
    return len(shapes), *(max(extents) for extents in zip(*different, strict=True))


def place(i: int, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Index of the part of a batch that an array of the given shape fills, from its first row and column."""
    return i, *(slice(extent) for extent in shape)


def _axis(result, name):
    values = getattr(result, name, None)
    return None if values is None else np.array(values, np.float64)
