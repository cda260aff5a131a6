"""Reading shards: mapped into memory, and checked where they are first touched.

What is checked is everything but the values: the frame of the file, the columns and their types, the small
columns, and that offsets, shapes and the number of features agree. A shard may have been damaged on its way,
or made by somebody who means harm; either gives one error, which names it.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms._engine.arrays.arrays import within
from spectrograms.corpus.stores.arrowfile import blocks
from spectrograms.corpus.stores.columns import view_of
from spectrograms.corpus.stores.documents import check_description, parse
from spectrograms.corpus.stores.rounding import STEP_COLUMNS
from spectrograms.corpus.stores.schema import METADATA, SOURCE_COLUMNS, column_types, columns, further_kinds
from spectrograms.corpus.stores.stats import Stats
from spectrograms.errors import InvalidInputError
from spectrograms.places.pieces import Pieces
from spectrograms.places.urls import Url

# Frames and samples beyond this are of no recording: ten thousand years.
_MOST = 2**48
_NUMBERS = ("n_frames", "start_frame", "n_samples", "sample_rate", "duration")
_REQUIRED = {*_NUMBERS, "id", "path", "features"}
# The columns that stand before and with the values.
_OURS = ["id", "path", "start_frame", "n_frames", "n_samples", "sample_rate", "duration", "features"]


class Shard:
    """A shard that is open.

    Attributes
    ----------
    path : str
    description : dict
        The description of its store; shared, so not to be changed.
    schema : pyarrow.Schema
        Of the known columns, and of further ones.
    rows : list of int
        Rows of each batch.
    """

    def __init__(self, path: str, content: Any) -> None:
        pa = require("pyarrow", "the feature store")
        self.path = path
        self._pieces: Pieces | None = None
        if isinstance(content, Pieces):
            self._pieces, content = content, content.content
        with reporting(path):
            self._blocks = blocks(content) if self._pieces is None else blocks(content, self._pieces.need)
            self.rows: list[int] = [block.rows for block in self._blocks]
            buffer = pa.py_buffer(content)
            self._reader = _open(pa, buffer)
            schema = self._reader.schema
            self.description: dict[str, Any] = _description((schema.metadata or {}).get(METADATA, b""))
            dtype = self.description["config"]["dtype"]
            if not schema.equals(columns(dtype)):
                places = _places(schema, column_types(dtype))
                if len(places) < len(schema):
                    # Unknown columns are not read.
                    self._reader = _open(pa, buffer, included_fields=places)
            self.schema: Any = self._reader.schema
            # Of batches far away everything but the values is read at once, if it is known where they are.
            self._is_ours = schema.names[: len(_OURS)] == _OURS
            _expect(self._reader.num_record_batches == len(self.rows), "it counts its batches in two ways")

    @property
    def num_record_batches(self) -> int:
        """Number of batches."""
        return len(self.rows)

    @property
    def is_far(self) -> bool:
        """Whether values are fetched from a store when they are asked for."""
        return self._pieces is not None

    @property
    def held(self) -> int:
        """Bytes that have been fetched."""
        return 0 if self._pieces is None else self._pieces.filled

    def get_batch(self, i: int, values: bool = True) -> Any:
        """A batch, which agrees with the description; without `values`, `fill` fetches those far away."""
        return self._batch(i, values)[0]

    def fill(self, i: int, first: int = 0, stop: int | None = None) -> None:
        """Fetch the values of a batch, or those bytes of them."""
        if self._pieces is not None and self._is_ours:
            begin, end = self._blocks[i].values
            with reporting(self.path):
                self._pieces.need((begin + first, end if stop is None else begin + stop))

    def prepare(self, i: int) -> None:
        """Begin to fetch a batch that will be needed, if there is one."""
        if self._pieces is not None and i < len(self._blocks):
            block = self._blocks[i]
            self._pieces.prepare(block.offset, block.offset + block.size)

    def gather(self) -> None:
        """Fetch everything but the values, of all batches at once."""
        if self._pieces is not None:
            with reporting(self.path):
                self._pieces.need(*(part for block in self._blocks for part in self._around(block)))

    def _around(self, block):
        """Ranges of bytes of a batch that are not of its values."""
        end = block.offset + block.size
        if not self._is_ours:
            return [(block.offset, end)]
        return [(block.offset, block.values[0]), (block.values[1], end)]

    def get_batch_with_stats(self, i: int, values: bool = True) -> tuple[Any, Stats]:
        """A batch, and the statistics recorded beside it; `values` as for :meth:`get_batch`."""
        batch, metadata = self._batch(i, values)
        with reporting(self.path):
            recorded = (metadata or {}).get(METADATA.decode(), b"")
            return batch, Stats.from_json(recorded, self.description["n_features"])

    def batches(self) -> Iterator[tuple[Any, Stats]]:
        """All batches, and the statistics beside each; without values, if they are far away."""
        self.gather()
        for i in range(self.num_record_batches):
            yield self.get_batch_with_stats(i, values=False)

    def _batch(self, i, values):
        with reporting(self.path):
            if self._pieces is not None:
                block = self._blocks[i]
                whole = [(block.offset, block.offset + block.size)]
                self._pieces.need(*(whole if values else self._around(block)))
            batch, metadata = self._reader.get_batch_with_custom_metadata(i)
            # Arrow checks buffers, offsets, text and nulls, but not the meaning of numbers.
            batch.validate(full=True)
            _expect(batch.num_rows == self.rows[i], "a batch counts its rows in two ways")
            _check(batch, self.description)
        return batch, metadata


@contextmanager
def reporting(path: str) -> Iterator[None]:
    """Turn every error of reading a damaged shard into one that names the shard."""
    try:
        yield
    except (ValueError, TypeError, KeyError, IndexError, OSError, ArithmeticError, MemoryError) as error:
        raise InvalidInputError(f"shard {path} is damaged: {_words(error)}") from error
    except Exception as error:
        # Arrow's own classes, such as ArrowNotImplementedError.
        if not isinstance(error, require("pyarrow", "the feature store").ArrowException):
            raise
        raise InvalidInputError(f"shard {path} is damaged: {_words(error)}") from error


def _words(error):
    """The first line of a message, shortened if need be."""
    text = str(error).partition("\n")[0] or type(error).__name__
    return text if len(text) <= 200 else f"{text[:197]}..."


def open_shard(path: str, description: dict[str, Any] | None = None, *, mapped: bool = True) -> Shard:
    """Map a shard into memory, or read it.

    With Python's mmap, because Arrow's makes the system read ahead, which takes ten times as long as reading
    a record. As with every mapped file, the process dies if the file is truncated and the missing part is
    read: shards are replaced, never changed.

    Parameters
    ----------
    path : str
    description : dict, optional
        Of the store; the shard must hold features of the same number and type.
    mapped : bool
        False where the file will be replaced or removed meanwhile and the system
        refuses that of files in use.

    Raises
    ------
    InvalidInputError
        If it is not a shard, is damaged, or holds other features; the path is named.
    OSError
        If it cannot be opened.
    """
    shard = _far_shard(path) if isinstance(path, Url) else _near_shard(path, mapped)
    if description is not None:
        with reporting(path):
            _check_kind(shard.description, description)
    return shard


def _far_shard(path):
    try:
        pieces = Pieces(path)
    except ValueError as error:
        raise InvalidInputError(f"shard {path} is damaged: {_words(error)}") from None
    return Shard(path, pieces)


def _near_shard(path, mapped):
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise InvalidInputError(f"shard {path} is damaged: the file is empty")
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if mapped else file.read()
    return Shard(path, content)


def batches(path: str, description: dict[str, Any] | None = None) -> Iterator[tuple[Any, Stats]]:
    """The batches of a shard and the statistics beside each; arguments and errors as for :func:`open_shard`.

    Yields
    ------
    (pyarrow.RecordBatch, Stats)
    """
    yield from open_shard(path, description).batches()


def _open(pa, buffer, **options):
    return pa.ipc.open_file(buffer, options=pa.ipc.IpcReadOptions(use_threads=False, **options))


@lru_cache(maxsize=8)
def _description(text):
    """The description in a shard, which all shards of a store share."""
    description = parse(text, "its description")
    check_description(description, "its description")
    return description


def _expect(condition, otherwise):
    if not condition:
        raise InvalidInputError(otherwise)


def _places(schema, types):
    """Indices of our columns."""
    places = []
    for name, kind in types.items():
        place = schema.get_field_index(name)
        if place < 0 and name in SOURCE_COLUMNS and name not in schema.names:
            continue
        _expect(place >= 0, f"it must have one column {name}")
        found = schema.field(place).type
        _expect(found == kind, f"column {name} must be {kind}, got {found}")
        places.append(place)
    places += map(schema.get_field_index, further_kinds(schema))
    return sorted(places)


def _check_kind(own, wanted):
    for what, found, expected in (
        ("features of", own["n_features"], wanted["n_features"]),
        ("values of type", own["config"]["dtype"], wanted["config"]["dtype"]),
    ):
        _expect(found == expected, f"it holds {what} {found}, its store of {expected}")


def _check(batch, description):
    """Check the small columns of a batch, and that they agree with the features."""
    # Each column is converted once, with few calls of NumPy, as a batch is small.
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    for name, column in columns.items():
        if column.null_count and name in _REQUIRED:
            raise InvalidInputError(f"column {name} has nulls")
    frames, starts, samples, rates, seconds = (view_of(columns[name]) for name in _NUMBERS)
    for name, values in (("start_frame", starts), ("n_samples", samples)):
        # As unsigned integers, negative ones are the largest.
        if values.view(np.uint64).max(initial=0) > _MOST:
            raise InvalidInputError(f"column {name} is out of range")
    _expect((rates == description["sample_rate"]).all(), "column sample_rate is not that of the store")
    _expect((seconds == samples / rates).all(), "column duration disagrees with n_samples")
    width, features = description["n_features"], columns["features"]
    data, shape = features.field(0), features.field(1)
    values, shapes = data.values, shape.values
    nulls = data.null_count + shape.null_count + values.null_count + shapes.null_count
    _expect(nulls == 0, "features have nulls")
    # Arrow has checked that offsets do not decrease, so sizes are not negative.
    offsets = view_of(data.offsets)
    sizes = offsets[1:] - offsets[:-1]
    shapes = view_of(shapes).reshape(-1, 2)
    _expect(len(sizes) == len(frames) == len(shapes), "shapes disagree with the values")
    right = (shapes[:, 0] == frames).all() and (shapes[:, 1] == width).all()
    _expect(right and (sizes == frames.astype(np.int64) * width).all(), "shapes disagree with the values")
    for name, largest in STEP_COLUMNS.items():
        if name in columns:
            _check_steps(name, columns[name], width, largest)


def _check_steps(name, column, width, largest):
    """Check that a column has a number for each feature of each row, of at most this size."""
    values, ends = column.values, view_of(column.offsets)
    _expect(column.null_count + values.null_count == 0, f"column {name} has nulls")
    _expect((ends[1:] - ends[:-1] == width).all(), f"column {name} must have {width} numbers in each row")
    _expect(
        within(np.ascontiguousarray(view_of(values)), largest), f"column {name} must be within {largest:g}"
    )
