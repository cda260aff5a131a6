"""Guards around a run: one at a time in a folder, and a clean end when a signal arrives."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from spectrograms._common.interrupts import handling
from spectrograms.corpus.run.leases import Lease, leased
from spectrograms.corpus.run.locks import Claim, claims, give, take
from spectrograms.corpus.stores.writing import writing
from spectrograms.errors import InvalidInputError
from spectrograms.places.urls import Url


@contextmanager
def locked(folder: str, job: str) -> Iterator[Lease | None]:
    """Refuse a second run in the same folder, by a lock that the system releases however the run ends.

    Each job of an array may run once at a time, and none beside a run over all inputs.

    On file systems without locks nothing is refused: shards never damage each other, and at worst both runs
    do the same work. In an object store this is a lease, which is given to the block.
    """
    if isinstance(folder, Url):
        with leased(folder, job) as lease:
            yield lease
        return
    with ExitStack() as files:
        for claim in claims(job):
            try:
                _hold(files, folder, claim)
            except BlockingIOError:
                raise InvalidInputError(
                    f"another run is writing to {folder}: wait for it, or stop it"
                ) from None
        yield None


@contextmanager
def exclusive(folder: str, name: str) -> Iterator[None]:
    """Wait until no other process is in this block, where jobs of an array may write the same shards."""
    with ExitStack() as files:
        if not isinstance(folder, Url):  # there, each job writes shards of its own names
            _hold(files, folder, Claim(name), wait=True)
        yield


def _hold(files, folder, claim, wait=False):
    """Lock what is claimed until the stack is unwound."""
    with writing(folder):
        # Not emptied: Windows would refuse that while somebody has a lock.
        file = files.enter_context(open(os.path.join(folder, claim.name), "a+"))  # noqa: SIM115
    try:
        take(file, claim, wait)
    except BlockingIOError:
        raise
    except OSError:
        return  # no locks here
    files.callback(give, file, claim)


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
