"""Checksums of shards, each in a small file beside its shard.

CRC-32, as in ``zlib``, ``gzip`` and the tool ``crc32``: it finds every single flipped bit, at a fraction of
the cost of writing the shard. The line names the checksum, the size and the shard.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import Any

from spectrograms._common.checksum import crc32
from spectrograms.places.paths import folder_of, joined, read_bytes
from spectrograms.places.reading import opened
from spectrograms.places.urls import Url

#: Follows the name of a shard.
SUFFIX = ".crc32"
_CHUNK = 1 << 20
_LINE = re.compile(r"[0-9a-f]{8} (0|[1-9][0-9]*) [^\n]+")


class ChecksumFile:
    """A file to write to, which computes the checksum of its content.

    Parameters
    ----------
    path : str or None
        None: a file without a name.
    """

    def __init__(self, path: str | None) -> None:
        #: The file.
        self.content: Any = tempfile.TemporaryFile() if path is None else open(path, "wb")  # noqa: SIM115
        self._sum = 0
        #: Bytes written.
        self.size: int = 0

    def write(self, data: Any) -> int:
        """Append bytes."""
        self._sum = crc32(data, self._sum)
        self.size += len(data)
        return self.content.write(data)

    def flush(self) -> None:
        """Pass what has been written on to the system."""
        self.content.flush()

    def close(self) -> None:
        """Close the file; may be repeated."""
        self.content.close()

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self.content.closed

    def line(self, name: str) -> str:
        """The line with the checksum, for a shard with this name."""
        return _line(self._sum, self.size, name)


def beside(shard: str) -> str:
    """Path of the file with the checksum of a shard."""
    return joined(folder_of(shard), os.path.basename(shard) + SUFFIX)


def line_of(shard: str) -> str:
    """The line with the checksum of an existing shard, which is read for it."""
    total = size = 0
    with opened(shard) if isinstance(shard, Url) else open(shard, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            total = crc32(chunk, total)
            size += len(chunk)
    return _line(total, size, os.path.basename(shard))


def _line(total, size, name):
    return f"{total:08x} {size} {name}\n"


def lines_beside(shard: str) -> list[str] | None:
    """The lines beside a shard: one, or two where a run was killed while it replaced the shard.

    Returns
    -------
    list of str or None
        None if there is no such file; empty if it is damaged.
    """
    try:
        text = read_bytes(beside(shard)).decode("ascii", "replace")
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
