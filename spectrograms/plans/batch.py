"""Many signals in one call: arrays in, arrays out; sequences in, a :class:`Batch` out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, SupportsIndex, TypeVar, overload

import numpy as np

from spectrograms._common.hooks import hook
from spectrograms._common.intake import as_array
from spectrograms._engine.loop.signals import readable
from spectrograms._engine.memory.blocks import aligned_block
from spectrograms._engine.results.storage import check_result
from spectrograms._engine.run import calls
from spectrograms._engine.threads import pool
from spectrograms.errors import DimensionMismatchError, InvalidInputError, check_maker, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms._engine.loop.engine import Engine

# What a batch holds: results of a class, or arrays.
_Item_co = TypeVar("_Item_co", covariant=True)


class HasArray(Protocol):
    """A tensor, a data set, and whatever else NumPy makes an array of, by type no sequence of signals."""

    def __array__(self) -> Any: ...


# How many candidates NumPy checks for a common byte. It takes any number; its annotations allow only two.
_OVERLAP_EFFORT: Any = 10_000
_WANTED = "signals must be a sequence of 1-D signals or an array of 2 or 3 dimensions"


def sort_out(signals: Any) -> NDArray[Any] | list[Any]:
    """Tell arrays from sequences.

    Returns
    -------
    ndarray or list
        An array of signals, or signals one by one: what is an array of its own (by ``__array__``, DLPack or
        the buffer protocol) is not taken apart, unless it is an array of objects.

    Raises
    ------
    TypeError
        For flat signals and what holds no signals at all.
    """
    if type(signals) not in (list, tuple) and (
        isinstance(signals, (np.ndarray, memoryview, str, bytes, bytearray))
        or any(hasattr(signals, name) for name in ("__array__", "__array_interface__", "__dlpack__"))
        or not isinstance(signals, Iterable)
    ):
        array = as_array(signals, "signals")
        if array.ndim != 1 or array.dtype != object:
            return array
        signals = array
    signals = list(signals)
    if signals and isinstance(signals[0], (int, float, complex, np.number)):
        raise TypeError(f"{_WANTED}, got a flat list of numbers; compute takes one signal")
    return signals


def check_array(array: NDArray[Any]) -> NDArray[Any]:
    """Refuse an array that is not a stack of signals; return it as one that the engine can read."""
    if array.ndim not in (2, 3):
        raise TypeError(f"{_WANTED}, got an array of shape {array.shape}")
    if array.shape[-1] == 0:
        raise ValueError(f"signals must not be empty, got an array of shape {array.shape}")
    return readable(array, array, "signals")


def compute_all(
    engine: Engine,
    plans: Sequence[Any],
    signals: Any,
    num_threads: int | None,
    targets: Callable[[list[tuple[int, ...]]], list[NDArray[Any]]] | None = None,
) -> list[Any]:
    """Compute many signals in one pass; give an array or a Batch for each plan.

    Parameters
    ----------
    engine : Engine
    plans : sequence of Plan
        One for each output of the engine, all of one dtype.
    signals : array_like or sequence
        What `sort_out` makes an array, or a list, of.
    num_threads : int, optional
    targets : callable, optional
        Gives private views of the arrays to write to, from their shapes; without it they are made.

    Returns
    -------
    list of ndarray or Batch
        Arrays for signals in one array, batches for a sequence.
    """
    threads = pool.resolve(num_threads)
    signals = sort_out(signals)
    if isinstance(signals, list):
        if targets is not None:
            raise refused_out()
        job = calls.attach_all(engine, signals)
        counts = calls.frame_counts(job)
        batches = []
        for plan, (block, offsets) in zip(plans, calls.run_all(job, threads, False), strict=True):
            batches.append(
                Batch._made(
                    block, offsets, counts, plan._numpy_dtype(), plan.n_bins, plan._result_class, plan._info
                )
            )
        return batches
    signals = check_array(signals)
    return compute_stack(engine, plans, signals, signals.shape, threads, targets)


def compute_stack(
    engine: Engine,
    plans: Sequence[Any],
    signals: NDArray[Any],
    shape: tuple[int, ...],
    threads: int,
    targets: Callable[[list[tuple[int, ...]]], list[NDArray[Any]]] | None = None,
) -> list[NDArray[Any]]:
    """Like `compute_all` for signals of equal length, an array of that shape or one of 1-D arrays."""
    dtype, count = plans[0]._numpy_dtype(), engine.frame_count(shape[-1])
    shapes = [(*shape[:-1], plan.n_bins, count) for plan in plans]
    if targets is None:
        arrays = [aligned_array(shape, dtype) for shape in shapes]
    else:
        arrays = targets(shapes)
        signals = apart(signals, arrays)
    signals = signals if signals.dtype == object else flat(signals, 1)
    calls.compute_array(engine, signals, [flat(array, 2) for array in arrays], threads)
    return arrays


def refused_out(things: str = "signals", dimensions: str = "2 or 3") -> TypeError:
    """The error for ``out=`` where results have no common shape."""
    return TypeError(f"out needs {things} in one array of {dimensions} dimensions, got a sequence")


def apart(array: NDArray[Any], outs: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """The array to read, copied if it shares memory with one of those to write to."""
    for out in outs:
        if overlap(array, out):
            return array.copy()
    return array


def overlap(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Whether two arrays share memory; also True where finding out would take too long."""
    return np.may_share_memory(a, b, max_work=_OVERLAP_EFFORT)


