"""The sources of a store: finding those that have changed or gone, and dropping their rows."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from spectrograms._common import files
from spectrograms._common.files import sync_folder
from spectrograms.corpus.inputs.items import Item, place_of
from spectrograms.corpus.inputs.sources import UNKNOWN, Source, is_missing, state_of
from spectrograms.corpus.stores.checksums import beside
from spectrograms.corpus.stores.columns import view_of
from spectrograms.corpus.stores.ledger import Ledger
from spectrograms.corpus.stores.manifest import open_shards
from spectrograms.corpus.stores.members import plain_name
from spectrograms.corpus.stores.reading import Shard, open_shard
from spectrograms.corpus.stores.rounding import Steps, as_read, steps_of
from spectrograms.corpus.stores.rows import Row
from spectrograms.corpus.stores.schema import METADATA, SOURCE_COLUMNS, arrow_schema, further_kinds
from spectrograms.corpus.stores.settings import Settings
from spectrograms.corpus.stores.shards import ShardWriter, publish
from spectrograms.corpus.stores.stats import moments_of
from spectrograms.places.paths import remove


@dataclass
class Survey:
    """The inputs in a store, and how their sources compare with the recorded state.

    Attributes
    ----------
    stored : set of str
        Inputs that have rows.
    changed, gone, unknown : set of str
        Those whose source has other content, no longer exists, or was not recorded.
    touched : dict
        The state of sources with another time but the same content, by input.
    shards : set of str
        Paths of the shards with rows of changed, gone or touched sources.
    """

    stored: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    touched: dict[str, Source] = field(default_factory=dict)
    shards: set[str] = field(default_factory=set)

    @property
    def stale(self) -> set[str]:
        """Inputs whose rows no longer match their source."""
        return self.changed | self.gone


def survey(
    folder: str,
    settings: Settings,
    items: Iterable[Item],
    is_ours: Callable[[str], bool],
    stop: threading.Event,
) -> Survey:
    """Check the source of every row of a store.

    A source among the inputs is compared with its recorded state. For others it is only checked whether the
    file still exists: a run over part of a corpus leaves the rest alone.

    Parameters
    ----------
    folder : str
    settings : Settings
    items : iterable of Item
        The inputs.
    is_ours : callable
        Whether an id is assigned to this job.
    stop : threading.Event
        Once it is set, KeyboardInterrupt is raised: nothing has been changed yet.
    """
    found = Survey()
    wanted = {item.id: item for item in items}
    for path, shard in open_shards(folder):
        for name, where, source in _sources(shard, settings):
            if stop.is_set():
                raise KeyboardInterrupt
            if name not in found.stored:
                found.stored.add(name)
                _compare(found, name, wanted.get(name), where, source, is_ours)
            if name in found.changed or name in found.gone or name in found.touched:
                found.shards.add(path)
    return found


def _compare(found, name, item, path, source, is_ours):
    """Record how the source of one input compares."""
    if item is not None:
        state, now = state_of(place_of(item), source)
    elif is_ours(name) and _is_file(source) and is_missing(path):
        state, now = "gone", UNKNOWN
    else:
        return
    if state == "touched":
        found.touched[name] = now
    elif state != "same":
        getattr(found, state).add(name)


def _is_file(source):
    """Whether a row may come from a file: those of bytes have a size but no time."""
    return source.size is None or source.mtime_ns is not None


def _sources(shard: Shard, settings: Settings) -> Iterator[tuple[str, str, Source]]:
    """Input, path and recorded source of every row."""
    shard.gather()
    for i in range(shard.num_record_batches):
        batch = shard.get_batch(i, values=False)
        ids = map(settings.item_id, batch.column("id").to_pylist())
        yield from zip(ids, batch.column("path").to_pylist(), _recorded(batch), strict=True)


def _recorded(batch):
    names, nothing = batch.schema.names, [None] * batch.num_rows
    columns = [batch.column(name).to_pylist() if name in names else nothing for name in SOURCE_COLUMNS]
    return [Source(*values) for values in zip(*columns, strict=True)]


def drop_stale(
    folder: str,
    settings: Settings,
    found: Survey,
    job: str,
    stop: threading.Event,
    ledger: Ledger | None = None,
) -> None:
    """Drop the rows of changed and gone sources, and record the new times of touched ones.

    Shards are replaced one by one, each in a single step. Whenever the run is killed, the rows of other
    sources exist exactly once, and what has been dropped is computed by the next run.

    Parameters
    ----------
    folder : str
    settings : Settings
    found : Survey
    job : str
        As for :func:`spectrograms.corpus.stores.failures.job_name`.
    stop : threading.Event
        Once it is set, KeyboardInterrupt is raised after the current shard.
    ledger : Ledger, optional
        The manifest of this run, in an object store.
    """
    stale = found.stale
    for path in sorted(found.shards):
        if stop.is_set():
            raise KeyboardInterrupt
        try:
            shard = open_shard(path, mapped=files.REPLACEABLE)
        except FileNotFoundError:
            continue  # another job has dropped the rest of it
        kept = [
            row._replace(source=found.touched.get(name, row.source))
            for name, row in _rows(shard, settings)
            if name not in stale
        ]
        if kept:
            description = shard.schema.metadata[METADATA].decode()
            schema = arrow_schema(description, settings.dtype, further_kinds(shard.schema))
            index = f"{job}.refresh" if job else "refresh"
            writer = ShardWriter(folder, index, schema, settings.extractor.sample_rate)
            try:
                writer.add(kept)
                finished = writer.finish_as(plain_name(os.path.basename(path)))
                if finished is not None:
                    publish([finished])
                    if ledger is not None:
                        ledger.add(os.path.basename(finished.path), finished.rows, finished.frames)
            except BaseException:
                writer.abort()
                raise
        if ledger is not None:
            # The rest of it is added, and it is dropped, in one step.
            ledger.drop(os.path.basename(path))
            ledger.write()
            for gone in (path, beside(path)):
                remove(gone)
        elif not kept:
            files.remove(path)
            sync_folder(folder)
            if os.path.exists(beside(path)):
                files.remove(beside(path))


def _rows(shard: Shard, settings: Settings) -> Iterator[tuple[str, Any]]:
    """Input and row of every row of a shard; features are views of the file."""
    width, names = shard.description["n_features"], list(further_kinds(shard.schema))
    for i in range(shard.num_record_batches):
        batch, stats = shard.get_batch_with_stats(i)
        data = batch.column("features").field(0)
        offsets, values, steps = data.offsets.to_pylist(), view_of(data.values), steps_of(batch, width)
        columns = [batch.column(name).to_pylist() for name in ("id", "path", "start_frame", "n_samples")]
        further = [batch.column(name).to_pylist() for name in names]
        rows = zip(*columns, _recorded(batch), strict=True)
        for n, (name, path, start, n_samples, source) in enumerate(rows):
            own = {column: values[n] for column, values in zip(names, further, strict=True)}
            features = values[offsets[n] : offsets[n + 1]].reshape(-1, width)
            levels = None if steps is None else Steps(*(each[n] for each in steps))
            moments = moments_of(as_read(features, levels))
            # The rounding error is known only for the batch; those of its rows are not larger.
            row = Row(name, path, start, n_samples, features, moments, stats.rounding, source)
            row = row._replace(columns=own or None, steps=levels)
            yield settings.item_id(name), row
