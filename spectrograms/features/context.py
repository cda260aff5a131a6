"""Features whose frames are made of several frames of another plan: whole, alone, in batches and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.memory.views import writable
from spectrograms._engine.run import calls
from spectrograms._engine.threads import pool
from spectrograms.errors import InvalidInputError
from spectrograms.params.checking import as_index
from spectrograms.plans.base import EMPTY, Plan
from spectrograms.plans.batch import Batch, aligned_array, apart, check_array, flat, refused_out, sort_out
from spectrograms.plans.streaming import LiveStream

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_Result = TypeVar("_Result")


class Context(NamedTuple):
    """How frames stand to those of the plan that they are made of.

    Attributes
    ----------
    width : int
        Frames that each is made of.
    before, after : int
        Frames that are put before the first and behind the last, fewer than `width`.
    late : int
        Frames of zeros with which a result begins.
    """

    width: int
    before: int = 0
    after: int = 0
    late: int = 0


@documented()
class ContextPlan(Plan[_Result]):
    """Base of plans whose frames are each made of several frames of another plan.

    A class says which plan that is (`_source`), how frames stand to its frames (`_context`), what lies beyond
    both ends (`_ends`) and what is made of frames without gaps (`_derive`): the same bytes for a frame,
    wherever it stands among them.
    """

    __slots__ = ("_around", "_plan")
    _plan: Plan[Any]
    _around: Context

    def _configure(self, info):
        self._info = info
        self._plan = self._source(info)
        self._engine = self._plan._engine
        self._around = self._context(info)

    def _source(self, info):
        raise NotImplementedError(f"{type(self).__name__} must say what its frames are made of")

    def _context(self, info):
        raise NotImplementedError(f"{type(self).__name__} must say of how many frames one is made")

    def _whole(self, frames):
        """All frames of a signal, with what only the whole signal tells."""
        return frames

    def _ends(self, frames, *, first, last):
        """What is put before the first and behind the last of frames, if these are among them: two arrays."""
        around = self._around
        return [
            np.zeros((len(frames), count if at_end else 0), frames.dtype)
            for count, at_end in ((around.before, first), (around.after, last))
        ]

    def _derive(self, frames, out):
        """Write what is made of each `width` frames in a row."""
        raise NotImplementedError(f"{type(self).__name__} must say what it computes")

    def _check_local(self, what):
        """Refuse what only the whole signal tells, where it is not known."""

    def _check_enough(self, n_frames, where=""):
        """Refuse a signal of so few frames that nothing is made of them."""
        if n_frames > 0 and self._count(n_frames) == 0:
            raise InvalidInputError(
                f"{where}a signal must have at least {self._around.width} frames, got {n_frames}"
            )

    @property
    def _result_info(self):
        return self._info

    @property
    def params(self) -> Any:
        """The parameters of the plan, as its results carry them."""
        return self._info.params

    @property
    def n_bins(self) -> int:
        """Rows of a result."""
        return self._info._rows()

    def frame_count(self, n_samples: int) -> int:
        """Number of frames of a signal of `n_samples` samples.

        %(plain_examples)s
        >>> params = sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050)
        >>> sg.OnsetPlan(params).frame_count(22050)
        44
        """
        return self._count(self._plan.frame_count(n_samples))

    def _count(self, n_frames):
        """Frames of a result that is made of so many."""
        around = self._around
        if n_frames == 0:
            return 0
        count = n_frames + around.before + around.after - around.width + 1
        # What is late pushes others out at the end.
        return n_frames if around.late else max(0, count)

    def _compute(self, samples, empty):
        frames = self._plan._compute(samples, empty)
        self._check_enough(frames.shape[1])
        out = np.empty((self.n_bins, self._count(frames.shape[1])), self._numpy_dtype())
        self._fill_from(frames.data, out)
        info = self._result_info.starting(frames.start) if frames.start else self._result_info
        return self._result_class._from_array(out, info)

    def compute_into(
        self, samples: ArrayLike, out: NDArray[Any], *, num_threads: int | None = None
    ) -> NDArray[Any]:
        """Compute the whole signal into an existing array, as that of :class:`SpectrogramPlan`.

        Parameters
        ----------
        %(samples)s
        out : ndarray, shape (n_bins, n_frames)
            Writable, of the plan's exact dtype, any strides.
        num_threads : int, optional
            Largest number of threads; by default :func:`get_num_threads`.

        Returns
        -------
        ndarray
            `out` itself.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> out = np.empty(plan.output_shape(22050))
        >>> plan.compute_into(np.ones(22050), out) is out
        True
        """
        signal = as_signal(samples, EMPTY)
        self._check_enough(self._plan.frame_count(len(signal)))
        array = writable(out, self.output_shape(len(signal)), self._numpy_dtype())
        self._fill(apart(signal, [array]), array, pool.resolve(num_threads))
        return out

    def compute_frame_into(self, samples: ArrayLike, frame_idx: int, out: NDArray[Any]) -> NDArray[Any]:
        """Compute one frame into an array: that of :meth:`compute`, from the frames that it is made of.

        Parameters
        ----------
        %(samples)s
        frame_idx : int
            Any index from 0. Beyond the last frame, samples after the end are zeros.
        out : ndarray, shape (n_bins,)
            Array to write to, of the dtype of the results.

        Returns
        -------
        ndarray
            `out`.

        Raises
        ------
        InvalidInputError
            If the plan has a `top_db`, which one frame does not know.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> noise = np.random.default_rng(0).standard_normal(22050)
        >>> np.array_equal(plan.compute_frame(noise, 20), plan.compute(noise)[:, 20])
        True
        """
        self._check_local("one frame")
        frame, around = as_index("frame_idx", frame_idx), self._around
        signal = as_signal(samples, EMPTY)
        array = writable(out, (self.n_bins,), self._numpy_dtype())
        if frame < around.late:
            array[:] = 0
            return out
        n_frames = self._plan.frame_count(len(signal))
        n_frames += max(0, frame + 1 - self._count(n_frames))
        # Counted from the first frame of the signal, before which others may have been put.
        first = frame - around.late - around.before
        there = range(max(0, first), min(first + around.width, n_frames))
        frames = np.stack([self._plan.compute_frame(signal, each) for each in there], axis=1)
        at_ends = {"first": first < 0, "last": first + around.width > n_frames}
        begins, ends = self._ends(frames, **at_ends)
        joined = np.hstack((begins, frames, ends))
        skipped = first + around.before if at_ends["first"] else 0
        self._derive(np.ascontiguousarray(joined[:, skipped:][:, : around.width]), array[:, np.newaxis])
        return out

    def _compute_all(self, signals, num_threads, out):
        threads = pool.resolve(num_threads)
        signals = sort_out(signals)
        if isinstance(signals, list):
            if out is not None:
                raise refused_out()
            counts = calls.frame_counts(calls.attach_all(self._engine, signals))
            for place, n_frames in enumerate(counts.tolist()):
                self._check_enough(n_frames, f"signals[{place}]: ")
            lengths = np.array([self._count(n_frames) for n_frames in counts.tolist()], np.int64)
            batch = Batch._empty(lengths, self._numpy_dtype(), self.n_bins)
            views = [as_signal(each, EMPTY) for each in signals]
            self._fill_all(views, list(batch), threads)
            return batch._holding(self._result_class, self._result_info)
        signals = check_array(signals)
        self._check_enough(self._plan.frame_count(signals.shape[-1]))
        shape = (*signals.shape[:-1], *self.output_shape(signals.shape[-1]))
        dtype = self._numpy_dtype()
        array = aligned_array(shape, dtype) if out is None else writable(out, shape, dtype)
        self._fill_all(flat(apart(signals, [array]), 1), flat(array, 2), threads)
        return array if out is None else out

    def _fill_all(self, signals, outs, threads):
        def work(place, threads):
            self._fill(signals[place], outs[place], threads)

        pool.each_item(work, range(len(signals)), threads)

    def _fill(self, signal, out, threads):
        plan = self._plan
        frames = np.empty(plan.output_shape(len(signal)), plan._numpy_dtype())
        plan.compute_into(signal, frames, num_threads=threads)
        self._fill_from(frames, out)

    def _fill_from(self, frames, out):
        """Write the result of all frames of a signal."""
        width, *_, late = self._around
        frames = self._whole(frames)
        begins, ends = self._ends(frames, first=True, last=True)
        if begins.size or ends.size:
            frames = np.hstack((begins, frames, ends))
        # Of more frames of zeros than there are nothing is left.
        count = max(0, out.shape[1] - late)
        out[:, : out.shape[1] - count] = 0
        if count:
            self._derive(np.ascontiguousarray(frames[:, : count + width - 1]), out[:, out.shape[1] - count :])

    def stream(self) -> ContextStream:  # type: ignore[override]
        """Start a stream: the same frames, from chunks as they arrive.

        Returns
        -------
        ContextStream

        Raises
        ------
        InvalidInputError
            If the plan has a `top_db`, which a stream does not know.

        %(examples)s
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> noise, stream = np.random.default_rng(0).standard_normal(22050), plan.stream()
        %(same_in_pieces)s
        """
        self._check_local("a stream")
        return ContextStream._of(self)


@documented()
class ContextStream(LiveStream):
    """Frames that are made of several of another plan, chunk by chunk; made by ``stream()`` of such a plan.

    Side by side they are, bit for bit, what the plan computes for the whole signal.

    See Also
    --------
    OnsetPlan, CensPlan, TempogramPlan, FourierTempogramPlan : Their ``stream()`` makes it.
    Stream : Of plans whose frames stand alone.

    %(examples)s
    >>> plan = sg.CensPlan(sg.StftParams(2048, 512, "hann"), 22050, sg.ChromaStftParams(), smoothing=11)
    >>> stream = plan.stream()
    >>> stream.push(np.zeros(22050)).shape, stream.flush().shape
    ((12, 37), (12, 7))
    """

    __slots__ = ("_emitted", "_kept", "_plan", "_ready", "_seen", "_stream")
    _plan: ContextPlan[Any]
    _stream: Any
    # Frames of the other plan that are still needed, and own ones that are not yet due.
    _kept: NDArray[Any]
    _ready: NDArray[Any]

    def __init__(self) -> None:
        raise TypeError(f"a {type(self).__name__} is made by stream() of a plan")

    @classmethod
    def _of(cls, plan):
        self = object.__new__(cls)
        LiveStream.__init__(self)
        self._plan, self._stream = plan, plan._plan.stream()
        self._begin()
        return self

    def _begin(self):
        plan = self._plan
        self._kept = np.empty((plan._plan.n_bins, 0), plan._plan._numpy_dtype())
        self._ready = np.zeros((plan.n_bins, plan._around.late), plan._numpy_dtype())
        self._seen = self._emitted = 0
        self._closed = ""

    def reset(self) -> None:
        """Forget everything and start with a new signal."""
        with self._lock:
            self._check_idle("reset")
            self._stream.reset()
            self._begin()

    @property
    def latency(self) -> int:
        """Samples from ``t * hop_size`` on that complete frame t."""
        width, before, _, late = self._plan._around
        return self._stream.latency + max(0, width - 1 - before - late) * self._plan._info.hop_size

    @property
    def frames_emitted(self) -> int:
        """Number of frames given so far."""
        return self._emitted

    @property
    def samples_seen(self) -> int:
        """Number of samples pushed so far."""
        return self._stream.samples_seen

    def push(self, chunk: ArrayLike) -> NDArray[Any]:
        """Take the next samples; return the frames they complete.

        %(chunk)s

        Returns
        -------
        ndarray, shape (n_bins, m)

        %(after_flush)s
        TypeError
            If `chunk` is not 1-D.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> plan.stream().push(np.ones(5000)).shape
        (1, 9)
        """
        with self._lock:
            self._check_open("push")
            return self._take(lambda: self._stream.push(chunk), ended=False)

    def flush(self) -> NDArray[Any]:
        """End the signal; return its remaining frames.

        Returns
        -------
        ndarray, shape (n_bins, m)

        Raises
        ------
        InvalidInputError
            After another flush.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> stream = plan.stream()
        >>> stream.push(np.ones(5000)).shape[1] + stream.flush().shape[1] == plan.frame_count(5000)
        True
        """
        with self._lock:
            self._check_open("flush")
            made = self._take(self._stream.flush, ended=True)
            self._closed = "flush"
            return made

    def _take(self, more, *, ended):
        """Frames that are due once `more` has given those of the other plan."""
        self._busy = True
        try:
            return self._due(more(), ended)
        finally:
            self._busy = False

    def _due(self, frames, ended):
        plan, width = self._plan, self._plan._around.width
        seen = self._seen + frames.shape[1]
        first, last = self._seen == 0 < seen, ended and seen > 0
        frames = np.hstack((self._kept, frames))
        begins, ends = plan._ends(frames, first=first, last=last)
        frames = np.hstack((begins, frames, ends))
        made = np.empty((plan.n_bins, max(0, frames.shape[1] - width + 1)), plan._numpy_dtype())
        if made.size:
            plan._derive(frames, made)
        ready = np.hstack((self._ready, made))
        count = min(ready.shape[1], (plan._count(seen) if ended else seen) - self._emitted)
        # Copies: what is lent would keep all of it.
        self._kept = frames[:, max(0, frames.shape[1] - width + 1) :].copy()
        self._ready = ready[:, count:].copy()
        self._seen, self._emitted = seen, self._emitted + count
        return ready[:, :count].copy()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"{type(self).__name__}({self.samples_seen} samples in, {self._emitted} frames out, {state})"
