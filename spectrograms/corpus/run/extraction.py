"""From inputs to a store, on this machine or on a cluster."""

from __future__ import annotations

import math
import os
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from os import PathLike
from typing import Any

from spectrograms._common import files
from spectrograms._common.extras import require
from spectrograms._engine.threads.pool import resolve
from spectrograms.corpus.inputs.columns import kinds_of
from spectrograms.corpus.inputs.finding import Stream, find_inputs
from spectrograms.corpus.inputs.items import Item
from spectrograms.corpus.run.cutting import UntilBroken, at_least_one, cut, falls_to, share_of
from spectrograms.corpus.run.far import clean_far, remove_far
from spectrograms.corpus.run.guard import exclusive, locked, stopping
from spectrograms.corpus.run.part import Closer, Part, PartReport, make_folder, run_parts
from spectrograms.corpus.run.refresh import drop_stale, survey
from spectrograms.corpus.run.report import Report
from spectrograms.corpus.run.workers import dealt, resolve_workers, run_on_workers
from spectrograms.corpus.stores.documents import SEAL
from spectrograms.corpus.stores.failures import (
    FailureLog,
    all_failures,
    failure_files,
    job_name,
    log_name,
    read_failures,
)
from spectrograms.corpus.stores.ledger import Ledger
from spectrograms.corpus.stores.manifest import (
    MANIFEST,
    STATS,
    describe,
    finish,
    read_description,
    shard_paths,
    stored_ids,
    write_manifest,
)
from spectrograms.corpus.stores.settings import DEFAULT_QUALITY, Settings
from spectrograms.corpus.stores.shards import is_checksum
from spectrograms.corpus.stores.writing import writing
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import folder_in, remove
from spectrograms.places.urls import Url

_TEMPORARY = re.compile(r"\.part-(\d+of\d+\.)?.+\.tmp|\.(manifest|stats)\.json\..+\.tmp|\.errors.+\.tmp")
_PART_ERRORS = re.compile(r"errors-.+-[0-9a-f]{16}\.jsonl")


