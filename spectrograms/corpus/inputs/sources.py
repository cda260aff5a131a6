"""The state of a file that features were computed from: size, modification time, checksum."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import Any, NamedTuple

import numpy as np

from spectrograms._common.checksum import crc32
from spectrograms._common.files import Facts, as_text, state
from spectrograms.audio.sounds import Content, Held, Stretch
from spectrograms.audio.sources import SMALL_BYTES
from spectrograms.corpus.collections import tables, tars
from spectrograms.corpus.collections.cells import Cell
from spectrograms.corpus.inputs.far import Far
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import mtime_of
from spectrograms.places.remote import facts_of

_CHUNK = 1 << 20
_OPEN_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
# Whether a file can be read by several at once, each at its own place.
_AT_PLACES = hasattr(os, "pread")
# Checksums of this many files are kept.
_REMEMBERED = 256


class Source(NamedTuple):
    """State of a file, or of the content of one; None for what is not known.

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


#: The state of rows whose shard does not record it.
UNKNOWN = Source()


class Watch:
    """Checks a file before and after it is decoded, so that the recorded state is the one that was decoded.

    Parameters
    ----------
    sound : str or bytes
        A file, or the content of one.
    status : os.stat_result, optional
        Of the file; None of a content.

    Attributes
    ----------
    sound : str or bytes
        The input for :func:`spectrograms.read_audio`, until the watch is closed. A file is opened once, here,
        and a small one is read only once.
    """

    sound: Any

    def __init__(self, sound: Any, status: os.stat_result | None) -> None:
        self._path = self.sound = sound
        self._key = self._descriptor = None
        if isinstance(sound, Stretch):
            self._path = sound.path
            self._take_stretch(sound)
        elif status is None:
            self._source = _given(sound)
        else:
            # A FIFO that has taken the place of the file blocks nobody.
            self._begin(os.open(sound, os.O_RDONLY | _OPEN_FLAGS))

    @classmethod
    def of_file(cls, path: str) -> Watch | None:
        """The watch of a file that was there a while ago, without a look at its name.

        Returns
        -------
        Watch or None
            None if it is not there, not accessible, or no file by now: who looks sees why.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | _OPEN_FLAGS)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return None
        watch = cls.__new__(cls)
        watch._path = watch.sound = path
        watch._key = watch._descriptor = None
        watch._begin(descriptor)
        return watch

    def _begin(self, descriptor):
        """Look at an open file: a small one is read, a large one stays open for the decoder."""
        try:
            status = os.fstat(descriptor)
            if status.st_size <= SMALL_BYTES or not stat.S_ISREG(status.st_mode):
                self._take(descriptor, status)
                return
            self._key = state(status)
            found = _hashes.of(status, lambda: _text(_sum_of(descriptor, 0, status.st_size)))
            self._source = Source(status.st_size, status.st_mtime_ns, found)
            if _AT_PLACES:
                self.sound, self._descriptor = Held(self._path, None, descriptor), descriptor
        finally:
            if self._descriptor is None:
                os.close(descriptor)

    def _take_stretch(self, stretch):
        """Look at a part of a file: read it if it is small, else only its checksum."""
        descriptor = os.open(stretch.path, os.O_RDONLY | _OPEN_FLAGS)
        try:
            before = os.fstat(descriptor)
            if stretch.size <= SMALL_BYTES:
                os.lseek(descriptor, stretch.first, os.SEEK_SET)
                content = _read(descriptor, stretch.size)
                if len(content) != stretch.size or state(os.fstat(descriptor)) != state(before):
                    raise _changed(stretch.path)
                self.sound = Content(content, stretch.name)
                checksum = crc32(content)
            else:
                self._key = state(before)
                checksum = _sum_of(descriptor, stretch.first, stretch.size)
        finally:
            os.close(descriptor)
        # A copy has the time of what it is a copy of.
        mtime_ns = getattr(stretch, "mtime_ns", before.st_mtime_ns)
        self._source = Source(stretch.size, mtime_ns, _text(checksum))

    def _take(self, descriptor, before):
        """Read all of an open file, whose state has to be the same before and after."""
        content = _read(descriptor, before.st_size)
        after = os.fstat(descriptor)
        if len(content) != before.st_size or state(before) != state(after) or not stat.S_ISREG(after.st_mode):
            raise _changed(self._path)
        self.sound = Held(self._path, content)
        self._source = Source(after.st_size, after.st_mtime_ns, _text(crc32(content)))

    def source(self) -> Source:
        """The state that was decoded.

        Raises
        ------
        InvalidInputError
            If the file has changed in the meantime.
        """
        if self._key is not None:
            now = os.stat(self._path) if self._descriptor is None else os.fstat(self._descriptor)
            if state(now) != self._key:
                raise _changed(self._path)
        return self._source

    def close(self) -> None:
        """Close the file, if it is open: `sound` is of no use any more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _given(sound):
    """The state of a sound that is in memory; that of a content from a table has the time of its file."""
    if isinstance(sound, tuple):
        values = np.ascontiguousarray(sound[0])
        return Source(values.nbytes, None, _text(crc32(values.reshape(-1).view(np.uint8).data)))
    return Source(len(sound), getattr(sound, "mtime_ns", None), _text(crc32(sound)))


