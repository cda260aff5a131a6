"""The one function that every engine calls: some inputs in, one shard out."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

from spectrograms._common.files import sync_folder
from spectrograms._common.fingerprint import canonical_json
from spectrograms._engine.threads.pool import resolve
from spectrograms.corpus.inputs.columns import kinds_of, unfit
from spectrograms.corpus.inputs.contents import Contents
from spectrograms.corpus.inputs.finding import Item, find_inputs, weight
from spectrograms.corpus.run.pipeline import ordered
from spectrograms.corpus.stores.columns import view_of
from spectrograms.corpus.stores.failures import describe as describe_failure
from spectrograms.corpus.stores.failures import read_failures, to_lines
from spectrograms.corpus.stores.ledger import Ledger
from spectrograms.corpus.stores.manifest import describe, read_description, write_manifest
from spectrograms.corpus.stores.members import manifest_of
from spectrograms.corpus.stores.reading import batches
from spectrograms.corpus.stores.rows import Row, Stopped, Worker
from spectrograms.corpus.stores.schema import arrow_schema
from spectrograms.corpus.stores.settings import DEFAULT_QUALITY, Settings, once
from spectrograms.corpus.stores.shards import Finished, ShardWriter, publish, shard_name
from spectrograms.corpus.stores.writing import write_text, writing
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import folder_in, joined, names_in
from spectrograms.places.urls import Url, is_url, local

# Shards that wait for the disk.
_PENDING = 8
# Allowed in the name of a shard.
_INDEX = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Part:
    """Inputs that become one shard."""

    #: Position of the shard in its store.
    index: str
    items: list[Item]
    #: Bytes of each, as :func:`~spectrograms.corpus.inputs.items.weight` has them: files are asked once.
    weights: list[int]
    #: Name and kind of the further columns of its shard.
    columns: dict[str, str] = field(default_factory=dict)


@dataclass
class PartReport:
    """Outcome for some inputs.

    Attributes
    ----------
    n_done : int
        Inputs that are in the store now.
    rows, frames : int
    seconds : float
        Length of the audio.
    shard : str or None
        Name of the shard.
    failures : list of dict
        ``id``, ``path``, ``error`` and ``message`` of each input that failed.

    See Also
    --------
    extract_part : Makes it.
    Report : Of a whole run.

    Examples
    --------
    >>> from spectrograms.corpus import PartReport
    >>> report = PartReport(n_done=2, rows=2, frames=300, seconds=3.0)
    >>> report.to_dict()["frames"]
    300
    """

    n_done: int = 0
    rows: int = 0
    frames: int = 0
    seconds: float = 0.0
    shard: str | None = None
    failures: list[dict[str, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Plain data by the names of the attributes.

        Examples
        --------
        >>> from spectrograms.corpus import PartReport
        >>> PartReport(n_done=1, rows=1, frames=100, seconds=1.0).to_dict()
        {'n_done': 1, 'rows': 1, 'frames': 100, 'seconds': 1.0, 'shard': None, 'failures': []}
        """
        return asdict(self)

    def count(self, rows: list[Row], sample_rate: int) -> None:
        """Add the rows of one input."""
        self.n_done += 1
        self.rows += len(rows)
        self.frames += sum(len(row.features) for row in rows)
        self.seconds += sum(row.n_samples for row in rows) / sample_rate


