"""Checksums of shards, each in a small file beside its shard.

CRC-32, as ``zlib``, ``gzip`` and the tool ``crc32`` have it: it finds every single flipped bit and costs a
fraction of what writing the shard does. The line names the shard, its size and its checksum.
"""

from __future__ import annotations

import os
import re
from typing import Any
from zlib import crc32

#: What the name of a shard is followed by.
SUFFIX = ".crc32"
_CHUNK = 1 << 20
_LINE = re.compile(r"[0-9a-f]{8} (0|[1-9][0-9]*) [^\n]+")


class ChecksumFile:
    """A file to write to, and the checksum of what was written.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        self._file = open(path, "wb")  # noqa: SIM115
        self._sum = self._size = 0

    def write(self, data: Any) -> int:
        """Append bytes."""
        self._sum = crc32(data, self._sum)
        self._size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand to the system what has been written."""
        self._file.flush()

    def close(self) -> None:
        """Close the file; may be repeated."""
        self._file.close()

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._file.closed

    def line(self, name: str) -> str:
        """The checksum, for a shard of this name."""
        return _line(self._sum, self._size, name)


def beside(shard: str) -> str:
    """Path of the checksum of a shard."""
    return shard + SUFFIX


def line_of(shard: str) -> str:
    """The checksum of a shard that is there, by reading it."""
    total = size = 0
    with open(shard, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            total = crc32(chunk, total)
            size += len(chunk)
    return _line(total, size, os.path.basename(shard))


def _line(total, size, name):
    return f"{total:08x} {size} {name}\n"


def lines_beside(shard: str) -> list[str] | None:
    """What stands beside a shard: one line, or more where a run was killed while it replaced the shard.

    Returns
    -------
    list of str or None
        None if there is no checksum; empty if what is there is none.
    """
    try:
        with open(beside(shard), "rb") as file:
            text = file.read().decode("ascii", "replace")
    except FileNotFoundError:
        return None
    lines = text.splitlines(keepends=True)
    whole = all(line.endswith("\n") and _LINE.fullmatch(line[:-1]) for line in lines)
    return lines if whole else []


def problem_of(shard: str) -> str | None:
    """What is wrong with a shard or its checksum, in words; None if they agree or there is no checksum."""
    lines = lines_beside(shard)
    if lines is None:
        return None
    if not lines:
        return "the checksum beside it is damaged"
    if line_of(shard) not in lines:
        return "content and checksum disagree"
    return None
