"""Leases on a store in an object store: small objects that say who is at work there, and since when.

Where objects can be written under a condition, a lease excludes other runs, as a lock does; elsewhere it
warns. Whatever happens, two writers do not damage each other: see ``stores/members``. A lease is renewed
while its run is at work, and over when it has not been for a minute, or when its process, on this machine,
has ended.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from spectrograms.corpus.stores.writing import writing
from spectrograms.errors import InvalidInputError
from spectrograms.places import remote
from spectrograms.places.control import Control
from spectrograms.places.paths import names_in
from spectrograms.places.urls import Url

_NAME = ".lease"
# Seconds for which a lease lasts, and after which it is renewed.
_LIFE, _RENEWAL = 60.0, 15.0
# Runs of this process that have one.
_at_work: set[str] = set()


class Lease:
    """A lease of this process.

    Attributes
    ----------
    excludes : bool
        Whether nobody else can have one meanwhile.
    """

    def __init__(self, folder: Url, job: str) -> None:
        self._folder, self._job = folder, job
        self._url = folder.beside(f"{_NAME}-{job}" if job else _NAME)
        self.control: Control | None = Control.of(folder)
        self._run = os.urandom(8).hex()
        lease = {"host": socket.gethostname(), "process": os.getpid(), "begun": _begun(os.getpid())}
        self._text = json.dumps({**lease, "run": self._run}).encode()
        self._tag: str | None = None
        self._has = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def excludes(self) -> bool:
        return self._tag is not None

    def take(self) -> None:
        """Take it, or refuse, or warn.

        Raises
        ------
        InvalidInputError
            If another run has it.
        """
        _at_work.add(self._run)
        if self.control is not None:
            self._tag = self._taken(self.control)
        if not self.excludes:
            self._warn(self._url)
            remote.write(self._url, self._text)
        self._has = True
        for name in names_in(self._folder):
            other = self._folder.beside(name)
            conflicts = name == _NAME if self._job else name.startswith(f"{_NAME}-")
            if other != self._url and conflicts:
                self._meet(other)
        self._thread = threading.Thread(target=self._renew, name="spectrograms-lease", daemon=True)
        self._thread.start()

    def _taken(self, control):
        """The tag of the lease; None if conditions mean nothing to the store."""
        for _ in range(3):
            tag = control.put(self._url, self._text, None)
            if tag is None:
                there = control.get(self._url)
                if there is None:
                    continue
                if there[0] == self._text:
                    tag = there[1]  # it arrived, and the answer was lost
                elif _is_over(there[0], there[2]):
                    tag = control.put(self._url, self._text, there[1])
                else:
                    raise self._refusal()
            if tag is not None:
                # A store that takes it again does not look at the condition.
                return tag if control.put(self._url, self._text, None) is None else None
        raise self._refusal()

    def _refusal(self):
        return InvalidInputError(f"another run is writing to {self._folder}: wait for it, or stop it")

    def _meet(self, other):
        """Give way to another lease that is not over."""
        if not self.excludes:
            self._warn(other)
            return
        assert self.control is not None
        there = self.control.get(other)
        if there is not None and not _is_over(there[0], there[2]):
            self.give()
            raise self._refusal()

    def _warn(self, url):
        with suppress(FileNotFoundError):
            mtime_ns = remote.facts_of(url).mtime_ns
            age = time.time() - (mtime_ns or 0) / 1e9
            if not _is_over(remote.content_of(url), age):
                warnings.warn(
                    f"another run may be writing to {self._folder}: both are safe, and may do the same work",
                    stacklevel=5,
                )

    def _renew(self):
        while not self._ended.wait(_RENEWAL):
            with suppress(OSError):
                if self._tag is None or self.control is None:
                    remote.write(self._url, self._text)
                elif (tag := self.control.put(self._url, self._text, self._tag)) is not None:
                    self._tag = tag
                elif (there := self.control.get(self._url)) is not None and there[0] == self._text:
                    self._tag = there[1]
                else:
                    self._has = False  # somebody has taken this process for dead
                    return

    def give(self) -> None:
        """Give it back."""
        _at_work.discard(self._run)
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        # One that was lost meanwhile is another's.
        with suppress(OSError):
            if self._has and (self._tag is None or self._is_there()):
                remote.remove(self._url)

    def _is_there(self):
        assert self.control is not None
        there = self.control.get(self._url)
        return there is not None and there[0] == self._text


@contextmanager
def leased(folder: Url, job: str) -> Iterator[Lease]:
    """Have a lease on a store; `job` as for :func:`spectrograms.corpus.stores.failures.job_name`."""
    lease = Lease(folder, job)
    try:
        with writing(folder):
            lease.take()
        yield lease
    finally:
        lease.give()


def _is_over(content: bytes, age: float) -> bool:
    """Whether a lease is over, by its age in seconds or because its process has ended."""
    if age > _LIFE:
        return True
    try:
        lease: Any = json.loads(content)
        process = lease["process"]
        if lease["host"] != socket.gethostname() or type(process) is not int:
            return False
        if process == os.getpid() and _begun(process) == lease["begun"]:
            return lease["run"] not in _at_work  # it could not be given back
        return _begun(process) != lease["begun"]
    except (ValueError, KeyError, TypeError):
        return True


def _begun(process: int) -> str | None:
    """What tells a process from another one that had its number; None if there is none."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/sys/kernel/random/boot_id") as file:
            return None if fields[0] in (b"Z", b"X") else f"{file.read().strip()} {fields[19].decode()}"
    except (OSError, IndexError):
        pass
    if os.path.isdir("/proc/self"):
        return None
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except (OSError, AttributeError):
        pass
    return "unknown"