def aligned_array(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """An uninitialised ndarray on a 64-byte boundary."""
    dtype = np.dtype(dtype)
    count = math.prod(shape)
    if count == 0:
        return np.empty(shape, dtype)
    block: Any = aligned_block(count * dtype.itemsize)
    return np.frombuffer(block, dtype, count).reshape(shape)


def flat(array: NDArray[Any], keep: int) -> NDArray[Any]:
    """The array with its leading axes joined, without a copy: a view, or a list-like array of views."""
    if array.ndim == keep + 1:
        return array
    lead = array.shape[: array.ndim - keep]
    if array.size == 0:
        return array.reshape(-1, *array.shape[array.ndim - keep :])
    view = np.empty(int(np.prod(lead)), object)
    for i, place in enumerate(np.ndindex(*lead)):
        view[i] = array[place]
    return view


class Batch(Sequence[_Item_co]):
    """Results of many signals, side by side in one aligned block of memory.

    A sequence: ``batch[i]`` equals what the plan computes for signal i alone, bit for bit, and views its part
    of the block, which it keeps alive. Made by ``compute_batch`` of the plans.

    Parameters
    ----------
    block : bytes-like
        The results; copied.
    offsets : ndarray of int64, shape (B,)
        Where each begins, in bytes.
    lengths : ndarray of int64, shape (B,)
        Frames of each (samples, where results are signals).
    dtype : dtype
        One of float32, float64, complex64 and complex128.
    rows : int, optional
        Rows of each; without them results are signals.
    result : class, optional
        Class of the results; without it they are plain arrays.
    info : object, optional
        Description of what the numbers mean.
    time_major : bool
        Whether they are of shape (T, n_bins).

    Raises
    ------
    InvalidInputError
        If a result does not lie in the block, or cannot be of that class, info or dtype.
    DimensionMismatchError
        If there are not as many offsets as lengths, or an info asks for another number of rows.
    TypeError
        If an argument is of another kind.

    See Also
    --------
    SpectrogramPlan.compute_batch, Frontend.compute_batch : Make it.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> batch = sg.SpectrogramPlan(params).compute_batch([np.zeros(16000), np.zeros(8000)])
    >>> len(batch), batch[1].shape, batch.lengths.tolist()
    (2, (257, 51), [101, 51])
    >>> batch.padded().shape, batch.mask.sum(axis=1).tolist()
    ((2, 257, 101), [101, 51])
    """

    __slots__ = ("_block", "_dtype", "_info", "_lengths", "_offsets", "_result", "_rows", "_time_major")

    def __init__(
        self,
        block: Any,
        offsets: NDArray[np.int64],
        lengths: NDArray[np.int64],
        dtype: Any,
        rows: int | None = None,
        *,
        result: Any = None,
        info: Any = None,
        time_major: bool = False,
    ) -> None:
        if result is not None:
            check_maker("Batch", "result", result, type, "compute_batch() of a plan")
        data = _bytes(block)
        offsets, lengths = _places("offsets", offsets), _places("lengths", lengths)
        if len(offsets) != len(lengths):
            raise DimensionMismatchError(len(lengths), len(offsets), "offsets of a Batch")
        if not isinstance(time_major, bool):
            raise TypeError(f"time_major of a Batch must be a bool, got {shown(time_major)}")
        own: Any = aligned_block(data.nbytes)
        np.frombuffer(own, np.uint8)[:] = data
        self._set(own, offsets, lengths, _dtype(dtype), rows, result, info, time_major)
        self._check(data.nbytes)

    @classmethod
    def _made(cls, block, offsets, lengths, dtype, rows=None, result=None, info=None, time_major=False):
        """A batch of what the engine has just written: nothing is copied or checked."""
        batch = object.__new__(cls)
        batch._set(block, offsets, lengths, np.dtype(dtype), rows, result, info, time_major)
        return batch

    @classmethod
    def _empty(cls, lengths, dtype, rows=None, *, time_major=False):
        """A batch of arrays that are still to be written, each on a 64-byte boundary."""
        dtype = np.dtype(dtype)
        sizes = -(-lengths * (rows or 1) * dtype.itemsize // 64) * 64
        offsets = np.cumsum(sizes) - sizes
        block = aligned_block(int(sizes.sum()))
        return cls._made(block, offsets, lengths, dtype, rows, time_major=time_major)

    def _holding(self, result, info):
        """The same batch of arrays as results of a class."""
        return self._made(self._block, self._offsets, self._lengths, self._dtype, self._rows, result, info)

    def _set(self, block, offsets, lengths, dtype, rows, result, info, time_major):
        self._block = block
        self._offsets = offsets
        self._lengths = lengths
        self._dtype = dtype
        self._rows = rows
        self._result = result
        self._info = info
        self._time_major = time_major

    def _check(self, nbytes):
        """Refuse results that do not lie in a block of `nbytes`, or do not match their info."""
        if self._dtype.name not in ("float32", "float64", "complex64", "complex128"):
            raise InvalidInputError(f"dtype of a Batch must be one of floats, got {self._dtype}")
        rows = 1 if self._rows is None else self._rows
        if type(rows) is not int or rows < 1:
            raise InvalidInputError(f"rows of a Batch must be an int >= 1, got {shown(self._rows)}")
        row = rows * self._dtype.itemsize
        for offset, length in zip(self._offsets.tolist(), self._lengths.tolist(), strict=True):
            if offset < 0 or length < 0 or offset % self._dtype.itemsize or offset + length * row > nbytes:
                raise InvalidInputError(
                    f"a result of a Batch must lie in its block of {nbytes} bytes, "
                    f"got {length} frames from byte {offset}"
                )
        if self._result is not None:
            for length in {*self._lengths.tolist()} or {0}:
                check_result(self._result, self._shape(length), self._dtype, self._info)

    def __len__(self) -> int:
        return len(self._lengths)

    @overload
    def __getitem__(self, i: SupportsIndex) -> _Item_co: ...
    @overload
    def __getitem__(self, i: slice) -> list[_Item_co]: ...
    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        i = range(len(self))[i]
        offset, shape = int(self._offsets[i]), self._shape(int(self._lengths[i]))
        if self._result is not None:
            return self._result._from_block(self._block, offset, shape, self._dtype, self._info)
        return np.ndarray(shape, self._dtype, self._block, offset)

    def _equal_to(self, value):
        """Numbers of the results that have the shape and the numbers of an array."""
        shape = getattr(value, "shape", None)
        for i, length in enumerate(self._lengths.tolist()):
            if shape == self._shape(length) and np.array_equal(self[i], value):
                yield i

    def __contains__(self, value: object) -> bool:
        return next(self._equal_to(value), None) is not None

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """Find the first result that equals an array.

        Parameters
        ----------
        value : object
            An array or a result; nothing else equals one.
        start, stop : int, optional
            The slice of results that are looked at.

        Returns
        -------
        int
            Its number.

        Raises
        ------
        ValueError
            If there is none.
        """
        within = range(*slice(start, stop).indices(len(self)))
        for i in self._equal_to(value):
            if i in within:
                return i
        raise ValueError("there is no such result")

    def count(self, value: object) -> int:
        """Count the results that equal an array; `value` may be any object."""
        return sum(1 for _ in self._equal_to(value))

    def _shape(self, length):
        if self._rows is None:
            return (length,)
        return (length, self._rows) if self._time_major else (self._rows, length)

    @property
    def n_bins(self) -> int | None:
        """Rows of every result; None where results are signals."""
        return self._rows

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Frames of each result (samples, where results are signals), ndarray of int64, shape (B,)."""
        return self._lengths.copy()

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which frames of :meth:`padded` are real, ndarray of bool, shape (B, T)."""
        return np.arange(self._lengths.max(initial=0)) < self._lengths[:, np.newaxis]

    def padded(self, value: float = 0.0) -> NDArray[Any]:
        """Copy all results into one array, the shorter ones followed by `value`.

        Parameters
        ----------
        value : float
            Value of the padding.

        Returns
        -------
        ndarray, shape (B, n_bins, T)
            T is the largest number of frames. Shape (B, T, n_bins) where results are time-major, (B, T)
            where they are signals.

        Raises
        ------
        TypeError
            If `value` is not a number.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000))
        >>> padded = plan.compute_batch([np.ones(1600), np.ones(800)]).padded(value=-1.0)
        >>> padded.shape, float(padded[1, 0, -1])
        ((2, 257, 11), -1.0)
        """
        fill = np.asarray(value)
        if fill.ndim or fill.dtype.kind not in "biufc":
            raise TypeError(f"value must be a number, got {shown(value)}")
        if fill.dtype.kind == "c" and self._dtype.kind != "c":
            raise TypeError(f"value must be a real number, got {shown(value)}")
        with np.errstate(over="ignore"):  # beyond the largest float32 is infinite
            fill = fill.astype(self._dtype)
        out = aligned_array((len(self), *self._shape(int(self._lengths.max(initial=0)))), self._dtype)
        time_first = out if self._rows is None or self._time_major else out.swapaxes(1, 2)
        for i, length in enumerate(self._lengths):
            item = np.asarray(self[i])
            time_first[i, :length] = item if self._rows is None or self._time_major else item.T
            time_first[i, length:] = fill
        return out

    def to_torch(
        self, value: float = 0.0, device: Any = "cpu", dtype: Any = None, non_blocking: bool = False
    ) -> Any:
        """Copy all results into one tensor; see :meth:`padded` and `spectrograms.integrations.torch`.

        Parameters
        ----------
        value : float, default 0.0
            What follows the shorter results.
        device, dtype, non_blocking
            As for the ``to_torch`` of a result.

        Returns
        -------
        torch.Tensor, of the shape of :meth:`padded`
        """
        share = hook("to_torch")
        return share(self.padded(value), device=device, dtype=dtype, non_blocking=non_blocking)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        data = np.frombuffer(self._block, np.uint8)
        how = {"result": self._result, "info": self._info, "time_major": self._time_major}
        return _rebuild, (data, self._offsets, self._lengths, self._dtype, self._rows, how)

    def __repr__(self) -> str:
        kind = "ndarray" if self._result is None else self._result.__name__
        unit = "samples" if self._rows is None else "frames"
        lengths = f"{self._lengths.min()}..{self._lengths.max()}" if len(self) else "no"
        rows = "" if self._rows is None else f"n_bins={self._rows}, "
        return f"Batch({len(self)} x {kind}, {rows}{lengths} {unit})"


def _rebuild(data, offsets, lengths, dtype, rows, how):
    if not isinstance(how, dict) or set(how) != {"result", "info", "time_major"}:
        raise TypeError(f"a Batch must know result, info and time_major, got {shown(how)}")
    return Batch(data, offsets, lengths, dtype, rows, **how)


def _bytes(block):
    try:
        data = np.frombuffer(block, np.uint8) if memoryview(block).nbytes else np.empty(0, np.uint8)
    except (TypeError, ValueError, BufferError):  # no buffer, or one with gaps
        raise TypeError(f"block of a Batch must be bytes, got {shown(block)}") from None
    return data


def _places(name, places):
    if not isinstance(places, np.ndarray) or places.dtype != np.int64 or places.ndim != 1:
        raise TypeError(f"{name} of a Batch must be a 1-D array of int64, got {shown(places)}")
    return places.copy()


def _dtype(dtype):
    try:
        return np.dtype(dtype)
    except (TypeError, ValueError):
        raise TypeError(f"dtype of a Batch must be a dtype, got {shown(dtype)}") from None
