"""What a frontend asks of the engine, in words and numbers: frames, spectrum, bank, logarithm, cepstrum.

A :class:`Recipe` is all that tells one frontend from another once its parameters are read. It becomes an
engine (:meth:`Recipe.engine`) and a list of conventions in words (:meth:`Recipe.conventions`), and decides
how many frames there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.limits import MAX_FRAME, MAX_LENGTH, fits
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.loop.noise import gaussians
from spectrograms._frontends.recipes.after import Affine, Joined, Linear
from spectrograms.errors import InvalidInputError
from spectrograms.filterbanks import dct_matrix, fft_frequencies, lifter_weights, linear_triangles, mel_bands
from spectrograms.plans.scales import Finding, bank_stage, empty_bands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.filterbanks import Bands

EPS32 = 2.0**-23
LN10 = math.log(10.0)
_FACTORS = {"ln": 1.0, "log10": 1.0 / LN10, "dB": 10.0 / LN10, "dB of magnitude": 20.0 / LN10}
_DETREND = {None: "none", "constant": "mean of each frame", "linear": "line of each frame"}


@dataclass(frozen=True, kw_only=True)
class Mel:
    """Triangles at equal steps of a mel scale; with ``scale=None`` at equal steps in Hz."""

    count: int
    low: float
    high: float
    scale: str | None
    norm: str | float = "none"
    domain: str = "hz"
    grid: np.ndarray | None = None  # frequencies of the bins, if not k * rate / n_fft
    bins: slice | None = None  # bins that may have weight, if not all
    rounded: Callable[..., Any] | None = None  # what becomes of the weights

    def bank(self, rate: float, n_fft: int) -> Bands:
        """The weights."""
        grid = fft_frequencies(rate, n_fft) if self.grid is None else self.grid
        # Filters may reach beyond the last bin in most toolkits; they just meet nothing there.
        rate = max(float(rate), 2.0 * self.high)
        if self.scale is None:
            bands = linear_triangles(self.count, self.low, self.high, rate, n_fft, bin_frequencies=grid)
        else:
            bands = mel_bands(
                self.count, self.low, self.high, rate, n_fft, formula=self.scale, norm=self.norm,
                domain=self.domain, drop=0.0, bin_frequencies=grid,
            )  # fmt: skip
        if self.bins is not None:
            dense = bands.dense()
            kept = np.zeros_like(dense)
            kept[:, self.bins] = dense[:, self.bins]
            bands = type(bands).from_dense(kept)
        if self.rounded is not None:
            bands = type(bands).from_dense(self.rounded(bands.dense()))
        return bands

    def words(self) -> dict[str, str]:
        """The conventions."""
        return conventions.mel_bands(
            self.count, self.low, self.high, scale=self.scale, norm=self.norm, domain=self.domain
        )


@dataclass(frozen=True)
class Log:
    """``factor * ln(max(x + add, floor))``."""

    base: str  # "ln", "log10" or "dB"
    floor: float = 0.0
    add: float = 0.0

    def stage(self) -> tuple[Any, ...]:
        """The engine's stage."""
        return ("log", _FACTORS[self.base], self.add, self.floor)

    def words(self) -> str:
        """The convention."""
        return conventions.log_words(self.base, floor=self.floor, add=self.add)


@dataclass(frozen=True)
class Dct:
    """The DCT-II of the bands."""

    count: int
    norm: str = "ortho"
    lifter: float = 0.0
    first: int = 0
    order: tuple[int, ...] = ()  # (coefficient moved last, its factor)

    def matrix(self, bands: int) -> NDArray[np.float64]:
        """ndarray, shape (count, bands)."""
        matrix = dct_matrix(self.count, bands, self.norm)
        matrix *= lifter_weights(self.count, self.lifter, self.first)[:, np.newaxis]
        if self.order:
            moved, factor = self.order
            matrix = np.vstack([np.delete(matrix, moved, axis=0), matrix[moved] * factor])
        return matrix

    def words(self) -> str:
        """The convention."""
        moved = ", coefficient 0 last" if self.order else ""
        return conventions.cepstrum_words(
            self.count, norm=self.norm, lifter=self.lifter, first=self.first, more=moved
        )