def extract_part(
    paths: Any,
    config: Any,
    out_dir: str | PathLike[str],
    *,
    index: int | str = 0,
    num_threads: int | None = 1,
    dtype: str | None = None,
    channels: str | int = "mix",
    segment: float | None = None,
    resampling_quality: str = DEFAULT_QUALITY,
) -> PartReport:
    """Extract some inputs into one shard of a store, without a scheduler, lock or other worker.

    The name of the shard follows from the ids of the inputs: a part that is run twice overwrites itself.
    Failures are in the report, and in a file ``errors-<index>-<hash>.jsonl`` of the store.

    Parameters
    ----------
    paths : iterable of str, path, dict or Item
        As for :func:`~spectrograms.corpus.find_inputs`.
    config : plan, frontend, dict or str
        As for :func:`extractor_from`. What it builds is kept for the next part of this process.
    out_dir : str or path
        Folder of the store, created if needed, on a file system that all workers share; or its URL.
    index : int or str
        Position of the shard among all parts; a text may have letters, digits, ``_``, ``-`` and ``.``.
    num_threads : int or None
        Threads for this part; None for all that the process may use.
    dtype, channels, segment, resampling_quality
        As for :func:`extract`.

    Returns
    -------
    PartReport

    Raises
    ------
    OSError
        If the store cannot be written.
    InvalidInputError
        If the configuration cannot be used.

    See Also
    --------
    extract : A whole run, with threads and restarts.
    finish : Sums up what parts have made.

    Examples
    --------
    >>> from spectrograms.corpus import extract_part, finish
    >>> for index, name in enumerate(["first", "second"]):  # on any machine, in any order
    ...     report = extract_part([f"recordings/{name}.wav"], "whisper_openai", "features", index=index)
    >>> report.n_done, report.frames
    (1, 200)
    >>> finish("features")["rows"]
    2
    """
    if hasattr(config, "to_json"):
        config = config.to_json()
    if isinstance(config, dict):
        config = canonical_json(config)
    settings = _settings(config, dtype, channels, segment, resampling_quality)
    index = f"{index:06d}" if isinstance(index, int) else index
    if not _INDEX.fullmatch(index):
        raise InvalidInputError(f"index must be a number, or letters, digits and _-., got {index!r}")
    folder = folder_in(out_dir, "out_dir") if is_url(out_dir) else local(out_dir, "out_dir")
    items = find_inputs(paths)
    part = Part(index, items, list(map(weight, items)), kinds_of(item.columns for item in items))
    if isinstance(folder, Url):
        return run_far_part(part, settings, folder, resolve(num_threads))
    return run_part(part, settings, folder, resolve(num_threads))


@once
def _settings(config, dtype, channels, segment, resampling_quality):
    """Settings with their plan, made once in each process."""
    return Settings.make(config, dtype, channels, segment, resampling_quality)


def run_part(
    part: Part,
    settings: Settings,
    folder: str,
    num_threads: int,
    stop: threading.Event | None = None,
    watched: Callable[[Worker], Worker] = lambda worker: worker,
) -> PartReport:
    """Extract one part, unless its shard exists; see :func:`extract_part`.

    Parameters
    ----------
    part : Part
    settings : Settings
    folder : str
    num_threads : int
    stop, watched
        As for :func:`run_parts`.
    """
    return begin_part(part, settings, folder, num_threads, stop, watched)()


def begin_part(
    part: Part,
    settings: Settings,
    folder: str,
    num_threads: int,
    stop: threading.Event | None = None,
    watched: Callable[[Worker], Worker] = lambda worker: worker,
) -> Callable[[], PartReport]:
    """Do all of :func:`run_part` but to wait until the shard is on the disk, which what is returned does."""
    make_folder(folder)
    name = shard_name(part.index, [item.id for item in part.items])
    log = joined(folder, f"errors-{name.removeprefix('part-').removesuffix('.arrow')}.jsonl")
    is_far = isinstance(folder, Url)
    if not is_far and os.path.exists(os.path.join(folder, name)):
        earlier = _report_of(os.path.join(folder, name), settings, read_failures(log))
        return lambda: earlier
    report = PartReport()

    def seen(item, rows, failure):
        if failure is None:
            report.count(rows, settings.extractor.sample_rate)
        else:
            report.failures.append(failure)

    def closing():
        # Before the shard gets its name, because a part whose shard exists is not run again.
        if report.failures:
            write_text(log, to_lines(report.failures))

    stop = stop or threading.Event()
    shards: list[Finished] = []

    def end():
        with unfinished:
            closer.wait()
        if is_far:
            report.shard = os.path.basename(shards[0].path) if shards else None
            return report
        with writing(folder):
            sync_folder(folder)
        # A part that was stopped has the name of what was done of it.
        report.shard = name if os.path.exists(os.path.join(folder, name)) else None
        return report

    with ExitStack() as stack:
        closer = stack.enter_context(Closer(shards.extend))
        run_parts([part], settings, folder, num_threads, stop, seen, closer, closing, watched)
        unfinished = stack.pop_all()
    return end


def run_far_part(part: Part, settings: Settings, folder: Url, num_threads: int) -> PartReport:
    """Extract one part into an object store, with a manifest of its own, unless that is there.

    Parameters are those of :func:`run_part`.
    """
    label = f"{shard_name(part.index, [item.id for item in part.items]).removesuffix('.arrow')}."
    for name in names_in(folder):
        if name.startswith(f"manifest-{label}"):
            for shard in manifest_of(folder.beside(name))[0]:
                log = joined(folder, f"errors-{label.removeprefix('part-')}jsonl")
                return _report_of(folder.beside(shard), settings, read_failures(log))
    if read_description(folder) is None:
        write_manifest(folder, describe(settings))
    report = run_part(part, settings, folder, num_threads)
    if report.shard is not None:
        ledger = Ledger(folder, label)
        ledger.add(report.shard, report.rows, report.frames)
        ledger.write()
    return report


