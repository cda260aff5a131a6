"""The way of signals through a recipe: steps before, the engine, steps after; many on several threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._engine.run import calls
from spectrograms._engine.threads import pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms._frontends.recipes.recipe import Recipe

_IDLE_BUFFERS = 8
_LARGEST_IDLE_BUFFER = 1 << 23
# Signals of a batch are taken in groups that hold about so many bytes: what lies between the engine and the
# steps after it is still in the cache then, and does not grow with the batch.
_GROUP_BYTES = 1 << 23


@dataclass
class _Task:
    """One signal on its way to its features."""

    signal: np.ndarray
    tail: int
    out: np.ndarray  # (rows, room) view of the result
    work: np.ndarray  # (rows, computed), what the engine fills
    valid: int
    buffer: np.ndarray | None  # borrowed for `work`


class Runner:
    """A recipe with its engine. Safe to use from any number of threads.

    Parameters
    ----------
    recipe : Recipe
    single : bool
        Arithmetic in float32.
    """

    __slots__ = ("_idle", "dtype", "engine", "gentle", "in_place", "recipe", "time_major", "work_dtype")

    def __init__(self, recipe: Recipe, single: bool) -> None:
        self.recipe: Recipe = recipe
        self.engine: Any = recipe.engine(single)
        self.dtype: np.dtype[Any] = np.dtype(recipe.dtype)
        self.time_major: bool = recipe.layout == "time"
        self.gentle: bool = all(step.gentle for step in recipe.post)
        # What the engine writes: the result's dtype, unless steps need more, or the arithmetic has less.
        complex_too = np.complex64 if recipe.power is None else np.float32
        own = np.result_type(np.float32 if single else np.float64, complex_too)
        keep = self.gentle and self.dtype.itemsize <= own.itemsize
        self.work_dtype: np.dtype[Any] = self.dtype if keep else own
        self.in_place: bool = self.gentle and self.work_dtype == self.dtype
        # Buffers between uses; a call takes one for itself, so that threads never share one.
        self._idle: list[np.ndarray] = []

    def measure(self, n: int) -> tuple[int, int, int]:
        """Samples with their tail, frames that hold values, frames of the array before any are joined.

        Raises
        ------
        InvalidInputError
            If the definition gives nothing for `n` samples.
        """
        self.recipe.check(n)
        return self.recipe.measure(n)

    def shape(self, room: int) -> tuple[int, int]:
        """Shape of a result of so many frames before any are joined."""
        recipe = self.recipe
        frames, bins = room // recipe.stack, recipe.rows_out * recipe.stack
        return (frames, bins) if self.time_major else (bins, frames)

    def outs(self, work: NDArray[Any]) -> list[NDArray[Any]]:
        """The part of an array (rows, frames) that belongs to each output of the engine."""
        return [work[rows] for rows in self.recipe.slices()]

    def run(
        self,
        signals: Sequence[Any],
        outs: Sequence[NDArray[Any]],
        measured: Sequence[tuple[int, int, int]],
        num_threads: int | None,
    ) -> None:
        """Compute signals into arrays of the right shapes; `measured` is what `measure` says of each."""
        threads = pool.resolve(num_threads)
        given = list(zip(signals, outs, measured, strict=True))
        first, held = 0, 0
        for i, one in enumerate(given):
            held += self._held(*one)
            if held >= _GROUP_BYTES or i + 1 == len(given):
                self._run_group(given[first : i + 1], threads)
                first, held = i + 1, 0

    def _held(self, signal, out, measured):
        """Bytes that wait for the steps after the engine, or are made by those before it."""
        recipe = self.recipe
        size = 0
        if recipe.post or not self.in_place:
            size += out.nbytes + (0 if self.in_place else out.size * self.work_dtype.itemsize)
        if recipe.prepare or recipe.dither:
            size += 8 * max(len(signal), measured[0])
        return size

    def _run_group(self, given, threads):
        heavy = self.recipe.prepare or self.recipe.dither
        tasks = _each(self.task, given, threads if heavy else 1)
        self.fill(tasks, threads)
        _each(
            self.finish, [(task,) for task in tasks], threads if self.recipe.post or not self.in_place else 1
        )

    def fill(self, tasks: Sequence[_Task], num_threads: int | None = None) -> None:
        """The engine's part."""
        calls.compute_padded(
            self.engine,
            [task.signal for task in tasks],
            [task.tail for task in tasks],
            [self.outs(task.work) for task in tasks],
            num_threads,
        )

    def task(
        self, signal: NDArray[Any], out: NDArray[Any], measured: tuple[int, int, int] | None = None
    ) -> _Task:
        """Prepare a signal for the engine; `out` is the array for its result."""
        recipe = self.recipe
        total, valid, _ = self.measure(len(signal)) if measured is None else measured
        if recipe.max_samples is not None:
            signal = signal[: recipe.max_samples]
        for step in recipe.prepare:
            signal = step(signal)
        signal = recipe.dithered(signal)
        n = len(signal)
        computed = min(valid, self._frames_with_sound(n, total - n))
        if n == 0:
            signal = np.zeros(1)
        out = self._view(out)
        buffer = None
        if self.in_place and computed <= out.shape[1]:
            work = out[:, :computed]
        else:
            buffer = self._borrow(recipe.rows * computed * self.work_dtype.itemsize)
            if self.time_major and not (recipe.post and recipe.post[-1].fills):
                work = np.ndarray((computed, recipe.rows), self.work_dtype, buffer).T
            else:
                work = np.ndarray((recipe.rows, computed), self.work_dtype, buffer)
        return _Task(signal, max(0, total - n), out, work, valid, buffer)

    def finish(self, task: _Task) -> None:
        """Take what the engine has computed through the steps after it."""
        result, out = task.work, task.out
        for step in self.recipe.post:
            result = step(result, out[:, : result.shape[1]]) if step.fills else step(result)
        computed = min(result.shape[1], out.shape[1])
        if not np.may_share_memory(result, out):
            with np.errstate(over="ignore"):  # beyond the largest float32 is infinite
                out[:, :computed] = result[:, :computed]
        if 0 < computed < task.valid:
            out[:, computed : task.valid] = out[:, computed - 1 : computed]
        if task.valid < out.shape[1]:
            with np.errstate(over="ignore"):
                out[:, task.valid :] = self.recipe.fill
        if task.buffer is not None:
            self._give_back(task.buffer)

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

    def _view(self, out):
        """The result as (rows, frames), all frames that fit."""
        if self.recipe.stack == 1:
            return out.T if self.time_major else out
        return out.reshape(-1, self.recipe.rows_out).T

    def _frames_with_sound(self, n, tail):
        """Frames up to the first that sees only the zeros of the tail: all after it are equal to it."""
        recipe = self.recipe
        if tail <= recipe.reach or not self.gentle or recipe.padding == "circular" or recipe.frame_dither:
            return 2**62
        return max(0, -(-(recipe.lead + n + recipe.left) // recipe.hop)) + 1


def _each(function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], threads: int) -> list[Any]:
    """Call a function with each of some arguments, on several threads; return the results in order."""
    if threads <= 1 or len(arguments) <= 1:
        return [function(*given) for given in arguments]
    results: list[Any] = [None] * len(arguments)
    places = count()

    def step():
        i = next(places)
        if i >= len(arguments):
            return False
        results[i] = function(*arguments[i])
        return True

    pool.share(step, min(threads, len(arguments)))
    return results
