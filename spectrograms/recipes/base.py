"""The object behind ``frontend(name)``: a recipe with an engine."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from operator import index as as_index
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms.batch import Batch, check_array, sort_out
from spectrograms.engine import calls
from spectrograms.engine.dither import gaussians
from spectrograms.engine.memory import aligned_block
from spectrograms.engine.signals import as_array
from spectrograms.errors import InvalidInputError
from spectrograms.fingerprint import fingerprint
from spectrograms.recipes.stream import FrontendStream

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.recipes.definition import Definition


_IDLE_BUFFERS = 4
_LARGEST_IDLE_BUFFER = 1 << 23


@dataclass
class _Task:
    """One signal on its way to its features."""

    signal: np.ndarray
    tail: int
    out: np.ndarray  # (rows, room) view of the result
    work: np.ndarray  # (rows, computed), what the engine fills
    valid: int
    buffer: np.ndarray | None  # borrowed for `work`


class Frontend:
    """Features exactly as another toolkit defines them; made by :func:`frontend`.

    Immutable, safe to use from any number of threads, and picklable.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> whisper = sg.frontend("whisper_openai", n_mels=80)
    >>> whisper.compute(np.zeros(16000, "float32")).shape
    (80, 100)
    """

    __slots__ = (
        "__weakref__", "_definition", "_engine", "_idle", "_params", "_precision", "_rate", "_recipe",
    )  # fmt: skip

    def __init__(
        self, definition: Definition, sample_rate: float | None, params: dict[str, Any], precision: str
    ) -> None:
        if precision not in ("float64", "float32"):
            raise InvalidInputError(f"precision must be 'float64' or 'float32', got {precision!r}")
        self._definition = definition
        self._rate = definition.read_rate(sample_rate)
        self._params = definition.read(params)
        self._precision = precision
        self._recipe = definition.recipe(self._rate, self._params)
        self._engine = self._recipe.engine(precision == "float32")
        # Buffers between uses; a call takes one for itself, so that threads never share one.
        self._idle: list[np.ndarray] = []

    # --- what it is -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name it was made by."""
        return self._definition.name

    @property
    def sample_rate(self) -> float:
        """The sample rate that signals must have, in Hz."""
        return self._rate

    @property
    def params(self) -> dict[str, Any]:
        """All parameters, defaults included: a new dict."""
        return copy.deepcopy(self._params)

    @property
    def precision(self) -> str:
        """Arithmetic: ``"float64"`` or ``"float32"``."""
        return self._precision

    @property
    def layout(self) -> str:
        """Axes of a result: ``"(frames, rows)"`` or ``"(rows, frames)"``."""
        return "(frames, rows)" if self._time_major else "(rows, frames)"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of a result."""
        return np.dtype(self._recipe.dtype)

    @property
    def n_bins(self) -> int:
        """Rows of a result: bins, bands or coefficients."""
        return self._recipe.rows_out * self._recipe.stack

    @property
    def config(self) -> dict[str, Any]:
        """Everything that makes up this frontend, in plain types: a new dict."""
        return {
            "frontend": self.name,
            "sample_rate": self._rate,
            "precision": self._precision,
            "params": {
                name: list(value) if isinstance(value, list) else value
                for name, value in self._params.items()
            },
        }

    @property
    def fingerprint(self) -> str:
        """32 characters that change with the configuration and with our numbers, and with nothing else."""
        return fingerprint(self.config)

    @property
    def conventions(self) -> dict[str, str]:
        """The definition in words: a dict from convention to choice."""
        return self._recipe.conventions()

    def to_json(self) -> str:
        """The configuration as a JSON text, for :meth:`from_json`."""
        return json.dumps(self.config)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a frontend from the text of :meth:`to_json`."""
        return cls.from_config(json.loads(text))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild a frontend from the dict in :attr:`config`."""
        from spectrograms.recipes import definition_of

        if not isinstance(config, dict) or "frontend" not in config:
            raise InvalidInputError("config must be a dict with the key 'frontend'")
        unknown = set(config) - {"frontend", "sample_rate", "precision", "params"}
        if unknown:
            raise InvalidInputError(f"config must not have the key {sorted(unknown)[0]!r}")
        return cls(
            definition_of(config["frontend"]),
            config.get("sample_rate"),
            config.get("params", {}),
            config.get("precision", "float64"),
        )

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.config == other.config

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_config, (self.config,)

    def __repr__(self) -> str:
        changed = [
            f"{name}={self._params[name]!r}"
            for name, kind in self._definition.parameters.items()
            if self._params[name] != kind.default
        ]
        if self._precision != "float64":
            changed.append(f"precision={self._precision!r}")
        if not self._definition.fixed:
            changed.insert(0, f"sample_rate={self._rate!r}")
        return f"frontend({', '.join([repr(self.name), *changed])})"

    # --- how much there will be ---------------------------------------------------------------------------

    @property
    def _time_major(self):
        return self._recipe.layout == "time"

    def frame_count(self, n_samples: int) -> int:
        """Number of frames in the result for a signal of `n_samples` samples.

        Raises
        ------
        InvalidInputError
            If the definition gives nothing for so short a signal.
        """
        n = as_index(n_samples)
        if n < 0:
            raise InvalidInputError(f"n_samples must be >= 0, got {n}")
        chosen = self._for(n)
        return chosen._room(n)[2] // chosen._recipe.stack

    def output_shape(self, n_samples: int) -> tuple[int, int]:
        """Shape of the result for a signal of `n_samples` samples."""
        frames = self.frame_count(n_samples)
        bins = self._for(as_index(n_samples)).n_bins
        return (frames, bins) if self._time_major else (bins, frames)

    def times(self, n_samples: int) -> NDArray[np.float64]:
        """The middle of each frame's window for `n_samples` samples, in seconds, ndarray of float64.

        Frames that were joined count by the middle of their span.
        """
        r = self._for(as_index(n_samples))._recipe
        middle = len(r.window) // 2 - r.left - r.lead + (r.stack - 1) * r.hop / 2.0
        return (np.arange(self.frame_count(n_samples)) * (r.hop * r.stack) + middle) / self._rate

    def _is_short(self, n):
        """Whether another configuration stands in for this one, because a signal is so short."""
        shorter = self._definition.shorter
        return shorter is not None and n > 0 and shorter(self._params, n) is not None

    def _for(self, n):
        """This frontend, or the one that stands in for it where a signal is very short."""
        if not self._is_short(n):
            return self
        params = self._definition.shorter(self._params, n)
        return Frontend(self._definition, self._rate, params, self._precision)

    def _room(self, n):
        """Samples with their tail, frames that hold values, frames of the array before any are joined."""
        recipe = self._recipe
        recipe.check(n)
        kept = n if recipe.max_samples is None else min(n, recipe.max_samples)
        for step in recipe.prepare:
            kept = step.length(kept)
        total = kept + recipe.tail(kept)
        frames = recipe.count(total)
        return total, recipe.valid(total, frames), recipe.room(frames)

    # --- computing ----------------------------------------------------------------------------------------

    def compute(self, samples: ArrayLike) -> NDArray[Any]:
        """Compute the features of one signal.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            One signal of real numbers, at `sample_rate`.

        Returns
        -------
        ndarray
            In the toolkit's layout and dtype, whatever the dtype of `samples`.

        Raises
        ------
        InvalidInputError
            If the signal is too short for the definition to give anything.
        TypeError
            If `samples` is not 1-D or not numbers.
        """
        signal = _signal(samples)
        chosen = self._for(len(signal))
        out = np.empty(chosen.output_shape(len(signal)), chosen.dtype)
        task = chosen._task(signal, out)
        calls.compute_padded(chosen._engine, [task.signal], [task.tail], [chosen._outs(task.work)])
        chosen._finish(task)
        return out

    def compute_batch(
        self, signals: ArrayLike | Sequence[ArrayLike], *, num_threads: int | None = None
    ) -> Any:
        """Compute the features of many signals, on several threads.

        Each result is, bit for bit, what :meth:`compute` gives for its signal alone.

        Parameters
        ----------
        signals : array_like, shape (..., n_samples), or sequence of array_like
        num_threads : int, optional
            At most so many threads; by default :func:`get_num_threads`.

        Returns
        -------
        ndarray
            For signals in one array: the leading axes of `signals`, then those of one result.
        Batch
            For a sequence: one ndarray for each signal, in one block of memory.
        """
        signals = sort_out(signals)
        if isinstance(signals, list):
            return self._batch(signals, num_threads)
        array = signals
        check_array(array)
        rows = array.reshape(-1, array.shape[-1])
        shape = self.output_shape(array.shape[-1])
        out = np.empty((len(rows), *shape), self.dtype)
        self._fill(list(rows), list(out), num_threads)
        return out.reshape(*array.shape[:-1], *shape)

    def _batch(self, signals, num_threads):
        arrays, shapes = [], []
        for i, signal in enumerate(signals):
            try:
                arrays.append(_signal(signal))
                shapes.append(self.output_shape(len(arrays[-1])))
            except (TypeError, ValueError) as error:
                kind = TypeError if isinstance(error, TypeError) else InvalidInputError
                raise kind(f"signals[{i}]: {error}") from None
        rows = {shape[1 if self._time_major else 0] for shape in shapes}
        if len(rows) > 1:
            raise InvalidInputError(
                f"signals must give equal numbers of rows, got {sorted(rows)}: some are very short"
            )
        sizes = [(int(np.prod(shape)) * self.dtype.itemsize + 63) // 64 * 64 for shape in shapes]
        offsets = (
            np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64) if sizes else np.empty(0, np.int64)
        )
        block = aligned_block(max(1, sum(sizes)))
        outs = [
            np.frombuffer(block, self.dtype, int(np.prod(shape)), int(offset)).reshape(shape)
            if np.prod(shape) else np.empty(shape, self.dtype)
            for shape, offset in zip(shapes, offsets, strict=True)
        ]  # fmt: skip
        self._fill(arrays, outs, num_threads)
        frames = np.array([shape[0 if self._time_major else 1] for shape in shapes], np.int64)
        count = rows.pop() if rows else self.n_bins
        return Batch(block, offsets, frames, self.dtype, count, time_major=self._time_major)

    def _fill(self, signals, outs, num_threads):
        """Compute signals into arrays of the right shapes."""
        groups = {}
        for signal, out in zip(signals, outs, strict=True):
            chosen = self._for(len(signal))
            groups.setdefault(id(chosen), (chosen, []))[1].append(chosen._task(signal, out))
        for chosen, tasks in groups.values():
            calls.compute_padded(
                chosen._engine,
                [task.signal for task in tasks],
                [task.tail for task in tasks],
                [chosen._outs(task.work) for task in tasks],
                num_threads,
            )
            for task in tasks:
                chosen._finish(task)

    def _task(self, signal, out):
        """Prepare a signal for the engine; `out` is the array for its result."""
        recipe = self._recipe
        total, valid, _ = self._room(len(signal))
        signal = signal[: recipe.max_samples]
        for step in recipe.prepare:
            signal = step(signal)
        if recipe.dither:
            signal = signal + recipe.dither * gaussians(0, len(signal))
        computed = min(valid, self._frames_with_sound(len(signal), total - len(signal)))
        if len(signal) == 0:
            signal = np.zeros(1)
        out = self._view(out)
        dtype = self._work_dtype()
        gentle = all(step.gentle for step in recipe.post)
        buffer = None
        if gentle and dtype == out.dtype and computed <= out.shape[1]:
            work = out[:, :computed]
        else:
            shape = (computed, recipe.rows) if self._time_major else (recipe.rows, computed)
            buffer = self._borrow(shape[0] * shape[1] * dtype.itemsize)
            work = np.ndarray(shape, dtype, buffer)
            work = work.T if self._time_major else work
        return _Task(signal, max(0, total - len(signal)), out, work, valid, buffer)

    def _borrow(self, nbytes):
        """Memory for intermediate values: fresh pages for every call would cost as much as a step."""
        try:
            buffer = self._idle.pop()
        except IndexError:
            buffer = None
        return buffer if buffer is not None and buffer.nbytes >= nbytes else np.empty(nbytes, np.uint8)

    def _give_back(self, buffer):
        if len(self._idle) < _IDLE_BUFFERS and buffer.nbytes <= _LARGEST_IDLE_BUFFER:
            self._idle.append(buffer)

    def _work_dtype(self):
        """What the engine writes: the result's dtype, unless steps need more, or the arithmetic has less."""
        own = np.result_type(self._precision, np.complex64 if self._recipe.power is None else np.float32)
        if self.dtype.itemsize > own.itemsize or not all(step.gentle for step in self._recipe.post):
            return own
        return self.dtype

    def _view(self, out):
        """The result as (rows, frames), all frames that fit."""
        if self._recipe.stack == 1:
            return out.T if self._time_major else out
        return out.reshape(-1, self._recipe.rows_out).T

    def _frames_with_sound(self, n, tail):
        """Frames up to the first that sees only the zeros of the tail: all after it are equal to it."""
        recipe = self._recipe
        if tail <= recipe.reach or recipe.padding == "circular" or recipe.frame_dither:
            return 2**62
        if not all(step.gentle for step in recipe.post):
            return 2**62
        return max(0, -(-(recipe.lead + n + recipe.left) // recipe.hop)) + 1

    def _outs(self, work):
        return [work[rows] for rows in self._recipe.slices()]

    def _finish(self, task):
        """Take what the engine has computed through the steps after it."""
        recipe = self._recipe
        result = task.work
        for step in recipe.post:
            result = step(result)
        computed = min(result.shape[1], task.out.shape[1])
        if not np.may_share_memory(result, task.out):
            task.out[:, :computed] = result[:, :computed]
        if 0 < computed < task.valid:
            task.out[:, computed : task.valid] = task.out[:, computed - 1 : computed]
        task.out[:, task.valid :] = recipe.fill
        if task.buffer is not None:
            self._give_back(task.buffer)

    def stream(self) -> FrontendStream:
        """Start a stream: the same frames, from chunks as they arrive.

        Returns
        -------
        FrontendStream

        Raises
        ------
        InvalidInputError
            If the definition needs the whole clip before it can give a frame; the message says what for.
        """
        reason = self._why_no_stream()
        if reason:
            raise InvalidInputError(f"{self.name} cannot stream: {reason}")
        return FrontendStream(self)

    def _why_no_stream(self):
        recipe = self._recipe
        whole = [str(step) for step in (*recipe.prepare, *recipe.post) if not step.per_frame]
        if whole:
            return f"it needs the whole clip ({whole[0]})"
        if recipe.padding == "circular" and recipe.reach:
            return "its circular padding begins with the end of the clip"
        return None


def _signal(samples):
    """One signal as an array, a number as a signal of one sample."""
    array = as_array(samples)
    if array.ndim > 1:
        raise TypeError(
            f"samples must be 1-D, got an array of shape {array.shape}; "
            "compute_batch takes several signals at once"
        )
    if array.dtype.kind not in "fiub":
        if array.dtype.kind in "cSUMmV":
            raise TypeError(f"samples must be real numbers, got dtype {array.dtype}")
        array = array.astype(np.float64)
    return array.reshape(-1)
