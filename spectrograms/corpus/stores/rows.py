"""From an item to rows of a store: decode, compute, round. Runs on the threads of the pipeline."""

from __future__ import annotations

import mmap
import tempfile
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectrograms._engine.arrays.arrays import within
from spectrograms.audio import audio_blocks, read_audio
from spectrograms.corpus.inputs.items import Item
from spectrograms.corpus.inputs.kinds import explained, refuse_odd
from spectrograms.corpus.inputs.sources import UNKNOWN, Source, Watch
from spectrograms.corpus.stores.stats import moments_of
from spectrograms.corpus.stores.writing import StoreError, writing
from spectrograms.errors import INPUT_ERRORS, InvalidInputError

if TYPE_CHECKING:
    from spectrograms.corpus.stores.settings import Settings

# Durations may be rounded: this many seconds may be missing at the end of the file.
_ROUNDED = 0.05
# Offsets within a batch of a shard are 32-bit integers.
_MAX_VALUES = 2**31 - 1
# Memory for the rows of successive items: a few batches of a shard at most.
_SPACE_VALUES, _FIRST_SECONDS = 1 << 22, 8
_LARGEST = float(np.finfo(np.float64).max)


class Row(NamedTuple):
    """One row of the store.

    Attributes
    ----------
    id, path : str
    start_frame : int
        Index of the first frame among those of the whole input.
    n_samples : int
        Samples that the row covers.
    features : ndarray, shape (n_frames, n_features)
        In the stored type, C-contiguous.
    moments : ndarray of float64, shape (4, n_features), or None
        Mean, sum of squared differences from it, smallest and largest value of each feature; None without
        frames.
    rounding : float
        Largest absolute difference between a computed value and the stored one.
    source : Source
        State of the file they were computed from.
    place : int
        Where the features begin in the memory that they share with other rows (their ``base``), counted in
        values; -1 if they share none.
    """

    id: str
    path: str
    start_frame: int
    n_samples: int
    features: NDArray[Any]
    moments: NDArray[np.float64] | None
    rounding: float
    source: Source = UNKNOWN
    place: int = -1


class Space:
    """Memory for the features of some rows, one after the other: a batch of a shard is made of it as it is.

    Parameters
    ----------
    n_values : int
        How many are expected. Rows for which there is no room are arrays of their own.
    width : int
        Values in a frame.
    dtype : numpy.dtype
    """

    def __init__(self, n_values: int, width: int, dtype: Any) -> None:
        self._block = np.empty(n_values, dtype)
        self._width, self._taken = width, 0

    def take(self, n_frames: int) -> tuple[NDArray[Any], int]:
        """An array of shape (n_frames, width), and its place: see :class:`Row`."""
        place = self._taken
        stop = place + n_frames * self._width
        if stop > len(self._block):
            return np.empty((n_frames, self._width), self._block.dtype), -1
        self._taken = stop
        return self._block[place:stop].reshape(n_frames, self._width), place


#: The rows of an input, or its error.
Outcome = list[Row] | Exception


class Stopped(Exception):
    """The run was told to stop in the middle of an item."""


