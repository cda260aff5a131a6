"""Shards: immutable Arrow IPC files that appear whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from spectrograms._common.extras import require
from spectrograms._common.files import as_text, put_in_place, sync_folder, temporary_beside
from spectrograms._engine.arrays.columns import merge_moments
from spectrograms.corpus.inputs.columns import as_kind
from spectrograms.corpus.stores import checksums
from spectrograms.corpus.stores.columns import numbers, texts, values_of, whole_numbers
from spectrograms.corpus.stores.members import unique_name
from spectrograms.corpus.stores.rounding import STEP_COLUMNS, step_columns
from spectrograms.corpus.stores.rows import Row
from spectrograms.corpus.stores.schema import METADATA, further_kinds
from spectrograms.corpus.stores.stats import Stats
from spectrograms.corpus.stores.writing import unfinished, write_texts, writing
from spectrograms.places import remote
from spectrograms.places.paths import folder_of, joined
from spectrograms.places.remote import together
from spectrograms.places.urls import Url

#: Rows of a batch, and about how many bytes of features it holds at most.
BATCH_ROWS, BATCH_BYTES = 64, 16 << 20
_SHARD = re.compile(r"part-.+-[0-9a-f]{16}\.arrow")
_MAX_VALUES = 2**31 - 1


def is_shard(name: str) -> bool:
    """Whether a file name is that of a shard."""
    return _SHARD.fullmatch(name) is not None


def is_checksum(name: str) -> bool:
    """Whether a file name is that of the checksum of a shard."""
    return name.endswith(checksums.SUFFIX) and is_shard(name.removesuffix(checksums.SUFFIX))


def shard_name(index: str, ids: Iterable[str]) -> str:
    """Name of the shard of these inputs: the same inputs overwrite their own shard and no other.

    Parameters
    ----------
    index : str
        Position of the shard in its run.
    ids : iterable of str
        Ids of the inputs, including those that failed.
    """
    # Ids hold no NUL, so that different ids give different texts even if they contain line breaks.
    lines = (name.replace("\n", "\0") for name in ids)
    digest = blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()
    return f"part-{index}-{digest}.arrow"


def write_options() -> Any:
    """Options for writing shards: without compression, so that they can be mapped into memory."""
    pa = require("pyarrow", "the feature store")
    return pa.ipc.IpcWriteOptions(use_threads=False)


class ShardWriter:
    """Writes rows to a temporary file, which becomes a shard when it is finished and published.

    Parameters
    ----------
    folder : str
    index : str
        As for :func:`shard_name`.
    schema : pyarrow.Schema
    sample_rate : int
    """

    def __init__(self, folder: str, index: str, schema: Any, sample_rate: int) -> None:
        self._pa = require("pyarrow", "the feature store")
        self._folder, self._index = folder, index
        self._schema, self._rate = schema, sample_rate
        self._further = further_kinds(schema)
        # What goes to an object store waits in a file without a name.
        self._is_far = isinstance(folder, Url)
        self._temporary = None if self._is_far else temporary_beside(os.path.join(folder, f"part-{index}"))
        self._n_rows = self._n_frames = 0
        self._sink = self._writer = None
        self._rows: list[Row] = []
        self._values = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Add all rows of one input."""
        for row in rows:
            size = row.features.size
            if self._values + size > _MAX_VALUES:
                self._write()
            self._rows.append(row)
            self._values += size
            if len(self._rows) == BATCH_ROWS or self._values * row.features.itemsize >= BATCH_BYTES:
                self._write()

    def finish(self, ids: Iterable[str]) -> Finished | None:
        """Write what is left of the shard of these inputs; without rows nothing is written: None."""
        return self.finish_as(shard_name(self._index, ids))

    def finish_as(self, name: str) -> Finished | None:
        """Write what is left of a shard that will bear a name; see :meth:`finish`."""
        with self._writing():
            self._write()
            if self._writer is None:
                return None
            self._writer.close()
            sink, counts = self._sink, (self._n_rows, self._n_frames)
            if self._is_far:
                sink.flush()
                name = unique_name(name, os.urandom(8).hex())
                return Finished(
                    "", joined(self._folder, name), sink.line(name), *counts, sink.content, sink.size
                )
            sink.close()
        return Finished(str(self._temporary), os.path.join(self._folder, name), sink.line(name), *counts)

    def abort(self) -> None:
        """Discard what was written."""
        if self._sink is not None:
            for part in (self._writer, self._sink):
                try:
                    part.close()
                except (OSError, ValueError):
                    continue  # the disk is still full, or the file is closed
            self._sink = None
        if self._temporary is not None and os.path.exists(self._temporary):
            os.unlink(self._temporary)

    def _write(self):
        if not self._rows:
            return
        rows, self._rows, self._values = self._rows, [], 0
        self._n_rows += len(rows)
        self._n_frames += sum(len(row.features) for row in rows)
        with self._writing():
            if self._writer is None:
                self._sink = checksums.ChecksumFile(self._temporary)
                self._writer = self._pa.ipc.new_file(self._sink, self._schema, options=write_options())
            self._writer.write_batch(self._batch(rows), custom_metadata={METADATA: _stats(rows).to_json()})

    @contextmanager
    def _writing(self):
        """Discard what was written if the system refuses more."""
        with writing(self._folder):
            try:
                yield
            except OSError:
                self.abort()
                raise

    def _batch(self, rows):
        pa = self._pa
        shapes = np.array([row.features.shape for row in rows], np.int32)
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum(shapes[:, 0] * shapes[:, 1], out=offsets[1:])
        kind = self._schema.field("features").type
        features = pa.StructArray.from_arrays(
            [
                pa.ListArray.from_arrays(
                    numbers(offsets), numbers(_values(rows)), type=kind.field("data").type
                ),
                pa.FixedSizeListArray.from_arrays(numbers(shapes.reshape(-1)), type=kind.field("shape").type),
            ],
            fields=list(kind),
        )
        n_samples = np.array([row.n_samples for row in rows], np.int64)
        columns = [
            texts([row.id for row in rows]),
            texts([as_text(row.path) for row in rows]),
            numbers(np.array([row.start_frame for row in rows], np.int64)),
            numbers(shapes[:, 0]),
            numbers(n_samples),
            numbers(np.full(len(rows), float(self._rate))),
            numbers(n_samples / self._rate),
            features,
            *self._steps(rows),
            whole_numbers([row.source.size for row in rows]),
            whole_numbers([row.source.mtime_ns for row in rows]),
            texts([row.source.hash for row in rows]),
        ]
        for name, kind in self._further.items():
            values = [as_kind(row.columns.get(name), kind) if row.columns else None for row in rows]
            columns.append(values_of(self._schema.field(name).type, values))
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)

    def _steps(self, rows):
        """The columns that make values of levels, if the features are levels."""
        steps = [row.steps for row in rows if row.steps is not None]
        if not steps:
            return []
        return step_columns(steps, [self._schema.field(name).type for name in STEP_COLUMNS])


