"""Steps after the engine's: what needs the whole clip, and what the engine has no stage for.

Each takes an array of shape (rows, frames), which it may change, and returns the result. Statistics run
along the frames. Two facts are said of every step: whether it treats frames one by one (`per_frame`), so
that a stream may take it, and whether it may work in the output's precision and on one copy of frames that
are all equal (`gentle`); a division by a deviation may not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.engine.linear import apply_dense

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Range:
    """Nothing lies more than `size` below the largest value."""

    size: float
    per_frame = False
    gentle = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.maximum(x, x.max(initial=-np.inf) - self.size, out=x)

    def __str__(self) -> str:
        return f"at most {self.size:g} below the largest value of the clip"


@dataclass(frozen=True)
class RelativeToMax:
    """The largest value becomes 0."""

    per_frame = False
    gentle = True

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.subtract(x, x.max(initial=-np.inf), out=x) if x.size else x

    def __str__(self) -> str:
        return "relative to the largest value of the clip"


@dataclass(frozen=True)
class Affine:
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
class Linear:
    """A matrix over the rows."""

    weights: np.ndarray
    words: str
    per_frame = True
    gentle = False

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return apply_dense(self.weights, x.astype(np.float64, copy=False))

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, eq=False)
class PerRow:
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
class Rows:
    """Of many frames so many from an offset on."""

    offset: int
    count: int
    per_frame = False
    gentle = False

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x if x.shape[1] <= self.count else x[:, self.offset : self.offset + self.count]

    def __str__(self) -> str:
        return f"{self.count} frames from {self.offset} on"


@dataclass(frozen=True, eq=False)
class Phase:
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


def _centre(x, axis):
    """Subtract the mean in place; return the sums of the squares. Equal values give exact zeros."""
    mean = x.mean(axis=axis, keepdims=True)
    x -= mean
    squares = _squares(x, axis)
    # What is left of equal values is rounding, equal too.
    for row in np.flatnonzero(squares <= 1e-24 * np.square(mean) * x.shape[1]):
        values = x if axis is None else x[row]
        if (values == values.flat[0]).all():
            values[...] = 0.0
            squares.flat[row] = 0.0
    return squares


def _squares(x, axis):
    if axis is None:
        return np.full((1, 1), np.square(x).sum())
    if x.T.flags.c_contiguous:
        return np.einsum("tk,tk->k", x.T, x.T)[:, np.newaxis]
    return np.einsum("kt,kt->k", x, x)[:, np.newaxis]


@dataclass(frozen=True)
class SubtractMean:
    """Minus the mean of each row over the clip."""

    per_frame = False
    gentle = False

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        if x.size:
            _centre(x, 1)
        return x

    def __str__(self) -> str:
        return "minus the mean over the clip, per band"


@dataclass(frozen=True)
class Normalize:
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
    per_frame = False
    gentle = False

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        if x.size == 0:
            return x
        axis = 1 if self.per_row else None
        squares = _centre(x if self.subtract else x.copy(), axis)
        if self.divide:
            deviation = self._deviation(squares, x.shape[1] if self.per_row else x.size)
            with np.errstate(divide="ignore", invalid="ignore"):
                np.divide(x, deviation, out=x)
            for row in np.flatnonzero(deviation == 0.0):
                values = x[row] if self.per_row else x
                values[np.isnan(values)] = 0.0
        return x

    def _deviation(self, squares, values):
        variance = squares / (values - self.ddof) if values > self.ddof else np.zeros_like(squares)
        return np.sqrt(variance + self.inside) + self.outside

    def __str__(self) -> str:
        what = "per band" if self.per_row else "over all bands"
        kind = "unbiased" if self.ddof else "population"
        done = " and ".join(
            text for flag, text in ((self.subtract, "mean 0"), (self.divide, f"{kind} deviation 1")) if flag
        )
        guard = f", guard {self.inside:g} inside the root" if self.inside else ""
        guard += f", guard {self.outside:g} outside the root" if self.outside else ""
        return f"{done} {what} over the clip{guard}"
