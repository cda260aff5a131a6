"""Read audio files: decoding by libsndfile (soundfile), resampling by soxr, both optional packages."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from spectrograms.errors import InvalidInputError
from spectrograms.extras import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Frames decoded at a time when channels have to be mixed or taken apart: large, because soundfile seeks after
# every read, yet small beside a long recording.
_BLOCK_FRAMES = 1 << 18

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
    path: str | PathLike[str], sample_rate: int | None = None, mono: bool = True
) -> tuple[NDArray[np.float32], int]:
    """Read an audio file as float32 samples in -1 .. 1.

    Parameters
    ----------
    path : str or os.PathLike
        File in any format libsndfile decodes: WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, ...
    sample_rate : int, optional
        Rate in Hz to resample to (soxr, quality VHQ). By default the file's own rate is kept.
    mono : bool, default True
        True: the mean of all channels. False: all channels.

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
        the reason libsndfile gives), or if `sample_rate` is not a positive whole number.
    ImportError
        If soundfile, or soxr when resampling, is not installed.

    See Also
    --------
    audio_info : the header alone.

    Notes
    -----
    Memory is the result plus one block: a file of several channels is mixed while it is decoded.
    When both are asked for, mixing comes before resampling.
    """
    if sample_rate is not None:
        sample_rate = _whole_rate(sample_rate)
    with _open(path) as file:
        file_rate = file.samplerate
        samples = _decode(file, path, mono)
    if sample_rate is not None and sample_rate != file_rate:
        samples = _resample(samples, file_rate, sample_rate)
        return samples, sample_rate
    return samples, file_rate


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
    rate = float(sample_rate)
    if not (math.isfinite(rate) and rate > 0 and rate == int(rate)):
        raise InvalidInputError(f"sample_rate must be a positive whole number of Hz, got {sample_rate!r}")
    return int(rate)


def _open(path):
    """Open `path` for decoding; every failure names the file."""
    soundfile = require("soundfile", "reading audio files")
    path = os.fspath(path)
    # libsndfile says "System error" for all of these; open() says which, with the file's name.
    with open(path, "rb"):
        pass
    # As bytes, because soundfile refuses names that are no valid text. Windows has no such names.
    name = path if os.name == "nt" else os.fsencode(path)
    try:
        file = soundfile.SoundFile(name)
    except soundfile.LibsndfileError as error:
        raise _undecodable(path, error.error_string) from error
    except TypeError as error:  # soundfile wants the layout of headerless files, recognised by their suffix
        raise _undecodable(path, "raw samples without a header") from error
    if file.frames > _MAX_FRAMES:
        file.close()
        raise _undecodable(path, "its header does not state its length")
    return file


def _undecodable(path, reason):
    return InvalidInputError(f"cannot read audio file {os.fspath(path)!r}: {reason}")


def _decode(file, path, mono):
    """All samples of an open file: (n_samples,) if `mono`, else (n_channels, n_samples)."""
    from soundfile import LibsndfileError

    if file.frames == 0:
        raise _undecodable(path, "it holds no samples")
    n_rows = 1 if mono else file.channels
    samples = np.empty((n_rows, file.frames), dtype=np.float32)
    n_read = 0
    try:
        if file.channels == 1:
            n_read = len(file.read(out=samples[0]))
        else:
            block = np.empty((min(_BLOCK_FRAMES, file.frames), file.channels), dtype=np.float32)
            while n_read < file.frames:
                part = file.read(min(len(block), file.frames - n_read), out=block)
                if len(part) == 0:
                    break
                columns = samples[:, n_read : n_read + len(part)]
                # Summed in double: the mean of many channels is then rounded once.
                columns[:] = part.mean(axis=1, dtype=np.float64) if mono else part.T
                n_read += len(part)
    except LibsndfileError as error:
        raise _undecodable(path, error.error_string) from error
    if n_read != file.frames:
        raise _undecodable(path, f"it ends after {n_read} of {file.frames} samples")
    return samples[0] if mono else samples


def _resample(samples, from_rate, to_rate):
    soxr = require("soxr", "resampling audio")
    if samples.ndim == 1:
        return soxr.resample(samples, from_rate, to_rate, quality="VHQ")
    # One channel at a time: soxr wants (n_samples, n_channels), and channels are rows here.
    return np.stack([soxr.resample(row, from_rate, to_rate, quality="VHQ") for row in samples])
