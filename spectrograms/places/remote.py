"""What is done with objects: looked at, listed, read, written, removed; again if the network fails meanwhile.

An object is whole or not there: stores show it when all of it has arrived. What is read is compared with the
size that the store has stated, and what is written with the size that it states afterwards.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO, NamedTuple, TypeVar

from spectrograms._common.extras import require
from spectrograms.errors import InvalidInputError
from spectrograms.places.filesystems import filesystem_of, words_of
from spectrograms.places.urls import Url

T = TypeVar("T")

# Seconds before each further attempt; the libraries below try three times each.
PAUSES = (0.1, 0.5, 2.0)
# What no further attempt changes.
_FINAL = (
    "ACCESS_DENIED",
    "NO_SUCH_BUCKET",
    "INVALID_ACCESS_KEY",
    "SIGNATURE_DOES_NOT_MATCH",
    "NoCredentials",
)
#: Requests at a time; bytes of one.
REQUESTS, PIECE = 16, 8 << 20


class Facts(NamedTuple):
    """What a store says about an object.

    Attributes
    ----------
    size : int
        Bytes.
    mtime_ns : int or None
        When it was written, in nanoseconds since 1970.
    """

    size: int
    mtime_ns: int | None


def patiently(url: Url, what: str, act: Callable[[], T]) -> T:
    """Do something with an object, again if it fails for a reason that may pass.

    Raises
    ------
    FileNotFoundError
        If there is no such object.
    OSError
        If it fails again and again; the URL is named.
    """
    for pause in (*PAUSES, None):
        try:
            return act()
        except FileNotFoundError:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(url)) from None
        except Exception as error:
            # Arrow's errors are of several classes; those of fsspec's libraries are of any.
            if isinstance(error, (ImportError, TypeError, MemoryError)):
                raise
            words = words_of(error, url)
            if pause is None or isinstance(error, PermissionError) or any(word in words for word in _FINAL):
                kind = PermissionError if "ACCESS_DENIED" in words else OSError
                raise kind(f"cannot {what} {url}: {words}") from None
        time.sleep(pause)
    raise AssertionError  # not reached


def facts_of(url: Url) -> Facts:
    """What the store says about an object; FileNotFoundError if there is none."""
    filesystem, path = filesystem_of(url)
    return patiently(url, "look at", lambda: _facts(filesystem.get_file_info(path)))


def _facts(info):
    if not info.is_file:
        raise FileNotFoundError
    return Facts(info.size, info.mtime_ns)


def exists(url: Url) -> bool:
    """Whether there is an object of this name."""
    try:
        facts_of(url)
    except FileNotFoundError:
        return False
    return True


def facts_of_all(urls: Iterable[Url]) -> list[Facts | None]:
    """What the store says about each object, asked for many at a time; None where it cannot tell."""

    def found(url):
        try:
            return facts_of(url)
        except (OSError, ImportError, InvalidInputError):
            return None

    return list(together(found, urls))


def together(act: Callable[[Any], T], arguments: Iterable[Any]) -> Iterator[T]:
    """The results of a function that waits for a network, in order, several at a time."""
    arguments = list(arguments)
    if len(arguments) < 2:
        yield from map(act, arguments)
        return
    from concurrent.futures import ThreadPoolExecutor  # not needed by those who stay here

    with ThreadPoolExecutor(min(REQUESTS, len(arguments)), "spectrograms-remote") as threads:
        yield from threads.map(act, arguments)


def listed(folder: Url, deep: bool = False) -> dict[str, Facts]:
    """The objects below a name, by what follows it; empty if there are none.

    Parameters
    ----------
    folder : Url
    deep : bool, default False
        Also those in folders of it.
    """
    fs = require("pyarrow.fs", "listing object stores")
    filesystem, path = filesystem_of(folder)
    path = path.rstrip("/")
    begin = len(path.lstrip("/")) + 1

    def list_all():
        selector = fs.FileSelector(path, recursive=deep, allow_not_found=True)
        return filesystem.get_file_info(selector)

    infos = patiently(folder, "list", list_all)
    # Filesystems of fsspec may put a slash in front.
    found = {info.path.lstrip("/")[begin:]: _facts(info) for info in infos if info.is_file}
    return {name: facts for name, facts in found.items() if name}


def is_folder(url: Url) -> bool:
    """Whether there are objects below a name."""
    filesystem, path = filesystem_of(url)
    info = patiently(url, "look at", lambda: filesystem.get_file_info(path.rstrip("/")))
    return info.type.name == "Directory"


class Opened:
    """An object that is read at stated places, by any thread.

    Attributes
    ----------
    url : Url
    size : int
    """

    def __init__(self, url: Url) -> None:
        self.url = url
        filesystem, path = filesystem_of(url)
        self._file: Any = patiently(url, "open", lambda: filesystem.open_input_file(path))
        self.size: int = patiently(url, "open", self._file.size)

    def at(self, first: int, count: int) -> bytes:
        """Exactly these bytes."""

        def read():
            content = self._file.read_at(count, first)
            if len(content) != count:
                raise OSError(f"{len(content)} bytes came where {count} were asked for")
            return content

        if not count:
            return b""
        return patiently(self.url, "read", read)

    def close(self) -> None:
        """Close it."""
        self._file.close()


def content_of(url: Url) -> bytes:
    """All of an object."""
    opened = Opened(url)
    try:
        return opened.at(0, opened.size)
    finally:
        opened.close()


def write(url: Url, content: bytes | BinaryIO, size: int | None = None) -> None:
    """Write an object, which is there when all of it has arrived.

    Parameters
    ----------
    url : Url
    content : bytes or binary file
        Read from its beginning at each attempt.
    size : int, optional
        Of a file.
    """
    filesystem, path = filesystem_of(url)
    total = len(content) if isinstance(content, bytes) else size

    def send():
        with filesystem.open_output_stream(path) as stream:
            if isinstance(content, bytes):
                stream.write(content)
            else:
                content.seek(0)
                while piece := content.read(PIECE):
                    stream.write(piece)
        there = _facts(filesystem.get_file_info(path)).size
        if there != total:
            raise OSError(f"{there} bytes are there where {total} were written")

    patiently(url, "write", send)


def remove(url: Url) -> None:
    """Remove an object; nothing happens if there is none."""
    filesystem, path = filesystem_of(url)
    with suppress(FileNotFoundError):
        patiently(url, "remove", lambda: filesystem.delete_file(path))
