"""The exceptions of the package: one base class and its four children.

Types that do not fit at all (a string for a number) raise ``TypeError``, integers that no size can hold
``OverflowError``, exhausted memory ``MemoryError``; everything else that is wrong with a value is a child of
`SpectrogramError`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = [
    "DimensionMismatchError",
    "FFTBackendError",
    "InternalError",
    "InvalidInputError",
    "SpectrogramError",
]


class SpectrogramError(Exception):
    """Base class of every exception that the package defines."""


class InvalidInputError(SpectrogramError, ValueError):
    """A value is out of the range that its argument allows."""


class DimensionMismatchError(SpectrogramError, ValueError):
    """An array has another length than the one that its place asks for.

    Parameters
    ----------
    expected, got : int
        The length asked for and the length found; also attributes of the exception. Without `got` the first
        argument is the whole message.
    detail : str, default ""
        What the lengths count, appended to the message.

    Examples
    --------
    >>> print(DimensionMismatchError(257, 256, "rows of stft_matrix"))
    Dimension mismatch: expected 257, got 256 (rows of stft_matrix)
    """

    def __init__(self, expected: Any, got: Any = None, detail: str = "") -> None:
        # The constructor's own arguments go to Exception, because pickle calls the class with `args`.
        super().__init__(expected, got, detail)
        self.expected = expected
        self.got = got
        self.detail = detail

    def __str__(self) -> str:
        if self.got is None:
            return str(self.expected)
        text = f"Dimension mismatch: expected {self.expected}, got {self.got}"
        return f"{text} ({self.detail})" if self.detail else text


class FFTBackendError(SpectrogramError):
    """FFTW refused a transform."""


class InternalError(SpectrogramError):
    """A promise that the package makes to itself is broken; please report it."""


@contextmanager
def naming(path: Any, temporary: Any) -> Iterator[None]:
    """Let an error of the system name the file that was asked for, not the temporary one beside it."""
    try:
        yield
    except OSError as error:
        for name in (error.filename, error.filename2):
            if isinstance(name, (str, os.PathLike)) and os.fspath(name).startswith(os.fspath(temporary)):
                error.filename, error.filename2 = os.fspath(path), None
        raise
