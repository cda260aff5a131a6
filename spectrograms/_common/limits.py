"""Limits of the sizes that callers and files may ask for: one number each, with its reason.

Sizes are checked before memory is allocated and before a loop begins. A size that can never be right raises
`InvalidInputError`; one that is right, but does not fit in memory, `MemoryError`.
"""

from __future__ import annotations

from typing import Any

from spectrograms.errors import InvalidInputError, number, shown

#: Samples of a transform, a frame, a window or a kernel, and from frame to frame of a frontend.
MAX_LENGTH = 2**28
#: Samples of a frame of a frontend, whose length is often a product of two parameters: 6 minutes at 44.1 kHz.
MAX_FRAME = 2**24
#: Samples per second: far beyond every converter, and products with it are finite.
MAX_RATE = 1e12
#: A floor in dB: its power, 1e300, is still a float.
MAX_DECIBELS = 3000.0
#: Bands of a filterbank: far more than any filterbank in use has.
MAX_BANDS = 10_000
#: Bins of a constant-Q transform: only there to keep an absurd one from taking all memory.
MAX_CQT_BINS = 100_000
#: Values of a table whose size a caller names: a kernel, a histogram, the times of frames.
MAX_TABLE = 2**28
#: Frames on either side that a derivative over time looks at.
MAX_REACH = 2**16
#: Order of such a derivative: larger factorials do not fit in a float.
MAX_ORDER = 170
#: Rounds of an iteration: months of work.
MAX_ROUNDS = 2**20
#: Masks of one kind on one item: nothing is left long before.
MAX_MASKS = 2**16
#: Values of an array: NumPy does not raise MemoryError for sizes beyond its pointers.
MAX_VALUES = 2**56


def at_most(name: str, value: Any, limit: float) -> None:
    """Raise `InvalidInputError` for a number above its limit."""
    if value > limit:
        raise InvalidInputError(f"{name} is unreasonably large: at most {number(limit)}, got {number(value)}")


def fits(name: str, value: Any, limit: int, unit: str = "samples") -> None:
    """Raise `MemoryError` for a size above its limit."""
    if value > limit:
        raise MemoryError(f"{name} must be at most {limit} {unit}, got {shown(value)}")
