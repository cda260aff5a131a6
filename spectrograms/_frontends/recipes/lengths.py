"""How many samples and frames a signal gives: small rules, which a recipe is made of.

Each is a value that says all of itself in its repr, so that a recipe can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from spectrograms._common.conventions import number


class Lengths(NamedTuple):
    """What a signal of one length gives.

    Attributes
    ----------
    samples : int
        Samples that frames are cut from, those added included.
    frames : int
        Frames of these samples.
    valid : int
        Frames of them that are computed.
    capacity : int
        Frames of the array, before any are stacked; those beyond the valid ones are filled with a value.
    shape : tuple of int
        Of the result.
    """

    samples: int
    frames: int
    valid: int
    capacity: int
    shape: tuple[int, int]


# --- zeros that follow a signal of n samples --------------------------------------------------------------


@dataclass(frozen=True)
class ZerosAfter:
    """At least so many zeros, up to a size, up to a multiple of a length, and `more` after that."""

    up_to: int = 0
    multiple: int = 1
    at_least: int = 0
    more: int = 0

    def __call__(self, n: int) -> int:
        filled = max(n + self.at_least, self.up_to)
        return filled + -filled % self.multiple + self.more - n


@dataclass(frozen=True)
class ZerosToPairs:
    """What completes the last pair of frames, one frame for each whole hop."""

    hop: int

    def __call__(self, n: int) -> int:
        pairs = -(-(n // self.hop) // 2)
        return max(0, (pairs * 2 - 1) * self.hop + 1 - n)


NO_ZEROS = ZerosAfter()


# --- how many of the frames of n samples are valid, and how many the array has ----------------------------


class FrameRule:
    """A number of frames that follows from the samples of a signal and from its frames.

    Attributes
    ----------
    fill : float
        The value of frames of the array beyond the valid ones, where this is the capacity.
    """

    fill: float = 0.0

    def __call__(self, n: int, frames: int) -> int:
        raise NotImplementedError

    def words(self) -> str:
        """What conventions say of it, beside the number of frames of one second."""
        return ""


@dataclass(frozen=True)
class AllFrames(FrameRule):
    """Every frame."""

    def __call__(self, n: int, frames: int) -> int:
        return frames


ALL_FRAMES = AllFrames()


@dataclass(frozen=True)
class FirstFrames(FrameRule):
    """No more than a number of them."""

    count: int

    def __call__(self, n: int, frames: int) -> int:
        return min(frames, self.count)


@dataclass(frozen=True)
class FixedFrames(FrameRule):
    """Always the same number."""

    count: int
    fill: float = 0.0

    def __call__(self, n: int, frames: int) -> int:
        return self.count


@dataclass(frozen=True)
class FilledFrames(FrameRule):
    """Up to a multiple of a number of frames."""

    multiple: int
    fill: float = 0.0

    def __call__(self, n: int, frames: int) -> int:
        return -(-frames // self.multiple) * self.multiple

    def words(self) -> str:
        """What conventions say of it, beside the number of frames of one second."""
        if self.multiple == 1:
            return ""
        return f"filled up to a multiple of {self.multiple} with {number(self.fill)}"


@dataclass(frozen=True)
class WholeGroups(FrameRule):
    """As many as make whole groups of a size."""

    size: int

    def __call__(self, n: int, frames: int) -> int:
        return frames // self.size * self.size


@dataclass(frozen=True)
class EveryNth(FrameRule):
    """One for each `stride` of them, also for an incomplete one at the end."""

    stride: int

    def __call__(self, n: int, frames: int) -> int:
        return -(-frames // self.stride)


@dataclass(frozen=True)
class FramesWithSample(FrameRule):
    """Groups of frames: group i if sample ``at + step * i`` belongs to the signal."""

    at: int
    step: int
    group: int = 1

    def __call__(self, n: int, frames: int) -> int:
        groups = max(0, -(-(n - self.at) // self.step))
        return min(frames, groups * self.group)
