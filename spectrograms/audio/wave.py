"""WAV files of 16-bit samples with the plainest header, read without libsndfile.

Corpora of speech consist of thousands of them, a few seconds each, and libsndfile takes longer to open such
a file than it takes to convert its samples. Everything that differs from this one form is left to libsndfile.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# RIFF, size of the rest, WAVE; fmt, its size, format 1, channels, rate, bytes a second, bytes of a sample of
# all channels, bits; data, its size.
_HEADER = Struct("<4sI8sIHHIIHH4sI")
_MOST_CHANNELS = 1024
_MOST_RATE = 2**31 - 1


class Plain(NamedTuple):
    """The samples of a file, shape (n_samples, n_channels), as 16-bit integers, and their rate."""

    samples: NDArray[np.int16]
    sample_rate: int


def plain(content: bytes) -> Plain | None:
    """The samples of a file; None unless it consists of a consistent header of 44 bytes and its samples."""
    if not content.startswith(b"RIFF") or len(content) <= _HEADER.size:
        return None
    _, rest, kinds, fmt, code, channels, rate, per_second, width, bits, data, size = _HEADER.unpack_from(
        content
    )
    right = (
        (kinds, fmt, code, bits, data) == (b"WAVEfmt ", 16, 1, 16, b"data")
        and 0 < channels <= _MOST_CHANNELS
        and 0 < rate <= _MOST_RATE
        and width == 2 * channels
        and per_second == rate * width
        and rest == len(content) - 8
        and size == len(content) - _HEADER.size
        and size % width == 0
    )
    if not right:
        return None
    samples = np.frombuffer(content, "<i2", offset=_HEADER.size)
    return Plain(samples.reshape(-1, channels), rate)