def extract(
    inputs: Any,
    config: Any,
    out_dir: str | PathLike[str],
    *,
    num_threads: int | None = None,
    workers: int | None = 1,
    dtype: str | None = None,
    channels: str | int = "mix",
    segment: float | None = None,
    resampling_quality: str = DEFAULT_QUALITY,
    overwrite: bool = False,
    retry_errors: bool = False,
    refresh: bool = False,
    strict: bool = False,
    shard_index: int | None = None,
    num_shards: int | None = None,
    shard_files: int | None = None,
    client: Any = None,
    on_duplicate: str = "error",
    progress: Callable[[Report], None] | None = None,
) -> Report:
    """Extract features of a corpus into a store, or continue an earlier run.

    Parameters
    ----------
    inputs : str, path, dict, or iterable of them
        Folders, patterns, files, lists, manifests, archives, tables; see
        :func:`~spectrograms.corpus.find_inputs`. An iterator (a generator, for instance) or a data set of
        Hugging Face's is not listed: inputs are taken as they are needed, as many as there may be. A run that
        goes on takes them all again, in the same order, and leaves out the ids that it has. The first inputs
        say which further columns there are, and of what kind; an input with others fails.
    config : plan, frontend, dict or str
        What to compute: a plan or frontend, its dict or JSON, or a frontend's name.
    out_dir : str or path
        Folder of the store, created if needed, or its URL in an object store.
    num_threads : int, optional
        Threads that decode and compute; by default :func:`get_num_threads`. With 1, the calling thread does
        both, and another one waits for the disk. With several `workers`, threads of each; by default 1, and
        with `segment` more if there are fewer shards than workers.
    workers : int or None
        Processes that take parts of the list, each as a shard of its own. 1: everything happens in this
        process. None: one for each core that this process may use, if there is a second of work or more.
        The store is the same, byte for byte.
    dtype : {"int8", "float16", "float32", "float64"}, optional
        Type of the stored values; by default that of the plan or frontend. The statistics of the store
        include the largest rounding error. With ``int8``, each feature of a row is stored as 256 levels
        between its smallest and its largest value, and read as float32.
    channels : {"mix", "each"} or int
        The mean of all channels, every channel as a row ``id.ch0``, ``id.ch1``, ..., or one channel.
    segment : float, optional
        Seconds in a row: files of any length in constant memory, as rows ``id#0``, ``id#1``, .... For
        frontends that can stream. A long WAV file is shared by all threads if it need not be resampled.
    resampling_quality : {"VHQ", "HQ", "MQ", "LQ", "QQ"}
        Of files at another rate than that of the configuration; see `quality` of
        :func:`~spectrograms.read_audio`. Stores of different qualities are different stores.
    overwrite : bool
        Remove an existing store instead of continuing it; not for one job of several.
    retry_errors : bool
        Retry inputs that failed in an earlier run.
    refresh : bool
        Recompute inputs whose source has changed since they were stored, and drop the rows of those that
        are gone. Without it, they are counted and stay as they are. A source has changed if its size has, or
        its time and its content. It is gone if its path, or that recorded for an id which is not among the
        inputs, leads to no file; rows of other files that are not among the inputs are left alone. If a
        changed source cannot be read, its row is dropped, and it is among the failures.
    strict : bool
        End with an error at the first input that fails.
    shard_index, num_shards : int, optional
        Process only the inputs assigned, by their id, to this one of `num_shards` jobs; all of them may write
        to one folder.
    shard_files : int, optional
        Inputs in a shard at most; it holds fewer where their files exceed 128 MB. By default 512, and fewer
        of a short list, so that workers find parts enough.
    client : distributed.Client, optional
        Have the shards made by the workers of a Dask cluster that sees the same file system.
    on_duplicate : {"error", "suffix", "first"}
        What to do about inputs with equal ids: ``suffix`` keeps the suffix of their files (``x.wav``,
        ``x.flac``), ``first`` keeps only the first.
    progress : callable, optional
        Called with the current Report after every step.

    Returns
    -------
    Report
        Inputs that fail do not end the run: they are listed in the report and in ``errors.jsonl``.

    Raises
    ------
    InvalidInputError
        If the configuration cannot be used, the folder is a URL that leads nowhere or holds a store of
        another, another run is at work there, or, with `strict`, an input fails; and as for ``find_inputs``.
    OSError
        If the store cannot be written. Finished shards are kept.
    ChildProcessError
        If workers end before they are at work. One that ends later is replaced, and an input of which two
        have died is among the failures.
    KeyboardInterrupt
        After Ctrl-C or SIGTERM, once the shards at hand are complete.
    ImportError
        If pyarrow, soundfile, soxr or distributed is missing.

    See Also
    --------
    FeatureStore : Reads the result.
    find_inputs : What `inputs` stand for.
    verify, export : Check a store; write it in another format.
    extract_part : One shard, for engines of your own.

    Examples
    --------
    Two recordings in a folder, of one and two seconds, and their features in a store:

    >>> from spectrograms.corpus import FeatureStore, extract
    >>> report = extract("recordings", "whisper_openai", "features", num_threads=1)
    >>> report.n_done, report.n_failed, report.audio_seconds
    (2, 0, 3.0)
    >>> {record.id: record.features.shape for record in FeatureStore("features")}
    {'first': (80, 100), 'second': (80, 200)}

    What is stored is not computed again:

    >>> extract("recordings", "whisper_openai", "features", num_threads=1).n_skipped
    2
    """
    require("pyarrow", "the feature store")
    started = time.perf_counter()
    settings = Settings.make(config, dtype, channels, segment, resampling_quality)
    if shard_files is not None:
        shard_files = at_least_one("shard_files", shard_files)
    threads = resolve(num_threads)
    workers = resolve_workers(workers, settings, client)
    folder = folder_in(out_dir, "out_dir")
    stream = Stream.of(inputs, on_duplicate)
    if stream is not None and refresh:
        raise InvalidInputError("refresh compares all inputs with the store: give a list, not an iterator")
    found: Any = find_inputs(inputs, on_duplicate) if stream is None else stream
    items: Iterable[Item] = found
    if num_shards is not None or shard_index is not None:
        items = share_of(items, shard_index, num_shards)
        if overwrite:
            raise InvalidInputError("overwrite removes what other jobs have stored: remove the folder first")
    job = job_name(shard_index, num_shards)
    make_folder(folder)
    stop = threading.Event()
    with locked(folder, job) as lease, stopping(stop) as signals:
        if lease is not None and isinstance(folder, Url):
            clean_far(lease, folder, job)
        _prepare(folder, settings, job, overwrite)
        listed = items if stream is None else ()
        found_there = survey(folder, settings, listed, falls_to(shard_index, num_shards), stop)
        run = _Run(folder, settings, job, items, retry_errors, strict, stop, progress, started, found_there)
        if refresh:
            run.refresh(job)
        run.left_out_of(found)
        parts = run.parts(shard_files)
        try:
            if client is not None:
                from spectrograms.corpus.run.cluster import run_on_cluster

                whole = UntilBroken(parts)
                run_on_cluster(client, whole, settings, folder, stop, run.part_done)
                _clean(folder, job)  # the remains of workers that died
                run.settle()
                whole.raise_again()
            else:
                workers, processes, parts = dealt(workers, parts)
                segments = settings.segment is not None
                if num_threads is None and (processes > 1 or (workers > 1 and segments)):
                    threads = 1  # of each, by default: there are processes enough
                # A long file is dealt out among threads: those of workers for which there is no part.
                hands = workers if segments else 1
                if processes == 1:
                    with Closer(run.published) as closer:
                        run_parts(parts, settings, folder, threads * hands, stop, run.seen, closer)
                        closer.wait()
                else:
                    clean, whole = partial(_clean, folder, job), UntilBroken(parts)
                    run_on_workers(processes, whole, settings, folder, threads, stop, run, clean, hands)
                    run.settle()
                    whole.raise_again()
        finally:
            run.close()
            run.fold_failures()
            run.left_out_of(found)
        finish(folder)
        run.report.seconds = time.perf_counter() - started
    if run.strict_failure is not None:
        failure = run.strict_failure
        raise InvalidInputError(f"input {failure['path']!r} failed: {failure['message']}")
    if signals:
        raise KeyboardInterrupt
    return run.report


