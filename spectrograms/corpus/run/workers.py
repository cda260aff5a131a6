"""Shards made by processes on this machine, a part for each at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Protocol

from spectrograms._common.sharing import WORTH, checked, may_start, seconds_of
from spectrograms._engine.threads.pool import get_num_threads
from spectrograms.corpus.run.lending import lent
from spectrograms.corpus.run.part import Part, PartReport
from spectrograms.corpus.run.task import Packed, begin_packed, config_of, packed, settings_of
from spectrograms.corpus.stores.manifest import take_versions, versions
from spectrograms.corpus.stores.rows import Outcome, Worker
from spectrograms.corpus.stores.settings import Settings
from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from spectrograms._common.processes import Job, Notes

# Seconds from one report on parts under way to the next.
_OFTEN = 0.1


class Progress(Protocol):
    """A run, seen from here.

    Attributes
    ----------
    at_work : dict
        What is done of parts that are not finished, by their number.
    """

    at_work: dict[Any, PartReport]

    def part_done(self, part: PartReport) -> None:
        """Record the results of a part."""

    def tell(self) -> None:
        """Report what is done."""


def resolve_workers(workers: int | None, settings: Settings, client: Any) -> int | None:
    """The number of processes that a run may use; None: as many as there are cores, if they are worth it.

    Raises
    ------
    InvalidInputError
        If there is a cluster as well, this process may not start others, or the settings are of classes that
        other processes do not know.
    """
    if workers is None and (client is not None or not may_start()):
        return 1
    count = get_num_threads() if workers is None else checked(workers)
    if count == 1:
        return 1
    if client is not None:
        raise InvalidInputError(f"workers must be 1 with a client, whose cluster has its own, got {workers}")
    if not settings.extractor.is_plain():
        if workers is None:
            return 1
        raise InvalidInputError(
            f"workers must be 1 with this config, which other processes would not understand, got {workers}"
        )
    return None if workers is None else count


def dealt(workers: int | None, parts: Iterator[Part]) -> tuple[int, int, Iterator[Part]]:
    """How many processes shall share these parts: no more than there are parts.

    Returns
    -------
    workers : int
        How many are allowed; 1 if nobody has said so and the work is not worth more.
    processes : int
        How many there shall be.
    parts : iterator of Part
        All of them.
    """
    first: list[Part] = list(islice(parts, workers or 1))
    if workers is None:
        seconds = sum(map(_seconds, first))
        while seconds < WORTH and (part := next(parts, None)) is not None:
            first.append(part)
            seconds += _seconds(part)
        workers = get_num_threads() if seconds >= WORTH else 1
        first += islice(parts, max(0, workers - len(first)))
    return workers, max(1, min(workers, len(first))), chain(first, parts)


def _seconds(part):
    return seconds_of(len(part.items), sum(part.weights))


def run_on_workers(
    workers: int,
    parts: Iterable[Part],
    settings: Settings,
    folder: str,
    num_threads: int,
    stop: threading.Event,
    run: Progress,
    clean: Callable[[], None],
    hands: int = 1,
    task: Callable[..., Any] | None = None,
) -> None:
    """Have the parts extracted by processes.

    Parameters
    ----------
    workers : int
    parts : iterable of Part
    settings : Settings
        Sent as plain data; every process makes the plan once.
    folder : str
    num_threads : int
        Of each process, for a part that has no other's.
    stop : threading.Event
        Once it is set, the shards at hand are finished with the inputs they have, and no other is begun.
    run : Progress
        Is told what is done.
    clean : callable
        Removes what processes that died have left behind; none is at work meanwhile.
    hands : int, default 1
        Processes whose threads may be lent to parts for which there are fewer.
    task : callable, optional
        In place of the work on a part, to measure everything else.
    """
    from spectrograms._common.processes import Crew, Job  # not needed by runs of one process

    at_work = run.at_work
    rate, shown = settings.extractor.sample_rate, time.monotonic()

    def noted(job: Job, counts: tuple[int, ...]) -> None:
        nonlocal shown
        n_done, rows, frames, n_samples = counts
        part = at_work.setdefault(job.number, PartReport())
        part.n_done += n_done
        part.rows += rows
        part.frames += frames
        part.seconds += n_samples / rate
        if time.monotonic() - shown >= _OFTEN:
            run.tell()
            shown = time.monotonic()

    def done(job: Job, result: dict[str, Any] | None) -> None:
        at_work.pop(job.number, None)
        if result is not None:
            run.part_done(PartReport(**result))

    def mended(pids: set[int | None]) -> None:
        at_work.clear()
        clean()

    shares = lent(parts, hands)
    jobs = (Job(number, (packed(part), share)) for number, (part, share) in enumerate(shares))
    try:
        with Crew(
            workers, task or _task, _setup, (config_of(settings), folder, num_threads, versions())
        ) as crew:
            crew.run(jobs, stop, done, noted, mended)
    finally:
        clean()


def _setup(config, folder, num_threads, found):
    take_versions(found)
    return settings_of(config), folder, num_threads


def _task(state, dealt: tuple[Packed, int], careful, refused, notes, stop):
    """The work on a part; None if the run has ended."""
    if stop.is_set():
        return None
    from spectrograms._common.processes import Later

    (part, share), (settings, folder, num_threads) = dealt, state
    places = {item[0]: place for place, item in enumerate(part[1])}
    watched = lambda worker: _Announcing(worker, places, careful, refused, notes)  # noqa: E731
    return Later(begin_packed(part, settings, folder, num_threads * share, stop, watched))


class _Announcing(Worker):
    """Does the work on items, and says before which they are, and afterwards what came of them."""

    def __init__(
        self, worker: Worker, places: dict[str, int], careful: bool, refused: dict[int, str], notes: Notes
    ) -> None:
        self._worker, self._places = worker, places
        self._careful, self._refused, self._notes = careful, refused, notes

    def weight(self, size):
        return self._worker.weight(size)

    def work(self, items, weights):
        if not self._careful:
            return self._announced(items, weights)
        alone = zip(items, weights, strict=True)
        return [outcome for item, size in alone for outcome in self._announced([item], [size])]

    def _announced(self, items, weights) -> list[Outcome]:
        first = self._places[items[0].id]
        if first in self._refused:
            return [ChildProcessError(self._refused[first])]
        self._notes.begun(first, len(items))
        outcomes = self._worker.work(items, weights)
        stored = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
        rows = [row for outcome in stored for row in outcome]
        frames, n_samples = (sum(map(count, rows)) for count in (_frames, _samples))
        self._notes.done(first, len(items), len(stored), len(rows), frames, n_samples)
        return outcomes


def _frames(row):
    return len(row.features)


def _samples(row):
    return row.n_samples
