"""The kinds of parameters: each turns what the user gives into one canonical value or refuses it.

Canonical values are what JSON holds, so that equal configurations have equal texts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Real
from operator import index
from typing import Any, ClassVar, NoReturn

from spectrograms._common.limits import MAX_BANDS, MAX_LENGTH
from spectrograms.errors import InvalidInputError, shown

#: The largest length where a parameter has no limit of its own.
ANY_LENGTH = 2**62
#: The longest chunk, in seconds.
DAY = 86400


@dataclass(frozen=True)
class Kind:
    """A default and the values allowed beside it."""

    expected: ClassVar[Any]
    convert: ClassVar[Any]

    default: object
    optional: bool = field(default=False, kw_only=True)
    required: bool = field(default=False, kw_only=True)
    #: Values allowed beside those of the kind itself, such as "max".
    words: tuple[Any, ...] = field(default=(), kw_only=True)
    #: Earlier versions did not have it: configurations say it where it is not the default.
    later: bool = field(default=False, kw_only=True)

    def is_unsaid(self, value: Any) -> bool:
        """Whether configurations leave a value out."""
        return self.later and value == self.default

    def read(self, name: str, value: Any) -> Any:
        """Return the canonical form of a value; raise TypeError or InvalidInputError."""
        if value is None:
            if self.optional or self.default is None:
                return None
            raise TypeError(f"{name} must be {self.expected}, got None")
        if isinstance(value, str) and value in self.words:
            return value
        return self.convert(name, value)

    @property
    def wanted(self) -> str:
        """The allowed values in words."""
        parts = [self.expected, *map(repr, self.words)]
        if self.optional or self.default is None:
            parts.append("None")
        return " or ".join(parts)

    def fail(self, name: str, value: Any, error: type[Exception] = InvalidInputError) -> NoReturn:
        """Refuse a value."""
        raise error(f"{name} must be {self.wanted}, got {shown(value)}")


@dataclass(frozen=True)
class Flag(Kind):
    """True or False."""

    expected = "True or False"

    def convert(self, name: str, value: Any) -> Any:
        if value is True or value is False or type(value).__name__ in ("bool", "bool_"):
            return bool(value)
        return self.fail(name, value, TypeError)


@dataclass(frozen=True)
class Count(Kind):
    """A whole number, `low` or more."""

    low: int = 1
    high: int = MAX_LENGTH

    @property
    def expected(self) -> str:
        return f"a whole number in {self.low}..{self.high}"

    def convert(self, name: str, value: Any) -> Any:
        if isinstance(value, bool):
            self.fail(name, value, TypeError)
        try:
            number = index(value)
        except TypeError:
            self.fail(name, value, TypeError)
        return number if self.low <= number <= self.high else self.fail(name, value)


def band_count(default: int) -> Count:
    """A number of bands."""
    return Count(default, high=MAX_BANDS)


@dataclass(frozen=True)
class Number(Kind):
    """A finite number, not below `low` and above `above`."""

    low: float = -math.inf
    above: float = -math.inf

    @property
    def expected(self) -> str:
        if self.above > -math.inf:
            return f"a number > {self.above:g}"
        return f"a number >= {self.low:g}" if self.low > -math.inf else "a number"

    def convert(self, name: str, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, Real):
            self.fail(name, value, TypeError)
        try:
            number = float(value)
        except OverflowError:  # an integer beyond every float
            self.fail(name, value)
        return number if math.isfinite(number) and self.low <= number > self.above else self.fail(name, value)


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few values."""

    options: tuple[Any, ...] = ()

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(map(repr, self.options))

    def convert(self, name: str, value: Any) -> Any:
        for option in self.options:
            # 1 == True, so the type counts, too.
            if type(option) is type(value) and option == value:
                return option
        return self.fail(name, value)


@dataclass(frozen=True)
class Numbers(Kind):
    """A list of finite numbers; outer axes of length one are dropped."""

    expected = "a list of numbers"

    def convert(self, name: str, value: Any) -> Any:
        # A set has no order, a dict yields its keys, and bytes are not meant as numbers.
        listed = isinstance(value, Sequence) or hasattr(value, "tolist")
        if not listed or isinstance(value, (bytes, bytearray)):
            self.fail(name, value, TypeError)
        try:
            items = value.tolist() if hasattr(value, "tolist") else list(value)
            while len(items) == 1 and isinstance(items[0], (list, tuple)):
                items = items[0]
            numbers = [float(x) for x in items if isinstance(x, Real)]
        except (TypeError, ValueError, OverflowError, RecursionError):
            self.fail(name, value, TypeError)
        if len(numbers) < len(items):  # float() would read text; complex numbers are refused, too
            self.fail(name, value, TypeError)
        return numbers if all(map(math.isfinite, numbers)) else self.fail(name, value)


@dataclass(frozen=True)
class AnyWindow(Kind):
    """The name of a window, or a list of its name and parameters, as SciPy takes them."""

    expected = "the name of a window, or [name, parameter]"

    def convert(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], str):
            return [value[0], *(Number(0.0).convert(name, x) for x in value[1:])]
        return self.fail(name, value, TypeError)


def below(low_name: str, low: Any, high_name: str, high: Any) -> None:
    """Refuse a range that is empty or starts below 0."""
    if not 0 <= low < high:
        raise InvalidInputError(f"{low_name} must be in 0 <= {low_name} < {high_name}={high:g}, got {low:g}")


def at_most(name: str, value: Any, limit_name: str, limit: Any) -> None:
    """Refuse a value above a limit."""
    if value > limit:
        raise InvalidInputError(f"{name} must be <= {limit_name}={limit:g}, got {value:g}")
