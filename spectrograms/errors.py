"""The exceptions of the package, one base class and its four children, and its one warning.

Values of the wrong type (a string for a number) raise ``TypeError``, integers too large for any size
``OverflowError``, exhausted memory ``MemoryError``; everything else that is wrong with a value raises a child
of `SpectrogramError`.
"""

from __future__ import annotations

import os
import reprlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = [
    "DimensionMismatchError",
    "FFTBackendError",
    "InternalError",
    "InvalidInputError",
    "SpectrogramError",
    "SpectrogramWarning",
]

# Frames of files in this folder are our own.
_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
# Collects the texts of warnings while they are silenced.
_unsaid: ContextVar[list[str] | None] = ContextVar("spectrograms_unsaid", default=None)


class SpectrogramError(Exception):
    """Base class of every exception that the package defines.

    See Also
    --------
    InvalidInputError, DimensionMismatchError, FFTBackendError, InternalError : Its children.
    SpectrogramWarning : The warning.

    Examples
    --------
    >>> import spectrograms as sg
    >>> try:
    ...     sg.StftParams(512, 1000, "hann")
    ... except sg.SpectrogramError as error:
    ...     print(error)
    hop_size must be <= n_fft=512, got 1000
    """


class InvalidInputError(SpectrogramError, ValueError):
    """A value is out of the range that its argument allows.

    See Also
    --------
    SpectrogramError : Catches all errors of the package.

    Examples
    --------
    It is a ValueError, too:

    >>> import spectrograms as sg
    >>> try:
    ...     sg.MelParams(0, 0.0, 8000.0)
    ... except ValueError as error:
    ...     print(type(error).__name__, "-", error)
    InvalidInputError - invalid zero value: n_mels must be >= 1, got 0
    """


class DimensionMismatchError(SpectrogramError, ValueError):
    """An array has the wrong length.

    Parameters
    ----------
    expected, got : int
        The required length and the one found; also attributes of the exception. Without `got`, the first
        argument is the whole message.
    detail : str, default ""
        What the lengths count, appended to the message.

    See Also
    --------
    SpectrogramError : Catches all errors of the package.

    Examples
    --------
    >>> import spectrograms as sg
    >>> print(sg.DimensionMismatchError(257, 256, "rows of stft_matrix"))
    Dimension mismatch: expected 257, got 256 (rows of stft_matrix)
    >>> try:
    ...     sg.compute_irfft([1.0, 0.0], 8)
    ... except sg.DimensionMismatchError as error:
    ...     print(error.expected, error.got)
    5 2
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
    """FFTW refused a transform.

    See Also
    --------
    SpectrogramError : Catches all errors of the package.

    Examples
    --------
    >>> import spectrograms as sg
    >>> issubclass(sg.FFTBackendError, sg.SpectrogramError)
    True
    """


class InternalError(SpectrogramError):
    """An internal consistency check of the package has failed; please report it.

    See Also
    --------
    SpectrogramError : Catches all errors of the package.

    Examples
    --------
    >>> import spectrograms as sg
    >>> issubclass(sg.InternalError, sg.SpectrogramError)
    True
    """


#: What may be wrong with one input among many that are fine. Decoders raise RuntimeErrors.
INPUT_ERRORS = (OSError, ValueError, OverflowError, MemoryError, RuntimeError, SpectrogramError)


class SpectrogramWarning(UserWarning):
    """The request can be met, but part of the result will not be what it seems.

    Given once, when a plan or frontend is made, at the line that makes it: for bands without a bin, kernels
    longer than a frame, samples under no window, and arguments without effect. Copies, pickles and objects
    rebuilt from a dict or JSON text do not warn again. Frontends whose bands are the toolkit's own defaults
    do not warn either; `conventions` states the fact in any case.

    See Also
    --------
    SpectrogramError : The base class of the errors.

    Examples
    --------
    >>> import warnings
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), 16000)
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", sg.SpectrogramWarning)
    ...     plan = sg.SpectrogramPlan(params, sg.MelParams(128, 0.0, 8000.0))
    >>> plan.conventions["empty bands"]
    '13 of 128 hold no bin: 0, 3, 6, 11, 14, 19 and 7 more'
    """


def warn(text: str) -> None:
    """Issue a SpectrogramWarning at the user's line: that of the innermost frame outside the package."""
    held = _unsaid.get()
    if held is not None:
        held.append(text)
        return
    place = sys._getframe(1)
    while place.f_back is not None and place.f_code.co_filename.startswith(_PACKAGE):
        place = place.f_back
    # Not `warnings.warn` with a level, which counts frames by rules of its own.
    warnings.warn_explicit(
        text,
        SpectrogramWarning,
        place.f_code.co_filename,
        place.f_lineno,
        place.f_globals.get("__name__", "<unknown>"),
        place.f_globals.setdefault("__warningregistry__", {}),
    )


@contextmanager
def unsaid() -> Iterator[list[str]]:
    """Silence :func:`warn` while something is rebuilt that has warned before; yields the texts held back."""
    held: list[str] = []
    token = _unsaid.set(held)
    try:
        yield held
    finally:
        _unsaid.reset(token)


def number(value: Any) -> str:
    """A number for the text of an error: the fewest digits that read back as the same one."""
    if isinstance(value, int):
        return shown(value)
    return "NaN" if value != value else repr(float(value)).removesuffix(".0")


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 100
_SHORT.maxlong = 40
_SHORT.maxlevel = 3


def shown(value: Any) -> str:
    """A value for the text of an error: its repr, cut where it is long or deep.

    Never raises: ``repr`` itself does for lists that are nested too deeply and for integers of more than 4300
    digits.
    """
    if isinstance(value, int) and value.bit_length() > 256:
        return f"{'-' if value < 0 else ''}an integer of {value.bit_length()} bits"
    try:
        return _SHORT.repr(value)
    except Exception:  # the repr of a foreign class may raise anything
        return f"an object of type {type(value).__name__}"


def check_maker(made: str, name: str, value: Any, kind: type, how: str) -> None:
    """Raise TypeError unless `value` is a `kind`, for a class that is usually made by methods of others."""
    if not isinstance(value, kind):
        raise TypeError(
            f"{name} of {made} must be {kind.__name__}, got {type(value).__name__}; {how} makes one"
        )
