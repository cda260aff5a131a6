"""From an item to rows of a store: decode, compute, round. Runs on the threads of the pipeline."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectrograms.audio import audio_blocks, read_audio
from spectrograms.audio.reading import plain_passage
from spectrograms.corpus.inputs.contents import Failed
from spectrograms.corpus.inputs.far import Coming
from spectrograms.corpus.inputs.items import Item
from spectrograms.corpus.inputs.kinds import explained, refuse_odd
from spectrograms.corpus.inputs.sources import UNKNOWN, Source, Watch
from spectrograms.corpus.stores.rounding import Steps, Stored, stored, unchanged
from spectrograms.corpus.stores.segments import LONG_BYTES, Range, Spool, Writer, ranges_of
from spectrograms.corpus.stores.writing import StoreError
from spectrograms.errors import INPUT_ERRORS, InvalidInputError

if TYPE_CHECKING:
    from spectrograms.corpus.stores.settings import Settings

# Durations may be rounded: this many seconds may be missing at the end of the file.
_ROUNDED = 0.05
# Offsets within a batch of a shard are 32-bit integers.
_MAX_VALUES = 2**31 - 1
# Memory for the rows of successive items: a few batches of a shard at most.
_SPACE_VALUES, _FIRST_SECONDS = 1 << 22, 8


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
    columns : dict or None
        Further columns of its input.
    steps : Steps or None
        What makes values of the features, if they are levels.
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
    columns: dict[str, Any] | None = None
    steps: Steps | None = None


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


def _watch(item, size):
    """Watch an item's file. If it was there when its weight was found, it is opened at once."""
    was_there = item.data is None and item.duration is None and size > 0
    if isinstance(item.data, Failed):
        raise item.data.error
    if isinstance(item.data, Coming):
        return Watch(item.data.fetched(), None)
    watch = Watch.of_file(item.path) if was_there else None
    return Watch(item.sound, refuse_odd(item)) if watch is None else watch


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
    num_threads : int, default 1
        Threads among which ranges of a long file are dealt out.
    """

    def __init__(self, settings: Settings, folder: str, stop: threading.Event, num_threads: int = 1) -> None:
        self._settings = settings
        self._folder = folder
        self._stop = stop
        self._dtype = np.dtype(settings.dtype)
        # Values of the longest row so far, at first of one of some seconds: a guess, which threads may
        # overwrite for each other.
        extractor = settings.extractor
        self._longest = _FIRST_SECONDS * extractor.second_bytes // np.dtype(extractor.dtype).itemsize
        self._guessed = True
        # Items wait for their ranges on other threads than these.
        self._helpers, self._lock = None, threading.Lock()
        if settings.segment is not None and num_threads > 1:
            self._helpers = ThreadPoolExecutor(num_threads, "spectrograms-range")

    def close(self) -> None:
        """End the threads for ranges; no item is at work any more."""
        if self._helpers is not None:
            self._helpers.shutdown(wait=True)

    def weight(self, size: int) -> int:
        """About how many bytes an item of this weight takes while it is processed."""
        return max(size, self._settings.extractor.second_bytes)

    def work(self, items: list[Item], weights: list[int]) -> list[Outcome]:
        """The rows of each item, whose weight is known, or the exception that explains why there are none."""
        work = list(zip(items, weights, strict=True))
        if self._settings.segment is not None:
            # Decoded and computed block by block.
            return [self._outcome(self._segments, item, size) for item, size in work]
        # As if all rows were as long as the longest so far: pages that nobody touches cost nothing.
        n_values = min(len(items) * self._longest, _SPACE_VALUES)
        space = Space(n_values, self._settings.extractor.n_features, self._dtype)
        # Each from its file to its statistics, while its samples and features are in the cache.
        return [self._outcome(self._whole, item, size, space) for item, size in work]

    def _whole(self, item, size, space):
        """The rows of an item, computed where they are stored from."""
        settings = self._settings
        with _watch(item, size) as watch:
            samples, _ = read_audio(
                watch.sound,
                settings.extractor.sample_rate,
                settings.channels == "mix",
                start=item.start,
                duration=item.duration,
                quality=settings.resampling_quality,
            )
            source = watch.source()
        self._refuse_short(item, samples.shape[-1])
        channels, rows = self._channels(samples), []
        for suffix, signal in channels:
            found, place = self._features(signal, space)
            rows.append(self._row(item, source, suffix, 0, len(signal), found, place))
            self._longest = max(0 if self._guessed else self._longest, found.features.size)
            self._guessed = False
        return rows

    def _features(self, signal, space):
        """Features of one signal in the stored type, and their place."""
        extractor = self._settings.extractor
        if self._dtype == extractor.dtype:
            frames, place = extractor.compute_into(signal, space.take)
            return self._fitting(frames), place
        frames = extractor.compute(signal)
        out, place = space.take(len(frames))
        return self._fitting(frames, out), place

    def _fitting(self, frames, out=None):
        """Frames as they are stored, in an array of the stored type if it is another."""
        if frames.size > _MAX_VALUES:
            raise InvalidInputError(f"{len(frames)} frames are too many for one row: give segment=SECONDS")
        return unchanged(frames) if out is None else stored(frames, out)

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

    def _segments(self, item, size):
        """Rows of a file that may be larger than memory: its frames go through an unnamed file."""
        with _watch(item, size) as watch:
            if self._helpers is not None:
                try:
                    if ranges := self._ranges(item, size, watch.sound):
                        return self._joined(item, watch, ranges)
                except StoreError:
                    raise
                except INPUT_ERRORS:
                    pass  # which of several errors is reported does not depend on threads: see below
            return self._joined(item, watch, [Range(0, None, 0, item.start, item.duration)])

    def _ranges(self, item, size, sound):
        """Ranges of a long file, if its frames can be computed apart to the same bytes; else none."""
        settings, extractor = self._settings, self._settings.extractor
        if size < LONG_BYTES:
            return []
        passage = plain_passage(sound, extractor.sample_rate, item.start, item.duration)
        return [] if passage is None else ranges_of(extractor, settings.segment_frames, passage)

    def _joined(self, item, watch, ranges):
        """Rows of a file, from its ranges."""
        spools, size = {}, self._settings.segment_frames
        try:
            counts = self._each(lambda part: self._fill(item, watch.sound, part, spools), ranges)
            total = ranges[-1].begin + counts[-1]
            self._refuse_short(item, total)
            rows, source = [], watch.source()
            for suffix, spool in spools.items():
                frames = spool.frames()
                cut = partial(self._segment, item, source, suffix, total, frames)
                firsts = range(0, max(len(frames), 1), size)
                rows += self._each(cut, firsts) if len(ranges) > 1 else map(cut, firsts)
            return rows
        finally:
            for spool in spools.values():
                spool.close()

    def _each(self, function, tasks):
        """The results of a function for each task, by all threads there are; the first error in order."""
        if self._helpers is None or len(tasks) == 1:
            return list(map(function, tasks))
        futures = [self._helpers.submit(function, task) for task in tasks]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()
            wait(futures)

    def _fill(self, item, sound, part, spools):
        """Put the frames of a range into the spool of every channel; return the number of samples."""
        settings, extractor = self._settings, self._settings.extractor
        streams, total = {}, 0
        blocks = audio_blocks(
            sound,
            extractor.sample_rate,
            settings.channels == "mix",
            start=part.start,
            duration=part.duration,
            quality=settings.resampling_quality,
        )
        for block in blocks:
            if self._stop.is_set():
                raise Stopped
            total += block.shape[-1]
            for suffix, samples in self._channels(block):
                if suffix not in streams:
                    with self._lock:
                        if suffix not in spools:
                            spools[suffix] = Spool(self._folder, extractor)
                    streams[suffix] = extractor.stream(part.first), Writer(spools[suffix], part)
                stream, writer = streams[suffix]
                writer.put(stream.push(samples))
        for stream, writer in streams.values():
            if part.stop is None:
                writer.put(stream.flush())
            writer.check()
        return total

    def _segment(self, item, source, suffix, total, frames, first):
        """The row that begins with a frame."""
        size = self._settings.segment_frames
        extractor = self._settings.extractor
        hop = extractor.frame_step * extractor.sample_rate
        n_samples = min(round((first + size) * hop), total) - min(round(first * hop), total)
        part = frames[first : first + size]
        out = None if self._dtype == part.dtype else np.empty(part.shape, self._dtype)
        found = self._fitting(part, out)
        return self._row(item, source, f"{suffix}#{first // size}", first, n_samples, found)

    def _row(self, item, source, suffix, start_frame, n_samples, found: Stored, place=-1):
        name = item.id + suffix if suffix else item.id
        features, moments, rounding, steps = found
        row = Row(
            name, item.path, start_frame, n_samples, features, moments, rounding, source, place, None, steps
        )
        return row if item.columns is None else row._replace(columns=item.columns)
