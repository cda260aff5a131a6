"""Steps before the engine's that need the whole signal. See :class:`Step` for what is said of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Step:
    """What is said of a step.

    Attributes
    ----------
    per_frame : bool
        Frames do not change with samples that come later, so that a stream may go without it.
    """

    per_frame = False

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        return n

    def skipped(self, n: int) -> int:
        """Samples at the beginning of n that have no frame."""
        return 0


@dataclass(frozen=True)
class Standardize(Step):
    """Minus the mean, divided by the root of the population variance plus a guard."""

    guard: float = 1e-7

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        if len(x) == 0:
            return x
        x = x.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            x -= x[0]
            x -= x.mean()
            return x / np.sqrt(np.square(x).mean() + self.guard)

    def __str__(self) -> str:
        return "samples of mean 0 and deviation 1"


@dataclass(frozen=True)
class Repeat(Step):
    """Copies of the signal up to a length: whole ones, or as many as it takes and a part."""

    size: int
    whole: bool

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        if n >= self.size:
            return n
        return self.size // n * n if self.whole else self.size

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.resize(x, self.length(len(x)))

    def __str__(self) -> str:
        return f"{'whole copies' if self.whole else 'copies'} up to {self.size} samples"


@dataclass(frozen=True)
class Run(Step):
    """Of a long signal so many samples from an offset on, where there is one."""

    size: int
    offset: Any

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        if n > self.size:
            _check_offset(n, self.size, self.offset, n - self.size)
        return min(n, self.size)

    def skipped(self, n: int) -> int:
        """Samples at the beginning of n that have no frame."""
        return self.offset if n > self.size else 0

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x if len(x) <= self.size else x[self.offset : self.offset + self.size]

    def __str__(self) -> str:
        return f"at most {self.size} samples" + ("" if self.offset is None else f" from {self.offset} on")


@dataclass(frozen=True)
class RowsOf(Step):
    """A long signal as it is, if its frames are cut later from an offset on that they have."""

    size: int
    offset: Any
    hop: int

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        if n > self.size:
            _check_offset(n, self.size, self.offset, n // self.hop - self.size // self.hop)
        return n

    def skipped(self, n: int) -> int:
        """Samples at the beginning of n that have no frame."""
        return self.offset * self.hop if n > self.size else 0

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x

    def __str__(self) -> str:
        return f"the frames of at most {self.size} samples"


def _check_offset(n, size, offset, last):
    if offset is None:
        raise InvalidInputError(
            f"samples must be at most {size} long without offset, got {n}; give offset, or max_length_s=None "
            "for the whole clip"
        )
    if offset > last:
        raise InvalidInputError(f"offset must be in 0..{last} for {n} samples, got {offset}")


@dataclass(frozen=True)
class AtMost(Step):
    """A signal that is not too long, as it is."""

    size: int
    why: str
    per_frame = True

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        if n > self.size:
            raise InvalidInputError(f"samples must be at most {self.size} long, got {n}: {self.why}")
        return n

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x

    def __str__(self) -> str:
        return f"at most {self.size} samples, a longer signal is refused"


@dataclass(frozen=True)
class Zeros(Step):
    """Zeros after the signal, to a multiple of a length, as samples like any other."""

    step: int
    per_frame = True

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        return n + -n % self.step

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate((x, np.zeros(-len(x) % self.step, x.dtype)))

    def __str__(self) -> str:
        return f"zeros to a multiple of {self.step}"


def up_to(size: int) -> Callable[[int], int]:
    """Zeros after the signal, up to a length."""
    return lambda n: max(0, size - n)


def to_multiple(step: int) -> Callable[[int], int]:
    """Zeros after the signal, to a multiple of a length."""
    return lambda n: -n % step
