"""Streams: the frames of a plan from chunks of a signal, as they arrive.

A stream owns only the samples that frames still to come reach back to. It calls the same engine on the
same frames as the whole signal would, so that not a bit differs.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.loop.signals import readable
from spectrograms._engine.run import calls
from spectrograms.errors import InvalidInputError, check_maker

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# A longer chunk is taken in pieces, so that it is never copied whole.
_PIECE = 1 << 16


# What the docstrings here have in common.
_documented = documented(
    start="""Examples
--------
>>> import numpy as np
>>> import spectrograms as sg
>>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
>>> stream = sg.SpectrogramPlan(params).stream()""",
)


class LiveStream:
    """Base of all streams: each is in the middle of a signal, and serves one caller at a time."""

    __slots__ = ("_busy", "_closed", "_lock")

    def __init__(self) -> None:
        # Held through every call that changes the stream. A signal handler may call the stream again from the
        # same thread, which the lock lets in; the flag tells it that the stream is busy.
        self._lock = threading.RLock()
        self._busy = False
        self._closed = ""  # the call that has closed the stream

    def _check_open(self, call):
        self._check_idle(call)
        if self._closed:
            raise InvalidInputError(
                f"{call} after {self._closed}: the stream is closed; reset() starts a new signal"
            )

    def _check_idle(self, call):
        if self._busy:
            raise InvalidInputError(
                f"{call} within another call of the same stream, which is in the middle of its samples"
            )

    def __reduce__(self) -> tuple[Any, ...]:
        name = type(self).__name__
        raise TypeError(
            f"a {name} is in the middle of a signal and cannot be pickled or copied; its plan can, and start "
            "another stream"
        )


@_documented
class SampleStream(LiveStream):
    """Base of streams over samples: keeps the tail of the signal and counts frames."""

    __slots__ = ("_dtype", "_emitted", "_engine", "_origin", "_tail", "_total")

    def __init__(self, engine: Engine, dtype: Any) -> None:
        super().__init__()
        check_maker(type(self).__name__, "engine", engine, Engine, "stream() of a plan")
        self._engine = engine
        self._dtype = np.dtype(dtype)
        self.reset()

    def reset(self) -> None:
        """Forget everything and start with a new signal.

        %(start)s
        >>> frames = stream.push(np.zeros(1000))
        >>> stream.reset()
        >>> stream.samples_seen, stream.frames_emitted
        (0, 0)
        """
        with self._lock:
            self._check_idle("reset")
            self._tail = np.empty(0, "float32" if self._engine.single else "float64")
            self._origin = 0  # index of the first sample in the tail
            self._total = 0
            self._emitted = 0
            self._closed = ""

    @property
    def latency(self) -> int:
        """Samples from ``t * hop_size`` on that complete frame t."""
        return self._engine.latency

    @property
    def frames_emitted(self) -> int:
        """Number of frames given so far."""
        return self._emitted

    @property
    def samples_seen(self) -> int:
        """Number of samples pushed so far."""
        return self._total

    #: Whether frames depend on nothing but the samples under them, so that a stream can begin at any frame.
    _separable = False

    def _stretch(self, first, stop):
        """Numbers of the samples, from one to before another, that complete frames `first` to `stop - 1`."""
        engine = self._engine
        # A few more than that: toolkits differ in where a signal must end for its last frame.
        more = engine.latency + engine.back + 2 * engine.hop
        return self._beginning(first), stop * engine.hop + more

    def _beginning(self, frame):
        # Pre-emphasis needs the sample before a frame.
        return max(0, frame * self._engine.hop - max(0, self._engine.back) - 1)

    def _go_to(self, frame):
        """Begin a signal at a frame, as if all samples before its stretch had come and gone."""
        self._origin = self._total = self._beginning(frame)
        self._emitted = frame

    def _available(self, total):
        """Frames that `total` samples complete, whatever follows."""
        engine = self._engine
        if total < engine.latency or (engine.mirrors and total <= engine.back):
            return 0
        return (total - engine.latency) // engine.hop + 1

    def _frames(self, count):
        """An uninitialised array of `count` frames for each output."""
        return [np.empty((rows, count), self._dtype) for rows in self._engine.row_counts()]

    def _push(self, chunk):
        with self._lock:
            self._check_open("push")
            given = chunk
            chunk = as_array(given, "chunk")
            if chunk.ndim == 2 and len(chunk) == 1:
                chunk = chunk[0]
            if chunk.ndim != 1:
                raise TypeError(
                    f"chunk must be 1-D, got an array of shape {chunk.shape}; push one channel or their mean"
                )
            # Anything other than an array of real numbers is converted here, all or nothing.
            chunk = readable(chunk, given, "chunk")
            self._check_idle("push")
            before = self._tail, self._origin, self._total, self._emitted
            self._busy = True
            try:
                return self._take(chunk)
            except BaseException:
                # After Ctrl-C or a MemoryError the stream is as if the chunk had never come.
                self._tail, self._origin, self._total, self._emitted = before
                raise
            finally:
                self._busy = False

    def _take(self, chunk):
        count = self._available(self._total + len(chunk)) - self._emitted
        outs = self._frames(count)
        if len(chunk) <= _PIECE:
            self._extend(chunk)
            self._compute(outs, count)
            return outs
        done = 0
        for start in range(0, len(chunk), _PIECE):
            self._extend(chunk[start : start + _PIECE])
            ready = self._available(self._total) - self._emitted
            self._compute([out[:, done : done + ready] for out in outs], ready)
            done += ready
        return outs

    def _flush(self):
        with self._lock:
            self._check_open("flush")
            self._busy = True
            try:
                return self._end()
            finally:
                self._busy = False

    def _end(self):
        count = self._engine.frame_count(self._total) - self._emitted if self._total else 0
        outs = self._frames(count)
        self._compute(outs, count)
        self._closed = "flush"
        self._tail = self._tail[:0].copy()
        return outs

    def _extend(self, piece):
        """Append samples in the precision of the arithmetic, after dropping what no frame needs."""
        engine = self._engine
        # A mirrored or repeated end needs the last samples, pre-emphasis the one before a frame.
        needed = min(self._emitted * engine.hop - engine.back - 1, self._total - engine.reach - 2)
        drop = max(0, min(needed - self._origin, len(self._tail)))
        if piece.dtype != self._tail.dtype:
            with np.errstate(all="ignore"):  # as the conversions of the engine
                piece = piece.astype(self._tail.dtype)
        self._tail = np.concatenate((self._tail[drop:], piece))
        self._origin += drop
        self._total += len(piece)

    def _compute(self, outs, count):
        if count > 0:
            calls.compute_part(self._engine, self._tail, self._origin, self._total, outs, self._emitted)
            self._emitted += count


@_documented
class Stream(SampleStream):
    """Frames of a plan, chunk by chunk; made by ``plan.stream()``.

    The frames of all pushes and of the flush, side by side, are bit for bit what the plan computes for the
    whole signal. A push that raises leaves the stream as it was. Calls from several threads wait for each
    other; make a stream for each signal, and send plans, not streams, to other processes.

    See Also
    --------
    SpectrogramPlan.stream : Makes it.
    FrontendStream, FeatureStream, IstftStream : The streams of others.
    audio_blocks : Chunks of a file.

    %(start)s
    >>> stream.push(np.zeros(1000)).shape, stream.flush().shape
    ((257, 5), (257, 2))
    """

    __slots__ = ()

    _separable = True

    def push(self, chunk: ArrayLike) -> NDArray[Any]:
        """Take the next samples; return the frames they complete.

        %(chunk)s

        Returns
        -------
        ndarray, shape (n_bins, m)
            The ``m >= 0`` frames completed by this chunk.

        %(after_flush)s
        TypeError
            If `chunk` is not 1-D.

        %(start)s
        >>> stream.push(np.zeros(100)).shape, stream.push(np.zeros(400)).shape
        ((257, 0), (257, 2))
        """
        return self._push(chunk)[0]

    def flush(self) -> NDArray[Any]:
        """End the signal; return its remaining frames.

        Returns
        -------
        ndarray, shape (n_bins, m)

        Raises
        ------
        InvalidInputError
            After another flush.

        %(start)s
        >>> frames = stream.push(np.zeros(1000))
        >>> frames.shape[1] + stream.flush().shape[1], stream.frames_emitted
        (7, 7)
        """
        return self._flush()[0]

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"Stream({self._total} samples in, {self._emitted} frames out, {state})"
