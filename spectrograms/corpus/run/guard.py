"""Guards around a run: one at a time in a folder, and a clean end when a signal arrives."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from spectrograms._common.interrupts import handling
from spectrograms.corpus.stores.writing import writing
from spectrograms.errors import InvalidInputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(folder: str, job: str) -> Iterator[None]:
    """Refuse a second run in the same folder, by a lock that the system releases however the run ends.

    Each job of an array may run once at a time, and none beside a run over all inputs.

    On file systems without locks nothing is refused: shards never damage each other, and at worst both runs
    do the same work.
    """
    if fcntl is None:
        yield
        return
    wanted = {".lock": fcntl.LOCK_SH, f".lock{job}": fcntl.LOCK_EX} if job else {".lock": fcntl.LOCK_EX}
    with ExitStack() as files:
        for name, kind in wanted.items():
            with writing(folder):
                file = files.enter_context(open(os.path.join(folder, name), "w+"))
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InvalidInputError(
                    f"another run is writing to {folder}: wait for it, or stop it"
                ) from None
            except OSError:
                pass  # no locks here
        yield


@contextmanager
def exclusive(folder: str, name: str) -> Iterator[None]:
    """Wait until no other process is in this block, where jobs of an array may write the same shards."""
    if fcntl is None:
        yield
        return
    with open(os.path.join(folder, name), "w") as file:
        with suppress(OSError):  # no locks here
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def stopping(stop: threading.Event) -> Iterator[list[int]]:
    """Let Ctrl-C and SIGTERM set an event instead of raising; a second one raises at once.

    Only the main thread receives signals: on other threads nothing changes.

    Yields
    ------
    list
        Holds the number of the signal once one has arrived.
    """
    received: list[int] = []

    def handle(number, frame):
        if received:
            raise KeyboardInterrupt
        received.append(number)
        stop.set()

    with handling(handle, signal.SIGINT, signal.SIGTERM):
        yield received
