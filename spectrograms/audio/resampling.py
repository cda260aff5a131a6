"""Resampling by soxr: a whole signal, or block by block with the same samples."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Of soxr, from the quickest to the most exact.
QUALITIES = ("QQ", "LQ", "MQ", "HQ", "VHQ")
#: The most exact.
DEFAULT_QUALITY = "VHQ"
# Samples that soxr is given, and gives, at once at most: its buffers stay so small that the system is not
# asked for fresh pages with every signal, which takes as long as the resampling.
_IN, _OUT = 16384, 8192
# Resamplers that are done with a signal, by rates and quality: making one takes as long as a tenth of a
# second of sound. Only so many kinds are kept.
_idle: dict[tuple[int, int, str], list[Any]] = {}
# Python asks soxr at its end whether all of them are gone.
atexit.register(_idle.clear)
_MOST_IDLE = 16
# How many times a rate may be raised, and the rate that every credible one may be raised to. Below the lowest
# credible rate it is more likely that the header is wrong.
_MOST_TIMES, _CREDIBLE, _FARTHEST = 64, 1000, 768000
# How many times it may be lowered: the length of the filters grows with it.
_MOST_PARTS = 4096


def as_quality(name: str, value: Any) -> str:
    """Convert to one of `QUALITIES`, which may be given in small letters, too."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, got {type(value).__name__}")
    if value.upper() not in QUALITIES:
        raise InvalidInputError(f"{name} must be one of {', '.join(QUALITIES)}, got {shown(value)}")
    return value.upper()


def refusal(from_rate: int, to_rate: int) -> str:
    """Why a rate cannot be changed to another, in words; empty if it can. For a look before allocating."""
    highest = _MOST_TIMES * from_rate
    if from_rate >= _CREDIBLE:
        highest = max(highest, _FARTHEST)
    if to_rate > highest:
        wanted = shown(to_rate)
        return f"its {from_rate} samples a second can be resampled to {highest} Hz at most, not to {wanted}"
    if from_rate > _MOST_PARTS * to_rate:
        lowest = -(-from_rate // _MOST_PARTS)
        return f"its {from_rate} samples a second can be resampled to {lowest} Hz at least, not to {to_rate}"
    return ""


def resample(
    samples: NDArray[np.float32], from_rate: int, to_rate: int, quality: str = DEFAULT_QUALITY
) -> NDArray[np.float32]:
    """A signal, shape (n,) or (n_channels, n), at another rate: rounded to whole samples, at least one."""
    zeros = _zeros(samples.shape[-1], from_rate, to_rate)
    if zeros:
        samples = np.concatenate([samples, np.zeros((*samples.shape[:-1], zeros), np.float32)], axis=-1)
    if samples.ndim == 1:
        result = _whole(samples, from_rate, to_rate, quality)
    else:
        # One channel at a time: soxr wants (n_samples, n_channels), and channels are rows here.
        result = np.stack([_whole(row, from_rate, to_rate, quality) for row in samples])
    return result[..., :1] if zeros else result


def _whole(samples, from_rate, to_rate, quality):
    """One channel in pieces, by a resampler that is used again: as by a new one, in one piece."""
    soxr = require("soxr", "resampling audio")
    if len(_idle) > _MOST_IDLE:
        _idle.clear()
    idle = _idle.setdefault((from_rate, to_rate, quality), [])
    try:
        stream = idle.pop()
    except IndexError:
        stream = soxr.ResampleStream(from_rate, to_rate, 1, "float32", quality)
    samples, n = np.ascontiguousarray(samples), len(samples)
    out, done = np.empty(n * to_rate // from_rate + 2, np.float32), 0
    step = max(1, min(_IN, _OUT * from_rate // to_rate))
    for first in range(0, n, step):
        part = stream.resample_chunk(samples[first : first + step], first + step >= n)
        out[done : done + len(part)] = part
        done += len(part)
    stream.clear()
    idle.append(stream)
    out.resize(done, refcheck=False)  # gives memory back without a copy
    return out


def resampled_blocks(
    blocks: Iterator[NDArray[np.float32]], from_rate: int, to_rate: int, quality: str = DEFAULT_QUALITY
) -> Iterator[NDArray[np.float32]]:
    """Resample a stream of blocks; joined, the same samples as from the whole at once."""
    soxr = require("soxr", "resampling audio")
    streams: list[Any] = []
    shape: tuple[int, ...] = ()
    total = 0
    for block in blocks:
        rows = np.atleast_2d(block)
        if not streams:
            streams = [soxr.ResampleStream(from_rate, to_rate, 1, "float32", quality) for _ in rows]
            shape = block.shape[:-1]
        total += rows.shape[1]
        yield _resample_block(streams, rows, False).reshape(*shape, -1)
    if streams:
        zeros = _zeros(total, from_rate, to_rate)
        end = _resample_block(streams, np.zeros((len(streams), zeros), np.float32), True).reshape(*shape, -1)
        yield end[..., :1] if zeros else end


def _zeros(n_samples, from_rate, to_rate):
    """How many zeros follow a signal that is shorter than half a sample of the result."""
    if 0 < 2 * n_samples * to_rate < from_rate:
        return -(-from_rate // to_rate)
    return 0


def _resample_block(streams, rows, last):
    parts = [
        stream.resample_chunk(np.ascontiguousarray(row), last)
        for stream, row in zip(streams, rows, strict=True)
    ]
    return np.stack(parts)
