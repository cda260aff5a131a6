"""Which state of a file features were computed from: size, modification time, checksum of the content."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import Any, NamedTuple
from zlib import crc32

from spectrograms._common.files import Facts, as_text, state
from spectrograms.audio.sources import SMALL_BYTES, Held, content_of
from spectrograms.errors import InvalidInputError

_CHUNK = 1 << 20
# Contents of so many files are remembered.
_REMEMBERED = 256


class Source(NamedTuple):
    """State of a file, or of a content given as bytes; None for what is not known.

    Attributes
    ----------
    size : int or None
        Bytes.
    mtime_ns : int or None
        Modification time, in nanoseconds since 1970; None for bytes.
    hash : str or None
        ``crc32:`` and the checksum of the content, as eight hexadecimal digits.
    """

    size: int | None = None
    mtime_ns: int | None = None
    hash: str | None = None


#: Of rows whose shard does not say.
UNKNOWN = Source()


class Watch:
    """Looks at a file before and after it is decoded, so that what is recorded is what was decoded.

    Parameters
    ----------
    sound : str or bytes
        A file, or a content.
    status : os.stat_result, optional
        Of the file.

    Attributes
    ----------
    sound : str or bytes
        What :func:`spectrograms.read_audio` reads: a small file is read here, once for all.
    """

    sound: Any

    def __init__(self, sound: Any, status: os.stat_result | None) -> None:
        self._path = self.sound = sound
        self._key = None if status is None else state(status)
        if status is None:
            self._source = Source(len(sound), None, _text(crc32(sound)))
            return
        content = None
        if status.st_size <= SMALL_BYTES:
            content = content_of(sound, status.st_size)
            self.sound = Held(sound, content)
        checksum = _hash_of(sound, status, content)
        self._source = Source(status.st_size, status.st_mtime_ns, checksum)

    def source(self) -> Source:
        """The state that was decoded.

        Raises
        ------
        InvalidInputError
            If the file has changed meanwhile.
        """
        if self._key is not None and state(os.stat(self._path)) != self._key:
            raise InvalidInputError(f"{as_text(self._path)} changed while it was read: run again")
        return self._source


def state_of(sound: Any, known: Source) -> tuple[str, Source]:
    """How a file compares with the state that was recorded of it.

    Parameters
    ----------
    sound : str, path or bytes
    known : Source

    Returns
    -------
    {"same", "touched", "changed", "gone", "unknown"}
        Touched: another time, the same content.
    Source
        Its state now; the checksum is computed only where size and time leave it open.
    """
    if isinstance(sound, bytes):
        return _compared(known, Source(len(sound)), lambda: _text(crc32(sound)))
    try:
        status = os.stat(sound)
    except OSError as error:
        return ("gone" if is_gone(error) else "unknown"), UNKNOWN
    if not stat.S_ISREG(status.st_mode):
        return "gone", UNKNOWN  # a folder, say, has taken its place
    now = Source(status.st_size, status.st_mtime_ns)
    if known.mtime_ns == now.mtime_ns and known.size == now.size:
        return "same", known
    try:
        return _compared(known, now, lambda: _hash_of(sound, status))
    except OSError:
        return "unknown", UNKNOWN


def _compared(known, now, content):
    if known.size is None:
        return "unknown", now
    if known.size != now.size:
        return "changed", now
    if known.hash is None:
        return "unknown", now
    now = now._replace(hash=content())
    return ("touched" if now.hash == known.hash else "changed"), now


def is_gone(error: OSError) -> bool:
    """Whether an error says that there is no such file, and not that it cannot be looked at."""
    return error.errno in (errno.ENOENT, errno.ENOTDIR)


def is_missing(path: str) -> bool:
    """Whether a path that was recorded leads to no file: to nothing, or to a folder, say.

    A relative path is looked up from the current folder, as it was when it was recorded. Where not even its
    first folder is there, that says nothing: the current folder is another one.
    """
    found = [path]
    # Bytes of a name that are no text have been written as escapes.
    if "\\udc" in path:
        found.append(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), path))
    for candidate in found:
        first, _, rest = candidate.partition(os.sep)
        if first and rest and not os.path.isdir(first):
            return False
        try:
            if stat.S_ISREG(os.stat(candidate).st_mode):
                return False
        except OSError as error:
            if not is_gone(error):
                return False
        except ValueError:
            return False  # a NUL: not a path
    return True


_ESCAPED = re.compile(r"\\u(dc[0-9a-f]{2})")


def _text(checksum):
    return f"crc32:{checksum:08x}"


# Recordings that are cut into many items follow one another.
_hashes: Facts[str] = Facts(_REMEMBERED)


def _hash_of(path, status, content=None):
    """The checksum of a file, whose content may have been read already."""
    return _hashes.of(
        status, lambda: _text(_checksum(path, status.st_size) if content is None else crc32(content))
    )


def _checksum(path, size):
    total, seen = 0, 0
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        # No further than it reached before: what grows or shrinks is noticed afterwards.
        while chunk := os.read(descriptor, min(size - seen, _CHUNK)):
            total = crc32(chunk, total)
            seen += len(chunk)
    finally:
        os.close(descriptor)
    return total
