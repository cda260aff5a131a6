"""Steps after the engine: what needs the whole clip, and what the engine has no stage for.

See :class:`After`. Statistics are taken along the frames.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.conventions import digest, number
from spectrograms._engine.arrays.arrays import apply_dense, normalize
from spectrograms._frontends.recipes.steps import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray


class After(Step):
    """A function of an array (rows, frames), which it may change.

    Attributes
    ----------
    in_place_ok : bool
        It may work in the precision of the output, and on one frame that stands for all equal ones after it.
        What divides by a deviation may not.
    writes_out : bool
        It comes last, takes rows that are contiguous along the frames, and is called with the array for its
        result, too.
    mixes_rows : bool
        Its rows are made of several, and not at their frequencies.
    """

    in_place_ok = False
    mixes_rows = False
    writes_out = False

    def rows(self, count: int) -> int:
        """Rows of the result for `count` rows."""
        return count


@dataclass(frozen=True)
class DynamicRange(After):
    """Values more than `size` below the largest are raised to that."""

    size: float
    in_place_ok = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.maximum(x, x.max(initial=-np.inf) - self.size, out=x)

    def __str__(self) -> str:
        return f"at most {number(self.size)} below the largest value of the clip"


@dataclass(frozen=True)
class RelativeToMax(After):
    """Minus the largest value."""

    in_place_ok = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        with np.errstate(invalid="ignore"):
            return np.subtract(x, x.max(initial=-np.inf), out=x) if x.size else x

    def __str__(self) -> str:
        return "relative to the largest value of the clip"


@dataclass(frozen=True)
class Affine(After):
    """Times a factor, plus a number."""

    factor: float
    add: float
    streamable = True
    in_place_ok = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        x *= self.factor
        x += self.add
        return x

    def __str__(self) -> str:
        return f"times {number(self.factor)} plus {number(self.add)}"


@dataclass(frozen=True, eq=False)
class Linear(After):
    """A matrix times the rows of each frame."""

    weights: np.ndarray
    words: str
    streamable = True
    mixes_rows = True

    def rows(self, count: int) -> int:
        """Rows of the result for `count` rows."""
        return self.weights.shape[0]

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return apply_dense(self.weights, x.astype(np.float64, copy=False))

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, eq=False)
class PerRow(After):
    """Each row minus a number of its own, divided by another."""

    subtract: np.ndarray | None = None
    divide: np.ndarray | None = None
    streamable = True
    in_place_ok = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        if self.subtract is not None:
            x -= self.subtract[:, np.newaxis]
        if self.divide is not None:
            x /= self.divide[:, np.newaxis]
        return x

    def __str__(self) -> str:
        given = (("minus", self.subtract), ("divided by", self.divide))
        done = [f"{what} values {digest(values)}" for what, values in given if values is not None]
        return f"each row {' and '.join(done)}"


@dataclass(frozen=True)
class Decibels(After):
    """``10 * log10`` of power, not below a level."""

    floor: float
    streamable = True
    in_place_ok = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        np.maximum(x, 10 ** (self.floor / 10), out=x)
        return np.multiply(np.log10(x, out=x), 10.0, out=x)

    def __str__(self) -> str:
        return f"dB, at least {number(self.floor)}"


@dataclass(frozen=True)
class FrameRange(After):
    """The `count` frames that begin at an offset; fewer frames are left as they are."""

    offset: int
    count: int

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x if x.shape[1] <= self.count else x[:, self.offset : self.offset + self.count]

    def __str__(self) -> str:
        return f"{self.count} frames from {self.offset} on"


@dataclass(frozen=True)
class Deltas(After):
    """The rows and, below them, their slopes over `width` frames; the first and last frame are repeated."""

    width: int
    mixes_rows = True

    def rows(self, count: int) -> int:
        """Rows of the result for `count` rows."""
        return 2 * count

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        reach, frames = (self.width - 1) // 2, x.shape[1]
        padded = np.pad(x.astype(np.float64, copy=False), ((0, 0), (reach, reach)), "edge")
        slopes = np.zeros((len(x), frames))
        for j in range(1, reach + 1):
            later, earlier = padded[:, reach + j :], padded[:, reach - j :]
            with np.errstate(invalid="ignore"):
                slopes += j * (later[:, :frames] - earlier[:, :frames])
        slopes *= 3.0 / (reach * (reach + 1) * (2 * reach + 1))
        return np.concatenate((x, slopes))

    def __str__(self) -> str:
        return f"slopes over {self.width} frames below"


@dataclass(frozen=True)
class Spliced(After):
    """The `count` frames around every `stride`-th one, stacked; the first and last frame are repeated."""

    count: int
    stride: int
    mixes_rows = True

    @property
    def middle(self) -> float:
        """The middle of the first group, in frames."""
        return (self.count - 1) / 2.0 - (self.count - 1) // 2

    def rows(self, count: int) -> int:
        """Rows of the result for `count` rows."""
        return self.count * count

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        rows, frames = x.shape
        first = np.arange(0, frames, self.stride) - (self.count - 1) // 2
        places = np.clip(first + np.arange(self.count)[:, np.newaxis], 0, frames - 1)
        return x[:, places].swapaxes(0, 1).reshape(self.count * rows, -1)

    def __str__(self) -> str:
        return f"{self.count} frames around each {self.stride}th, joined"


@dataclass(frozen=True, eq=False)
class Phase(After):
    """Each row times a complex factor."""

    factors: np.ndarray
    words: str
    streamable = True
    in_place_ok = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        with np.errstate(invalid="ignore"):
            x *= self.factors[:, np.newaxis]
        return x

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Normalize(After):
    """Minus the mean and divided by the standard deviation of the clip.

    Parameters
    ----------
    per_row : bool
        Each row by itself, else all of them together.
    ddof : int
        1 for the unbiased variance, 0 for the population's.
    inside, outside : float
        What is added to the variance, and to its root.
    subtract, divide : bool
        Whether the mean is subtracted, and whether the deviation divides.

    Notes
    -----
    The variance of too few values is 0, and so is 0/0.
    """

    per_row: bool = True
    ddof: int = 1
    inside: float = 0.0
    outside: float = 0.0
    subtract: bool = field(default=True, kw_only=True)
    divide: bool = field(default=True, kw_only=True)
    writes_out = True

    def __call__(self, x: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
        normalize(
            x, out, per_row=self.per_row, ddof=self.ddof, inside=self.inside, outside=self.outside,
            subtract=self.subtract, divide=self.divide,
        )  # fmt: skip
        return out

    def __str__(self) -> str:
        what = "per band" if self.per_row else "over all bands"
        kind = "unbiased" if self.ddof else "population"
        done = " and ".join(
            text for flag, text in ((self.subtract, "mean 0"), (self.divide, f"{kind} deviation 1")) if flag
        )
        guard = f", guard {number(self.inside)} inside the root" if self.inside else ""
        guard += f", guard {number(self.outside)} outside the root" if self.outside else ""
        return f"{done} {what} over the clip{guard}"
