"""Samples that are in memory already, read as those of a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.intake import as_array
from spectrograms.audio.decoder import Decoder
from spectrograms.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Type of a sample -> what it is divided by, the zero of it, and libsndfile's name for it.
_KINDS = {
    "uint8": (128.0, 128.0, "PCM_U8"),
    "int8": (128.0, 0.0, "PCM_S8"),
    "int16": (2.0**15, 0.0, "PCM_16"),
    "int32": (2.0**31, 0.0, "PCM_32"),
    "float16": (1.0, 0.0, "FLOAT"),
    "float32": (1.0, 0.0, "FLOAT"),
    "float64": (1.0, 0.0, "DOUBLE"),
}


def whole_rate(sample_rate: Any) -> int:
    """A sample rate as an integer; InvalidInputError unless it is a positive whole number of Hz."""
    try:
        rate = float(sample_rate)
    except (TypeError, ValueError):
        rate = math.nan
    if not (math.isfinite(rate) and rate > 0 and rate == int(rate)):
        raise InvalidInputError(f"sample_rate must be a positive whole number of Hz, got {sample_rate!r}")
    return int(rate)


def checked(samples: Any, sample_rate: Any) -> tuple[NDArray[Any], int]:
    """Samples of a caller's, shape (n_channels, n_samples), where they lie, and their rate.

    Raises
    ------
    TypeError
        If they are no array of integers or floating-point numbers.
    InvalidInputError
        If they have another number of axes than one or two, or the rate is none.
    """
    rate = whole_rate(sample_rate)
    array = as_array(samples, "samples")
    if array.dtype.newbyteorder("=").name not in _KINDS:
        raise TypeError(f"samples must be numbers of {', '.join(_KINDS)}, got {array.dtype}")
    if array.ndim == 1:
        array = array.reshape(1, -1)
    if array.ndim != 2 or not len(array):
        raise InvalidInputError(
            f"samples must have shape (n_samples,) or (n_channels, n_samples), got {shown(np.shape(samples))}"
        )
    return array, rate


class SamplesDecoder(Decoder):
    """Hands on samples: integers scaled as those of files, floating-point numbers as they are.

    Parameters
    ----------
    samples : ndarray, shape (n_channels, n_samples)
    sample_rate : int
    """

    decoder = "spectrograms"
    any_layout = True

    def __init__(self, samples: NDArray[Any], sample_rate: int) -> None:
        self._samples, self._position = samples, 0
        self._scale, self._zero, subtype = _KINDS[samples.dtype.newbyteorder("=").name]
        self._describe(sample_rate, len(samples), "ARRAY", subtype, samples.shape[1])

    def read(self, out: NDArray[np.float32]) -> int:
        part = self._samples[:, self._position : self._position + len(out)].T
        self._position += len(part)
        if self._scale == 1.0:
            with np.errstate(over="ignore"):
                out[: len(part)] = part
        else:
            out[: len(part)] = (part - self._zero) / self._scale
        return len(part)

    def skip(self, count: int) -> int:
        before = self._position
        self._position = min(before + count, self._samples.shape[1])
        return self._position - before

    def close(self) -> None:
        """Nothing is open."""
