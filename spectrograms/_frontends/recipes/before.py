"""Steps before the engine, which see the whole signal: see :class:`Before`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._frontends.recipes.steps import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Before(Step):
    """A function of the signal, which says beforehand what it makes of its length."""

    def refusal(self, n: int) -> str:
        """Why a signal of n samples is refused; empty if it is not."""
        return ""

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        return n

    def skipped(self, n: int) -> int:
        """Samples at the beginning of n that no frame covers."""
        return 0

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x


@dataclass(frozen=True)
class Standardize(Before):
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
class Repeat(Before):
    """Copies of a short signal up to a size: whole ones only, or with a part of one at the end."""

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
class Excerpt(Before):
    """The `size` samples of a longer signal that begin at an offset; without an offset none is taken."""

    size: int
    offset: Any

    def refusal(self, n: int) -> str:
        """Why a signal of n samples is refused; empty if it is not."""
        return _wrong_offset(n, self.size, self.offset, n - self.size)

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        return min(n, self.size)

    def skipped(self, n: int) -> int:
        """Samples at the beginning of n that no frame covers."""
        return self.offset if n > self.size else 0

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return x if len(x) <= self.size else x[self.offset : self.offset + self.size]

    def __str__(self) -> str:
        return f"at most {self.size} samples" + ("" if self.offset is None else f" from {self.offset} on")


@dataclass(frozen=True)
class FrameRangeOf(Before):
    """The whole signal; if it is longer than `size`, a later step selects frames from an offset on."""

    size: int
    offset: Any
    hop: int

    def refusal(self, n: int) -> str:
        """Why a signal of n samples is refused; empty if it is not."""
        return _wrong_offset(n, self.size, self.offset, n // self.hop - self.size // self.hop)

    def skipped(self, n: int) -> int:
        """Samples at the beginning of n that no frame covers."""
        return self.offset * self.hop if n > self.size else 0

    def __str__(self) -> str:
        return f"the frames of at most {self.size} samples"


def _wrong_offset(n, size, offset, last):
    if n <= size:
        return ""
    if offset is None:
        return (
            f"samples must be at most {size} long without offset, got {n}; give offset, or max_length_s=None "
            "for the whole clip"
        )
    return f"offset must be in 0..{last} for {n} samples, got {offset}" if offset > last else ""


@dataclass(frozen=True)
class AtMost(Before):
    """Signals up to a size; longer ones are refused."""

    size: int
    why: str
    streamable = True

    def refusal(self, n: int) -> str:
        """Why a signal of n samples is refused; empty if it is not."""
        return f"samples must be at most {self.size} long, got {n}: {self.why}" if n > self.size else ""

    def __str__(self) -> str:
        return f"at most {self.size} samples, a longer signal is refused"


@dataclass(frozen=True)
class FillMultiple(Before):
    """Zeros after the signal, up to a multiple of a length, which count as samples."""

    multiple: int
    streamable = True

    def length(self, n: int) -> int:
        """Samples of the result for n samples."""
        return n + -n % self.multiple

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate((x, np.zeros(-len(x) % self.multiple, x.dtype)))

    def __str__(self) -> str:
        return f"zeros to a multiple of {self.multiple}"
