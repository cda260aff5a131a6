"""Readers of collections, the places of recordings in them, and reading these one after the other."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from spectrograms._common.files import as_text
from spectrograms.audio.sounds import Content
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import mtime_of, state_of
from spectrograms.places.urls import Url

#: What a reader gives: where it stands, its fields, and its sound or place, or None for a path among them.
Entry = tuple[str, dict[str, Any], Any]
# Classes that read the cells of a kind.
_KINDS = {
    "packed": ("tars", "PackedTar"),
    "tar": ("tars", "FarTar"),
    "parquet": ("tables", "Parquet"),
    "arrow": ("tables", "Arrow"),
}

# Seconds from one question whether an object has changed to the next.
_OFTEN = 1.0


class Reader(ABC):
    """Goes through a collection.

    Parameters
    ----------
    path : str
    left_out : Counter
        Counts what is no sound, by suffix.
    """

    def __init__(self, path: str, left_out: Counter[str]) -> None:
        self.path: str = path
        self._left_out = left_out

    @abstractmethod
    def entries(self) -> Iterator[Entry]:
        """The recordings, in their order.

        Raises
        ------
        InvalidInputError
            If the collection is damaged, or no such thing.
        OSError
            If it cannot be read.
        """

    def damaged(self, error: Exception) -> InvalidInputError:
        """An error of the format as ours."""
        words = str(error).partition("\n")[0][:200] or type(error).__name__
        return InvalidInputError(f"{as_text(self.path)} cannot be read: {words}")


class Cells(ABC):
    """A collection that is open, for its contents in their order.

    Parameters
    ----------
    path : str
    """

    @abstractmethod
    def __init__(self, path: str) -> None: ...

    @abstractmethod
    def content(self, place: tuple[Any, ...]) -> Any:
        """The content at a place, bytes or a buffer; None where the table has none."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of a recording that is read in its turn.

    Attributes
    ----------
    kind : str
        Of the collection.
    path : str
    place : tuple of int
        In the collection, as its kind counts.
    size : int
        Bytes, about.
    name : str
        What messages call it.
    """

    kind: str
    path: str
    place: tuple[int, ...]
    size: int
    name: str

    def fetched(self) -> Content:
        """The content, read for itself: a collection is gone through up to there."""
        with Reading() as reading:
            return reading.of(self)


class Reading:
    """Reads cells, each the faster the closer behind the one before it stands."""

    def __init__(self) -> None:
        self._path: str | None = None
        self._cells: Cells | None = None
        self._state: Any = None
        self._mtime_ns: int | None = None
        self._asked = 0.0

    def of(self, cell: Cell) -> Content:
        """The content of a cell.

        Raises
        ------
        InvalidInputError
            If the collection changes meanwhile, is damaged, or has nothing there.
        OSError
            If it cannot be read.
        """
        try:
            if self._cells is None or self._path != cell.path:
                self.close()
                self._state, self._mtime_ns = state_of(cell.path), mtime_of(cell.path)
                self._cells, self._path = _opened(cell), cell.path
            content = self._cells.content(cell.place)
        except BaseException as error:
            self.close()
            if (isinstance(error, OSError) and error.errno) or not isinstance(error, Exception):
                raise
            # Of any of the libraries that read tables.
            words = str(error).partition("\n")[0][:200] or type(error).__name__
            raise InvalidInputError(f"{cell.name} cannot be read: {words}") from error
        if content is None:
            raise InvalidInputError(f"{cell.name} has no content")
        if self._is_changed(cell.path):
            self.close()
            raise InvalidInputError(f"{as_text(cell.path)} changed while it was read: run again")
        return Content(content, cell.name, self._mtime_ns)

    def _is_changed(self, path):
        """Whether a collection is another than it was; a store is not asked for each of its contents."""
        if isinstance(path, Url):
            if time.monotonic() - self._asked < _OFTEN:
                return False
            self._asked = time.monotonic()
        return state_of(path) != self._state

    def close(self) -> None:
        """Close what is open."""
        cells, self._cells = self._cells, None
        if cells is not None:
            cells.close()

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def _opened(cell):
    module, name = _KINDS[cell.kind]
    return getattr(import_module(f"spectrograms.corpus.collections.{module}"), name)(cell.path)
