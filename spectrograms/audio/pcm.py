"""Raw PCM, as sound cards, sockets and WAV files hold it, to samples in [-1, 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.intake import as_array
from spectrograms._engine.arrays.arrays import unpack
from spectrograms.errors import InvalidInputError
from spectrograms.params.checking import as_choice, as_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Bytes of a sample.
_WIDTHS = {"uint8": 1, "int16": 2, "int24": 3, "int32": 4}
# Samples converted at a time, so that a long recording is never held twice.
_PIECE = 1 << 16


def from_pcm(
    data: bytes | bytearray | memoryview | NDArray[np.integer[Any]],
    dtype: str = "int16",
    channels: int | None = None,
) -> NDArray[np.float32]:
    """Turn raw PCM into samples, scaled as `read_audio` scales those of a file.

    Parameters
    ----------
    data : bytes, bytearray, memoryview, another buffer, or array of integers
        Samples one after the other, the channels interleaved. Buffers of bytes are little-endian; an
        array has the byte order of its dtype. Packed 24-bit samples come as bytes or as an array of uint8,
        shape (3 * n,). An array of shape (n, channels), as recorders give it, needs `channels`.
    dtype : {"int16", "uint8", "int24", "int32"}
        Type of a sample. "uint8" has its zero at 128, as in WAV files.
    channels : int, optional
        Samples in a frame. None for one signal.

    Returns
    -------
    ndarray of float32, shape (n,), or (channels, n) if `channels` is given
        The integers divided by half the range of their type: in [-1, 1), except that float32 rounds the 64
        largest values of int32 to 1. A C-contiguous copy, also of one channel.

    Raises
    ------
    TypeError
        If `data` is neither bytes nor an array of integers, or has another dtype than `dtype`.
    InvalidInputError
        If the last sample or frame is incomplete, `dtype` is unknown, or `data` has other `channels`.

    See Also
    --------
    read_audio : Samples of a file.
    Frontend.compute : Takes samples of this range.

    Examples
    --------
    >>> import spectrograms as sg
    >>> sg.from_pcm(b"\\x00\\x40\\x00\\x80")
    array([ 0.5, -1. ], dtype=float32)
    >>> sg.from_pcm(b"\\x00\\x40\\x00\\x80", channels=2).shape
    (2, 1)
    """
    dtype = as_choice("dtype", dtype, list(_WIDTHS))
    count = 1 if channels is None else as_count("channels", channels)
    raw = _bytes_of(data)
    flat = _integers(data, dtype, channels) if raw is None else _cut(raw, dtype)
    if len(flat) % count:
        raise InvalidInputError(
            f"data must hold whole frames of {count} channels, got {len(flat)} samples: "
            f"{len(flat) % count} are left over"
        )
    out = np.empty((count, len(flat) // count), np.float32)
    _fill(out, flat.reshape(-1, count, *flat.shape[1:]), dtype)
    return out[0] if channels is None else out


def _bytes_of(data):
    """The bytes of a buffer of bytes, as an array of uint8; None of anything else."""
    if isinstance(data, (np.ndarray, np.generic, str)) or hasattr(data, "__dlpack__"):
        return None
    try:
        view = memoryview(data)
    except TypeError:
        return None
    if view.format.lstrip("@=<>!") not in ("B", "b", "c"):
        return None
    return np.asarray(view).reshape(-1).view(np.uint8)


def _cut(raw, dtype):
    """Bytes as samples: an array of integers, or of three bytes for each."""
    width = _WIDTHS[dtype]
    if len(raw) % width:
        raise InvalidInputError(
            f"data must hold whole samples of {width} bytes ({dtype}), got {len(raw)} bytes: "
            f"{len(raw) % width} left over"
        )
    if dtype == "int24":
        return raw.reshape(-1, 3)
    return np.ascontiguousarray(raw).view(np.dtype(dtype).newbyteorder("<"))


def _integers(data, dtype, channels):
    """The samples of an array, one after the other, as `_cut` gives those of bytes."""
    if isinstance(data, (str, list, tuple)):
        raise TypeError(f"data must be bytes or an array of integers, got {type(data).__name__}")
    array = as_array(data, "data")
    wanted = "uint8" if dtype == "int24" else dtype
    if array.dtype.newbyteorder("=") != np.dtype(wanted):
        packed = " (packed int24)" if dtype == "int24" else ""
        raise TypeError(f"data must be bytes or an array of {wanted}{packed}, got {array.dtype}")
    if array.ndim == 2 and channels is not None and dtype != "int24":
        if array.shape[1] != channels:
            raise InvalidInputError(f"data must have shape (n, channels={channels}), got {array.shape}")
    elif array.ndim != 1:
        raise TypeError(f"data must be 1-D, or (n, channels) with channels given, got shape {array.shape}")
    return _cut(array, dtype) if dtype == "int24" else array.reshape(-1)


def _fill(out, frames, dtype):
    """Convert frames, shape (n, channels) or (n, channels, 3 bytes), into `out`, shape (channels, n)."""
    step = max(1, _PIECE // len(out))
    for start in range(0, len(frames), step):
        part = frames[start : start + step]
        part = np.ascontiguousarray(part, part.dtype.newbyteorder("<"))
        unpack(part, dtype, out[:, start : start + step].T)
