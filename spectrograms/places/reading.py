"""Objects as binary files, read ahead: a request takes as long for a byte as for a megabyte."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from spectrograms.places.remote import Opened
from spectrograms.places.urls import Url

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

# Bytes of a block.
_BLOCK = 4 << 20


class _Ahead(io.RawIOBase):
    """Blocks of an object; of one that is read in order, the next block is on its way."""

    def __init__(self, url: Url) -> None:
        self._opened, self.name = Opened(url), str.__str__(url)
        self._size, self._position = self._opened.size, 0
        self._number, self._block = -1, b""
        self._threads: ThreadPoolExecutor | None = None
        self._next: tuple[int, Future[bytes]] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = offset + (0, self._position, self._size)[whence]
        if place < 0:
            raise ValueError(f"position must be >= 0, got {place}")
        self._position = place
        return place

    def readinto(self, buffer: Any) -> int:
        place = self._position
        if place >= self._size:
            return 0
        number, first = divmod(place, _BLOCK)
        block = self._take(number)
        count = min(len(buffer), len(block) - first)
        buffer[:count] = block[first : first + count]
        self._position += count
        return count

    def _take(self, number):
        if number == self._number:
            return self._block
        in_order = number == self._number + 1
        if self._next is not None and self._next[0] == number:
            block = self._next[1].result()
        else:
            block = self._fetch(number)
        self._next = None
        self._number, self._block = number, block
        if in_order and (number + 1) * _BLOCK < self._size:
            if self._threads is None:
                from concurrent.futures import ThreadPoolExecutor

                self._threads = ThreadPoolExecutor(1, "spectrograms-ahead")
            self._next = number + 1, self._threads.submit(self._fetch, number + 1)
        return block

    def _fetch(self, number):
        first = number * _BLOCK
        return self._opened.at(first, min(_BLOCK, self._size - first))

    def close(self) -> None:
        if not self.closed:
            if self._threads is not None:
                self._threads.shutdown(wait=True, cancel_futures=True)
            self._opened.close()
        super().close()


def opened(path: str | Url) -> BinaryIO:
    """A file of this machine or an object, as a binary file to read."""
    if isinstance(path, Url):
        return io.BufferedReader(_Ahead(path), 1 << 16)
    return open(path, "rb")
