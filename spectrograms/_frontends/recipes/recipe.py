"""One configured frontend: what it asks of the engine, and what it does before and after.

A :class:`Recipe` is all that tells one frontend from another once its parameters are read. It becomes an
engine (:meth:`Recipe.engine`) and says how many frames a signal has (:meth:`Recipe.measure`).

The words for frames (left, first, lead, reach) are explained by `FrameGeometry`. These are ours, too:

===============  =====================================================================================
before, after    steps beside the engine, for what needs the whole clip and what the engine cannot do
zeros_after      a rule: how many zeros follow the signal, which are padded as if they belonged to it
valid, capacity  rules: frames that are computed, and frames of the array, the others having one value
stack            frames that are put side by side to make one of the result
===============  =====================================================================================
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.limits import MAX_FRAME, MAX_LENGTH, fits
from spectrograms._engine.arrays.arrays import gaussians
from spectrograms._engine.loop.engine import Engine
from spectrograms._frontends.recipes.after import After, Linear, Spliced
from spectrograms._frontends.recipes.before import Before
from spectrograms._frontends.recipes.lengths import (
    ALL_FRAMES,
    NO_ZEROS,
    FrameRule,
    Lengths,
    ZerosAfter,
    ZerosToPairs,
)
from spectrograms._frontends.recipes.stages import Dct, Energy, Log, Mel
from spectrograms.errors import InvalidInputError
from spectrograms.filterbanks import fft_frequencies
from spectrograms.plans.findings import Finding, empty_bands
from spectrograms.plans.geometry import FrameGeometry
from spectrograms.plans.scales import bank_stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.filterbanks import Bands


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One configured frontend; the head of this module explains its words."""

    rate: float
    layout: str  # "time" (frames, rows) or "bins" (rows, frames)
    dtype: str = "float32"
    frames: FrameGeometry
    window: np.ndarray
    window_words: str
    # the signal
    min_samples: int = 0
    min_samples_reason: str = ""
    max_samples: int | None = None  # samples after these are not looked at
    sample_range: str = conventions.UNIT_RANGE  # what samples are taken for
    before: tuple[Before, ...] = ()
    dither: float = 0.0
    zeros_after: ZerosAfter | ZerosToPairs = NO_ZEROS
    preemphasis: float = 0.0
    # each frame
    gain: float = 1.0
    frame_dither: float = 0.0
    detrend: str | None = None  # "constant" or "linear"
    frame_preemphasis: float = 0.0
    energy: Energy | None = None
    # each spectrum
    power: float | None = 2.0  # None: complex
    root_add: float = 0.0
    root_floor: float = -math.inf
    mel: Mel | None = None
    log: Log | None = None
    dct: Dct | None = None
    affine: tuple[Any, ...] | None = None
    # all frames
    after: tuple[After, ...] = ()
    valid: FrameRule = ALL_FRAMES
    capacity: FrameRule = ALL_FRAMES
    stack: int = 1

    # --- how much there is of n samples -----------------------------------------------------------------

    def measure(self, n: int) -> Lengths:
        """What a signal of n samples gives.

        Raises
        ------
        InvalidInputError
            If the definition gives nothing for it.
        """
        if n < self.min_samples:
            why = f" ({self.min_samples_reason})" if self.min_samples_reason else ""
            raise InvalidInputError(f"samples must be at least {self.min_samples} long{why}, got {n}")
        if refusal := self.refusal(n):
            raise InvalidInputError(refusal)
        return self.lengths(n)

    def refusal(self, n: int) -> str:
        """Why a step before the engine refuses n samples; empty if none does."""
        n = self.kept(n)
        for step in self.before:
            if refusal := step.refusal(n):
                return refusal
            n = step.length(n)
        return ""

    def lengths(self, n: int) -> Lengths:
        """What n samples give that no step refuses."""
        kept = samples = self.kept(n)
        for step in self.before:
            samples = step.length(samples)
        samples += self.zeros_after(samples)
        frames = self.frames.count(samples)
        capacity = self.capacity(kept, frames)
        count, bins = capacity // self.stack, self.n_bins
        shape = (count, bins) if self.layout == "time" else (bins, count)
        return Lengths(samples, frames, self.valid(kept, frames), capacity, shape)

    def kept(self, n: int) -> int:
        """Samples that are looked at."""
        return n if self.max_samples is None else min(n, self.max_samples)

    # --- what becomes of them -----------------------------------------------------------------------------

    def prepared(self, signal: NDArray[Any]) -> NDArray[Any]:
        """A signal after all that comes before the engine."""
        if self.max_samples is not None:
            signal = signal[: self.max_samples]
        for step in self.before:
            signal = step(signal)
        return self.dithered(signal)

    def dithered(self, signal: NDArray[Any], first: int = 0) -> NDArray[Any]:
        """Samples with this recipe's noise, the same for a sample wherever chunks begin.

        Parameters
        ----------
        signal : ndarray, shape (n,)
        first : int
            The number of samples before these.
        """
        if not self.dither:
            return signal
        with np.errstate(over="ignore"):  # beyond the largest number is infinite
            return signal + self.dither * gaussians(first, len(signal))

    @cached_property
    def takes_integers(self) -> bool:
        """Whether integers are taken as they are, being on the scale that the toolkit expects."""
        scaled = self.sample_range == conventions.INT16_RANGE and self.gain != 1.0
        return not scaled and self.sample_range != conventions.UNIT_RANGE

    @cached_property
    def bands(self) -> int:
        """Rows after the bank."""
        return self.mel.count if self.mel else self.frames.n_fft // 2 + 1

    @cached_property
    def frequencies(self) -> NDArray[np.float64] | None:
        """Frequency of each row of the result in Hz, read-only; None where rows are no bins or bands."""
        mixed = self.dct or self.stack > 1 or any(step.mixes_rows for step in self.after)
        if mixed or (self.energy and self.energy.own):
            return None
        return self._band_frequencies

    @cached_property
    def _band_frequencies(self):
        axis = fft_frequencies(self.rate, self.frames.n_fft) if self.mel is None else self.mel.centres()
        axis.flags.writeable = False
        return axis

    @cached_property
    def named_rows(self) -> tuple[str, tuple[str, ...]]:
        """What rows are where they have no frequencies: in words, and their names if they have some."""
        if self.dct or any(isinstance(step, Linear) for step in self.after):
            return "Coefficient", ()
        hertz = self._band_frequencies
        per_unit, unit = (1000.0, "kHz") if hertz[-1] >= 1000 else (1.0, "Hz")
        names = [f"{hz / per_unit:.2g}" for hz in hertz]
        words = f"Frequency ({unit})"
        if self.energy and self.energy.own:
            names.insert(0 if self.energy.row == 0 else len(names), "energy")
        parts, more = divmod(self.n_bins, len(names))
        if more:
            return "Row", ()
        if parts > 1:  # frames side by side, slopes below
            words += f" in each of {parts} parts"
        return words, tuple(names * parts)

    @cached_property
    def rows(self) -> int:
        """Rows that the engine computes."""
        own = 1 if self.energy and self.energy.own else 0
        return (self.dct.count if self.dct else self.bands) + own

    @cached_property
    def rows_out(self) -> int:
        """Rows before frames are stacked."""
        rows = self.rows
        for step in self.after:
            rows = step.rows(rows)
        return rows

    @cached_property
    def n_bins(self) -> int:
        """Rows of the result."""
        return self.rows_out * self.stack

    @cached_property
    def spacing(self) -> tuple[float, float]:
        """Frames from one of the result to the next, and where the middle of its first one lies."""
        spliced = next((step for step in self.after if isinstance(step, Spliced)), None)
        return (self.stack, (self.stack - 1) / 2.0) if spliced is None else (spliced.stride, spliced.middle)

    @cached_property
    def bank(self) -> Bands | None:
        """The weights of the bank, if there is one."""
        return self.mel.bank(self.rate, self.frames.n_fft) if self.mel else None

    @cached_property
    def bank_stage(self) -> tuple[Any, ...] | None:
        """The stage of the bank."""
        return None if self.bank is None else bank_stage(self.bank)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is wrong with the bank."""
        if self.mel is None or self.bank_stage is None:
            return []
        beyond = ", or a range that ends at half the sample rate," if self.mel.high > self.rate / 2 else ""
        return empty_bands(self.bank_stage, f"a larger FFT or fewer bands{beyond}")

    def has_bands_of(self, other: Recipe) -> bool:
        """Whether each row of both banks covers the same bins, whatever its weights."""
        a, b = self.bank, other.bank
        if a is None or b is None:
            return a is b
        return (
            a.n_inputs == b.n_inputs
            and np.array_equal(a.starts, b.starts)
            and np.array_equal(a.lengths, b.lengths)
        )

    @cached_property
    def slices(self) -> list[slice]:
        """Rows that belong to each output of the engine."""
        if self.energy is None:
            return [slice(0, self.rows)]
        row = self.energy.row % self.rows
        if not self.energy.own:
            main = slice(0, self.rows)
        elif row == 0:
            main = slice(1, self.rows)
        else:
            main = slice(0, self.rows - 1)
        return [main, slice(row, row + 1)]

    def engine(self, single: bool) -> Any:
        """Build the engine, with arithmetic in float32 if `single`."""
        fits("the transform", self.frames.n_fft, MAX_FRAME)
        fits("the hop", self.frames.hop, MAX_LENGTH)
        return Engine(
            single, **self.frames.for_engine(self.window), signal_preemphasis=self.preemphasis,
            steps=self._steps(), outputs=self._outputs(),
        )  # fmt: skip

    def _steps(self):
        steps = {
            "gain": self.gain if self.gain != 1.0 else None,
            "dither": self.frame_dither or None,
            "remove_mean": self.detrend == "constant" or None,
            "remove_trend": self.detrend == "linear" or None,
            "energy": self.energy.of if self.energy else None,
            "preemphasis": self.frame_preemphasis or None,
        }
        return {name: value for name, value in steps.items() if value is not None}

    def _outputs(self):
        if self.power is None:
            return [("complex", ())]
        stages = []
        if self.power == 1.0:
            stages.append(("root", self.root_add, self.root_floor))
        elif self.power != 2.0:
            stages.append(("exponent", self.power / 2.0))
        if self.bank_stage is not None:
            stages.append(self.bank_stage)
        if self.log:
            stages.append(self.log.stage())
        if self.dct:
            stages.append(("dense", self.dct.matrix(self.bands)))
        if self.affine:
            stages.append(("affine", *self.affine))
        outputs = [("power", stages)]
        if self.energy:
            outputs.append(("energy", [("log", 1.0, 0.0, self.energy.floor)]))
        return outputs