@dataclass(frozen=True)
class Energy:
    """The logarithm of each frame's energy, as a row of its own or in place of one."""

    of: str  # "raw" or "windowed"
    floor: float
    row: int
    own: bool  # a row of its own

    def words(self) -> str:
        """The convention."""
        row = "last" if self.row < 0 else "first"
        return f"log of the {self.of} frame, floor {conventions.number(self.floor)}, the {row} row"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One configured frontend. Lengths are in samples.

    Frame t sees the samples from ``t * hop - left`` on, as many as the window has; a signal has a first frame
    from `first` samples on, and one more every `hop`.
    """

    rate: float
    hop: int
    n_fft: int
    window: np.ndarray
    window_words: str
    layout: str  # "time" (frames, rows) or "bins" (rows, frames)
    # frames
    left: int
    first: int
    window_at: int = 0  # zeros before the window in the FFT frame
    padding: str = "zeros"
    reach: int = 0
    lead: int = 0
    # per signal
    max_samples: int | None = None
    prepare: tuple[Any, ...] = ()
    dither: float = 0.0
    tail: Callable = field(default=lambda n: 0)
    least: int = 0
    least_words: str = ""
    preemphasis: float = 0.0
    # What the toolkit takes samples for, one of the ranges in `conventions`.
    sample_range: str = conventions.UNIT_RANGE
    # per frame
    gain: float = 1.0
    frame_dither: float = 0.0
    detrend: str | None = None  # "constant" or "linear"
    frame_preemphasis: float = 0.0
    energy: Energy | None = None
    # from the spectrum on
    power: float | None = 2.0  # None: complex
    root_add: float = 0.0
    root_floor: float = -math.inf
    mel: Mel | None = None
    log: Log | None = None
    dct: Dct | None = None
    affine: tuple[Any, ...] | None = None
    post: tuple[Any, ...] = ()
    # shape
    dtype: str = "float32"
    valid: Callable = field(default=lambda n, frames: frames)  # frames of n samples that hold values
    room: Callable = field(default=lambda n, frames: frames)  # frames of the array
    room_words: str = ""
    fill: float = 0.0
    stack: int = 1

    def count(self, n: int) -> int:
        """Frames of n samples, tail included, and of the zeros that lead."""
        n += self.lead
        return 0 if n < self.first else (n - self.first) // self.hop + 1

    def check(self, n: int) -> None:
        """Refuse a signal that the definition gives nothing for."""
        if n < self.least:
            why = f" ({self.least_words})" if self.least_words else ""
            raise InvalidInputError(f"samples must be at least {self.least} long{why}, got {n}")

    def kept(self, n: int) -> int:
        """Samples of a signal of n samples that are looked at."""
        return n if self.max_samples is None else min(n, self.max_samples)

    def total(self, n: int) -> int:
        """Samples of a signal of n samples with what is done to it before the frames, tail included."""
        n = self.kept(n)
        for step in self.prepare:
            n = step.length(n)
        return n + self.tail(n)

    def measure(self, n: int) -> tuple[int, int, int]:
        """Samples in all, frames that hold values, frames of the array before any are joined."""
        total, kept = self.total(n), self.kept(n)
        frames = self.count(total)
        return total, self.valid(kept, frames), self.room(kept, frames)

    def dithered(self, signal: NDArray[Any], first: int = 0) -> NDArray[Any]:
        """Samples with this recipe's noise, the same for a sample wherever chunks begin.

        Parameters
        ----------
        signal : ndarray, shape (n,)
        first : int
            Samples before them.
        """
        if not self.dither:
            return signal
        with np.errstate(over="ignore"):  # beyond the largest number is infinite
            return signal + self.dither * gaussians(first, len(signal))

    @cached_property
    def takes_integers(self) -> bool:
        """Whether integers are samples as they are, and not on another scale than the toolkit expects."""
        scaled = self.sample_range == conventions.INT16_RANGE and self.gain != 1.0
        return not scaled and self.sample_range != conventions.UNIT_RANGE

    @cached_property
    def bands(self) -> int:
        """Rows after the bank."""
        return self.mel.count if self.mel else self.n_fft // 2 + 1

    @cached_property
    def rows(self) -> int:
        """Rows that the engine computes."""
        own = 1 if self.energy and self.energy.own else 0
        return (self.dct.count if self.dct else self.bands) + own

    @cached_property
    def rows_out(self) -> int:
        """Rows of the result, before frames are joined."""
        rows = self.rows
        for step in self.post:
            rows = step.rows(rows)
        return rows

    @cached_property
    def pace(self) -> tuple[float, float]:
        """Frames from one column of the result to the next, and where the middle of the first lies."""
        joined = next((step for step in self.post if isinstance(step, Joined)), None)
        return (self.stack, (self.stack - 1) / 2.0) if joined is None else (joined.stride, joined.middle)

    @cached_property
    def bank(self) -> Bands | None:
        """The weights of the bank, if there is one."""
        return self.mel.bank(self.rate, self.n_fft) if self.mel else None

    @cached_property
    def findings(self) -> list[Finding]:
        """Where the bank falls short."""
        if self.mel is None or self.bank is None:
            return []
        beyond = ", or a range that ends at half the sample rate," if self.mel.high > self.rate / 2 else ""
        return empty_bands(bank_stage(self.bank), f"a larger FFT or fewer bands{beyond}")

    def has_bands_of(self, other: Recipe) -> bool:
        """Whether the rows of both banks are made of the same bins, whatever their weights."""
        a, b = self.bank, other.bank
        if a is None or b is None:
            return a is b
        return (
            a.n_inputs == b.n_inputs
            and np.array_equal(a.starts, b.starts)
            and np.array_equal(a.lengths, b.lengths)
        )

    def slices(self) -> list[slice]:
        """Rows of each of the engine's outputs."""
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
        """Build the engine."""
        fits("the transform", self.n_fft, MAX_FRAME)
        fits("the hop", self.hop, MAX_LENGTH)
        return Engine(
            single, self.n_fft, self.hop, self.window, window_at=self.window_at, left=self.left,
            padding=self.padding, reach=self.reach, lead=self.lead, signal_preemphasis=self.preemphasis,
            steps=self._steps(), heads=self._heads(), pad=self.n_fft - self.first + self.lead, short_frames=0,
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

    def _heads(self):
        if self.power is None:
            return [("complex", ())]
        stages = []
        if self.power == 1.0:
            stages.append(("root", self.root_add, self.root_floor))
        elif self.power != 2.0:
            stages.append(("exponent", self.power / 2.0))
        if self.bank is not None:
            stages.append(bank_stage(self.bank))
        if self.log:
            stages.append(self.log.stage())
        if self.dct:
            stages.append(("dense", self.dct.matrix(self.bands)))
        if self.affine:
            stages.append(("affine", *self.affine))
        heads = [("power", stages)]
        if self.energy:
            heads.append(("energy", [("log", 1.0, 0.0, self.energy.floor)]))
        return heads

    def conventions(self) -> dict[str, str]:
        """The recipe in words, for people who compare two."""
        spectrum = {None: "complex", 1.0: "magnitude", 2.0: "power"}.get(
            self.power, f"magnitude to the power of {self.power}"
        )
        if self.root_add:
            spectrum += f" with {conventions.number(self.root_add)} under the root"
        if self.root_floor > 0.0:
            spectrum += f" of at least {conventions.number(self.root_floor)}"
        emphasis = "none"
        if self.preemphasis:
            emphasis = f"{conventions.number(self.preemphasis)} over the signal"
        elif self.frame_preemphasis:
            emphasis = f"{conventions.number(self.frame_preemphasis)} within each frame"
        return conventions.words(
            rate=self.rate, samples="; ".join(map(str, self.prepare)) or "nothing",
            length=self._length_words(), frames=self._frames_words(), sample_range=self.sample_range,
            gain=self.gain, hop=self.hop,
            window=self.window_words, window_length=len(self.window), n_fft=self.n_fft,
            window_at=self.window_at, left=self.left + self.lead,
            edges=self.padding if self.reach else "nothing added" if self.left <= 0 else "zeros",
            dither=self.frame_dither or self.dither, detrend=_DETREND[self.detrend], preemphasis=emphasis,
            spectrum=spectrum, bands=self._band_words(),
            log=self.log.words() if self.log else "none",
            cepstrum=self._cepstrum_words(),
            energy=self.energy.words() if self.energy else "none",
            affine=str(Affine(*self.affine)) if self.affine else "none",
            clip="; ".join(str(step) for step in self.post if not isinstance(step, Linear)) or "nothing",
            joined=self.stack, layout="(frames, rows)" if self.layout == "time" else "(rows, frames)",
            dtype=self.dtype,
        )  # fmt: skip

    def _band_words(self):
        if self.mel is None:
            return conventions.fft_bins(self.bands)
        return self.mel.words() | {finding.convention: finding.words for finding in self.findings}

    def _length_words(self):
        said = {}
        for seconds in (1, 60, 0.1):
            n = round(seconds * self.rate)
            try:
                total = self.lead + self.total(n)
                changed = total != n
                words = f"becomes {conventions.number(total / self.rate)} s"
            except InvalidInputError:
                changed, words = True, "is refused"
            # What fills up short signals alone is seen in a short one.
            if seconds >= 1 or (changed and not said["1 s"][0]):
                said[f"{seconds} s"] = (changed, words)
        if not any(changed for changed, _ in said.values()):
            return "as it is"
        return ", ".join(f"{length} {words}" for length, (_, words) in said.items())

    def _frames_words(self):
        parts = [self._last_frame_words(), self.room_words]
        try:
            total, valid, room = self.measure(round(self.rate))
        except InvalidInputError:
            parts.append("none of 1 s")
        else:
            frames, valid = self.count(total), min(valid, room)
            if not valid == room == frames:
                fill = f" filled with {conventions.number(self.fill)}" if valid < room else ""
                parts.append(f"{valid} of {frames} of 1 s, in an array of {room}{fill}")
        return "; ".join(filter(None, parts)) or "all"

    def _last_frame_words(self):
        """Nothing where frames end with the signal and what is put beside it, as almost everywhere."""
        size = self.n_fft if self.window_at else len(self.window)
        if self.first == size - self.window_at - self.left - self.reach:
            return ""
        after = len(self.window) - self.left - self.first
        if after < 0:
            return f"windows end {-after} or more samples before the end of the signal"
        return f"windows end {after} or fewer samples after the signal"

    def _cepstrum_words(self):
        if self.dct:
            return self.dct.words()
        # After a step over the whole clip the transform is one of the steps.
        return "; ".join(str(step) for step in self.post if isinstance(step, Linear)) or "none"


def centred(
    n_fft: int, window: NDArray[Any], hop: int, padding: str, *, center: bool = True
) -> dict[str, Any]:
    """Frames of `n_fft` samples with the window in their middle, as torch.stft and librosa place them.

    Returns
    -------
    dict
        Fields of a `Recipe`.
    """
    pad = n_fft // 2 if center else 0
    at = (n_fft - len(window)) // 2
    return {
        "n_fft": n_fft, "hop": hop, "window": window, "window_at": at, "left": pad - at,
        "first": n_fft - 2 * pad, "padding": padding, "reach": pad,
    }  # fmt: skip


def left(n_fft: int, window: NDArray[Any], hop: int) -> dict[str, Any]:
    """Frames as long as the window, zeros after it; only whole frames."""
    return {"n_fft": n_fft, "hop": hop, "window": window, "left": 0, "first": len(window)}


def filled_up(multiple: int, fill: float) -> dict[str, Any]:
    """Fields of a recipe: frames that all have one value, up to a multiple of a number of frames."""
    words = f"filled up to a multiple of {multiple} with {conventions.number(fill)}" if multiple > 1 else ""
    return {"room": lambda n, frames: -(-frames // multiple) * multiple, "fill": fill, "room_words": words}


def power_of_two(n: int) -> int:
    """The smallest power of two that is not below n."""
    return 1 << max(0, n - 1).bit_length()
