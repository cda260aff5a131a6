"""What a recipe asks the engine to do with each spectrum: filters, logarithm, cepstrum, energy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common import conventions
from spectrograms.filterbanks import (
    dct_matrix,
    fft_frequencies,
    lifter_weights,
    linear_triangles,
    mel_bands,
    mel_centres,
)
from spectrograms.filterbanks.bands import Spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.filterbanks import Bands

#: The distance from 1 to the next float32, a usual floor.
EPS32 = 2.0**-23
_LN10 = math.log(10.0)
_FACTORS = {"ln": 1.0, "log10": 1.0 / _LN10, "dB": 10.0 / _LN10, "dB of magnitude": 20.0 / _LN10}


@dataclass(frozen=True, kw_only=True)
class Mel:
    """Triangular filters at equal steps of a mel scale; with ``scale=None``, at equal steps in Hz."""

    count: int
    low: float
    high: float
    scale: str | None
    norm: str | float = "none"
    domain: str = "hz"
    grid: np.ndarray | None = None  # frequencies of the bins, unless they are k * rate / n_fft
    bins: slice | None = None  # bins that may have a weight, unless all may
    rounded: Callable[..., Any] | None = None  # rounds the weights

    def bank(self, rate: float, n_fft: int) -> Bands:
        """The weights."""
        grid = fft_frequencies(rate, n_fft) if self.grid is None else self.grid
        # In most toolkits filters may reach beyond the last bin, where they meet nothing.
        rate = max(float(rate), 2.0 * self.high)
        if self.scale is None:
            bands = linear_triangles(self.count, self.low, self.high, rate, n_fft, bin_frequencies=grid)
        else:
            bands = mel_bands(
                self.count, self.low, self.high, rate, n_fft, formula=self.scale, norm=self.norm,
                domain=self.domain, drop=0.0, bin_frequencies=grid,
            )  # fmt: skip
        if self.bins is not None:
            read = np.zeros(bands.n_inputs, bool)
            read[self.bins] = True
            cells = Spans(bands.starts, bands.lengths)
            bands = cells.bands(np.where(read[cells.columns], bands.values, 0.0), bands.n_inputs)
        if self.rounded is not None:
            bands = type(bands).from_dense(self.rounded(bands.dense()))
        return bands

    def centres(self) -> NDArray[np.float64]:
        """Frequency of each peak in Hz."""
        if self.scale is None:
            return np.linspace(self.low, self.high, self.count + 2)[1:-1]
        return mel_centres(self.count, self.low, self.high, self.scale)

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
    """A DCT-II of the bands."""

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
    """The logarithm of each frame's energy, as a row of its own or in place of another."""

    of: str  # "raw" or "windowed"
    floor: float
    row: int
    own: bool  # a row of its own

    def words(self) -> str:
        """The convention."""
        row = "last" if self.row < 0 else "first"
        return f"log of the {self.of} frame, floor {conventions.number(self.floor)}, the {row} row"
