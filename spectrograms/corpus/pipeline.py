"""Items in, rows out, in the same order: reader threads, a bounded queue, compute threads, one consumer."""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor

# Inputs in flight: so many for each thread, as long as their files together are no larger than this.
_AHEAD = 4
_AHEAD_BYTES = 256 << 20


def weight(item):
    """Bytes of an item's file, or about those of the part asked for: a guess at its samples and frames."""
    if item.duration is not None:
        return int(item.duration * 32000)
    try:
        return os.stat(item.path).st_size
    except OSError:
        return 0  # the reader says what is wrong


def ordered(tasks, worker, num_threads):
    """Run both halves of the work on every item.

    With one thread everything happens on the caller's. With more, `num_threads` readers decode while as
    many threads compute; each computing thread waits for the samples of its own item, so that results
    come in order and no more inputs are in memory than the window lets in.

    Parameters
    ----------
    tasks : iterable of (object, Item)
    worker : Worker
    num_threads : int

    Yields
    ------
    (object, Item, list of Row or Exception)
    """
    if num_threads == 1:
        for tag, item in tasks:
            yield tag, item, worker.compute(item, worker.decode(item))
        return
    readers = ThreadPoolExecutor(num_threads, "spectrograms-read")
    computers = ThreadPoolExecutor(num_threads, "spectrograms-compute")
    window, held = deque(), 0
    try:
        for tag, item in tasks:
            size = weight(item)
            while len(window) >= num_threads and (
                len(window) >= _AHEAD * num_threads or held + size > _AHEAD_BYTES
            ):
                outcome, released = _first(window)
                held -= released
                yield outcome
            decoded = readers.submit(worker.decode, item)
            # Not item and decoded as they are: a future that is done keeps nothing alive then.
            window.append((tag, item, size, computers.submit(_compute, worker, item, [decoded])))
            held += size
        while window:
            yield _first(window)[0]
    finally:
        for pool in (computers, readers):
            pool.shutdown(wait=False, cancel_futures=True)
        for pool in (readers, computers):
            pool.shutdown(wait=True)


def _compute(worker, item, decoded):
    # Taken out of the list, so that the samples are free as soon as the rows exist.
    return worker.compute(item, decoded.pop().result())


def _first(window):
    tag, item, size, future = window.popleft()
    return (tag, item, future.result()), size
