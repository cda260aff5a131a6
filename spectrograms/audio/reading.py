"""Reading sound files: whole, in parts, block by block, or their headers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.recorded import recorded
from spectrograms.audio.channels import mixed
from spectrograms.audio.decoding import open_decoder
from spectrograms.audio.memory import whole_rate
from spectrograms.audio.resampling import (
    DEFAULT_QUALITY,
    as_quality,
    refusal,
    resample,
    resampled_blocks,
)
from spectrograms.audio.sources import Source
from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.audio.sounds import Sound

# Samples per channel decoded at a time, and samples of all channels.
_BLOCK_FRAMES = 1 << 16
_BLOCK_SAMPLES = 1 << 18


# A stated length is believed, and memory allocated for it, up to this many samples a byte; beyond that memory
# grows with what is decoded.
_BELIEVED = 32

# More samples than any file has.
_FAR = 1 << 62


@dataclass(frozen=True, slots=True)
@documented()
class AudioInfo:
    """Length, rate, channels and format of an audio file.

    Attributes
    ----------
    path : str
        The file; ``"<bytes>"``, ``"<samples>"``, or the name or type of a file object.
    duration : float
        Length in seconds.
    sample_rate : int
        Samples per second and channel, in Hz.
    n_channels : int
        Number of channels.
    n_samples : int
        Samples per channel.
    format : str
        Container, as libsndfile names it: ``"WAV"``, ``"FLAC"``, ``"OGG"``, ``"MP3"``, ...; ``"ARRAY"`` of
        samples.
    subtype : str
        Encoding of the samples: ``"PCM_16"``, ``"FLOAT"``, ``"VORBIS"``, ...
    decoder : str
        Whose decoder reads it: ``"spectrograms"`` (plain WAV), ``"libsndfile"`` or ``"PyAV"``. Infos that
        differ only in this are equal.

    See Also
    --------
    audio_info : Makes it.

    %(plain_examples)s
    >>> info = sg.audio_info("recordings/second.wav")
    >>> info.n_channels, info.n_samples, info.sample_rate, info.format
    (2, 32000, 16000, 'WAV')
    """

    path: str
    duration: float
    sample_rate: int
    n_channels: int
    n_samples: int
    format: str
    subtype: str
    decoder: str = field(default="", compare=False)


def read_audio(
    path: Sound,
    sample_rate: int | None = None,
    mono: bool = True,
    *,
    start: float | dt.datetime = 0.0,
    duration: float | None = None,
    quality: str = DEFAULT_QUALITY,
) -> tuple[NDArray[np.float32], int]:
    """Read an audio file as float32 samples from -1 to 1.

    Parameters
    ----------
    path : str, os.PathLike, bytes, bytearray, memoryview, binary file object, tuple or Item
        File, or URL of an object in a store (``s3://bucket/talk.flac``), in any format libsndfile decodes:
        WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, ...; with PyAV also M4A, AAC, ALAC, MP4, WebM, Matroska, AMR,
        WMA, AC-3, ... (the first stream of sound). Bytes are the content of a file. A file object is read
        from its position on and put back there; one that cannot be sought (a pipe, a response of a server)
        is read to its end first. A tuple is what this function returns: samples, shape (n_samples,) or
        (n_channels, n_samples), and their rate; integers are scaled.
        An :class:`corpus.Item` is what it stands for, and `start` counts from where that begins.
    sample_rate : int, optional
        Rate in Hz to resample to, by soxr, which gives at least one sample. By default the file's own rate is
        kept.
    mono : bool, default True
        True: the mean of all channels. False: all channels.
    start : float or datetime, default 0.0
        Where to begin, in seconds, or the time of day at which the recording begins; then it is read from its
        first sample on. `times` of what is computed from the samples begin there.
    duration : float, optional
        How much to read at most, in seconds; by default all that follows.
    quality : {"VHQ", "HQ", "MQ", "LQ", "QQ"}
        Of the resampling, as soxr names it, in capital or small letters. VHQ is the most exact, to the
        rounding of float32. HQ stays below that of 16-bit samples, in two thirds to three quarters of the
        time; the documentation has a table.

    Returns
    -------
    samples : ndarray of float32, shape (n_samples,), or (n_channels, n_samples) with ``mono=False``
        C-contiguous. Integer formats are scaled so that full scale is 1.0; floating-point files are
        returned as they are, and may exceed it. With `start` it knows when it begins, in an attribute of that
        name; what is cut out of it does not, and ``starting_at`` of a result says it.
    sample_rate : int
        Rate of `samples` in Hz.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        If `path` cannot be opened. Errors of a file object are raised as they are.
    TypeError
        If `path` is none of these, or a file object that gives text.
    InvalidInputError
        If the file cannot be decoded, ends early or holds no samples (the message names the file and
        the reason libsndfile gives), if `start` lies outside of it, if `sample_rate` is not a positive whole
        number, or if it is too far from the file's rate: more than 64 times it (768 kHz are always within
        reach from 1000 Hz on) or less than a 4096th, or if there is no such `quality`.
    ImportError
        If soundfile, which plain WAV does without, soxr, when resampling, or pyarrow, for objects in stores,
        is not installed. Without PyAV, what only that decodes is an InvalidInputError, as one of many files
        may be.

    See Also
    --------
    audio_info : The header alone.
    audio_blocks : The same samples block by block.
    from_pcm : Samples that are in memory already.
    corpus.extract : Features of many files.

    Notes
    -----
    Memory is the result plus one block, and twice the result where the length is not known before: a file of
    several channels is mixed while it is decoded. When both are asked for, mixing comes before resampling.

    WAV files of integers of 8, 16, 24 or 32 bits or of floating-point numbers, RF64 too, are read and
    converted without libsndfile if their headers leave no doubt. It alone decides about all others, and the
    samples are the same. No file is mapped into memory, so one that is cut while it is read is an error here
    and not the end of the process.

    Of an object, blocks of 4 MB are fetched while the one before is decoded, and again where a network fails;
    only the first ones for its header.

    Plain formats and FLAC are read from `start` on; everything else is decoded from its beginning and what
    comes before `start` is dropped, because a decoder gives other samples after a seek. MP3, and FLAC that
    was written to a pipe, are read as far as they go. Of MP3, FLAC and Ogg joined end to end all parts are
    read, one after the other. What an encoder has added at both ends of an MP3 is left out if its header says
    how much it is. A last frame of MP3 that is cut off is left out too; a file that lacks more than that is
    refused, and so is one whose rate or channels change, from there on. A FLAC or Ogg file is searched for
    further parts when it is first read, half a millisecond for each megabyte, and not again until it changes.
    What libsndfile has no decoder for is decoded by FFmpeg, if PyAV is installed, from its beginning to its
    end, without what an encoder has added if the file says how much that is. Its length is known at the end:
    an MP4 file that lacks more than a tenth of a second of what it states is refused.

    The decoder within libsndfile (mpg123) and others agree to 2e-6, except for MP3 of 24 kHz, where they
    divide the spectrum at another bin and loud high tones may differ by a tenth of full scale.

    Examples
    --------
    One signal, the mean of both channels; or the channels themselves:

    >>> import spectrograms as sg
    >>> samples, sample_rate = sg.read_audio("recordings/first.wav")
    >>> samples.shape, samples.dtype, sample_rate
    ((16000,), dtype('float32'), 16000)
    >>> channels, _ = sg.read_audio("recordings/first.wav", mono=False)
    >>> channels.shape, float(channels.max())
    ((2, 16000), 0.5)

    A part of it, at another rate; its frames know where they are from:

    >>> part, _ = sg.read_audio("recordings/first.wav", 8000, start=0.25, duration=0.5)
    >>> params = sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), 8000)
    >>> part.shape, sg.compute_linear_power_spectrogram(part, params).times[:2]
    ((4000,), [0.25, 0.26])

    Samples that are here already, at another rate:

    >>> sg.read_audio((samples, sample_rate), 8000)[0].shape
    (8000,)
    """
    quality = as_quality("quality", quality)
    if sample_rate is not None:
        sample_rate = whole_rate(sample_rate)
    begins = start
    path, start, duration = _opened_up(path, _seconds(start), duration)
    with Source(path) as source, open_decoder(source) as decoder:
        file_rate = decoder.sample_rate
        rate = _reachable_rate(source, decoder, sample_rate)
        samples = _Passage(source, decoder, start, duration).whole(mono)
    if rate != file_rate:
        samples = resample(samples, file_rate, rate, quality)
    return recorded(samples, begins) if begins else samples, rate


def audio_blocks(
    path: Sound,
    sample_rate: int | None = None,
    mono: bool = True,
    *,
    start: float = 0.0,
    duration: float | None = None,
    quality: str = DEFAULT_QUALITY,
) -> Iterator[NDArray[np.float32]]:
    """Read an audio file of any length in constant memory.

    Parameters
    ----------
    path, sample_rate, mono, start, duration, quality
        As for :func:`read_audio`.

    Yields
    ------
    ndarray of float32, shape (n,), or (n_channels, n) with ``mono=False``
        Consecutive blocks: joined, bit for bit what :func:`read_audio` returns. A block may be empty.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, TypeError, InvalidInputError, ImportError
        As :func:`read_audio`; damage further inside the file is raised when it is reached.

    See Also
    --------
    read_audio : The whole file at once.
    SpectrogramPlan.stream : Takes the blocks.

    Examples
    --------
    The frames of a file of any length, in constant memory:

    >>> import spectrograms as sg
    >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000))
    >>> stream, count = plan.stream(), 0
    >>> for block in sg.audio_blocks("recordings/second.wav"):
    ...     count += stream.push(block).shape[1]
    >>> count + stream.flush().shape[1]
    201
    """
    quality = as_quality("quality", quality)
    if sample_rate is not None:
        sample_rate = whole_rate(sample_rate)
    path, start, duration = _opened_up(path, start, duration)
    with Source(path) as source, open_decoder(source) as decoder:
        rate = _reachable_rate(source, decoder, sample_rate)
        blocks = _Passage(source, decoder, start, duration).blocks(mono)
        if rate != decoder.sample_rate:
            blocks = resampled_blocks(blocks, decoder.sample_rate, rate, quality)
        yield from blocks


def plain_passage(
    path: str | bytes, sample_rate: int, start: float, duration: float | None
) -> tuple[int, int] | None:
    """First sample and number of samples of a passage, if every stretch of it can be read by itself.

    Parameters
    ----------
    path : str or bytes
    sample_rate : int
        Rate that is wanted.
    start, duration : float
        As for :func:`read_audio`, whose errors may be raised.

    Returns
    -------
    tuple of int, or None
        None of everything but plain WAV files of this rate: what soxr gives depends on all that came before.
    """
    with Source(path) as source, open_decoder(source) as decoder:
        if not decoder.is_plain or decoder.sample_rate != sample_rate:
            return None
        return _Passage(source, decoder, start, duration).place()


def audio_info(path: Sound) -> AudioInfo:
    """Read length, rate, channels and format of an audio file, but not its samples.

    Parameters
    ----------
    path : str, os.PathLike, bytes, bytearray, memoryview, binary file object, tuple or Item
        As for :func:`read_audio`.

    Returns
    -------
    AudioInfo
        Duration, rate, channels, format and subtype: `n_samples` is what :func:`read_audio` reads.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        If `path` cannot be opened.
    TypeError
        If `path` is none of these, or a file object that gives text.
    InvalidInputError
        If the file is not recognised, or ends early where it has to be read to know its length.
    ImportError
        If soundfile is not installed, and this is no plain WAV file.

    See Also
    --------
    read_audio : The samples.
    AudioInfo : What is returned.

    Notes
    -----
    Headers say all of it, and no sample is decoded, with one exception: files that do not state their length,
    such as FLAC written to a pipe, are decoded to their end. MP3, FLAC and Ogg are read through, for MP3 to
    count its frames (a tenth of a second for an hour), and for the others to find what was joined to them.

    Examples
    --------
    >>> from pathlib import Path
    >>> import spectrograms as sg
    >>> info = sg.audio_info("recordings/first.wav")
    >>> info.duration, info.subtype, info.path
    (1.0, 'PCM_16', 'recordings/first.wav')
    >>> sg.audio_info(Path("recordings/first.wav").read_bytes()).path
    '<bytes>'
    """
    path, start, duration = _opened_up(path, 0.0, None)
    with Source(path) as source, open_decoder(source) as decoder:
        if start or duration is not None:
            n_samples = _Passage(source, decoder, start, duration).n_samples()
        else:
            n_samples = decoder.count()
        return AudioInfo(
            path=source.name,
            duration=n_samples / decoder.sample_rate,
            sample_rate=decoder.sample_rate,
            n_channels=decoder.n_channels,
            n_samples=n_samples,
            format=decoder.format,
            subtype=decoder.subtype,
            decoder=decoder.decoder,
        )


def _seconds(start):
    """How far in a recording to begin: a time of day is that of its first sample."""
    return 0.0 if isinstance(start, dt.datetime) else start


def _opened_up(path, start, duration):
    """The sound of an item, and where to begin in it; of anything else, itself."""
    if not hasattr(path, "sound"):
        return path, start, duration
    if start < 0.0:
        return path.sound, start, duration
    if path.duration is not None:
        left = path.duration - start
        duration = left if duration is None else min(left, duration)
    return path.sound, path.start + start, duration


def _reachable_rate(source, decoder, sample_rate):
    """The rate of the result; an error if it is too far from that of the recording."""
    if sample_rate is None:
        return decoder.sample_rate
    if words := refusal(decoder.sample_rate, sample_rate):
        raise source.undecodable(words)
    return sample_rate


class _Passage:
    """The part of an open recording that was asked for, and how to read it.

    Parameters
    ----------
    source : Source
    decoder : Decoder
    start, duration : float
        As for :func:`read_audio`.
    """

    def __init__(self, source, decoder, start, duration):
        if not (math.isfinite(start) and start >= 0.0):
            raise InvalidInputError(f"start must be >= 0 seconds, got {start!r}")
        if duration is not None and not (math.isfinite(duration) and duration > 0.0):
            raise InvalidInputError(f"duration must be > 0 seconds, got {duration!r}")
        # NumPy scalars would be multiplied in their own type, which may be narrow.
        start, duration = float(start), None if duration is None else float(duration)
        self._source, self._decoder, self._start = source, decoder, start
        rate, length = decoder.sample_rate, decoder.length
        first = round(min(start * rate, _FAR))
        if length is not None and first >= length:
            raise self._beyond(length)
        skipped = decoder.skip(first) if first else 0
        if skipped < first:
            raise self._beyond(skipped) if length is None else self._ends_early(skipped, length)
        #: How many samples to read at most; None: up to the end, wherever it is.
        self.count = None if duration is None else max(1, round(min(duration * rate, _FAR)))
        if length is not None:
            self.count = min(length - first, self.count or length)
        self._first, self._n_read = first, 0

    def place(self):
        """Its first sample, and the number of samples at most."""
        return self._first, self.count

    def n_samples(self):
        """How many samples there are; none can be read afterwards."""
        if self.count is not None and self._decoder.length is not None:
            return self.count
        self._n_read = self._decoder.skip(_FAR if self.count is None else self.count)
        self._check(self._n_read)
        return self._n_read

    def whole(self, mono):
        """All of it: (n_samples,) if `mono`, else (n_channels, n_samples)."""
        samples = np.empty((1 if mono else self._decoder.n_channels, self._likely()), dtype=np.float32)
        if self._decoder.n_channels == 1:
            self._n_read = self._decoder.read(samples.reshape(-1, 1))
        elif not mono and self._decoder.any_layout:
            self._n_read = self._decoder.read(samples.T)
        n_read, more = self._n_read, []
        for block in self.blocks(mono):
            rows = np.atleast_2d(block)
            if more or n_read + rows.shape[1] > samples.shape[1]:
                more.append(rows)
            else:
                samples[:, n_read : n_read + rows.shape[1]] = rows
                n_read += rows.shape[1]
        if more:
            samples = np.concatenate([samples[:, :n_read], *more], axis=1)
        elif n_read < samples.shape[1] and len(samples) == 1:
            samples.resize((1, n_read), refcheck=False)  # gives memory back without a copy
        elif n_read < samples.shape[1]:
            samples = samples[:, :n_read].copy()
        return samples[0] if mono else samples

    def _likely(self):
        """How many samples to allocate memory for: all, as far as that is known and credible."""
        count, decoder = self.count, self._decoder
        if decoder.length is None:
            count = min(decoder.expected(), _FAR if count is None else count)
        return min(count, self._source.size * _BELIEVED // decoder.n_channels)

    def blocks(self, mono):
        """The part that has not been read yet, block by block."""
        count = _FAR if self.count is None else self.count
        size = max(1, min(_BLOCK_FRAMES, _BLOCK_SAMPLES // self._decoder.n_channels))
        while self._n_read < count:
            part = np.empty((min(size, count - self._n_read), self._decoder.n_channels), dtype=np.float32)
            n = self._decoder.read(part)
            if n == 0:
                break
            self._n_read += n
            yield mixed(part[:n], mono)
        self._check(self._n_read)

    def _check(self, n_read):
        """Raise an error if these cannot be all samples."""
        if self._decoder.length is not None:
            if n_read != self.count:
                raise self._ends_early(n_read, self.count)
        elif n_read == 0:
            raise self._beyond(self._first)

    def _ends_early(self, there, stated):
        return self._source.undecodable(f"it ends after {there} of {stated} samples")

    def _beyond(self, length):
        if length == 0:
            return self._source.undecodable("it holds no samples")
        return self._source.undecodable(
            f"start={self._start} s lies beyond its end at {length / self._decoder.sample_rate} s"
        )
