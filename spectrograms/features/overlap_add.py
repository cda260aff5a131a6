"""Inverse transforms piece by piece: of whole matrices, of many at once, of frames as they arrive."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import contiguous
from spectrograms._engine.memory.views import writable
from spectrograms._engine.threads import pool
from spectrograms._engine.transforms.synthesis import LEAST_NORM, OverlapAdd
from spectrograms.errors import DimensionMismatchError, InvalidInputError, check_maker, warn
from spectrograms.features.matrix import as_spectra
from spectrograms.plans.batch import Batch, aligned_array, apart, flat, refused_out, sort_out
from spectrograms.plans.findings import listed
from spectrograms.plans.streaming import LiveStream

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Bytes of spectra between two returns to Python, where Ctrl-C is noticed: a few tenths of a millisecond of
# work. A matrix of another dtype is converted in pieces of this size, too.
_PIECE = 1 << 20
# Roughly a millisecond of work, as numbers transformed. Less is not worth waking a thread for.
_WORTH_SPLITTING = 500_000


# What the docstrings here have in common.
_documented = documented(
    start="""Examples
--------
>>> import numpy as np
>>> import spectrograms as sg
>>> stream = sg.IstftPlan(sg.StftParams(512, 128, "hann")).stream()""",
)


def say_uncovered(window: NDArray[np.float64], hop: int, trim: int) -> None:
    """Warn of uncovered samples between the first and the last that a window covers.

    Samples that `trim` takes from both ends do not count. As many frames are looked at as it takes for one
    sample in the middle to be under every frame that can reach it.
    """
    rows = -(-len(window) // hop)
    squares = np.zeros((rows, hop))
    squares.reshape(-1)[: len(window)] = window * window
    # The divisors of the first samples, of the last ones, and of those between, which repeat.
    head = np.cumsum(squares, axis=0).reshape(-1)
    tail = np.cumsum(squares[::-1], axis=0)[::-1].reshape(-1)[: len(window)]
    between = np.flatnonzero(head[-hop:] <= LEAST_NORM)
    if len(between):
        places = listed(sorted(((between - trim) % hop).tolist()))
        text = f"{len(between)} of every {hop} samples (the first at {places})"
    else:
        first = _gaps(head[trim : len(window)])
        last = _gaps(tail[: len(window) - trim][::-1])
        if not (first or last):
            return
        ends = [f"{listed(gaps)} from the {end}" for end, gaps in (("start", first), ("end", last)) if gaps]
        text = f"samples at {' and '.join(ends)}"
    warn(
        f"{text} are under no window and come out as zeros; a smaller hop_size, or a window without zeros, "
        "would help"
    )


def _gaps(divisors):
    """Uncovered places after the first covered one."""
    covered = divisors > LEAST_NORM
    covered[: np.argmax(covered)] = True
    return np.flatnonzero(~covered).tolist()


def _readable(part, dtype):
    """The part as the engine reads it, converted if need be."""
    size = dtype.itemsize
    # Along one of its two sides numbers stand side by side.
    apart = part.strides[0] if part.strides[1] == size else part.strides[1]
    as_it_is = (
        part.dtype == dtype
        and part.flags.aligned
        and size in part.strides
        and apart > 0
        and apart % size == 0
    )
    if as_it_is:
        return part
    with np.errstate(all="ignore"):  # float32 has a smaller range than what may be given
        return contiguous(part, dtype)


def steps(
    synthesis: Any, matrix: NDArray[Any], dtype: np.dtype[Any], out: NDArray[Any], skip: int
) -> Iterator[None]:
    """Write the samples from `skip` on of the inverse of a matrix into `out`, yielding now and then."""
    # Later frames start behind the last sample wanted.
    frames = min(matrix.shape[1], -(-(skip + len(out)) // synthesis.hop))
    work = OverlapAdd(synthesis)
    for part in _parts(matrix[:, :frames], dtype):
        first = work.taken * synthesis.hop
        _write(out, skip, first, first + part.shape[1] * synthesis.hop, partial(work.add, part))
        yield
    _write(out, skip, frames * synthesis.hop, skip + len(out), work.end)


def _parts(matrix, dtype):
    """Successive parts of a matrix, each as the engine reads it."""
    piece = max(1, _PIECE // (matrix.shape[0] * dtype.itemsize))
    for start in range(0, matrix.shape[1], piece):
        yield _readable(matrix[:, start : start + piece], dtype)


def _write(out, skip, low, high, make):
    """Call `make` for those of the samples low .. high that lie in `out`, which begins at sample `skip`."""
    low = max(low, skip)
    place = out[low - skip : max(low, high) - skip]
    if place.flags.c_contiguous:
        make(place, low)
    else:
        samples = np.empty(len(place), out.dtype)
        make(samples, low)
        place[:] = samples


def _run(jobs, num_threads):
    """Exhaust generators on several threads, each by one thread at a time."""
    waiting = deque(jobs)
    finished = object()

    def step():
        try:
            job = waiting.popleft()
        except IndexError:
            return False
        if next(job, finished) is not finished:
            # In front, so that no more jobs are under way than there are threads.
            waiting.appendleft(job)
        return True

    pool.share(step, min(num_threads, len(waiting)))


def compute_batch(
    plan: Any, stft_matrices: Any, out: NDArray[Any] | None, num_threads: int | None
) -> NDArray[Any] | Batch[Any]:
    """Invert many transforms; see ``IstftPlan.compute_batch``."""
    num_threads = pool.resolve(num_threads)
    stft_matrices = sort_out(stft_matrices)
    dtype = np.dtype(plan.dtype)
    if isinstance(stft_matrices, list):
        if out is not None:
            raise refused_out("the matrices", "3 or 4")
        matrices = [_named(plan, i, matrix) for i, matrix in enumerate(stft_matrices)]
        lengths = np.array([plan.output_length(matrix.shape[1]) for matrix in matrices], np.int64)
        result: Batch[NDArray[Any]] = Batch._empty(lengths, dtype)
        _invert_all(plan, matrices, list(result), num_threads)
        return result
    shape = stft_matrices.shape
    if len(shape) not in (3, 4):
        raise TypeError(
            "stft_matrices must be an array of 3 or 4 dimensions or a sequence of matrices, got an array of "
            f"shape {shape}"
        )
    if shape[-2] != plan.n_bins:
        raise DimensionMismatchError(plan.n_bins, shape[-2], "rows of stft_matrices")
    if shape[-1] == 0:
        raise InvalidInputError(f"stft_matrices must have at least one frame, got shape {shape}")
    shape = (*shape[:-2], plan.output_length(shape[-1]))
    if stft_matrices.dtype.kind not in "biufc":
        stft_matrices = stft_matrices.astype(complex)
    if out is None:
        out = aligned_array(shape, dtype)
    array = writable(out, shape, dtype)
    whole = flat(apart(stft_matrices, [array]), 2)
    _invert_all(plan, list(whole), list(flat(array, 1)), num_threads)
    return out


def _named(plan, i, matrix):
    try:
        return plan._checked(matrix)
    except DimensionMismatchError as error:
        raise DimensionMismatchError(error.expected, error.got, f"rows of stft_matrices[{i}]") from None
    except ValueError as error:
        raise InvalidInputError(f"stft_matrices[{i}]: {error}") from None
    except TypeError as error:
        raise TypeError(f"stft_matrices[{i}]: {error}") from error


def _invert_all(plan, matrices, outs, num_threads):
    work = sum(len(out) for out in outs) * plan.params.n_fft / plan.params.hop_size
    jobs = [plan._steps(matrix, out) for matrix, out in zip(matrices, outs, strict=True)]
    _run(jobs, num_threads if work > _WORTH_SPLITTING else 1)


@_documented
class IstftStream(LiveStream):
    """Samples from frames of spectra as they arrive; made by ``IstftPlan.stream()``.

    The samples of all pushes and of the flush, one after another, are bit for bit what the plan computes for
    the whole matrix. Calls from several threads wait for each other; make a stream for each signal.

    See Also
    --------
    IstftPlan.stream : Makes it.
    Stream : The other direction.

    %(start)s
    >>> stream.push(np.zeros((257, 5))).shape, stream.flush().shape
    ((384,), (128,))
    """

    # The class of the plans that make streams; stft_inverse sets it. Until then there is no such plan.
    _plan_class: ClassVar[type] = type("IstftPlan", (), {})

    def __init__(self, plan: Any) -> None:
        super().__init__()
        check_maker("IstftStream", "plan", plan, self._plan_class, "stream() of such a plan")
        self._plan = plan
        stft = plan.params
        self._dtype = np.dtype(plan.dtype)
        self._trim = plan._geometry.reach
        # A single centred frame of even length is returned whole, so no samples are given before the second.
        self._waits = 2 * self._trim == stft.n_fft
        self.reset()

    def reset(self) -> None:
        """Forget everything and start with a new signal.

        %(start)s
        >>> samples = stream.push(np.zeros((257, 5)))
        >>> stream.reset()
        >>> stream.frames_seen, stream.samples_emitted
        (0, 0)
        """
        with self._lock:
            self._work = OverlapAdd(self._plan._synthesis)
            self._first: NDArray[Any] | None = None  # the first frame, while it waits for the second
            self._held = np.empty(0, self._dtype)  # complete samples that may yet be trimmed from the end
            self._given = 0
            self._closed = ""

    @property
    def latency(self) -> int:
        """Samples that the newest frame covers but later frames may still change: n_fft - hop_size."""
        return self._plan.params.n_fft - self._plan.params.hop_size

    @property
    def frames_seen(self) -> int:
        """Number of frames pushed so far."""
        return self._work.taken + (self._first is not None)

    @property
    def samples_emitted(self) -> int:
        """Number of samples given so far."""
        return self._given

    def push(self, stft_matrix: ArrayLike) -> NDArray[np.floating[Any]]:
        """Take the next frames; return the samples they complete.

        Parameters
        ----------
        stft_matrix : array_like of complex, shape (n_bins, m)
            Any number of frames, none included.

        Returns
        -------
        ndarray, shape (n,)

        %(after_flush)s
        DimensionMismatchError
            If there is another number of rows than ``n_fft // 2 + 1``.
        TypeError
            If `stft_matrix` is not 2-D.

        %(start)s
        >>> stream.push(np.zeros((257, 5))).shape, stream.push(np.zeros((257, 1))).shape
        ((384,), (128,))
        """
        with self._lock:
            self._check_open("push")
            matrix = as_spectra(stft_matrix, self._plan.n_bins)
            if self._waits and self._work.taken == 0 and matrix.shape[1]:
                if self._first is not None:
                    matrix = np.concatenate((self._first, matrix), axis=1)
                if matrix.shape[1] == 1:
                    self._first = matrix.copy()
                    return np.empty(0, self._dtype)
            return self._give(matrix)

    def _give(self, matrix):
        hop = self._plan.params.hop_size
        first = max(self._work.taken * hop, self._trim)
        last = (self._work.taken + matrix.shape[1]) * hop
        fresh = np.empty(max(0, last - first), self._dtype)
        # If a push is interrupted, part of the matrix is in the sums already, and they belong to no signal.
        self._closed = "a push that was interrupted"
        for part in _parts(matrix, self._plan._complex_dtype()):
            self._work.add(part, fresh, first)
        if matrix.shape[1]:
            self._first = None
        samples = self._take(fresh)
        self._closed = ""
        return samples

    def _take(self, fresh):
        """The samples that may be given out now: those that would remain if no frame followed."""
        ready = np.concatenate((self._held, fresh)) if len(self._held) else fresh
        end = self._plan.output_length(self._work.taken) if self._work.taken else 0
        count = min(len(ready), end - self._given)
        self._held = ready[count:].copy()
        self._given += count
        return ready[:count]

    def flush(self) -> NDArray[np.floating[Any]]:
        """End the signal; return its remaining samples.

        Returns
        -------
        ndarray, shape (n,)

        Raises
        ------
        InvalidInputError
            After another flush.

        %(start)s
        >>> samples = stream.push(np.zeros((257, 5)))
        >>> len(samples) + len(stream.flush())
        512
        """
        with self._lock:
            self._check_open("flush")
            self._closed = "flush"
            if self._first is not None:
                out = self._plan.compute(self._first)
                self._given += len(out)
                return out
            if not self._work.taken:
                return np.empty(0, self._dtype)
            first = max(self._work.taken * self._plan.params.hop_size, self._trim)
            end = self._trim + self._plan.output_length(self._work.taken)
            fresh = np.empty(max(0, end - first), self._dtype)
            self._work.end(fresh, first)
            return self._take(fresh)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"IstftStream({self.frames_seen} frames in, {self._given} samples out, {state})"
