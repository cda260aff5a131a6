"""From an item to rows of a store: decode, compute, round. Runs on the threads of the pipeline."""

from __future__ import annotations

import mmap
import tempfile
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectrograms.audio import audio_blocks, read_audio
from spectrograms.corpus.inputs.items import Item, weight
from spectrograms.corpus.inputs.kinds import explained, refuse_odd
from spectrograms.corpus.inputs.sources import UNKNOWN, Source, Watch
from spectrograms.corpus.stores.stats import Stats
from spectrograms.corpus.stores.writing import StoreError, writing
from spectrograms.errors import INPUT_ERRORS, InvalidInputError

if TYPE_CHECKING:
    from spectrograms.corpus.stores.settings import Settings

# Durations may be rounded: this many seconds may be missing at the end of the file.
_ROUNDED = 0.05
# Offsets within a batch of a shard are 32-bit integers.
_MAX_VALUES = 2**31 - 1


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
        In the stored type.
    stats : Stats
    source : Source
        State of the file they were computed from.
    """

    id: str
    path: str
    start_frame: int
    n_samples: int
    features: NDArray[Any]
    stats: Stats
    source: Source = UNKNOWN


class _Decoded(NamedTuple):
    """A pair of an id's suffix and samples for each channel of an item, and the state of its file."""

    channels: list[tuple[str, NDArray[Any]]]
    source: Source


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

    def weight(self, item: Item) -> int:
        """About how many bytes an item takes while it is processed."""
        return max(weight(item), self._settings.extractor.second_bytes)

    def work(self, items: list[Item]) -> list[Outcome]:
        """The rows of each item, or the exception that explains why there are none."""
        if self._settings.segment is not None:
            # Decoded and computed block by block.
            return [self._outcome(self._segments, item) for item in items]
        return self._compute(items, list(map(self._decode, items)))

    def _compute(self, items, decoded):
        whole = [entry for entry in decoded if isinstance(entry, _Decoded)]
        signals = [samples for entry in whole for _, samples in entry.channels]
        results = iter(self._settings.extractor.compute_many(signals))
        outcomes = []
        for item, entry in zip(items, decoded, strict=True):
            if isinstance(entry, _Decoded):
                found = [(suffix, samples, next(results)) for suffix, samples in entry.channels]
                outcomes.append(self._outcome(self._rows, item, entry.source, found))
            else:
                outcomes.append(entry)
        return outcomes

    def _decode(self, item):
        try:
            watch = Watch(item.sound, refuse_odd(item))
            samples, _ = read_audio(
                watch.sound,
                self._settings.extractor.sample_rate,
                self._settings.channels == "mix",
                start=item.start,
                duration=item.duration,
            )
            self._refuse_short(item, samples.shape[-1])
            return _Decoded(self._channels(samples), watch.source())
        except INPUT_ERRORS as error:
            return explained(item, error)

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

    def _rows(self, item, source, found):
        """Rows of the channels of an item."""
        rows = []
        for suffix, samples, frames in found:
            if isinstance(frames, Exception):
                raise frames
            rows.append(self._row(item, source, suffix, 0, len(samples), frames))
        return rows

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
            yield self._row(item, source, f"{suffix}#{k}", first, n_samples, frames[first : first + size])

    def _row(self, item, source, suffix, start_frame, n_samples, frames):
        stored, rounding = self._rounded(frames)
        if stored.size > _MAX_VALUES:
            raise InvalidInputError(f"{len(stored)} frames are too many for one row: give segment=SECONDS")
        stats = Stats.of(stored, rounding)
        # If the mean is not finite, the squares are not either.
        if not np.isfinite(stats.m2).all():
            raise InvalidInputError(
                "features hold NaN or infinities: the samples are not finite, or too large"
            )
        return Row(item.id + suffix, item.path, start_frame, n_samples, stored, stats, source)

    def _rounded(self, frames):
        """Frames in the stored type, and the largest rounding error."""
        dtype = np.dtype(self._settings.dtype)
        if dtype.itemsize >= frames.dtype.itemsize or frames.size == 0:
            return frames.astype(dtype, copy=False), 0.0
        with np.errstate(over="ignore"):
            stored = frames.astype(dtype)
        rounding = float(np.max(np.abs(stored - frames)))
        if np.isinf(rounding):
            largest = float(np.max(np.abs(frames)))
            raise InvalidInputError(
                f"a value of {largest:g} does not fit {dtype}, whose largest is {np.finfo(dtype).max}: store "
                "float32, or take a logarithmic amplitude"
            )
        return stored, rounding


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
