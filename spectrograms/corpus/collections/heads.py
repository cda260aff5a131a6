"""Heads of the members of an archive that is not packed, one after the other.

Most are of one kind: a regular file, perhaps with a pax header that only dates it. These are understood here,
in a tenth of the time; from the first head in which anything else stands, ``tarfile`` goes on alone.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

_BLOCK = tarfile.BLOCKSIZE
# What is read at a time: a pax header, what it says, a head; and the byte before, which must exist.
_AHEAD = 1 + 3 * _BLOCK
# Mode, owner, group, size, time and checksum, in octal digits.
_NUMBERS = re.compile(rb"[0-7 \0]{56}")
_SIZE = re.compile(rb"[0-7]{11}[ \0]")
_RECORD = re.compile(rb"(\d{1,4}) (?:mtime|atime|ctime|uid|gid|uname|gname)=")


class Head(NamedTuple):
    """A regular file in an archive, with the words of ``tarfile.TarInfo``.

    Attributes
    ----------
    name : str
    offset_data, size : int
        Where its content lies.
    """

    name: str
    offset_data: int
    size: int

    def isreg(self) -> bool:
        """Whether it is a regular file."""
        return True

    def issparse(self) -> bool:
        """Whether it has holes."""
        return False


#: A member, and a function that reads its content.
Member = tuple[Any, Callable[[], bytes]]


def members_of(archive: Any) -> Iterator[Member]:
    """The members of an archive, a ``tarfile.TarFile``; its type does not tell of ``members``."""
    for member in archive:
        # tarfile remembers all members.
        archive.members = []
        yield member, partial(_extracted, archive, member)


def members_in(path: str) -> Iterator[Member]:
    """The members of an archive on a local disk; errors are those of ``tarfile``."""
    with open(path, "rb", buffering=0) as file:
        offset = 0
        while (head := _plain(file, offset)) is not None:
            yield head, partial(_read, file, head.offset_data, head.size)
            offset = head.offset_data + -(-head.size // _BLOCK) * _BLOCK
    with open(path, "rb") as file:
        file.seek(offset)
        with tarfile.open(fileobj=file, mode="r:", errorlevel=2) as archive:
            yield from members_of(archive)


def _extracted(archive, member):
    return archive.extractfile(member).read()


def _read(file, first, size):
    file.seek(first)
    content = file.read(size)
    if len(content) < size:
        raise tarfile.ReadError("unexpected end of data")
    return content


def _plain(file, offset):
    """The head at a place; None if it is not of the plain kind."""
    file.seek(max(offset - 1, 0))
    ahead = file.read(_AHEAD)
    if offset and not ahead:
        raise tarfile.ReadError("unexpected end of data")
    ahead = ahead[1:] if offset else ahead
    head, size = _checked(ahead[:_BLOCK])
    if head is not None and head[156:157] == tarfile.XHDTYPE:
        if size > _BLOCK or not _only_dates(ahead[_BLOCK : _BLOCK + size], size):
            return None
        offset += 2 * _BLOCK
        head, size = _checked(ahead[2 * _BLOCK : 3 * _BLOCK])
    if head is None or head[156:157] != tarfile.REGTYPE:
        return None
    name, prefix = (head[first:stop].partition(b"\0")[0] for first, stop in ((0, 100), (345, 500)))
    if prefix:
        # Elsewhere, GNU's archives have times in its place.
        if head[257:265] != tarfile.POSIX_MAGIC:
            return None
        name = prefix + b"/" + name
    return Head(name.decode("utf-8", "surrogateescape"), offset + _BLOCK, size)


def _checked(head):
    """A head whose numbers are right, and the size in it; None if they are not."""
    if len(head) < _BLOCK or not (_NUMBERS.fullmatch(head, 100, 156) and _SIZE.fullmatch(head, 124, 136)):
        return None, 0
    checksum = head[148:156].strip(b" \0")
    # Counted as if the checksum were blanks.
    right = checksum.isdigit() and int(checksum, 8) == sum(head) - sum(head[148:156]) + 8 * ord(" ")
    return (head, int(head[124:135], 8)) if right else (None, 0)


def _only_dates(records, size):
    """Whether a pax header says nothing that matters here."""
    if len(records) < size or not size:
        return False
    first = 0
    while first < size:
        record = _RECORD.match(records, first)
        last = first + int(record[1]) - 1 if record else size
        if last >= size or records[last : last + 1] != b"\n" or last < record.end():
            return False
        first = last + 1
    return True
