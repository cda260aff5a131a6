"""Tables with a recording in each row: Parquet, and Arrow's files and streams.

The sound is a column of Hugging Face's kind, ``struct<bytes, path>``, a column of contents, or one of paths.
All other columns are fields.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms._common.files import as_text
from spectrograms.corpus.collections.cells import Cell, Cells, Entry, Reader
from spectrograms.errors import InvalidInputError
from spectrograms.places.reading import opened
from spectrograms.places.urls import Url

#: Suffixes of tables.
SUFFIXES = (".parquet", ".arrow", ".feather", ".ipc")
_PATHS = ("path", "audio_filepath", "file", "audio")
# Rows that are looked at together, and bytes of a column that are read ahead: of a file on a disk so few that
# they stay in the cache, of an object as many as are worth a request.
_ROWS, _BUFFER, _FAR_BUFFER = 1024, 1 << 16, 1 << 20
# Rows whose contents are held at a time.
_CONTENTS = 16


class _Columns:
    """Which columns of a table hold what.

    Attributes
    ----------
    sound : str or None
        The column of contents, or of contents and paths.
    is_struct : bool
        Whether it has both.
    fields : list of str
        All other columns that are no bytes.
    """

    def __init__(self, schema, path):
        pa = require("pyarrow", "reading tables")
        kinds = {field.name: field.type for field in schema}
        structs = [
            name
            for name, kind in kinds.items()
            if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0
        ]
        binary = [name for name, kind in kinds.items() if _is_binary(pa, kind)]
        self.sound = _first(("audio",), structs) or _first(("bytes", "audio"), binary)
        self.is_struct = self.sound in structs
        self.has_path = self.is_struct and kinds[self.sound].get_field_index("path") >= 0
        if self.sound is None and not any(name in kinds for name in _PATHS):
            raise InvalidInputError(
                f"{as_text(path)}: columns must include audio, with bytes or paths, or path, got "
                f"{', '.join(kinds)[:200] or 'none'}"
            )
        self.fields = [name for name in kinds if name != self.sound and name not in (*binary, *structs)]


def _is_binary(pa, kind):
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def _first(wanted, names):
    """The first of some names that is there, else the only one."""
    return next((name for name in wanted if name in names), names[0] if len(names) == 1 else None)


class _Table(Reader):
    """Goes through a table, without the contents."""

    kind: str

    def entries(self) -> Iterator[Entry]:
        pa = require("pyarrow", "reading tables")
        name = as_text(self.path)
        number = 0
        try:
            for place, size, fields, path in self._rows():
                where = f"{name}, row {number}"
                number += 1
                data = None
                if size is not None:
                    data = Cell(self.kind, self.path, place, size, f"{name}/{path or number - 1}")
                    fields = {**fields, "member": path or f"{_stem(self.path)}/{number - 1}"}
                    path = data.name
                elif path is None:
                    path = next((fields[key] for key in _PATHS if fields.get(key) is not None), None)
                yield where, {**fields, "path": path}, data
        except (pa.ArrowException, OSError) as error:
            if getattr(error, "errno", None):
                raise  # of the system
            raise self.damaged(error) from None

    @abstractmethod
    def _rows(self):
        """Place, size of the content or None, fields, and path of each row."""


def _stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def _fields_of(batch, columns):
    """The fields of each row of a batch."""
    found = {name: batch.column(name).to_pylist() for name in columns.fields}
    return [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)] or [
        {} for _ in range(batch.num_rows)
    ]


def _paths_of(batch, columns):
    if not columns.has_path:
        return [None] * batch.num_rows
    column = batch.column(columns.sound)
    return column.field(column.type.get_field_index("path")).to_pylist()


class ParquetReader(_Table):
    """Goes through a Parquet file, group by group; contents have the mean size of those of their group."""

    kind = "parquet"

    def _rows(self):
        with _parquet(self.path) as file:
            columns = _Columns(file.schema_arrow, self.path)
            wanted = [*columns.fields]
            if columns.has_path:
                wanted.append(f"{columns.sound}.path")
            leaf = f"{columns.sound}.bytes" if columns.is_struct else columns.sound
            for group in range(file.num_row_groups):
                size = _mean_size(file.metadata.row_group(group), leaf)
                row = 0
                for batch in _batches(file, group, wanted, _ROWS):
                    paths = _paths_of(batch, columns)
                    for fields, path in zip(_fields_of(batch, columns), paths, strict=True):
                        yield (group, row), size, fields, path
                        row += 1


def _parquet(path):
    parquet = require("pyarrow.parquet", "reading Parquet tables")
    if isinstance(path, Url):
        return parquet.ParquetFile(opened(path), buffer_size=_FAR_BUFFER, pre_buffer=False)
    return parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)


def _batches(file, group, columns, rows):
    """Batches of some columns of a group; without any columns, of as many rows."""
    if columns:
        yield from file.iter_batches(rows, [group], columns=columns, use_threads=False)
        return
    pa = require("pyarrow", "reading Parquet tables")
    left = file.metadata.row_group(group).num_rows
    while left:
        n = min(left, rows)
        left -= n
        yield pa.RecordBatch.from_struct_array(pa.StructArray.from_buffers(pa.struct([]), n, [None]))


def _mean_size(group, leaf):
    """About the bytes of a content; None where there is none at all."""
    for k in range(group.num_columns):
        column = group.column(k)
        if column.path_in_schema == leaf:
            known = column.statistics
            if known is not None and known.has_null_count and known.null_count == group.num_rows:
                return None
            return max(1, column.total_uncompressed_size // max(group.num_rows, 1))
    return None


class Parquet(Cells):
    """The contents in a Parquet file, page by page."""

    def __init__(self, path: str) -> None:
        self._file = _parquet(path)
        columns = _Columns(self._file.schema_arrow, path)
        self._column = columns.sound
        self._leaf = f"{columns.sound}.bytes" if columns.is_struct else columns.sound
        self._group, self._next = -1, 0
        self._left: Any = iter(())
        self._first, self._batch = 0, None

    def content(self, place: tuple[Any, ...]) -> Any:
        group, row = place
        if group != self._group or row < self._first:
            self._left = _batches(self._file, group, [self._leaf], _CONTENTS)
            self._group, self._first, self._next, self._batch = group, 0, 0, None
        while row >= self._next:
            batch = _next(self._left)
            self._first, self._next = self._next, self._next + batch.num_rows
            self._batch = _contents(batch.column(self._column))
        assert self._batch is not None
        return self._batch[row - self._first].as_buffer()

    def close(self) -> None:
        self._file.close()


def _next(batches):
    batch = next(batches, None)
    if batch is None:
        raise InvalidInputError("it has fewer rows than before")
    return batch


def _contents(column):
    """The contents in a column of these, or of structs."""
    return column.field(column.type.get_field_index("bytes")) if column.type.num_fields else column


class ArrowReader(_Table):
    """Goes through an Arrow file or stream, which is mapped into memory."""

    kind = "arrow"

    def _rows(self):
        with _Mapped(self.path) as file:
            columns = _Columns(file.schema, self.path)
            for k, batch in enumerate(file.batches()):
                sizes = [None] * batch.num_rows
                if columns.sound is not None:
                    sizes = _sizes(_contents(batch.column(columns.sound)))
                rows = zip(sizes, _fields_of(batch, columns), _paths_of(batch, columns), strict=True)
                for row, (size, fields, path) in enumerate(rows):
                    yield (k, row), size, fields, path


def _sizes(contents):
    """Bytes of each content, without reading it; None where there is none."""
    kinds = {"binary": np.int32, "large_binary": np.int64}
    if str(contents.type) not in kinds or not len(contents):
        return [None if value is None else len(value) for value in contents.to_pylist()]
    kind = np.dtype(kinds[str(contents.type)])
    offsets = np.frombuffer(contents.buffers()[1], kind, len(contents) + 1, contents.offset * kind.itemsize)
    sizes = np.diff(offsets).tolist()
    if contents.null_count:
        sizes = [
            size if there else None
            for size, there in zip(sizes, contents.is_valid().to_pylist(), strict=True)
        ]
    return sizes


class _Mapped:
    """An Arrow file, or a stream as Hugging Face's data sets are kept."""

    def __init__(self, path):
        pa = require("pyarrow", "reading tables")
        self._map = pa.PythonFile(opened(path), "r") if isinstance(path, Url) else pa.memory_map(path)
        self._reader, self._is_file = None, True
        try:
            self._reader = pa.ipc.open_file(self._map)
        except pa.ArrowInvalid:
            self._map.seek(0)
            self._is_file = False
            try:
                self._reader = pa.ipc.open_stream(self._map)
            except pa.ArrowException as error:
                self._map.close()
                words = str(error).partition("\n")[0][:200]
                raise InvalidInputError(f"{as_text(path)} cannot be read: {words}") from None
        self.schema = self._reader.schema

    def batches(self):
        if not self._is_file:
            yield from self._reader
            return
        for k in range(self._reader.num_record_batches):
            yield self._reader.get_batch(k)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._map.close()


class Arrow(Cells):
    """The contents in an Arrow file or stream, batch by batch."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._begin()
        self._column = _Columns(self._mapped.schema, path).sound

    def _begin(self):
        self._mapped = _Mapped(self._path)
        self._left, self._number = self._mapped.batches(), -1
        self._batch = None

    def content(self, place: tuple[Any, ...]) -> Any:
        number, row = place
        if number < self._number:
            self.close()
            self._begin()
        while self._number < number:
            self._batch = _contents(_next(self._left).column(self._column))
            self._number += 1
        return self._batch[row].as_buffer()

    def close(self) -> None:
        self._batch = None
        self._left = iter(())
        self._mapped.__exit__()
