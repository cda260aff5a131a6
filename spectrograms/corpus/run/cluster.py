"""Shards made by the workers of a Dask cluster, one task for each."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from spectrograms._common.extras import require
from spectrograms.corpus.run.lending import lent
from spectrograms.corpus.run.part import Part, PartReport
from spectrograms.corpus.run.task import config_of, packed, run_packed, settings_of
from spectrograms.corpus.stores.settings import Settings

# Tasks queued for each thread of the cluster, and seconds until Ctrl-C is noticed.
_AHEAD, _SLICE = 2, 0.5
# Retries of a task that fails; one whose worker dies is run again anyway.
_RETRIES = 2


def run_on_cluster(
    client: Any,
    parts: Iterable[Part],
    settings: Settings,
    folder: str,
    stop: threading.Event,
    part_done: Callable[[PartReport], None],
) -> None:
    """Have the parts extracted by the workers of a cluster.

    Parameters
    ----------
    client : distributed.Client
    parts : iterable of Part
    settings : Settings
        Sent as plain data; every worker process makes the plan once.
    folder : str
        On a file system shared by client and workers.
    stop : threading.Event
        Once it is set, parts in progress are finished, and no other is begun.
    part_done : callable
        Called with the PartReport of each part, in any order.
    """
    distributed = require("distributed", "extraction on a cluster")
    config = config_of(settings)
    shares = _shares(client, parts, settings)
    pending: set[Any] = set()
    # Workers check it before they begin, because cancelling a task does not tell whether it has begun.
    ended = distributed.Event(f"spectrograms-{secrets.token_hex(8)}", client=client)
    try:
        while True:
            room = _AHEAD * max(1, sum(client.nthreads().values())) - len(pending)
            for part, share in islice(shares, 0 if stop.is_set() else max(room, 0)):
                what = (packed(part), config, folder, ended.name, share)
                pending.add(client.submit(_task, *what, pure=False, retries=_RETRIES))
            if stop.is_set():
                ended.set()
            if not pending:
                if stop.is_set():
                    ended.clear()
                return
            try:
                done = distributed.wait(pending, timeout=_SLICE, return_when="FIRST_COMPLETED").done
            except (TimeoutError, distributed.TimeoutError):
                continue
            for future in done:
                pending.discard(future)
                report = future.result()
                if report is not None:
                    part_done(PartReport(**report))
    finally:
        client.cancel(list(pending))


def _shares(client, parts, settings):
    """Parts, and the threads of a worker for each: several where one long file may have them."""
    threads = client.nthreads().values()
    if settings.segment is None or not threads:
        return lent(parts, 1)
    return lent(parts, sum(threads), min(threads))


def _task(part, config, folder, ended, num_threads=1):
    """The work of a worker; None if the run has ended."""
    if require("distributed", "extraction on a cluster").Event(ended).is_set():
        return None
    return run_packed(part, settings_of(config), folder, num_threads)
