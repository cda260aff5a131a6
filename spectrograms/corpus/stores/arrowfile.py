"""The structure of an Arrow IPC file: the places of its batches, checked before Arrow itself follows them.

Arrow verifies the tables it reads, but believes the size stated for a compressed buffer, and reads values
where a buffer begins, aligned or not. A shard is never compressed and always aligned, so that anything else
is refused here, from a few numbers of each batch and without a copy.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import reduce
from operator import add, or_
from typing import Any, NamedTuple

from spectrograms.errors import InvalidInputError

_MAGIC = b"ARROW1"
# Numbers of Arrow's format: Footer.fbs and Message.fbs.
_FOOTER_DICTIONARIES, _FOOTER_BATCHES = 2, 3
_MESSAGE_KIND, _MESSAGE_HEADER = 1, 2
_KIND_BATCH = 3
_BATCH_LENGTH, _BATCH_BUFFERS, _BATCH_COMPRESSION = 0, 2, 3
_BLOCK = struct.Struct("<qi4xq")
_UINT16, _INT32, _INT64 = (struct.Struct(code).unpack_from for code in ("<H", "<i", "<q"))
_MESSAGE = struct.Struct("<ii").unpack_from
_BUFFER_SIZE = 16
_ALIGNMENT = 8
# Which of the buffers has the values: behind those of seven columns, and the lists that they are in.
_VALUES = 20
# About what a footer takes.
_FOOTER_BYTES = 1 << 16


class Block(NamedTuple):
    """A batch of a file.

    Attributes
    ----------
    rows : int
    offset, size : int
        Where it begins, and its bytes with everything that belongs to it.
    values : tuple of int
        The first byte of its features and the one after the last, if its columns are in our order.
    """

    rows: int
    offset: int
    size: int
    values: tuple[int, int]


def blocks(content: Any, need: Callable[..., None] = lambda *ranges: None) -> list[Block]:
    """The batches of a file.

    Parameters
    ----------
    content : buffer
        The whole file.
    need : callable, optional
        Called with ranges of bytes, each its first and the one after its last, before they are looked at.

    Raises
    ------
    InvalidInputError
        If it is not an Arrow file, or not as shards are written: without compression and dictionaries, every
        buffer inside the file and aligned.
    """
    try:
        return _blocks(memoryview(content), need)
    except (struct.error, IndexError, OverflowError):
        raise InvalidInputError("not a whole Arrow file") from None


def _blocks(content, need):
    size = len(content)
    need((0, min(8, size)), (max(0, size - _FOOTER_BYTES), size))
    if size < 24 or content[:6] != _MAGIC or content[-6:] != _MAGIC:
        raise InvalidInputError("not a whole Arrow file")
    end = size - 10
    length = _int32(content, end)
    _expect(0 < length <= end - 8, "the footer does not fit the file")
    need((end - length, end))
    footer = _Table.root(content[end - length : end])
    _expect(footer.vector(_FOOTER_DICTIONARIES)[1] == 0, "dictionaries are not expected")
    start, count = footer.vector(_FOOTER_BATCHES)
    _expect(count * _BLOCK.size <= length, "the footer does not fit the file")
    places = [_BLOCK.unpack_from(footer.data, start + i * _BLOCK.size) for i in range(count)]
    for place in places:
        _check_place(content, *place)
    # The schema, up to the first batch; then the heads of all.
    need((0, min((offset for offset, _, _ in places), default=end - length)))
    need(*((offset, offset + head) for offset, head, _ in places))
    return [_block(content, *place) for place in places]


def _check_place(content, offset, head, body):
    inside = offset >= 8 and head >= 16 and body >= 0 and offset + head + body <= len(content)
    _expect(inside, "a batch lies outside the file")
    _expect(offset % _ALIGNMENT == head % _ALIGNMENT == 0, "a batch is not aligned")


def _block(content, offset, head, body):
    mark, length = _MESSAGE(content, offset)
    _expect(mark == -1 and 0 < length <= head - 8, "the head of a batch does not fit it")
    message = _Table.root(content[offset + 8 : offset + 8 + length])
    _expect(message.byte(_MESSAGE_KIND) == _KIND_BATCH, "a batch is something else")
    batch = message.table(_MESSAGE_HEADER)
    _expect(not batch.has(_BATCH_COMPRESSION), "a batch is compressed")
    rows = batch.int64(_BATCH_LENGTH)
    # A row takes more than 8 bytes, and a batch without rows is never written.
    _expect(0 < rows <= body // 8, "a batch cannot hold its rows")
    start, count = batch.vector(_BATCH_BUFFERS)
    _expect(count * _BUFFER_SIZE <= length, "the head of a batch does not fit it")
    numbers = struct.unpack_from(f"<{2 * count}q", batch.data, start)
    places, sizes = numbers[::2], numbers[1::2]
    if places:
        inside = min(places) >= 0 and min(sizes) >= 0 and max(map(add, places, sizes)) <= body
        _expect(inside, "a buffer lies outside its batch")
        _expect(reduce(or_, places) % _ALIGNMENT == 0, "a buffer is not aligned")
    values = offset, offset + head + body
    if count > _VALUES:
        first = offset + head + places[_VALUES]
        values = first, first + sizes[_VALUES]
    return Block(rows, offset, head + body, values)


def _expect(condition, otherwise):
    if not condition:
        raise InvalidInputError(otherwise)


def _int32(data, at):
    # A negative index would count from the end.
    if at < 0:
        raise IndexError
    return _INT32(data, at)[0]


class _Table:
    """A table of a flatbuffer: its fields, by their number in the table of offsets."""

    def __init__(self, data, at):
        self.data, self._at = data, at
        self._places = at - _int32(data, at)
        if self._places < 0:
            raise IndexError
        self._size = _UINT16(data, self._places)[0]

    @classmethod
    def root(cls, data):
        return cls(data, _int32(data, 0))

    def _place(self, field):
        entry = 4 + 2 * field
        if entry + 2 > self._size:
            return 0
        return _UINT16(self.data, self._places + entry)[0]

    def has(self, field):
        return self._place(field) != 0

    def byte(self, field):
        place = self._place(field)
        return self.data[self._at + place] if place else 0

    def int64(self, field):
        place = self._place(field)
        return _INT64(self.data, self._at + place)[0] if place else 0

    def table(self, field):
        return _Table(self.data, self._target(field))

    def vector(self, field):
        """Where the elements of a vector begin, and how many there are."""
        if not self.has(field):
            return 0, 0
        target = self._target(field)
        count = _int32(self.data, target)
        if count < 0:
            raise IndexError
        return target + 4, count

    def _target(self, field):
        place = self._place(field)
        if not place:
            raise IndexError
        place += self._at
        return place + _int32(self.data, place)
