"""Files: written so that nobody sees half of one, recognised while they are unchanged, and named as text."""

from __future__ import annotations

import gc
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# A temporary name keeps this many characters of the final one: with the rest it stays within 255 bytes,
# whatever the characters are.
_NAME_LETTERS = 50
#: Whether a file can be replaced and removed while somebody has it open or mapped; not on Windows.
REPLACEABLE = os.name != "nt"
# Else seconds to wait before each further attempt: who looks for viruses has a new file open for a moment.
_PAUSES = (0.01, 0.05, 0.2, 0.5, 1.0)
# Two changes of a file within so many nanoseconds may bear the same time: FAT counts in steps of two seconds.
_COARSEST_CLOCK = 2 * 10**9


def as_text(path: str | bytes | os.PathLike[Any]) -> str:
    """A path as text that can be printed and stored anywhere; bytes that are not UTF-8 are escaped."""
    text = os.fsdecode(path)
    if type(text) is str and text.isascii():  # as nearly all are
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def temporary_beside(path: str) -> str:
    """A name for a file that will become `path`: hidden, in the same folder, and different each time."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:_NAME_LETTERS]}.{os.getpid()}-{os.urandom(4).hex()}.tmp")


def remove_remains(folder: str | os.PathLike[str], pids: Iterable[int | None]) -> None:
    """Remove the temporary files that processes which have ended left in a folder."""
    owned = re.compile(rf"\..*\.({'|'.join(map(str, pids))})-[0-9a-f]{{8}}\.tmp", re.DOTALL)
    for entry in os.scandir(folder):
        if owned.fullmatch(entry.name):
            with suppress(FileNotFoundError):
                os.unlink(entry.path)


def put_in_place(*files: tuple[str, str]) -> None:
    """Give finished files their names, in order, after the content of all of them has reached the disk.

    The names themselves are safe from a crash of the machine after :func:`sync_folder`.

    Parameters
    ----------
    *files : tuple of str
        The temporary name of each, and its name.
    """
    _sync([temporary for temporary, _ in files])
    for temporary, path in files:
        _rename(temporary, path)


def remove(path: str) -> None:
    """Remove a file."""
    _patiently(os.unlink, path)


def _rename(temporary, path):
    """Give a file or folder its name, in place of what may bear it."""
    _patiently(os.replace, temporary, path)


def _patiently(act, *paths):
    """Do something that some systems refuse while a file is in use."""
    for pause in () if REPLACEABLE else _PAUSES:
        try:
            act(*paths)
            return
        except PermissionError:
            # Shards of a store that nobody has any more are mapped until the collector comes by.
            gc.collect()
            time.sleep(pause)
    act(*paths)


def _sync(paths):
    """Write files to the disk: all are begun before one is waited for, so that they share the way.

    Without threads. A process that has no memory for one more waits for its start forever.
    """
    with ExitStack() as opened:
        descriptors = []
        for path in paths:
            descriptors.append(os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0)))
            opened.callback(os.close, descriptors[-1])
        if len(paths) > 1 and hasattr(os, "posix_fadvise"):
            for descriptor in descriptors:
                # Linux begins to write what is to be dropped later.
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        for descriptor in descriptors:
            os.fsync(descriptor)


def sync_folder(folder: str) -> None:
    """Write the names in a folder to the disk, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[str]:
    """Write a file, or a folder, that appears whole or not at all.

    Parameters
    ----------
    path : path_like
        A link stays: its target is replaced. Existing devices and folders are written to directly.

    Yields
    ------
    str
        A name to write to, beside `path`. It is renamed if all goes well, and removed otherwise; errors of
        the system name `path`.
    """
    path = os.fspath(path)
    if os.path.lexists(path) and not os.path.isfile(path):
        yield path
        return
    target = os.path.realpath(path)
    temporary = temporary_beside(target)
    try:
        yield temporary
        _rename(temporary, target)
    except OSError as error:
        for name in (error.filename, error.filename2):
            if isinstance(name, (str, os.PathLike)) and os.fspath(name).startswith(temporary):
                error.filename, error.filename2 = path, None
        raise
    finally:
        if os.path.isdir(temporary):
            import shutil  # seldom needed, and slow to import

            shutil.rmtree(temporary)
        else:
            with suppress(FileNotFoundError):
                os.unlink(temporary)


def state(status: os.stat_result) -> tuple[int, ...]:
    """What changes if a file is replaced or written to; as fine as the clock of its file system."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Facts(Generic[T]):
    """Facts about the content of files, each found once while its file stays as it is.

    Parameters
    ----------
    most : int
        How many facts are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._facts: dict[tuple[int, ...], T] = {}

    def of(self, status: os.stat_result, find: Callable[[], T]) -> T:
        """The fact about a file in this state; `find` reads the file for it."""
        key = state(status)
        try:
            return self._facts[key]
        except KeyError:
            pass
        fact = find()
        # A file that was written to a moment ago may be written to again without a change of its times.
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _COARSEST_CLOCK:
            if len(self._facts) >= self._most:
                self._facts.clear()
            self._facts[key] = fact
        return fact
