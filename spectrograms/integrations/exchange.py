"""Shared by the bridges to PyTorch and JAX: labels of results, and the shape of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spectrograms._common.documenting import Documented, documented
from spectrograms.errors import InvalidInputError

# What the docstrings of both bridges have in common; they say `kind`, the class of an array, and its `name`.
_LABELLED = """Parameters
----------
%(name)s : %(kind)s
    The values.
frequencies, times : ndarray of float64, optional
    Frequency in Hz of each row and time in seconds of each column.
params : object, optional
    The parameters of the result.
shape : tuple of int, optional
    That of the result.
db_range : tuple of two floats, optional
    Smallest and largest value in dB.

See Also
--------
Spectrogram.to_%(library)s : Makes it, given ``with_metadata=True``.
%(Prefix)sChromagram : The same for chromagrams."""
_LABELLED_CHROMA = """Parameters
----------
%(name)s : %(kind)s
    The values.
labels : list of str, optional
    Name of each row.
params : object, optional
    The parameters of the chromagram.
shape : tuple of int, optional
    That of the result.
n_frames : int, optional
    Number of columns.

See Also
--------
Chromagram.to_%(library)s : Makes it, given ``with_metadata=True``.
%(Prefix)sSpectrogram : The same for other results.

%(examples)s
>>> stft, chroma = sg.StftParams(2048, 512, "hann"), sg.ChromaParams()
>>> chromagram = sg.compute_chromagram(np.ones(22050), stft, 22050, chroma)
>>> labelled = chromagram.to_%(library)s(with_metadata=True)
>>> labelled.%(name)s.shape == (12, 44), labelled.labels[:3], labelled.n_frames
(True, ['C', 'C#', 'D'], 44)"""
_STACKED = """pad : bool, default False
    Pad smaller results with zeros at the end of rows and columns.

Returns
-------
%(kind)s, shape (batch, n_bins, n_frames)

Raises
------
ValueError
    If there are no spectrograms, or they differ in shape and `pad` is False.

See Also
--------
batch_with_metadata : Lists the labels, too."""
_TWO_RESULTS = """%(examples)s
>>> from spectrograms.%(library)s import %(function)s
>>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000), sg.MelParams(80, 0.0, 8000.0))
>>> results = [plan.compute(np.ones(16000)), plan.compute(np.ones(8000))]"""
_STACKED_WITH_LABELS = """Parameters
----------
spectrograms, device, dtype, pad
    As for `batch`.

Returns
-------
%(name)s : %(kind)s, shape (batch, n_bins, n_frames)
metadata : list of dict
    ``shape`` before padding, ``frequencies``, ``times`` and ``params`` of each, None if it lacks them,
    and ``db_range`` of spectrograms.

Raises
------
ValueError
    As `batch`.

See Also
--------
batch : The %(name)s alone.

%(two_results)s
>>> %(name)s, metadata = batch_with_metadata(results, pad=True)
>>> tuple(%(name)s.shape), [labels["shape"] for labels in metadata]
((2, 80, 101), [(80, 101), (80, 51)])"""


def bridge(library: str, prefix: str, kind: str, name: str, function: str = "", **more: str) -> Documented:
    """A decorator that fills the docstrings of a bridge to another library."""
    texts = {"labelled": _LABELLED, "labelled_chroma": _LABELLED_CHROMA, "stacked": _STACKED}
    texts |= {"two_results": _TWO_RESULTS, "stacked_with_labels": _STACKED_WITH_LABELS}
    names = {"library": library, "Prefix": prefix, "kind": kind, "name": name, "function": function}
    return documented(**texts, **names, **more)


# Compared by identity, as are the classes of the bridges: whether arrays are equal has no single answer.
@dataclass(eq=False)
class SpectrogramLabels:
    """Labels of a result, which follow the array in the class of a bridge."""

    frequencies: np.ndarray | None = None
    times: np.ndarray | None = None
    params: Any = None
    shape: tuple[int, ...] | None = None
    db_range: tuple[float, float] | None = None


@dataclass(eq=False)
class ChromagramLabels:
    """Labels of a chromagram, which follow the array in the class of a bridge."""

    labels: list[str] | None = None
    params: Any = None
    shape: tuple[int, ...] | None = None
    n_frames: int | None = None


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


def with_labels(result: Any, array: Any, spectrogram: Any, chromagram: Any) -> Any:
    """Put the labels of a result beside its array: `spectrogram` and `chromagram` are the classes that do."""
    if is_chromagram(result):
        return chromagram(array, **chromagram_labels(result))
    return spectrogram(array, **labels(result))


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