class Worker:
    """The work on items.

    Parameters
    ----------
    settings : Settings
    folder : str
        Where frames of long files are kept until their end is reached.
    stop : threading.Event
        Set when the run shall end.
    """

    def __init__(self, settings: Settings, folder: str, stop: threading.Event) -> None:
        self._settings = settings
        self._folder = folder
        self._stop = stop
        self._dtype = np.dtype(settings.dtype)
        # Values of the longest row so far, at first of one of some seconds: a guess, which threads may
        # overwrite for each other.
        extractor = settings.extractor
        self._longest = _FIRST_SECONDS * extractor.second_bytes // np.dtype(extractor.dtype).itemsize
        self._guessed = True

    def weight(self, size: int) -> int:
        """About how many bytes an item of this weight takes while it is processed."""
        return max(size, self._settings.extractor.second_bytes)

    def work(self, items: list[Item]) -> list[Outcome]:
        """The rows of each item, or the exception that explains why there are none."""
        if self._settings.segment is not None:
            # Decoded and computed block by block.
            return [self._outcome(self._segments, item) for item in items]
        # As if all rows were as long as the longest so far: pages that nobody touches cost nothing.
        n_values = min(len(items) * self._longest, _SPACE_VALUES)
        space = Space(n_values, self._settings.extractor.n_features, self._dtype)
        # Each from its file to its statistics, while its samples and features are in the cache.
        return [self._outcome(self._whole, item, space) for item in items]

    def _whole(self, item, space):
        """The rows of an item, computed where they are stored from."""
        watch = Watch(item.sound, refuse_odd(item))
        settings = self._settings
        samples, _ = read_audio(
            watch.sound,
            settings.extractor.sample_rate,
            settings.channels == "mix",
            start=item.start,
            duration=item.duration,
            quality=settings.resampling_quality,
        )
        self._refuse_short(item, samples.shape[-1])
        channels, source, rows = self._channels(samples), watch.source(), []
        for suffix, signal in channels:
            features, place, rounding = self._features(signal, space)
            rows.append(self._row(item, source, suffix, 0, len(signal), features, rounding, place))
            self._longest = max(0 if self._guessed else self._longest, features.size)
            self._guessed = False
        return rows

    def _features(self, signal, space):
        """Features of one signal in the stored type, their place, and the largest rounding error."""
        extractor = self._settings.extractor
        if self._dtype == extractor.dtype:
            return *extractor.compute_into(signal, space.take), 0.0
        frames = extractor.compute(signal)
        out, place = space.take(len(frames))
        return out, place, self._round(frames, out)

    def _refuse_short(self, item, n_samples):
        """Refuse a duration that the file does not have, instead of storing a shorter row."""
        if item.duration is None:
            return
        rate = self._settings.extractor.sample_rate
        missing = item.duration - n_samples / rate
        if missing > _ROUNDED + 1 / rate:
            raise InvalidInputError(
                f"duration={item.duration:g} s from start={item.start:g} s ends {missing:.3g} s beyond the "
                f"end of {item.path!r}"
            )

    def _outcome(self, rows, item, *more):
        """The result of a function, or the error of the input."""
        try:
            return rows(item, *more)
        except StoreError:
            raise
        except INPUT_ERRORS as error:
            return explained(item, error)

    def _channels(self, samples):
        """Pairs of an id's suffix and the samples of one channel."""
        channels = self._settings.channels
        if channels == "mix":
            return [("", samples)]
        if channels == "each":
            return [(f".ch{i}", row) for i, row in enumerate(samples)]
        if channels >= len(samples):
            raise InvalidInputError(f"channel must be in 0..{len(samples) - 1}, got {channels}")
        return [("", samples[channels])]

    def _segments(self, item):
        """Rows of a file that may be larger than memory: its frames go through an unnamed file."""
        streams = {}
        watch = Watch(item.sound, refuse_odd(item))
        try:
            total = self._stream(item, watch.sound, streams)
            self._refuse_short(item, total)
            rows, source = [], watch.source()
            for suffix, (stream, spool) in streams.items():
                spool.append(stream.flush())
                rows += self._cut(item, source, suffix, total, spool.frames())
            return rows
        finally:
            for _, spool in streams.values():
                spool.close()

    def _stream(self, item, sound, streams):
        """Fill the spool of every channel, except for the last frames; return the number of samples."""
        settings, extractor = self._settings, self._settings.extractor
        total = 0
        blocks = audio_blocks(
            sound,
            extractor.sample_rate,
            settings.channels == "mix",
            start=item.start,
            duration=item.duration,
            quality=settings.resampling_quality,
        )
        for block in blocks:
            if self._stop.is_set():
                raise Stopped
            total += block.shape[-1]
            for suffix, samples in self._channels(block):
                if suffix not in streams:
                    streams[suffix] = extractor.stream(), _Spool(self._folder, extractor)
                stream, spool = streams[suffix]
                spool.append(stream.push(samples))
        return total

    def _cut(self, item, source, suffix, total, frames):
        size = self._settings.segment_frames
        extractor = self._settings.extractor
        hop = extractor.frame_step * extractor.sample_rate
        for k, first in enumerate(range(0, max(len(frames), 1), size)):
            n_samples = min(round((first + size) * hop), total) - min(round(first * hop), total)
            part, rounding = frames[first : first + size], 0.0
            if self._dtype != part.dtype:
                stored = np.empty(part.shape, self._dtype)
                part, rounding = stored, self._round(part, stored)
            yield self._row(item, source, f"{suffix}#{k}", first, n_samples, part, rounding)

    def _row(self, item, source, suffix, start_frame, n_samples, features, rounding, place=-1):
        if features.size > _MAX_VALUES:
            raise InvalidInputError(f"{len(features)} frames are too many for one row: give segment=SECONDS")
        found = moments_of(features)
        # If the mean is not finite, the squares are not either.
        if found is not None and not within(found[1], _LARGEST):
            raise InvalidInputError(
                "features hold NaN or infinities: the samples are not finite, or too large"
            )
        name = item.id + suffix if suffix else item.id
        return Row(name, item.path, start_frame, n_samples, features, found, rounding, source, place)

    def _round(self, frames, out):
        """Convert frames into an array of the stored type; return the largest rounding error."""
        with np.errstate(over="ignore"):
            np.copyto(out, frames, casting="same_kind")
        if out.itemsize >= frames.itemsize or frames.size == 0:
            return 0.0
        rounding = float(np.max(np.abs(out - frames)))
        if np.isinf(rounding):
            largest = float(np.max(np.abs(frames)))
            raise InvalidInputError(
                f"a value of {largest:g} does not fit {out.dtype}, whose largest is "
                f"{np.finfo(out.dtype).max}: store float32, or take a logarithmic amplitude"
            )
        return rounding


class _Spool:
    """Frames of one channel in an unnamed file, which disappears even after a crash."""

    def __init__(self, folder, extractor):
        self._dtype, self._width = np.dtype(extractor.dtype), extractor.n_features
        with writing(folder):
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._folder = folder

    def append(self, frames):
        with writing(self._folder):
            self._file.write(frames)

    def frames(self):
        """All frames, mapped from the file."""
        with writing(self._folder):
            self._file.flush()
        size = self._file.tell()
        if size == 0:
            return np.empty((0, self._width), self._dtype)
        content = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)
        return np.frombuffer(content, self._dtype).reshape(-1, self._width)

    def close(self):
        """Close the file; the result of :meth:`frames` stays valid."""
        with writing(self._folder):
            self._file.close()
