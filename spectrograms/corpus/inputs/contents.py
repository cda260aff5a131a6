"""Sounds that must be read in their turn: open files, cells of collections, and objects far away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectrograms.audio.sounds import Content, Stretch
from spectrograms.corpus.collections.cells import Cell, Reading
from spectrograms.corpus.inputs.far import Coming, Far
from spectrograms.corpus.inputs.items import Item
from spectrograms.errors import INPUT_ERRORS, InvalidInputError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

# Objects that are fetched at a time.
_REQUESTS = 16


class Failed:
    """Stands for a sound that could not be read, until it is its turn to fail.

    Parameters
    ----------
    error : Exception
    """

    def __init__(self, error: Exception) -> None:
        self.error = error


class Contents:
    """Reads the sounds of items in their order; others are left to whoever decodes them."""

    def __init__(self) -> None:
        self._reading = Reading()
        self._threads: ThreadPoolExecutor | None = None

    def taken(self, item: Item) -> Item:
        """An item whose sound anybody can decode at any time."""
        data = item.data
        if data is None or isinstance(data, (bytes, tuple, Failed)):
            return item
        if isinstance(data, Far):
            # Several are on their way before the first is needed.
            if self._threads is None:
                from concurrent.futures import ThreadPoolExecutor

                self._threads = ThreadPoolExecutor(_REQUESTS, "spectrograms-fetch")
            return item._replace(data=Coming(self._threads.submit(data.fetched)))
        try:
            if isinstance(data, Cell):
                return item._replace(data=self._reading.of(data))
            return item._replace(data=content_of_file(data, item))
        except INPUT_ERRORS as error:
            return item._replace(data=Failed(error))

    def close(self) -> None:
        """Close what is open."""
        self._reading.close()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)


def content_of_file(file: Any, item: Item) -> Content:
    """What follows in a file object.

    Raises
    ------
    TypeError
        If it gives text.
    InvalidInputError
        If nothing follows.
    """
    content = file.read()
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise TypeError(f"a sound file must be binary, got {type(content).__name__} of {item.id!r}")
    if not content:
        raise InvalidInputError(f"nothing follows in the file of {item.id!r}")
    return Content(bytes(content), item.path or item.id)


def sent(item: Item) -> Any:
    """The sound of an item, of types that any process knows."""
    data = item.data
    if data is None or isinstance(data, (Stretch, Cell, Far)):
        return data
    if isinstance(data, bytes):
        return bytes(data)
    return data if isinstance(data, (tuple, Failed)) else Contents().taken(item).data