class Finished(NamedTuple):
    """A shard that has all it needs but its name.

    Attributes
    ----------
    temporary, path : str
        Where it is, and where it belongs.
    line : str
        Its checksum.
    rows, frames : int
    content : binary file, optional
        What goes to an object store, instead of a temporary name.
    size : int
        Bytes of that.
    """

    temporary: str
    path: str
    line: str
    rows: int = 0
    frames: int = 0
    content: Any = None
    size: int = 0


def publish(shards: Sequence[Finished]) -> None:
    """Give shards their names, and their checksums, in order; the disk takes all of them at once.

    While a shard replaces another, the file beside it holds the checksums of both, because a killed run may
    leave either of them. The names are safe from a crash of the machine after
    :func:`spectrograms._common.files.sync_folder`.
    """
    folder = folder_of(shards[0].path)
    if isinstance(folder, Url):
        with writing(folder):
            list(together(_upload, shards))
        return
    replaced = []
    with writing(folder), ExitStack() as stack:
        files = []
        for temporary, path, line, *_ in shards:
            stack.callback(_discard, temporary)
            before = checksums.lines_beside(path) or []
            if not before and os.path.exists(path):
                before = [checksums.line_of(path)]
            beside = checksums.beside(path)
            text = "".join([*(other for other in before if other != line), line])
            # Its name goes first: a shard without a checksum would be a problem.
            files += [(stack.enter_context(unfinished(beside, text)), beside), (temporary, path)]
            if before not in ([], [line]):
                replaced.append((beside, line))
        put_in_place(*files)
        if replaced:
            sync_folder(folder)
            write_texts(dict(replaced), sync=False)


def _upload(shard):
    """Write a shard to an object store, where it has a name of its own; its checksum is there before it."""
    with shard.content as content:
        remote.write(checksums.beside(shard.path), shard.line.encode())
        remote.write(shard.path, content, shard.size)


def _discard(temporary):
    with suppress(FileNotFoundError):
        os.unlink(temporary)


def _values(rows):
    """All values of some rows: where they lie, if one begins where the other ends, or copied together."""
    first = rows[0]
    memory, stop = first.features.base, first.place
    if stop >= 0:
        for row in rows:
            if row.place != stop or row.features.base is not memory:
                break
            stop += row.features.size
        else:
            return memory[first.place : stop]
    return np.concatenate([row.features.reshape(-1) for row in rows])


def _stats(rows):
    """Statistics of the frames of all rows."""
    count, merged = 0, None
    for row in rows:
        if merged is None:
            # Merged in place: those of a row stay as they are.
            count, merged = len(row.features), None if row.moments is None else row.moments.copy()
        elif row.moments is not None:
            merge_moments(count, merged, len(row.features), row.moments)
            count += len(row.features)
    if merged is None:
        return Stats.empty(rows[0].features.shape[1])
    return Stats(count, *merged, max(row.rounding for row in rows))
