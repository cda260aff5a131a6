"""Streams of frontends: frames from chunks, bit for bit the same as those of the whole clip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array
from spectrograms.errors import check_maker
from spectrograms.plans.streaming import SampleStream

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms._frontends.base import Frontend


@documented()
class FrontendStream(SampleStream):
    """Frames of a frontend, chunk by chunk; made by ``frontend(...).stream()``.

    Results have the layout and dtype of the frontend. The frames of all pushes and of the flush, joined along
    the frames, are what the frontend computes for the whole signal. Where a toolkit changes its parameters
    for a very short signal (SciPy, below `nperseg`), the flush returns all of it, with as many rows as that
    has.

    See Also
    --------
    Frontend.stream : Makes it.
    Stream : Frames of a plan.

    %(examples)s
    >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80)
    >>> samples = np.random.default_rng(0).uniform(-1, 1, 16000).astype("float32")
    >>> stream = fbank.stream()
    >>> frames = [stream.push(chunk) for chunk in np.split(samples, 4)]
    >>> np.array_equal(np.concatenate([*frames, stream.flush()]), fbank.compute(samples))
    True
    """

    __slots__ = ("_array", "_frontend", "_given", "_recipe", "_rest")

    # The class that makes streams, set where it is defined. Until then there is no such object.
    _frontend_class: ClassVar[type] = type("Frontend", (), {})

    def __init__(self, frontend: Frontend) -> None:
        check_maker("FrontendStream", "frontend", frontend, self._frontend_class, "stream() of a frontend")
        self._frontend = frontend
        self._recipe = frontend._runner.recipe
        super().__init__(frontend._runner.engine, frontend.dtype)

    def reset(self) -> None:
        """Forget everything and start with a new signal.

        %(examples)s
        >>> stream = sg.frontend("kaldi_fbank", num_mel_bins=80).stream()
        >>> frames = stream.push(np.zeros(16000, "float32"))
        >>> stream.reset()
        >>> stream.frames_emitted
        0
        """
        with self._lock:
            super().reset()
            # Frames that are not yet enough to be stacked.
            self._rest = np.empty((self._recipe.rows_out, 0), self._dtype)
            self._given = 0

    @property
    def latency(self) -> int:
        """How many samples from ``t * hop`` on complete frame t, before frames are stacked."""
        frames = self._recipe.frames
        return max(0, frames.length - frames.left - frames.lead)

    @property
    def frames_emitted(self) -> int:
        """Number of frames returned so far, as counted in the results."""
        return self._given

    def push(self, chunk: ArrayLike) -> NDArray[Any]:
        """Take the next samples; return the frames they complete, in the frontend's layout.

        %(chunk)s

        Returns
        -------
        ndarray
            The frames that this chunk completes; there may be none.

        %(after_flush)s
        TypeError
            If `chunk` is not 1-D, or holds integers where the toolkit expects floats in [-1, 1].

        %(examples)s
        >>> stream = sg.frontend("kaldi_fbank", num_mel_bins=80).stream()
        >>> stream.push(np.zeros(399, "float32")).shape, stream.push(np.zeros(1, "float32")).shape
        ((0, 80), (1, 80))
        """
        recipe = self._recipe
        samples = self._frontend._numbers(as_array(chunk, "chunk"), chunk, "chunk")
        with self._lock:
            if samples.ndim == 1 and recipe.max_samples is not None:
                samples = samples[: max(0, recipe.max_samples - self._total)]
            if samples.ndim == 1:
                samples = recipe.dithered(samples, self._total)
            return self._push(samples)

    @property
    def _separable(self):
        recipe = self._recipe
        # Frames are stacked in the order in which they come; what is cut off is counted from the beginning.
        return recipe.stack == 1 and recipe.max_samples is None

    def _take(self, chunk):
        super()._take(chunk)
        return self._finished(self._array)

    def flush(self) -> NDArray[Any]:
        """End the signal; return its remaining frames.

        Returns
        -------
        ndarray
            In the layout of the frontend; there may be no frame.

        Raises
        ------
        InvalidInputError
            If the whole signal was too short for the definition.

        %(examples)s
        >>> stream = sg.frontend("librosa_melspectrogram").stream()
        >>> stream.push(np.zeros(22050, "float32")).shape, stream.flush().shape
        ((128, 42), (128, 2))
        """
        return self._flush()

    def _end(self):
        recipe, total = self._recipe, self._total
        if total == 0 or self._frontend._is_short(total):
            self._closed = "flush"
            result = self._frontend.compute(self._tail)
            self._given = result.shape[0 if recipe.layout == "time" else 1]
            return result
        lengths = self._frontend._runner.measure(total)
        if lengths.samples > total:
            self._extend(np.zeros(lengths.samples - total))
        self._closed = "flush"
        count = lengths.valid - self._emitted
        self._compute(self._frames(count), count)
        more = (recipe.rows_out, lengths.capacity - lengths.valid)
        return self._finished(self._array, np.full(more, recipe.capacity.fill, self._dtype))

    def _available(self, total):
        recipe = self._recipe
        if self._frontend._is_short(total):
            return 0
        start = recipe.frames.left + recipe.frames.lead
        if total < self.latency or total < recipe.min_samples or (self._engine.mirrors and total <= start):
            return 0
        ready = (total - self.latency) // recipe.frames.hop + 1
        frames = recipe.frames.count(total)
        return max(self._emitted, min(ready, frames, recipe.valid(recipe.kept(total), frames)))

    def _frames(self, count):
        """Arrays for the outputs of the engine, all of them parts of one array (rows, count)."""
        recipe = self._recipe
        dtype = self._frontend._runner.work_dtype
        if recipe.layout == "time":
            self._array = np.empty((count, recipe.rows), dtype).T
        else:
            self._array = np.empty((recipe.rows, count), dtype)
        return self._frontend._runner.outs(self._array)

    def _finished(self, frames, more=None):
        """Apply the steps after the engine and stack frames; return them in the layout of results."""
        recipe = self._recipe
        for step in recipe.after:
            frames = step(frames)
        frames = frames.astype(self._dtype, copy=False)
        if more is not None:
            frames = np.concatenate((frames, more), axis=1)
        if recipe.stack > 1:
            frames = np.concatenate((self._rest, frames), axis=1)
            whole = frames.shape[1] // recipe.stack * recipe.stack
            frames, self._rest = frames[:, :whole], frames[:, whole:].copy()
        self._given += frames.shape[1] // recipe.stack
        if recipe.stack > 1:
            return np.ascontiguousarray(frames.T).reshape(-1, recipe.stack * recipe.rows_out)
        return np.ascontiguousarray(frames.T if recipe.layout == "time" else frames)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        counts = f"{self._total} samples in, {self.frames_emitted} frames out"
        return f"FrontendStream({self._frontend.name}: {counts}, {state})"