def _sum_of(descriptor, first, size):
    """The checksum of some bytes of an open file."""
    total, seen = 0, 0
    os.lseek(descriptor, first, os.SEEK_SET)
    while chunk := os.read(descriptor, min(size - seen, _CHUNK)):
        total = crc32(chunk, total)
        seen += len(chunk)
    return total


def _read(descriptor, size):
    content = os.read(descriptor, size)
    while len(content) < size and (more := os.read(descriptor, size - len(content))):
        content += more  # seldom: a file system far away
    return content


def _changed(path):
    return InvalidInputError(f"{as_text(path)} changed while it was read: run again")


def state_of(sound: Any, known: Source) -> tuple[str, Source]:
    """Compare a file with its recorded state.

    Parameters
    ----------
    sound : str, path or bytes
    known : Source

    Returns
    -------
    {"same", "touched", "changed", "gone", "unknown"}
        Touched: another time, but the same content.
    Source
        Its current state; the checksum is computed only if size and time are not conclusive.
    """
    if isinstance(sound, (Stretch, Cell, Far)):
        return _state_in(sound, known)
    if isinstance(sound, (bytes, tuple)):
        now = _given(sound)
        return _compared(known, now, lambda: now.hash)
    if not isinstance(sound, (str, os.PathLike)):
        return "unknown", UNKNOWN  # a file object can be read only once
    try:
        status = os.stat(sound)
    except OSError as error:
        return ("gone" if is_gone(error) else "unknown"), UNKNOWN
    if not stat.S_ISREG(status.st_mode):
        return "gone", UNKNOWN  # replaced by a folder, for instance
    now = Source(status.st_size, status.st_mtime_ns)
    if known.mtime_ns == now.mtime_ns and known.size == now.size:
        return "same", known
    try:
        return _compared(known, now, lambda: _hash_of(sound, status))
    except OSError:
        return "unknown", UNKNOWN


def _state_in(place, known):
    """How a recording in a collection or store compares; it is read only if that has another time."""
    try:
        if isinstance(place, Far):
            place = place if place.size is not None else Far(place.url, *facts_of(place.url))
        mtime_ns = place.mtime_ns if isinstance(place, Far) else mtime_of(place.path)
        size = known.size if isinstance(place, Cell) else place.size
        if known.mtime_ns == mtime_ns and known.size == size:
            return "same", known
        if not isinstance(place, Cell):
            whole = place.fetched if isinstance(place, Far) else lambda: place
            return _compared(known, Source(size, mtime_ns), lambda: Watch(whole(), None).source().hash)
        now = _given(place.fetched())
        return _compared(known, now, lambda: now.hash)
    except (OSError, InvalidInputError) as error:
        return ("gone" if isinstance(error, OSError) and is_gone(error) else "unknown"), UNKNOWN


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
    """Whether an error says that a file does not exist, rather than that it is not accessible."""
    return error.errno in (errno.ENOENT, errno.ENOTDIR)


def is_missing(path: str) -> bool:
    """Whether a recorded path no longer leads to a file.

    A relative path is looked up from the current folder, as when it was recorded. If not even its first
    folder exists, nothing follows from that: the current folder is another one.
    """
    found = [path]
    # Bytes of a name that are not text were recorded as escapes.
    if "\\udc" in path:
        found.append(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), path))
    for candidate in found:
        if _is_within(candidate):
            return False
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


def _is_within(path):
    """Whether a path leads into an archive or table, where nobody looks unless it is among the inputs."""
    while (folder := os.path.dirname(path)) not in ("", path):
        path = folder
        if path.lower().endswith((*tables.SUFFIXES, *tars.SUFFIXES)) and os.path.isfile(path):
            return True
    return False


_ESCAPED = re.compile(r"\\u(dc[0-9a-f]{2})")


def _text(checksum):
    return f"crc32:{checksum:08x}"


# Items cut from one recording follow one another.
_hashes: Facts[str] = Facts(_REMEMBERED)


def _hash_of(path, status):
    """The checksum of a file."""
    return _hashes.of(status, lambda: _text(_checksum(path, status.st_size)))


def _checksum(path, size):
    descriptor = os.open(path, os.O_RDONLY | _OPEN_FLAGS)
    try:
        # Up to the recorded size: a change of it is noticed afterwards.
        return _sum_of(descriptor, 0, size)
    finally:
        os.close(descriptor)
