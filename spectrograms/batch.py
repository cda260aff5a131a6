"""Many signals in one call: arrays in, arrays out; sequences in, a :class:`Batch` out."""

from collections.abc import Iterable, Sequence
from importlib import import_module

import numpy as np

from spectrograms.engine import calls
from spectrograms.engine.memory import aligned_block
from spectrograms.engine.signals import as_array
from spectrograms.errors import DimensionMismatchError


def is_sequence(signals):
    """Whether signals come one by one; anything that is an array of its own is not."""
    return isinstance(signals, Iterable) and not (
        isinstance(signals, np.ndarray) or hasattr(signals, "__array__") or hasattr(signals, "__dlpack__")
    ) and not isinstance(signals, (str, bytes, bytearray, memoryview))  # fmt: skip


def _refuse_flat(signals):
    if any(isinstance(signal, (int, float, complex, np.number)) for signal in signals[:1]):
        raise TypeError(
            "signals must be a sequence of 1-D signals or an array of 2 or 3 dimensions, got a flat list of "
            "numbers; compute takes one signal"
        )


def compute_sequence(plan, signals, num_threads):
    """Compute signals of any lengths into one block; see ``Plan.compute_batch``."""
    signals = list(signals)
    _refuse_flat(signals)
    job = calls.attach_all(plan._engine, signals)
    ((block, offsets),) = calls.run_all(job, 1, num_threads)
    frames = calls.frame_counts(job)
    return Batch(plan._result, plan._info, plan._numpy_dtype(), plan.n_bins, block, offsets, frames)


def compute_array(plan, signals, out, num_threads):
    """Compute signals of equal length in one array; see ``Plan.compute_batch``."""
    array = as_array(signals)
    if array.ndim not in (2, 3):
        raise TypeError(
            f"signals must be an array of 2 or 3 dimensions or a sequence of signals, got shape {array.shape}"
        )
    if array.shape[-1] == 0:
        raise ValueError(f"signals must not be empty, got shape {array.shape}")
    engine = plan._engine
    shape = (*array.shape[:-1], engine.rows, engine.frame_count(array.shape[-1]))
    if out is None:
        out = aligned_array(shape, plan._numpy_dtype())
    else:
        check_out(out, shape, plan._numpy_dtype())
        if np.may_share_memory(array, out):
            array = array.copy()
    calls.compute_array(engine, flat(array, 1), [flat(out, 2)], num_threads)
    return out


def aligned_array(shape, dtype):
    """An uninitialised ndarray on a 64-byte boundary."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    if count == 0:
        return np.empty(shape, dtype)
    block = aligned_block(count * dtype.itemsize)
    return np.frombuffer(block, dtype, count).reshape(shape)


def check_out(out, shape, dtype):
    """Refuse an output array that does not fit exactly."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be an ndarray, got {type(out).__name__}")
    if out.dtype != dtype:
        raise TypeError(f"out must have dtype {dtype}, got {out.dtype}")
    if out.ndim != len(shape):
        raise TypeError(f"out must have shape {shape}, got {out.shape}")
    for axis, (expected, got) in enumerate(zip(shape, out.shape, strict=True)):
        if expected != got:
            raise DimensionMismatchError(expected, got, f"out must have shape {shape}, axis {axis} differs")
    if not out.flags.writeable:
        raise ValueError("out must be writable, got a read-only array")
    if not out.flags.aligned:
        raise ValueError("out must be aligned to its dtype, got a misaligned array")


def flat(array, keep):
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


class Batch(Sequence):
    """Results of many signals, side by side in one block of memory.

    A sequence of result objects, each a view of its part: ``batch[i]`` equals what the plan computes for
    signal i alone, bit for bit. Results keep the block alive.
    """

    __slots__ = ("_block", "_dtype", "_frames", "_info", "_offsets", "_result", "_rows")

    def __init__(self, result, info, dtype, rows, block, offsets, frames):
        self._result = result
        self._dtype = np.dtype(dtype)
        self._rows = rows
        self._info = info
        self._block = block
        self._offsets = offsets
        self._frames = frames

    def __len__(self):
        return len(self._frames)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        i = range(len(self))[i]
        shape = (self._rows, int(self._frames[i]))
        return self._result._from_block(self._block, int(self._offsets[i]), shape, self._dtype, self._info)

    @property
    def n_bins(self):
        """Rows of every result."""
        return self._rows

    @property
    def lengths(self):
        """Frames of each result, ndarray of int64, shape (B,)."""
        return self._frames.copy()

    @property
    def mask(self):
        """Which frames of :meth:`padded` are real, ndarray of bool, shape (B, T)."""
        return np.arange(self._frames.max(initial=0)) < self._frames[:, np.newaxis]

    def padded(self, value=0.0):
        """Copy all results into one array, the shorter ones followed by `value`.

        Returns
        -------
        ndarray, shape (B, n_bins, T)
            T is the largest number of frames.
        """
        longest = int(self._frames.max(initial=0))
        out = aligned_array((len(self), self.n_bins, longest), self._dtype)
        for i, result in enumerate(self):
            frames = self._frames[i]
            out[i, :, :frames] = result.data
            out[i, :, frames:] = value
        return out

    def to_torch(self, value=0.0, device="cpu", dtype=None, non_blocking=False):
        """Copy all results into one tensor; see :meth:`padded` and `spectrograms.integrations.torch`.

        Parameters
        ----------
        value : float, default 0.0
            What follows the shorter results.
        device, dtype, non_blocking
            As for the ``to_torch`` of a result.

        Returns
        -------
        torch.Tensor, shape (B, n_bins, T)
        """
        bridge = import_module("spectrograms.integrations.torch")
        return bridge.to_torch(self.padded(value), device=device, dtype=dtype, non_blocking=non_blocking)

    def __eq__(self, other):
        return self is other

    __hash__ = object.__hash__

    def __reduce__(self):
        data = np.frombuffer(self._block, np.uint8)
        state = (self._result, self._info, self._dtype, self._rows, data, self._offsets, self._frames)
        return _rebuild, state

    def __repr__(self):
        frames = f"{self._frames.min()}..{self._frames.max()}" if len(self) else "no"
        return f"Batch({len(self)} x {self._result.__name__}, n_bins={self.n_bins}, {frames} frames)"


def _rebuild(result, info, dtype, rows, data, offsets, frames):
    block = aligned_block(data.nbytes)
    np.frombuffer(block, np.uint8)[:] = data
    return Batch(result, info, dtype, rows, block, offsets, frames)
