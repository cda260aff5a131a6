"""Another rate, by soxr: of a whole signal, or block by block with the same samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.extras import require

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resample(samples: NDArray[np.float32], from_rate: int, to_rate: int) -> NDArray[np.float32]:
    """A signal, shape (n,) or (n_channels, n), at another rate."""
    soxr = require("soxr", "resampling audio")
    if samples.ndim == 1:
        return soxr.resample(samples, from_rate, to_rate, quality="VHQ")
    # One channel at a time: soxr wants (n_samples, n_channels), and channels are rows here.
    return np.stack([soxr.resample(row, from_rate, to_rate, quality="VHQ") for row in samples])


def resampled_blocks(
    blocks: Iterator[NDArray[np.float32]], from_rate: int, to_rate: int
) -> Iterator[NDArray[np.float32]]:
    """Resample a stream of blocks; joined, the same samples as from the whole at once."""
    soxr = require("soxr", "resampling audio")
    streams: list[Any] = []
    end = np.empty(0, dtype=np.float32)
    for block in blocks:
        rows = np.atleast_2d(block)
        if not streams:
            streams = [soxr.ResampleStream(from_rate, to_rate, 1, "float32", "VHQ") for _ in rows]
            end = block[..., :0]
        yield _resample_block(streams, rows, False).reshape(*block.shape[:-1], -1)
    if streams:
        yield _resample_block(streams, np.atleast_2d(end), True).reshape(*end.shape[:-1], -1)


def _resample_block(streams, rows, last):
    parts = [
        stream.resample_chunk(np.ascontiguousarray(row), last)
        for stream, row in zip(streams, rows, strict=True)
    ]
    return np.stack(parts)