class _Run:
    """One run: what is left to do, and the results so far."""

    def __init__(self, folder, settings, job, items, retry_errors, strict, stop, progress, started, found):
        self._folder, self._settings, self._items = folder, settings, items
        self._prefix = f"{job}." if job else ""
        self._log = FailureLog(folder, log_name(job))
        self._ledger = Ledger(folder) if isinstance(folder, Url) else None
        self._elsewhere = []
        #: What is done of parts that other processes are at, by any key.
        self.at_work = {}
        self._strict, self._stop, self._progress = strict, stop, progress
        self._started, self._begun = started, False
        self._found, self._done = found, found.stored
        failed = {} if retry_errors else all_failures(folder)
        self._skip = self._done | set(failed)
        self._places, self.report = {}, Report()
        self._streamed = not isinstance(items, list)
        if not self._streamed:
            self._meet(items)
        self.report.n_changed, self.report.n_gone = len(found.changed), len(found.gone)
        self.report.n_unknown, self.report.n_stale = len(found.unknown), len(found.stale)
        self.strict_failure = None

    def _meet(self, items):
        """Count inputs when they become known: a list at once, a stream piece by piece."""
        n_done = sum(item.id in self._done for item in items)
        n_skip = sum(item.id in self._skip for item in items)
        self.report.n_inputs += len(items)
        self.report.n_skipped += n_done
        self.report.n_failed_before += n_skip - n_done
        first = len(self._places)
        self._places.update((item.id, place) for place, item in enumerate(items, first))

    def left_out_of(self, found):
        """Report what was left out of the inputs so far."""
        self.report.left_out, self.report.n_duplicates = found.left_out, found.n_duplicates

    def refresh(self, job):
        """Drop rows whose source has changed, so that they are computed again."""
        found = self._found
        if found.shards:
            self._begin()
            with exclusive(self._folder, ".lock-refresh"):
                drop_stale(self._folder, self._settings, found, job, self._stop, self._ledger)
        stale = found.stale
        self._done -= stale
        self._skip -= stale
        self.report.n_skipped -= sum(item.id in stale for item in self._items)
        self.report.n_stale = 0

    def parts(self, shard_files):
        """Parts with something left to do.

        The whole list is cut first, and stored inputs are left out afterwards: so shards do not depend on
        where earlier runs stopped, and a part that is still running on a cluster has the same name.
        """
        columns = None if self._streamed else kinds_of(item.columns for item in self._items)
        for k, piece in enumerate(cut(self._items, shard_files)):
            if self._streamed:
                self._meet([item for item, _ in piece])
            if columns is None:
                columns = kinds_of(item.columns for item, _ in piece)
            left = [(item, size) for item, size in piece if item.id not in self._done]
            again = sum(item.id in self._skip for item, _ in left)
            if again < len(left):
                # Earlier failures in an unfinished part are retried with it, so that it keeps its name.
                self.report.n_failed_before -= again
                self._begin()
                items, sizes = map(list, zip(*left, strict=True))
                yield Part(f"{self._prefix}{k:06d}", items, sizes, columns)

    def _begin(self):
        """Remove the totals from the manifest before they become wrong, in case the run is killed."""
        # In an object store each run has a manifest of its own: totals that are old are seen to be.
        if not self._begun and self._ledger is None:
            self._begun = True
            there = read_description(self._folder)
            if there is not None and ("totals" in there or SEAL not in there):
                write_manifest(self._folder, there)

    def seen(self, item, rows, failure):
        """Record the result of one input."""
        part = PartReport()
        if failure is None:
            part.count(rows, self._settings.extractor.sample_rate)
            self._done.add(item.id)
        else:
            self._log.add(failure)
            part.failures.append(failure)
        self._count(part)

    def part_done(self, part):
        """Record the results of a part that another process has finished."""
        if self._ledger is not None and part.shard is not None:
            self._ledger.add(part.shard, part.rows, part.frames)
            self._ledger.soon()
        self._elsewhere.append(part.seconds)
        self._count(part)

    def published(self, shards):
        """Record shards that have their names."""
        if self._ledger is not None:
            self._ledger.published(shards)

    def close(self):
        """Write down which shards have been made, where they do not say it themselves."""
        if self._ledger is not None:
            self._ledger.write()

    def _count(self, part):
        self.report.add(part)
        self.report.seconds = time.perf_counter() - self._started
        if self._strict and part.failures and self.strict_failure is None:
            self.strict_failure = part.failures[0]
            self._stop.set()
        self.tell()

    def tell(self):
        """Report what is done, with what is done of parts that other processes are at."""
        if self._progress is None:
            return
        report = self.report
        if self.at_work:
            report = replace(report, seconds=time.perf_counter() - self._started)
            for part in self.at_work.values():
                report.add(part)
        self._progress(report)

    def settle(self):
        """Make the report of parts that came in any order the same each time."""
        self.report.audio_seconds = math.fsum(self._elsewhere)
        self.report.failures.sort(key=lambda failure: self._places[failure["id"]])

    def fold_failures(self):
        """Collect the failures in one file, a line for each input, without inputs stored since."""
        with writing(self._folder):
            self._log.flush()
            paths = [
                path for path in failure_files(self._folder) if self._is_of_a_part(os.path.basename(path))
            ]
            found = [failure for path in [self._log.path, *paths] for failure in read_failures(path)]
            latest = {failure["id"]: failure for failure in found}
            stored = self._done
            if paths or (found and self._elsewhere):
                stored = set(map(self._settings.item_id, stored_ids(self._folder)))
            kept = [failure for failure in latest.values() if failure["id"] not in stored]
            if kept != found or paths:
                self._log.rewrite(kept)
            for path in paths:
                remove(path)

    def _is_of_a_part(self, name):
        """Whether a file holds the failures of a part; in a job array, of one of this job."""
        return _PART_ERRORS.fullmatch(name) and name.startswith(f"errors-{self._prefix}")


