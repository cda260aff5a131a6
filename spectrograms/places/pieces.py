"""Objects that are read here and there: mapped from a file with holes, filled where they are touched."""

from __future__ import annotations

import mmap
import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from spectrograms.places.remote import PIECE, Opened, together
from spectrograms.places.urls import Url

# Bytes that are fetched together, at least.
_BLOCK = 1 << 16


class Pieces:
    """An object, as memory whose content is there once it has been asked for.

    The file is of this process alone, has no name and goes with it, however it ends.

    Parameters
    ----------
    url : Url

    Attributes
    ----------
    content : mmap.mmap
        All of it; zeros where nothing has been fetched.
    filled : int
        Bytes that have been.

    Raises
    ------
    FileNotFoundError
        If there is no such object.
    ValueError
        If it is empty.
    OSError
        If it cannot be read.
    """

    def __init__(self, url: Url) -> None:
        self._opened = Opened(url)
        size = self._opened.size
        self._file = tempfile.TemporaryFile(prefix="spectrograms-")  # noqa: SIM115
        self._file.truncate(size)
        self.content: mmap.mmap = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)
        self._there = bytearray(-(-size // _BLOCK))
        self._lock = threading.Lock()
        self._ahead: ThreadPoolExecutor | None = None
        self._process = os.getpid()
        self.filled: int = 0

    def need(self, *ranges: tuple[int, int]) -> None:
        """Have some ranges of bytes, each its first and the one after its last; each is fetched once."""
        there = self._there
        if all(all(there[first // _BLOCK : -(-stop // _BLOCK)]) for first, stop in ranges):
            return
        if os.getpid() != self._process:
            # Forked: connections and locks are those of another process, the file is shared.
            self._process, self._lock, self._ahead = os.getpid(), threading.Lock(), None
            self._opened = Opened(self._opened.url)
        with self._lock:
            missing = sorted(
                {
                    k
                    for first, stop in ranges
                    for k in range(first // _BLOCK, -(-stop // _BLOCK))
                    if not there[k]
                }
            )
            for (first, stop), part in zip(
                pieces := list(_joined(missing)), together(self._fetch, pieces), strict=True
            ):
                self.filled += len(part)
                self._put(part, first * _BLOCK)
                there[first:stop] = b"\1" * (stop - first)

    def prepare(self, first: int, stop: int) -> None:
        """Begin to fetch a range that will be needed; an error of it shows when it is."""
        if self._ahead is None:
            self._ahead = ThreadPoolExecutor(1, "spectrograms-ahead")
        self._ahead.submit(self.need, (first, stop))

    def _put(self, part, first):
        if hasattr(os, "pwrite"):
            while part:
                written = os.pwrite(self._file.fileno(), part, first)
                part, first = part[written:], first + written
            return
        self._file.seek(first)
        self._file.write(part)
        self._file.flush()

    def _fetch(self, piece):
        first, stop = piece[0] * _BLOCK, min(piece[1] * _BLOCK, self._opened.size)
        return self._opened.at(first, stop - first)

    def __del__(self) -> None:
        ahead, file = getattr(self, "_ahead", None), getattr(self, "_file", None)
        if ahead is not None and os.getpid() == self._process:
            ahead.shutdown(wait=False, cancel_futures=True)
        if file is not None:
            file.close()


def _joined(blocks: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of blocks that follow one another, none larger than a request."""
    first = stop = -1
    for block in blocks:
        if block != stop or stop - first == PIECE // _BLOCK:
            if stop > first:
                yield first, stop
            first = block
        stop = block + 1
    if stop > first:
        yield first, stop
