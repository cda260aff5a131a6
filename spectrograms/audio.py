"""Read audio files: decoding by libsndfile (soundfile), resampling by soxr, both optional packages."""

from __future__ import annotations

import math
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from spectrograms.errors import InvalidInputError
from spectrograms.extras import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Frames decoded at a time when channels have to be mixed or taken apart: large, because soundfile seeks after
# every read, yet small beside a long recording.
_BLOCK_FRAMES = 1 << 18

# Samples given at a time where a file is read as a stream.
_STREAM_FRAMES = 1 << 16

# Where libsndfile notes that a WAV, AIFF or AU file is shorter than its header says. Sizes from 2**31 - 1 on
# are what programs write into a pipe, not knowing better; a few bytes less are sloppy headers.
_CUT_SHORT = re.compile(r"^\s*(?:data|SSND|Data Size)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)
_SLOPPY_BYTES = 1024

# Streams that do not state their length (a FLAC written to a pipe) report the largest integer instead.
_MAX_FRAMES = 1 << 48


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What the header of an audio file says.

    Attributes
    ----------
    path : str
        The file.
    duration : float
        Length in seconds.
    sample_rate : int
        Samples per second and channel, in Hz.
    n_channels : int
        Number of channels.
    n_samples : int
        Samples per channel.
    format : str
        Container, as libsndfile names it: ``"WAV"``, ``"FLAC"``, ``"OGG"``, ``"MP3"``, ...
    subtype : str
        Encoding of the samples: ``"PCM_16"``, ``"FLOAT"``, ``"VORBIS"``, ...
    """

    path: str
    duration: float
    sample_rate: int
    n_channels: int
    n_samples: int
    format: str
    subtype: str


def read_audio(
    path: str | PathLike[str],
    sample_rate: int | None = None,
    mono: bool = True,
    *,
    start: float = 0.0,
    duration: float | None = None,
) -> tuple[NDArray[np.float32], int]:
    """Read an audio file as float32 samples from -1 to 1.

    Parameters
    ----------
    path : str or os.PathLike
        File in any format libsndfile decodes: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, ...
    sample_rate : int, optional
        Rate in Hz to resample to (soxr, quality VHQ). By default the file's own rate is kept.
    mono : bool, default True
        True: the mean of all channels. False: all channels.
    start : float, default 0.0
        Where to begin, in seconds.
    duration : float, optional
        How much to read at most, in seconds; by default all that follows.

    Returns
    -------
    samples : ndarray of float32, shape (n_samples,), or (n_channels, n_samples) with ``mono=False``
        C-contiguous. Integer formats are scaled so that full scale is 1.0; floating-point files are
        returned as they are, and may exceed it.
    sample_rate : int
        Rate of `samples` in Hz.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        If `path` cannot be opened.
    InvalidInputError
        If the file cannot be decoded, ends early or holds no samples (the message names the file and
        the reason libsndfile gives), if `start` lies outside of it, or if `sample_rate` is not a
        positive whole number.
    ImportError
        If soundfile, or soxr when resampling, is not installed.

    See Also
    --------
    audio_info : the header alone.
    audio_blocks : the same samples block by block.

    Notes
    -----
    Memory is the result plus one block: a file of several channels is mixed while it is decoded.
    When both are asked for, mixing comes before resampling.
    """
    if sample_rate is not None:
        sample_rate = _whole_rate(sample_rate)
    with _open(path) as file:
        file_rate = file.samplerate
        samples = _decode(file, path, mono, _seek(file, path, start, duration))
    if sample_rate is not None and sample_rate != file_rate:
        samples = _resample(samples, file_rate, sample_rate)
        return samples, sample_rate
    return samples, file_rate


def audio_blocks(
    path: str | PathLike[str],
    sample_rate: int | None = None,
    mono: bool = True,
    *,
    start: float = 0.0,
    duration: float | None = None,
) -> Iterator[NDArray[np.float32]]:
    """Read an audio file of any length in constant memory.

    Parameters
    ----------
    path, sample_rate, mono, start, duration
        As of :func:`read_audio`.

    Yields
    ------
    ndarray of float32, shape (n,), or (n_channels, n) with ``mono=False``
        Consecutive blocks: joined, bit for bit what :func:`read_audio` returns. A block may be empty.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, InvalidInputError, ImportError
        As :func:`read_audio`; what is wrong deep inside the file is raised when it is reached.

    Examples
    --------
    >>> import spectrograms as sg  # doctest: +SKIP
    >>> stream = plan.stream()  # doctest: +SKIP
    >>> for block in sg.audio_blocks("a_day.flac"):  # doctest: +SKIP
    ...     frames = stream.push(block)  # (n_bins, m), m may be 0
    """
    if sample_rate is not None:
        sample_rate = _whole_rate(sample_rate)
    with _open(path) as file:
        count = _seek(file, path, start, duration)
        blocks = _mixed_blocks(file, path, mono, count, _STREAM_FRAMES)
        if sample_rate is None or sample_rate == file.samplerate:
            yield from blocks
        else:
            yield from _resampled_blocks(blocks, file.samplerate, sample_rate)


def audio_info(path: str | PathLike[str]) -> AudioInfo:
    """Read the header of an audio file.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    AudioInfo
        Duration, rate, channels, format and subtype. No sample is decoded.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        If `path` cannot be opened.
    InvalidInputError
        If libsndfile does not recognise the file.
    ImportError
        If soundfile is not installed.

    See Also
    --------
    read_audio : the samples.
    """
    with _open(path) as file:
        return AudioInfo(
            path=os.fspath(path),
            duration=file.frames / file.samplerate,
            sample_rate=file.samplerate,
            n_channels=file.channels,
            n_samples=file.frames,
            format=file.format,
            subtype=file.subtype,
        )


def _whole_rate(sample_rate):
    try:
        rate = float(sample_rate)
    except (TypeError, ValueError):
        rate = math.nan
    if not (math.isfinite(rate) and rate > 0 and rate == int(rate)):
        raise InvalidInputError(f"sample_rate must be a positive whole number of Hz, got {sample_rate!r}")
    return int(rate)


def _open(path):
    """Open `path` for decoding; every failure names the file."""
    soundfile = require("soundfile", "reading audio files")
    path = os.fspath(path)
    # As bytes, because soundfile refuses names that are no valid text. Windows has no such names.
    name = path if os.name == "nt" else os.fsencode(path)
    try:
        file = soundfile.SoundFile(name)
    except (soundfile.LibsndfileError, TypeError) as error:
        # libsndfile says "System error" where a file cannot be opened; open() says why, with the file's name.
        with open(path, "rb") as content:
            empty = not content.read(1)
        # soundfile wants the layout of headerless files, recognised by their suffix.
        reason = getattr(error, "error_string", "raw samples without a header")
        raise _undecodable(path, "it is empty" if empty else reason) from error
    if file.frames > _MAX_FRAMES:
        file.close()
        raise _undecodable(path, "its header does not state its length")
    if cut := _CUT_SHORT.search(file.extra_info):
        stated, there = map(int, cut.groups())
        if stated - there > _SLOPPY_BYTES and stated < 2**31 - 1:
            file.close()
            raise _undecodable(path, f"it ends after {there} of {stated} bytes of samples")
    return file


def _undecodable(path, reason):
    return InvalidInputError(f"cannot read audio file {os.fspath(path)!r}: {reason}")


def _seek(file, path, start, duration):
    """Go to the first sample asked for; return how many to read."""
    if not (math.isfinite(start) and start >= 0.0):
        raise InvalidInputError(f"start must be >= 0 seconds, got {start!r}")
    if duration is not None and not (math.isfinite(duration) and duration > 0.0):
        raise InvalidInputError(f"duration must be > 0 seconds, got {duration!r}")
    if file.frames == 0:
        raise _undecodable(path, "it holds no samples")
    first = round(start * file.samplerate)
    if first >= file.frames:
        raise _undecodable(path, f"start={start} s lies beyond its end at {file.frames / file.samplerate} s")
    if first > 0:
        file.seek(first)
    left = file.frames - first
    return left if duration is None else min(left, max(1, round(duration * file.samplerate)))


def _decode(file, path, mono, count):
    """The next `count` samples of an open file: (count,) if `mono`, else (n_channels, count)."""
    samples = np.empty((1 if mono else file.channels, count), dtype=np.float32)
    if file.channels == 1:
        with _naming(path):
            n_read = len(file.read(out=samples[0]))
        _check_whole(path, n_read, count)
    else:
        n_read = 0
        for block in _mixed_blocks(file, path, mono, count, _BLOCK_FRAMES):
            samples[:, n_read : n_read + block.shape[-1]] = block
            n_read += block.shape[-1]
    return samples[0] if mono else samples


def _mixed_blocks(file, path, mono, count, size):
    """The next `count` samples of an open file, `size` at a time."""
    n_read = 0
    while n_read < count:
        with _naming(path):
            part = file.read(min(size, count - n_read), dtype="float32", always_2d=True)
        if len(part) == 0:
            break
        n_read += len(part)
        if not mono:
            yield part.T
        elif file.channels == 1:
            yield part[:, 0]
        else:
            # Summed in double: the mean of many channels is then rounded once.
            yield part.mean(axis=1, dtype=np.float64).astype(np.float32)
    _check_whole(path, n_read, count)


@contextmanager
def _naming(path):
    """Errors of libsndfile as ours, with the file's name."""
    from soundfile import LibsndfileError

    try:
        yield
    except LibsndfileError as error:
        raise _undecodable(path, error.error_string) from error


def _check_whole(path, n_read, count):
    if n_read != count:
        raise _undecodable(path, f"it ends after {n_read} of {count} samples")


def _resample(samples, from_rate, to_rate):
    soxr = require("soxr", "resampling audio")
    if samples.ndim == 1:
        return soxr.resample(samples, from_rate, to_rate, quality="VHQ")
    # One channel at a time: soxr wants (n_samples, n_channels), and channels are rows here.
    return np.stack([soxr.resample(row, from_rate, to_rate, quality="VHQ") for row in samples])


def _resampled_blocks(blocks, from_rate, to_rate):
    """Resample a stream of blocks; joined, the same samples as from the whole at once."""
    soxr = require("soxr", "resampling audio")
    streams, end = None, None
    for block in blocks:
        rows = np.atleast_2d(block)
        if streams is None:
            streams = [soxr.ResampleStream(from_rate, to_rate, 1, "float32", "VHQ") for _ in rows]
            end = block[..., :0]
        yield _resample_block(streams, rows, False).reshape(*block.shape[:-1], -1)
    if streams is not None:
        yield _resample_block(streams, np.atleast_2d(end), True).reshape(*end.shape[:-1], -1)


def _resample_block(streams, rows, last):
    parts = [
        stream.resample_chunk(np.ascontiguousarray(row), last)
        for stream, row in zip(streams, rows, strict=True)
    ]
    return np.stack(parts)