def _prepare(folder, settings, job, overwrite):
    """Prepare the folder for these settings, or refuse it."""
    _clean(folder, job)
    if overwrite:
        _remove(folder)
    there = read_description(folder)
    wanted = describe(settings)
    if there is None:
        # Its name may be lost with those of the first shards, which have the description, too.
        write_manifest(folder, wanted, sync=False)
        return
    if there["fingerprint"] != wanted["fingerprint"]:
        raise InvalidInputError(
            f"{folder} holds features of another configuration ({_difference(there, wanted)}): take another "
            "folder, or overwrite it"
        )
    # Stores from before it was recorded have the first rounding.
    for name, unsaid in (("instructions", None), ("pyfftw", None), ("rounding", "1")):
        before, now = there["software"].get(name, unsaid), wanted["software"].get(name)
        if before != now:
            warnings.warn(
                f"{folder} was begun with {name} {before}, this run uses {now}: the last bits of the values "
                "may differ",
                stacklevel=3,
            )


def _clean(folder, job):
    """Remove what a killed run has left behind; in a job array, only what this job has."""
    if isinstance(folder, Url):
        return  # see `clean_far`
    for entry in os.scandir(folder):
        match = _TEMPORARY.fullmatch(entry.name)
        if match and (not job or match[1] == f"{job}."):
            files.remove(entry.path)


def _difference(there, wanted):
    """The settings in which two descriptions differ, in words."""
    defaults = {"resampling_quality": DEFAULT_QUALITY}
    found = list(_differing(defaults | there["config"], defaults | wanted["config"]))
    if not found and there["numeric_version"] == wanted["numeric_version"]:
        return f"fingerprint {there['fingerprint']} there, {wanted['fingerprint']} here"
    if not found:
        return f"numeric version {there['numeric_version']} there, {wanted['numeric_version']} here"
    return "; ".join(f"{name} {before!r} there, {now!r} here" for name, before, now in found)


def _differing(before, now, name=""):
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            yield from _differing(before.get(key), now.get(key), f"{name}.{key}" if name else key)
    elif before != now:
        yield name, before, now


def _remove(folder):
    """Remove a store, but nothing else in its folder."""
    if isinstance(folder, Url):
        remove_far(folder)
        return
    names = [os.path.join(folder, name) for name in (MANIFEST, STATS)]
    # Shards first: without them it is no longer a store.
    shards = shard_paths(folder)
    sums = [entry.path for entry in os.scandir(folder) if is_checksum(entry.name)]
    for path in [*shards, *sums, *failure_files(folder), *names]:
        if os.path.exists(path):
            files.remove(path)
