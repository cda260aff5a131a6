"""How large things may be that a caller, or a file, names: one number for each, with its reason.

Sizes are compared before memory is asked for and before a loop begins. What can never be right is an
`InvalidInputError`; what is right, but more than fits in memory, a `MemoryError`.
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
#: Bands of a filterbank: more than anybody means.
MAX_BANDS = 10_000
#: Bins of a constant-Q transform: no limit of taste, only what keeps an absurd one from taking all memory.
MAX_CQT_BINS = 100_000
#: Values of a table of which a caller names the size: a kernel, a histogram, the times of frames.
MAX_TABLE = 2**28
#: Frames on either side that a derivative over time looks at.
MAX_REACH = 2**16
#: Order of such a derivative: factorials beyond this one are no floats.
MAX_ORDER = 170
#: Rounds of an iteration: months of work.
MAX_ROUNDS = 2**20
#: Masks of one kind on one item, long after which nothing is left.
MAX_MASKS = 2**16
#: Values of an array: NumPy knows no MemoryError for sizes that no pointer can hold.
MAX_VALUES = 2**56


def at_most(name: str, value: Any, limit: float) -> None:
    """Raise `InvalidInputError` for a number above its limit."""
    if value > limit:
        raise InvalidInputError(f"{name} is unreasonably large: at most {number(limit)}, got {number(value)}")


def fits(name: str, value: Any, limit: int, unit: str = "samples") -> None:
    """Raise `MemoryError` for a size above its limit."""
    if value > limit:
        raise MemoryError(f"{name} must be at most {limit} {unit}, got {shown(value)}")
