"""Recordings in object stores: their places, reading them, and looking for them."""

from __future__ import annotations

import fnmatch
import os
import re
import tempfile
import weakref
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectrograms.audio.sounds import Content, Stretch
from spectrograms.audio.suffixes import is_sound, suffix_of
from spectrograms.corpus.inputs.folders import HIDDEN, NO_SUFFIX
from spectrograms.errors import InvalidInputError
from spectrograms.places.urls import Url

if TYPE_CHECKING:
    from concurrent.futures import Future

# Recordings beyond this are kept on the disk while they are worked on.
_MOST_BYTES = 64 << 20
_MAGIC = re.compile(r"[*?[]")


@dataclass(frozen=True, slots=True)
class Far:
    """The place of a recording that is an object of its own.

    Attributes
    ----------
    url : Url
    size : int or None
        Bytes, where the store has been asked.
    mtime_ns : int or None
        When it was written.
    """

    url: Url
    size: int | None = None
    mtime_ns: int | None = None

    def fetched(self) -> Any:
        """The content: in memory, or, of a long recording, a file that goes when the result does.

        Raises
        ------
        OSError
            If it cannot be read.
        InvalidInputError
            If it changes meanwhile.
        """
        from spectrograms.places.remote import Opened, facts_of

        opened = Opened(self.url)
        try:
            if opened.size <= _MOST_BYTES:
                content: Any = opened.at(0, opened.size)
            else:
                content = _Landed.of(opened, str(self.url))
        finally:
            opened.close()
        now = facts_of(self.url)
        if now.size != opened.size:
            raise InvalidInputError(f"{self.url} changed while it was read: run again")
        if isinstance(content, bytes):
            return Content(content, str(self.url), now.mtime_ns)
        content.mtime_ns = now.mtime_ns
        return content


class _Landed(Stretch):
    """A copy of an object, which is removed with the last of its users."""

    mtime_ns: int | None
    _owner: Any

    @classmethod
    def of(cls, opened, name):
        from spectrograms.places.remote import PIECE

        descriptor, path = tempfile.mkstemp(prefix="spectrograms-", suffix=os.path.splitext(name)[1])
        made = cls(path, 0, opened.size, name)
        made._owner = _Owner()
        weakref.finalize(made._owner, os.unlink, path)
        with open(descriptor, "wb") as file:
            for first in range(0, opened.size, PIECE):
                file.write(opened.at(first, min(PIECE, opened.size - first)))
        return made


class _Owner:
    """Stands for the right to a file."""


class Coming:
    """A content that is on its way.

    Parameters
    ----------
    future : concurrent.futures.Future
    """

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def fetched(self) -> Any:
        """The content, or the error of it."""
        return self._future.result()


def settled(places: list[Far]) -> list[Far | None]:
    """The places with what the store says about them, asked for many at a time; None where it cannot tell."""
    from spectrograms.places.remote import facts_of_all

    facts = facts_of_all(place.url for place in places)
    return [
        None if each is None else Far(place.url, *each) for place, each in zip(places, facts, strict=True)
    ]


def expect(place: Far) -> None:
    """Raise the error of a place about which the store could not tell."""
    from spectrograms.places.remote import facts_of

    try:
        facts_of(place.url)
    except FileNotFoundError:
        raise FileNotFoundError(f"input {str(place.url)!r} does not exist") from None


def found_in(url: Url, left_out: Counter[str]) -> list[tuple[str, Far]] | None:
    """The sound files below a name, by their path from there, as in a folder; None if nothing is below.

    Parameters
    ----------
    url : Url
    left_out : Counter
        Counts what is left out, by suffix.
    """
    from spectrograms.places.remote import listed

    there = listed(url, deep=True)
    if not there:
        return None
    found = []
    for name in sorted(there, key=lambda name: name.split("/")):
        if any(part.startswith(".") for part in name.split("/")):
            left_out[HIDDEN] += 1
        elif is_sound(name):
            found.append((name, Far(url.beside(name), *there[name])))
        else:
            left_out[suffix_of(name) or NO_SUFFIX] += 1
    return found


def is_pattern(url: Url) -> bool:
    """Whether a name stands for all that match it."""
    return _MAGIC.search(url.key) is not None


def matching(url: Url, left_out: Counter[str]) -> list[Far]:
    """The objects that match a pattern, in the order of their names; as for files.

    Raises
    ------
    FileNotFoundError
        If there are none.
    """
    from spectrograms.places.remote import listed

    parts = url.key.split("/")
    first = next(k for k, part in enumerate(parts) if _MAGIC.search(part))
    base = url.at("/".join(parts[:first]))
    rest = parts[first:]
    suffix = os.path.splitext(rest[-1])[1]
    named = len(suffix) > 1 and not _MAGIC.search(suffix)
    found = []
    for name, facts in sorted(listed(base, deep=len(rest) > 1 or "**" in rest).items()):
        if not _matches(name.split("/"), rest):
            continue
        if named or is_sound(name):
            found.append(Far(base.beside(name), *facts))
        else:
            left_out[suffix_of(name) or NO_SUFFIX] += 1
    if not found:
        raise FileNotFoundError(f"no object matches {str(url)!r}")
    return found


def _matches(parts: list[str], pattern: list[str]) -> bool:
    """Whether the parts of a name match those of a pattern; ``**`` stands for any number of them."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        hidden = any(part.startswith(".") for part in parts[:-1])
        rest = pattern[1:] or ["*"]
        return any(_matches(parts[k:], rest) for k in range(1 if hidden else len(parts)))
    if not parts or (parts[0].startswith(".") and not pattern[0].startswith(".")):
        return False
    return fnmatch.fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
