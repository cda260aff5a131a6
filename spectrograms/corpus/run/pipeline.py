"""From items to rows, in the same order: several threads, a bounded window, one consumer."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from spectrograms.corpus.inputs.finding import Item
from spectrograms.corpus.stores.rows import Outcome, Worker
from spectrograms.corpus.stores.shards import BATCH_BYTES, BATCH_ROWS

# Items go to threads by the handful: many short files, since each that is handed out and taken back stops
# other threads that are at their files, or a single long one. Few threads take more at once, many find work
# in a short list. Two clips that are padded to thirty seconds are too much for one handful. One thread alone
# takes as many as make a batch of a shard.
_HANDFUL, _HANDFULS_OF_ALL, _HANDFUL_BYTES = 16, 128, 7 << 18
_ALONE, _ALONE_BYTES = BATCH_ROWS, BATCH_BYTES
# Handfuls in progress: this many for each thread, as long as their files together are not larger than this.
_AHEAD, _AHEAD_BYTES = 3, 256 << 20

Task = tuple[Any, Item, int]


def ordered(
    tasks: Iterable[Task], worker: Worker, num_threads: int
) -> Generator[tuple[Any, Item, Outcome], None, None]:
    """Do the work on every item.

    With one thread everything happens on the caller's. With more, each takes a handful all the way from files
    to rows: separate threads for reading and computing, or one to spare for who waits for a file, would be
    more threads that want the interpreter at once.

    Parameters
    ----------
    tasks : iterable of (object, Item, int)
        Anything, an item, and its weight.
    worker : Worker
    num_threads : int

    Yields
    ------
    (object, Item, list of Row or Exception)
    """
    if num_threads == 1:
        for handful, _ in _handfuls(tasks, worker.weight, _ALONE, _ALONE_BYTES):
            yield from _joined(handful, worker.work(*_work(handful)))
        return
    threads = ThreadPoolExecutor(num_threads, "spectrograms-extract")
    most = max(_HANDFUL, _HANDFULS_OF_ALL // num_threads)
    window: deque[tuple[list[Task], int, Future[list[Outcome]]]] = deque()
    held = 0
    try:
        for handful, size in _handfuls(tasks, worker.weight, most, _HANDFUL_BYTES):
            while len(window) > num_threads and (
                len(window) >= _AHEAD * num_threads or held + size > _AHEAD_BYTES
            ):
                held -= window[0][1]
                yield from _first(window)
            window.append((handful, size, threads.submit(worker.work, *_work(handful))))
            held += size
        while window:
            yield from _first(window)
    finally:
        threads.shutdown(wait=True, cancel_futures=True)


def _handfuls(tasks, weight, most, most_bytes):
    """Pairs of tasks that are handled together, and the weight of their files."""
    handful, size = [], 0
    for task in tasks:
        more = weight(task[2])
        if handful and (len(handful) == most or size + more > most_bytes):
            yield handful, size
            handful, size = [], 0
        handful.append(task)
        size += more
    if handful:
        yield handful, size


def _work(handful):
    """The items of tasks, and their weights."""
    return [item for _, item, _ in handful], [size for _, _, size in handful]


def _first(window):
    handful, _, future = window.popleft()
    return _joined(handful, future.result())


def _joined(handful, outcomes):
    for (tag, item, _), outcome in zip(handful, outcomes, strict=True):
        yield tag, item, outcome
