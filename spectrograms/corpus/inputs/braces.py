"""Names with braces, as shells and WebDataset write those of many files: ``train-{0000..0127}.tar``."""

from __future__ import annotations

import re

from spectrograms.errors import InvalidInputError

_RANGE = re.compile(r"(\d+)\.\.(\d+)(?:\.\.(\d+))?")
_BRACES = re.compile(r"\{([^{}]*(?:,|\.\.)[^{}]*)\}")
# More names than a command line is meant for.
_MOST = 1_000_000


def expanded(name: str) -> list[str]:
    """The names that a name with braces stands for, in order; of any other, the name itself.

    Parameters
    ----------
    name : str
        With any number of ``{first..last}``, ``{first..last..step}`` and ``{one,another}``. Numbers have as
        many digits as the longer of the two if either begins with a zero.

    Raises
    ------
    InvalidInputError
        If they are more than a million.
    """
    names = [name]
    # From the first braces on: numbers in front change last.
    while matches := list(_BRACES.finditer(names[0])):
        match = matches[0]
        words = _words(match[1])
        if len(words) * len(names) > _MOST:
            raise InvalidInputError(f"{name!r} must stand for at most {_MOST} names, got more")
        if words == [match[0]]:
            break
        # All names have the same braces left, but at other places.
        names = [
            entry[: found.start()] + word + entry[found.end() :]
            for entry in names
            if (found := _BRACES.search(entry))
            for word in words
        ]
    return names


def _words(inside):
    """What may stand in place of braces."""
    match = _RANGE.fullmatch(inside)
    if match is None:
        return inside.split(",") if "," in inside else ["{" + inside + "}"]
    first, last, step = match.groups()
    padded = any(len(number) > 1 and number.startswith("0") for number in (first, last))
    width = max(len(first), len(last)) if padded else 0
    low, high = int(first), int(last)
    by = max(int(step or 1), 1)
    if abs(high - low) // by >= _MOST:
        raise InvalidInputError(f"{{{inside}}} must stand for at most {_MOST} names, got more")
    numbers = range(low, high + 1, by) if low <= high else range(low, high - 1, -by)
    return [str(number).zfill(width) for number in numbers]
