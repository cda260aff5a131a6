"""Takes signals through a recipe: the steps before, the engine, the steps after; many on several threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._engine.memory.scratch import ScratchPool
from spectrograms._engine.run import calls
from spectrograms._engine.threads import pool
from spectrograms._frontends.recipes.lengths import Lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms._engine.memory.blocks import AlignedBlock
    from spectrograms._frontends.recipes.recipe import Recipe

# Signals of a batch are taken in groups that hold about this many bytes, so that what the engine writes is
# still in the cache when the steps after it read it, and does not grow with the batch.
_GROUP_BYTES = 1 << 23
# Zeros at the end of a signal are looked for in pieces of so many samples.
_ZEROS_AT_ONCE = 1 << 15
# How many lengths of signals a runner remembers the measures of.
_LENGTHS_KEPT = 64


@dataclass(slots=True)
class _Task:
    """One signal on its way to its features."""

    signal: np.ndarray
    zeros: int  # after the signal
    out: np.ndarray  # (rows, capacity), a view of the result
    work: np.ndarray  # (rows, computed), what the engine fills
    valid: int
    buffer: AlignedBlock | None  # borrowed for `work`


class Runner:
    """A recipe with its engine, safe to use from any number of threads.

    Parameters
    ----------
    recipe : Recipe
    single : bool
        Whether arithmetic is in float32.
    """

    __slots__ = (
        "_ends_may_go", "_one_stands_for_all", "_scratch", "dtype", "engine", "in_place", "measure",
        "recipe", "time_major", "work_dtype",
    )  # fmt: skip

    def __init__(self, recipe: Recipe, single: bool) -> None:
        self.recipe: Recipe = recipe
        self.engine: Any = recipe.engine(single)
        # `Recipe.measure`, remembered: signals of a batch, and of successive calls, are often equally long.
        self.measure: Callable[[int], Lengths] = lru_cache(_LENGTHS_KEPT)(recipe.measure)
        self.dtype: np.dtype[Any] = np.dtype(recipe.dtype)
        self.time_major: bool = recipe.layout == "time"
        in_place_ok = all(step.in_place_ok for step in recipe.after)
        # What the engine writes: the dtype of the result, unless steps need more or the arithmetic has less.
        complex_too = np.complex64 if recipe.power is None else np.float32
        own = np.result_type(np.float32 if single else np.float64, complex_too)
        keep = in_place_ok and self.dtype.itemsize <= own.itemsize
        self.work_dtype: np.dtype[Any] = self.dtype if keep else own
        self.in_place: bool = in_place_ok and self.work_dtype == self.dtype
        # Whether frames that see nothing but zeros are all equal.
        circular = recipe.frames.padding == "circular"
        self._one_stands_for_all = in_place_ok and not circular and not recipe.frame_dither
        # Whether zeros at the end of a signal may be taken for zeros after it: not where a sign could show.
        self._ends_may_go = self._one_stands_for_all and recipe.power is not None
        # For what the engine writes: fresh pages in every call would take as long as a step.
        self._scratch = ScratchPool()

    def compute(self, signal: NDArray[Any]) -> NDArray[Any]:
        """Compute one signal."""
        lengths = self.measure(len(signal))
        out = np.empty(lengths.shape, self.dtype)
        task = self._task(signal, out, lengths)
        self._fill([task])
        self._finish(task)
        return out

    def run(
        self,
        signals: Sequence[Any],
        outs: Sequence[NDArray[Any]],
        measured: Sequence[Lengths],
        num_threads: int | None,
    ) -> None:
        """Compute signals into arrays; `measured` is what `measure` gives for each."""
        threads = pool.resolve(num_threads)
        given = list(zip(signals, outs, measured, strict=True))
        first, held = 0, 0
        for i, one in enumerate(given):
            held += self._held(*one)
            if held >= _GROUP_BYTES or i + 1 == len(given):
                self._run_group(given[first : i + 1], threads)
                first, held = i + 1, 0

    def outs(self, work: NDArray[Any]) -> list[NDArray[Any]]:
        """The parts of an array (rows, frames) that belong to the outputs of the engine."""
        return [work[rows] for rows in self.recipe.slices]

    def _held(self, signal, out, lengths):
        """Bytes that a signal occupies between the steps and the engine."""
        recipe = self.recipe
        size = 0
        if recipe.after or not self.in_place:
            size += out.nbytes + (0 if self.in_place else out.size * self.work_dtype.itemsize)
        if recipe.before or recipe.dither:
            size += 8 * max(len(signal), lengths.samples)
        return size

    def _run_group(self, given, threads):
        recipe = self.recipe
        tasks = _each(self._task, given, threads if recipe.before or recipe.dither else 1)
        self._fill(tasks, threads)
        finishing = recipe.after or not self.in_place
        _each(self._finish, [(task,) for task in tasks], threads if finishing else 1)

    def _task(self, signal, out, lengths):
        """Prepare a signal for the engine; `out` is the array for its result."""
        recipe = self.recipe
        signal = recipe.prepared(signal)
        n = len(signal)
        if self._ends_may_go and n and signal[-1] == 0:
            # Pre-emphasis lets the last sample sound in the zero after it.
            n = min(n, _sounding(signal) + bool(recipe.preemphasis))
            signal = signal[:n]
        zeros = lengths.samples - n
        computed = lengths.valid
        frames = recipe.frames
        if self._one_stands_for_all and zeros > frames.reach:
            # Up to the first frame that sees nothing but the zeros after the signal: the others equal it.
            with_sound = -(-(frames.lead + n + frames.left) // frames.hop)
            computed = min(computed, max(0, with_sound) + 1)
        if n == 0:
            signal = np.zeros(1)
        out = self._view(out)
        buffer = None
        if self.in_place and computed <= out.shape[1]:
            work = out[:, :computed]
        else:
            buffer = self._scratch.borrow_at_least(recipe.rows * computed * self.work_dtype.itemsize)
            if self.time_major and not (recipe.after and recipe.after[-1].writes_out):
                work = np.ndarray((computed, recipe.rows), self.work_dtype, buffer).T
            else:
                work = np.ndarray((recipe.rows, computed), self.work_dtype, buffer)
        return _Task(signal, max(0, zeros), out, work, lengths.valid, buffer)

    def _fill(self, tasks, num_threads=None):
        """Let the engine compute."""
        calls.compute_padded(
            self.engine,
            [task.signal for task in tasks],
            [task.zeros for task in tasks],
            [self.outs(task.work) for task in tasks],
            num_threads,
        )

    def _finish(self, task):
        """Apply the steps after the engine to what it has computed."""
        result, out = task.work, task.out
        for step in self.recipe.after:
            result = step(result, out[:, : result.shape[1]]) if step.writes_out else step(result)
        computed = min(result.shape[1], out.shape[1])
        if not np.may_share_memory(result, out):
            with np.errstate(over="ignore"):  # beyond the largest float32 is infinite
                out[:, :computed] = result[:, :computed]
        if 0 < computed < task.valid:
            out[:, computed : task.valid] = out[:, computed - 1 : computed]
        if task.valid < out.shape[1]:
            with np.errstate(over="ignore"):
                out[:, task.valid :] = self.recipe.capacity.fill
        if task.buffer is not None:
            self._scratch.give_back(task.buffer)

    def _view(self, out):
        """The result as (rows, frames), before frames are stacked."""
        if self.recipe.stack == 1:
            return out.T if self.time_major else out
        return out.reshape(-1, self.recipe.rows_out).T


def _sounding(signal: NDArray[Any]) -> int:
    """Samples up to the last one that is not zero."""
    end = len(signal)
    while end:
        start = max(0, end - _ZEROS_AT_ONCE)
        sounds = signal[start:end] != 0
        if sounds.any():
            return end - int(sounds[::-1].argmax())
        end = start
    return 0


def _each(function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], threads: int) -> list[Any]:
    """Call a function with each tuple of arguments, on several threads; return the results in order."""
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