def make_folder(folder: str) -> None:
    """Make the folder of a store if it does not exist."""
    if isinstance(folder, Url):
        return
    with writing(folder):
        os.makedirs(folder, exist_ok=True)


def _report_of(path, settings, failures):
    """The report of a part that was finished earlier."""
    report, ids = PartReport(shard=os.path.basename(path), failures=failures), set()
    for batch, _ in batches(path):
        report.rows += batch.num_rows
        report.frames += int(view_of(batch.column("n_frames")).sum())
        report.seconds += float(view_of(batch.column("duration")).sum())
        ids.update(map(settings.item_id, batch.column("id").to_pylist()))
    report.n_done = len(ids)
    return report


def run_parts(
    parts: Iterable[Part],
    settings: Settings,
    folder: str,
    num_threads: int,
    stop: threading.Event,
    seen: Callable[[Item, list[Row], dict[str, str] | None], None],
    closer: Closer,
    closing: Callable[[], None] = lambda: None,
    watched: Callable[[Worker], Worker] = lambda worker: worker,
) -> None:
    """Extract parts into a shard each; threads go from one part to the next without a pause.

    When `closer` has waited, all shards have their names, which reach the disk with the folder: see
    :func:`spectrograms._common.files.sync_folder`.

    Parameters
    ----------
    parts : iterable of Part
    settings : Settings
    folder : str
    num_threads : int
    stop : threading.Event
        Once it is set, the current shard is finished with the inputs it has, and no other is begun.
    seen : callable
        Called with (item, rows, None) or (item, [], failure) for every input, in order.
    closer : Closer
        Takes the shards.
    closing : callable
        Called before a shard gets its name.
    watched : callable
        Takes the worker that does the work on items, and gives one to put in its place.
    """
    hands = Worker(settings, folder, stop, num_threads)
    worker = watched(hands)
    description = canonical_json(describe(settings))
    contents = Contents()
    tasks = (
        (part, contents.taken(item), size)
        for part in parts
        for item, size in zip(part.items, part.weights, strict=True)
    )
    outcomes = ordered(tasks, worker, num_threads)
    writer: ShardWriter | None = None
    ids: list[str] = []
    try:
        try:
            for part, item, result in outcomes:
                if writer is None:
                    schema = arrow_schema(description, settings.dtype, part.columns)
                    writer = ShardWriter(folder, part.index, schema, settings.extractor.sample_rate)
                    ids = []
                ids.append(item.id)
                if not isinstance(result, Exception) and item.columns:
                    result = unfit(item.columns, part.columns, item.id) or result
                if isinstance(result, Exception):
                    seen(item, [], describe_failure(item, result))
                else:
                    writer.add(result)
                    seen(item, result, None)
                if len(ids) == len(part.items):
                    closing()
                    closer.close(writer.finish(ids))
                    writer = None
                if stop.is_set():
                    break
        except Stopped:
            pass  # the current item is left for the next run
        if writer is not None:
            closing()
            closer.close(writer.finish(ids))
            writer = None
    finally:
        outcomes.close()
        contents.close()
        hands.close()
        if writer is not None:
            writer.abort()


class Closer:
    """Gives shards their names, on a thread of its own: a disk is slow, and takes many in the time of one.

    Parameters
    ----------
    published : callable
        Called with shards that have their names, on that thread.
    """

    def __init__(self, published: Callable[[list[Finished]], None] = lambda shards: None) -> None:
        self._published = published
        self._thread = ThreadPoolExecutor(1, "spectrograms-close")
        self._ready: deque[Finished] = deque()
        self._pending: deque[Future[None]] = deque()

    def __enter__(self) -> Closer:
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.shutdown(wait=True)

    def close(self, shard: Finished | None) -> None:
        """Publish a shard; raises the error of one before it."""
        if shard is None:
            return
        self._ready.append(shard)
        self._pending.append(self._thread.submit(self._publish))
        if len(self._pending) > _PENDING:
            self._pending.popleft().result()

    def _publish(self):
        ready = []
        while self._ready:
            ready.append(self._ready.popleft())
        if ready:
            publish(ready)
            self._published(ready)

    def wait(self) -> None:
        """Wait until all shards are published; raises their errors."""
        while self._pending:
            self._pending.popleft().result()
