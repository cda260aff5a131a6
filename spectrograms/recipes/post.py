"""Steps after the engine's: what needs the whole clip, and what the engine has no stage for.

Each takes an array of shape (rows, frames), which it may change, and returns the result. Statistics run
along the frames. See :class:`Step` for what is said of each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.engine.linear import apply_dense
from spectrograms.engine.normalize import normalize

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Step:
    """What is said of a step.

    Attributes
    ----------
    per_frame : bool
        It treats frames one by one, so that a stream may take it.
    gentle : bool
        It may work in the output's precision and on one copy of frames that are all equal; a division by a
        deviation may not.
    fills : bool
        It comes last, takes rows that are contiguous along the frames, and writes into an array that it is
        given.
    """

    per_frame = False
    gentle = False
    fills = False


@dataclass(frozen=True)
class Range(Step):
    """Nothing lies more than `size` below the largest value."""

    size: float
    gentle = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.maximum(x, x.max(initial=-np.inf) - self.size, out=x)

    def __str__(self) -> str:
        return f"at most {self.size:g} below the largest value of the clip"


@dataclass(frozen=True)
class RelativeToMax(Step):
    """The largest value becomes 0."""

    gentle = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.subtract(x, x.max(initial=-np.inf), out=x) if x.size else x

    def __str__(self) -> str:
        return "relative to the largest value of the clip"


@dataclass(frozen=True)
class Affine(Step):
    """Factor and addend."""

    factor: float
    add: float
    per_frame = True
    gentle = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        x *= self.factor
        x += self.add
        return x

    def __str__(self) -> str:
        return f"times {self.factor:g} plus {self.add:g}"


@dataclass(frozen=True, eq=False)
class Linear(Step):
    """A matrix over the rows."""

    weights: np.ndarray
    words: str
    per_frame = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return apply_dense(self.weights, x.astype(np.float64, copy=False))

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, eq=False)
class PerRow(Step):
    """A subtrahend and a divisor for each row."""

    subtract: np.ndarray | None = None
    divide: np.ndarray | None = None
    per_frame = True
    gentle = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        if self.subtract is not None:
            x -= self.subtract[:, np.newaxis]
        if self.divide is not None:
            x /= self.divide[:, np.newaxis]
        return x

    def __str__(self) -> str:
        return "minus a given mean, divided by a given deviation, per band"


@dataclass(frozen=True)
class Rows(Step):
    """Of many frames so many from an offset on."""

    offset: int
    count: int

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x if x.shape[1] <= self.count else x[:, self.offset : self.offset + self.count]

    def __str__(self) -> str:
        return f"{self.count} frames from {self.offset} on"


@dataclass(frozen=True, eq=False)
class Phase(Step):
    """A factor for each bin."""

    factors: np.ndarray
    words: str
    per_frame = True
    gentle = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        x *= self.factors[:, np.newaxis]
        return x

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Normalize(Step):
    """Minus the mean, divided by the deviation, over the clip.

    Parameters
    ----------
    per_row : bool
        Each row for itself, else all together.
    ddof : int
        1 for the unbiased variance, 0 for the population's.
    inside, outside : float
        Added to the variance, and to its root.
    subtract, divide : bool
        Which of the two is done.

    Notes
    -----
    A variance of too few values is 0, and 0/0 is 0.
    """

    per_row: bool = True
    ddof: int = 1
    inside: float = 0.0
    outside: float = 0.0
    subtract: bool = field(default=True, kw_only=True)
    divide: bool = field(default=True, kw_only=True)
    fills = True

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
        guard = f", guard {self.inside:g} inside the root" if self.inside else ""
        guard += f", guard {self.outside:g} outside the root" if self.outside else ""
        return f"{done} {what} over the clip{guard}"
