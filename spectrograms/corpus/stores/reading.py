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
from spectrograms.corpus.stores.arrowfile import blocks
from spectrograms.corpus.stores.columns import view_of
from spectrograms.corpus.stores.documents import check_description, parse
from spectrograms.corpus.stores.schema import METADATA, SOURCE_COLUMNS, column_types, columns, further_kinds
from spectrograms.corpus.stores.stats import Stats
from spectrograms.errors import InvalidInputError

# Frames and samples beyond this are of no recording: ten thousand years.
_MOST = 2**48
_NUMBERS = ("n_frames", "start_frame", "n_samples", "sample_rate", "duration")
_REQUIRED = {*_NUMBERS, "id", "path", "features"}


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
        with reporting(path):
            self.rows: list[int] = [block.rows for block in blocks(content)]
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
            _expect(self._reader.num_record_batches == len(self.rows), "it counts its batches in two ways")

    @property
    def num_record_batches(self) -> int:
        """Number of batches."""
        return len(self.rows)

    def get_batch(self, i: int) -> Any:
        """A batch, which agrees with the description."""
        return self._batch(i)[0]

    def get_batch_with_stats(self, i: int) -> tuple[Any, Stats]:
        """A batch, and the statistics recorded beside it."""
        batch, metadata = self._batch(i)
        with reporting(self.path):
            recorded = (metadata or {}).get(METADATA.decode(), b"")
            return batch, Stats.from_json(recorded, self.description["n_features"])

    def batches(self) -> Iterator[tuple[Any, Stats]]:
        """All batches, and the statistics beside each."""
        for i in range(self.num_record_batches):
            yield self.get_batch_with_stats(i)

    def _batch(self, i):
        with reporting(self.path):
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
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise InvalidInputError(f"shard {path} is damaged: the file is empty")
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if mapped else file.read()
    shard = Shard(path, content)
    if description is not None:
        with reporting(path):
            _check_kind(shard.description, description)
    return shard


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
