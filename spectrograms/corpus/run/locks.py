"""Locks on files of a store, which the system releases however a run ends.

Where there is ``flock``, the jobs of an array share one file, and each has one of its own. Windows locks
ranges of bytes, whether a file has them or not: a job has one of them, a run over all inputs every one.
"""

from __future__ import annotations

import os
import time
from importlib import import_module
from typing import IO, Any, NamedTuple

# The most bytes that can be locked at once.
_ALL = 2**31 - 1
# Seconds between two attempts, where a lock cannot be waited for.
_PAUSE = 0.05


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


fcntl: Any = _module("fcntl")
msvcrt: Any = _module("msvcrt")


class Claim(NamedTuple):
    """What is locked.

    Attributes
    ----------
    name : str
        Of a file in the folder of the store.
    shared : bool
        Whether others may have the same claim; with ``flock`` only.
    first, n_bytes : int
        Bytes; on Windows only.
    """

    name: str
    shared: bool = False
    first: int = 0
    n_bytes: int = _ALL


def claims(job: str) -> list[Claim]:
    """What a run claims, in order.

    Parameters
    ----------
    job : str
        As for :func:`spectrograms.corpus.stores.failures.job_name`.
    """
    if not job:
        return [Claim(".lock")]
    if fcntl is not None:
        return [Claim(".lock", shared=True), Claim(f".lock{job}")]
    index, count = map(int, job.split("of"))
    # A byte for each pair of numbers.
    return [Claim(".lock", first=(count * (count - 1) // 2 + index) % _ALL, n_bytes=1)]


def take(file: IO[Any], claim: Claim, wait: bool = False) -> None:
    """Lock what is claimed of an open file; nothing happens on systems without locks.

    Raises
    ------
    BlockingIOError
        If others have it, unless `wait`.
    OSError
        If the file system has no locks.
    """
    if fcntl is not None:
        kind = fcntl.LOCK_SH if claim.shared else fcntl.LOCK_EX
        fcntl.flock(file, kind if wait else kind | fcntl.LOCK_NB)
        return
    while msvcrt is not None:
        try:
            _locking(file, msvcrt.LK_NBLCK, claim)
            return
        except PermissionError as error:
            if not wait:
                raise BlockingIOError(*error.args) from None
        time.sleep(_PAUSE)


def give(file: IO[Any], claim: Claim) -> None:
    """Release what has been taken, before the file is closed: Windows promises no moment for it."""
    if fcntl is None and msvcrt is not None:
        _locking(file, msvcrt.LK_UNLCK, claim)


def _locking(file, kind, claim):
    os.lseek(file.fileno(), claim.first, os.SEEK_SET)
    msvcrt.locking(file.fileno(), kind, claim.n_bytes)
