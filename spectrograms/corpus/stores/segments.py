"""Long files: ranges of their segments, for several threads, and the unnamed file that frames go through."""

from __future__ import annotations

import mmap
import tempfile
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectrograms.corpus.stores.writing import writing
from spectrograms.places.urls import Url

if TYPE_CHECKING:
    from spectrograms.corpus.stores.extractor import Extractor

# Samples of a range, about: some tens of milliseconds of work, and many blocks of the decoder.
_RANGE_SAMPLES = 1 << 20
#: Files of fewer bytes than this have not two of them.
LONG_BYTES = _RANGE_SAMPLES


class Range(NamedTuple):
    """Frames of a file that are computed in one go, and where their samples are.

    Attributes
    ----------
    first : int
        The first frame.
    stop : int or None
        The one after the last; None for all that there are.
    begin : int
        Number of the first sample, counted from where the input begins.
    start, duration : float
        As for :func:`spectrograms.audio_blocks`.
    """

    first: int
    stop: int | None
    begin: int
    start: float
    duration: float | None


def ranges_of(extractor: Extractor, size: int, passage: tuple[int, int]) -> list[Range]:
    """Cut a passage into ranges of whole segments; none if it is short, or its frames depend on one another.

    Parameters
    ----------
    extractor : Extractor
    size : int
        Frames of a segment.
    passage : tuple of int
        Its first sample in the file, and the number of its samples.
    """
    first_sample, n_samples = passage
    rate = extractor.sample_rate
    frames = _RANGE_SAMPLES / (extractor.frame_step * rate)
    frames = max(1, round(frames / size)) * size
    ranges: list[Range] = []
    first = 0
    while (stretch := extractor.stretch(first, first + frames, n_samples)) is not None:
        begin, end = stretch
        ranges.append(
            Range(first, first + frames, begin, (first_sample + begin) / rate, (end - begin) / rate)
        )
        first += frames
    if ranges:
        last = extractor.stretch(first, first, n_samples)
        assert last is not None  # it ends where the range before does
        begin, end = last[0], n_samples
        ranges.append(Range(first, None, begin, (first_sample + begin) / rate, (end - begin) / rate))
    return ranges


class Spool:
    """Frames of one channel in an unnamed file, which disappears even after a crash."""

    def __init__(self, folder: str, extractor: Extractor) -> None:
        self._dtype, self._width = np.dtype(extractor.dtype), extractor.n_features
        with writing(folder):
            self._file = tempfile.TemporaryFile(dir=None if isinstance(folder, Url) else folder)  # noqa: SIM115
        self._folder, self._lock, self._size = folder, threading.Lock(), 0

    def put(self, first: int, frames: NDArray[Any]) -> None:
        """Write frames to the place of the first one, at any time, from any thread."""
        place = first * self._width * self._dtype.itemsize
        with self._lock, writing(self._folder):
            self._file.seek(place)
            self._file.write(frames.data)
            self._size = max(self._size, place + frames.nbytes)

    def frames(self) -> NDArray[Any]:
        """All frames, mapped from the file."""
        with writing(self._folder):
            self._file.flush()
        if self._size == 0:
            return np.empty((0, self._width), self._dtype)
        content = mmap.mmap(self._file.fileno(), self._size, access=mmap.ACCESS_READ)
        return np.frombuffer(content, self._dtype).reshape(-1, self._width)

    def close(self) -> None:
        """Close the file; the result of :meth:`frames` stays valid."""
        with writing(self._folder):
            self._file.close()


class Writer:
    """Puts the frames of one range into a spool, one after the other, and none beyond its end."""

    def __init__(self, spool: Spool, part: Range) -> None:
        self._spool, self._next, self._stop = spool, part.first, part.stop

    def put(self, frames: NDArray[Any]) -> None:
        """Put the next frames; those that belong to the next range are left to it."""
        if self._stop is not None:
            frames = frames[: self._stop - self._next]
        self._spool.put(self._next, frames)
        self._next += len(frames)

    def check(self) -> None:
        """Raise an error if frames are missing, instead of leaving a gap."""
        if self._stop is not None and self._next != self._stop:
            raise RuntimeError(f"a range ends with frame {self._next} instead of {self._stop}")
