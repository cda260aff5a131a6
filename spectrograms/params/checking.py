"""Conversion of arguments: what counts as an integer, a number, a flag, and the words for what does not.

Each function takes the argument's name and value and returns the converted value. The rules are those of
compiled signatures, stricter than Python's own constructors: ``int("3")`` and ``float("3")`` would parse
text, ``bool(2)`` would accept anything.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from spectrograms._common.intake import FIRST_USER_TYPE
from spectrograms.errors import InvalidInputError, number, shown

_MAX_SIZE = 2**64 - 1


class NotGiven:
    """Stand for a default in a signature and look like it, so that "left out" can be told from "given"."""

    __slots__ = ("default",)

    def __init__(self, default: object) -> None:
        self.default: object = default

    def __repr__(self) -> str:
        return repr(self.default)


CENTRE: NotGiven = NotGiven(True)

_T = TypeVar("_T")


def as_index(name: str, value: Any) -> int:
    """Convert to an integer in 0..2**64-1."""
    if type(value) is not int:
        try:
            value = int(operator.index(value))
        except TypeError as error:
            raise TypeError(f"{error}: {name} must be an integer") from None
    if value < 0:
        raise OverflowError(
            f"can't convert negative int to unsigned: {name} must be >= 0, got {shown(value)}"
        )
    if value > _MAX_SIZE:
        raise OverflowError(f"int too big to convert: {name} must be < 2**64, got {shown(value)}")
    return value


def as_count(name: str, value: Any, zero: str | None = None) -> int:
    """Convert to an integer in 1..2**64-1; `zero` is a message of its own for 0."""
    value = as_index(name, value)
    if value == 0:
        raise InvalidInputError(f"{zero or f'invalid zero value: {name} must be >= 1'}, got 0")
    return value


def _is_complex(dtype):
    """Whether numbers of a dtype, of NumPy or another package, have an imaginary part."""
    if not isinstance(dtype, np.dtype):
        return getattr(dtype, "is_complex", False)
    # The kind of a dtype of another package is whatever a version of that package calls it.
    return dtype.kind == "c" or (dtype.num >= FIRST_USER_TYPE and not np.can_cast(dtype, np.float64))


def as_float(name: str, value: Any) -> float:
    """Convert to a float anything with ``__float__`` or ``__index__``."""
    kind = type(value)
    if kind is float:
        return value
    if kind is not int and _is_complex(getattr(value, "dtype", None)):
        # NumPy, ml_dtypes and torch would drop the imaginary part, some of them silently.
        raise TypeError(f"must be real number, not {kind.__name__}: {name} must be a number")
    try:
        # Functions of `math` convert as C code does; float() would also parse text.
        return math.copysign(value, value)
    except (TypeError, ValueError) as error:  # an array of text without axes parses it
        raise TypeError(f"{error}: {name} must be a number") from None
    except OverflowError as error:
        raise OverflowError(f"{error}: {name}") from None


def as_bool(name: str, value: Any) -> bool:
    """Accept True, False and `numpy.bool_`, nothing else."""
    if value is True or value is False:
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    return _refuse(name, value, "bool")


def as_centre(centre: Any, center: Any) -> bool:
    """Resolve the two spellings of one flag; a signature says ``centre=CENTRE, *, center=CENTRE``."""
    if center is not CENTRE:
        if centre is not CENTRE:
            raise TypeError("centre and center are two spellings of one argument: give one of them")
        return as_bool("center", center)
    return True if centre is CENTRE else as_bool("centre", centre)


def as_choice(
    name: str, value: Any, choices: Sequence[str], spellings: Mapping[str, str] | None = None
) -> str:
    """Accept one of the strings in `choices`, or another spelling of one."""
    if not isinstance(value, str):
        _refuse(name, value, "str")
    value = (spellings or {}).get(value, value)
    if value not in choices:
        listed = ", ".join(map(repr, choices))
        raise InvalidInputError(f"{name} must be one of {listed}, got {shown(value)}")
    return str(value)


def as_instance(name: str, value: Any, kind: type[_T]) -> _T:
    """Accept an instance of the class `kind`."""
    if not isinstance(value, kind):
        _refuse(name, value, kind.__name__)
    return value


def require(condition: object, message: str, value: Any) -> None:
    """Raise `InvalidInputError` unless `condition`; `message` says argument and range."""
    if not condition:
        raise InvalidInputError(f"{message}, got {number(value)}")


def require_above(f_min: float, f_max: float) -> None:
    """Raise `InvalidInputError` unless ``f_max > f_min``; NaN is not above anything."""
    if not f_max > f_min:
        raise InvalidInputError(f"f_max must be > f_min={number(f_min)}, got {number(f_max)}")


def format_number(value: Any) -> str:
    """Write a number in the fewest digits that read back as the same number, without an exponent."""
    if isinstance(value, int):
        return shown(value)
    return "NaN" if value != value else np.format_float_positional(value, trim="-")


def _refuse(name, value, kind):
    shown = "'None' is" if value is None else f"'{type(value).__name__}' object is"
    raise TypeError(f"{shown} not an instance of '{kind}': {name}")
