"""What the steps before and after the engine have in common."""

from __future__ import annotations


class Step:
    """A step beside the engine, a frozen dataclass whose text names it in conventions and errors.

    Attributes
    ----------
    streamable : bool
        No frame depends, through this step, on samples or frames that come later.
    """

    streamable = False
