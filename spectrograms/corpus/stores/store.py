"""Reading a store: random access to rows in microseconds, mapped into memory without a copy."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import index
from os import PathLike
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms.corpus.stores.columns import view_of
from spectrograms.corpus.stores.documents import read
from spectrograms.corpus.stores.failures import all_failures
from spectrograms.corpus.stores.manifest import MANIFEST, STATS, Scan, read_description, shard_paths
from spectrograms.corpus.stores.members import members_of
from spectrograms.corpus.stores.reading import open_shard
from spectrograms.corpus.stores.record import FeatureRecord
from spectrograms.corpus.stores.rounding import LEVELS, Steps, steps_of
from spectrograms.corpus.stores.stats import Stats
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import exists, folder_in, joined
from spectrograms.places.urls import Url

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Shards mapped at a time: each takes a file descriptor, and a process has about a thousand.
_MAX_MAPPED = 256
#: How much of the shards of an object store is kept, if nobody has said it.
CACHE_BYTES = 1 << 30


# What the docstrings here have in common.
_documented = documented(
    name="""Parameters
----------
name : str
    Id of the record.""",
    store_examples="Examples\n--------\n>>> from spectrograms.corpus import FeatureStore, extract",
    none="Raises\n------\nKeyError\n    If there is none.",
)


@_documented
class FeatureStore(Sequence["FeatureRecord"]):
    """The features of a corpus, as :func:`extract` wrote them.

    A sequence of records, in the order of the shards. Opening reads one small file; shards are mapped into
    memory when they are first used, and only the pages that are looked at are read. Reading needs pyarrow,
    but neither pyfftw nor soundfile. A store may be shared by threads, survives fork, and pickles as its
    path.

    Parameters
    ----------
    path : str or path
        Folder of the store, or its URL in an object store: ``s3://bucket/features``. There, only what is
        looked at is read: of a shard everything but the values, of records their values, and, where records
        are read one after the other, those of the next ones before they are asked for.
    cache_bytes : int, default 1 GiB
        How much of the shards of an object store is kept, in files without a name, by each process; one
        shard may have more.

    Attributes
    ----------
    path : str
        Absolute path of the folder, or the URL without settings and keys.
    n_features : int
        Values in a frame.
    frames_first : bool
        Whether frames are the first axis of the features.

    Raises
    ------
    FileNotFoundError
        If there is no store.
    InvalidInputError
        If the folder holds a store of another format, or is a URL. Methods that read a damaged shard raise
        it, too, and name the shard: everything but the values is checked when a shard is first used.
    ImportError
        If pyarrow is missing.

    See Also
    --------
    extract : Makes a store.
    verify : Looks for damage.
    export : Writes it in another format.

    %(store_examples)s
    >>> report = extract("recordings", "whisper_openai", "features", num_threads=1)
    >>> store = FeatureStore("features")
    >>> len(store), store.layout, store.n_frames.tolist()
    (2, '(bins, frames)', [100, 200])
    >>> store.by_id("second").features.shape
    (80, 200)
    """

    def __init__(self, path: str | PathLike[str], *, cache_bytes: int = CACHE_BYTES) -> None:
        self.path: str = folder_in(path, "path")
        self._most_held = index(cache_bytes)
        if self._most_held < 0:
            raise InvalidInputError(f"cache_bytes must be >= 0, got {cache_bytes}")
        description = read_description(self.path)
        if description is None:
            raise FileNotFoundError(f"no feature store in {self.path}")
        self._description = description
        self.n_features: int = description["n_features"]
        self.frames_first: bool = description["layout"] == "(frames, bins)"
        known = members_of(self.path) if isinstance(self.path, Url) else description.get("shards", {})
        self._mapped: deque[_Shard] = deque()
        self._shards: list[_Shard] = []
        far = map(self.path.beside, known) if isinstance(self.path, Url) else None
        for shard in shard_paths(self.path) if far is None else far:
            rows = known.get(os.path.basename(shard), {}).get("rows")
            self._shards.append(_Shard(shard, self, rows))
        self._ends = np.cumsum([shard.rows for shard in self._shards], dtype=np.int64).tolist()
        self._places: dict[str, int] | None = None

    @property
    def config(self) -> dict[str, Any]:
        """What was extracted, plain data: features, dtype, channels, segment."""
        return self._description["config"]

    @property
    def description(self) -> dict[str, Any]:
        """Everything in ``manifest.json``."""
        return self._description

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the settings."""
        return self._description["fingerprint"]

    @property
    def sample_rate(self) -> int:
        """Of the samples that the features were computed from, in Hz."""
        return self._description["sample_rate"]

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy dtype of the features: that of the stored values, but float32 if these are ``int8``."""
        stored = self.config["dtype"]
        return np.dtype("float32" if stored == LEVELS else stored)

    @property
    def layout(self) -> str:
        """Axes of the features: ``"(bins, frames)"`` or ``"(frames, bins)"``."""
        return self._description["layout"]

    @property
    def shards(self) -> list[str]:
        """Paths of the shards."""
        return [shard.path for shard in self._shards]

    @property
    def ids(self) -> list[str]:
        """Ids of all records, a list of str."""
        return [name for shard in self._shards for names in shard.column("id") for name in names.to_pylist()]

    @property
    def n_frames(self) -> NDArray[np.int64]:
        """Frames of each record, ndarray of int64."""
        return self._numbers("n_frames", np.int64)

    @property
    def durations(self) -> NDArray[np.float64]:
        """Seconds of each record, ndarray of float64."""
        return self._numbers("duration", np.float64)

    @property
    def stats(self) -> Stats:
        """Statistics of each feature over all frames, a :class:`Stats`."""
        path = joined(self.path, STATS)
        names = {os.path.basename(shard) for shard in self.shards}
        if exists(path) and names == set(self._description.get("shards", ())):
            return _stats_in(path, self.n_features)
        return Scan(self.path, self._description).stats

    @property
    def errors(self) -> list[dict[str, str]]:
        """Inputs that failed, a list of dict with ``id``, ``path``, ``error`` and ``message``."""
        return list(all_failures(self.path).values())

    def column(self, name: str) -> list[Any]:
        """A further column, such as labels or texts: the value of each record, None where it has none.

        Parameters
        ----------
        name : str
            Of the column; any but the features.

        Returns
        -------
        list of str, int, float, bool or None

        Raises
        ------
        KeyError
            If no shard has it.

        See Also
        --------
        FeatureRecord.columns : Those of one record.

        %(store_examples)s
        >>> rows = [{"path": "recordings/first.wav", "speaker": "Ada"}, {"path": "recordings/second.wav"}]
        >>> report = extract(rows, "whisper_openai", "features", num_threads=1)
        >>> FeatureStore("features").column("speaker")
        ['Ada', None]
        """
        values, known = [], False
        for shard in self._shards:
            if shard.has(name):
                known = True
                for part in shard.column(name):
                    values += part.to_pylist()
            else:
                values += [None] * shard.rows
        if not known:
            raise KeyError(f"no column {name!r} in {self.path}")
        return values

    def _numbers(self, name, dtype):
        parts = [view_of(part) for shard in self._shards for part in shard.column(name)]
        return np.concatenate(parts).astype(dtype, copy=False) if parts else np.empty(0, dtype)

    def by_id(self, name: str) -> FeatureRecord:
        """The record with an id.

        %(name)s

        Returns
        -------
        FeatureRecord

        %(none)s

        %(store_examples)s
        >>> report = extract("recordings", "kaldi_fbank", "features", num_threads=1)
        >>> store = FeatureStore("features")
        >>> store.by_id("first").duration, "third" in store
        (1.0, False)
        """
        return self[self.index_of(name)]

    def index_of(self, name: str) -> int:
        """Index of the record with an id; KeyError if there is none.

        %(name)s

        Returns
        -------
        int

        %(none)s

        %(store_examples)s
        >>> report = extract("recordings", "whisper_openai", "store")
        >>> FeatureStore("store").index_of("second")
        1
        """
        try:
            return self._by_id()[name]
        except KeyError:
            raise KeyError(f"no record with the id {name!r} in {self.path}") from None

    def _by_id(self):
        if self._places is None:
            self._places = {name: i for i, name in enumerate(self.ids)}
        return self._places

    def __contains__(self, name: object) -> bool:
        return name in self._by_id()

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, i: SupportsIndex) -> FeatureRecord: ...
    @overload
    def __getitem__(self, i: slice) -> list[FeatureRecord]: ...
    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        length = len(self)
        try:
            i = index(i)
        except TypeError:
            kind = type(i).__name__
            raise TypeError(
                f"record must be an index or a slice, got {kind}; by_id finds a record by its id"
            ) from None
        if i < 0:
            i += length
        if not 0 <= i < length:
            raise IndexError(f"record must be in 0..{length - 1}, got {i}")
        k = bisect_right(self._ends, i)
        return self._shards[k].record(i - (self._ends[k - 1] if k else 0))

    def __iter__(self) -> Iterator[FeatureRecord]:
        for shard in self._shards:
            yield from shard.records()

    def by_shard(self) -> list[tuple[str, Iterator[FeatureRecord]]]:
        """Pairs of (path of a shard, iterator over its records).

        Returns
        -------
        list of (str, iterator of FeatureRecord)
            In the order of the shards.

        %(store_examples)s
        >>> report = extract("recordings", "whisper_openai", "store", shard_files=1)
        >>> [[record.id for record in records] for path, records in FeatureStore("store").by_shard()]
        [['first'], ['second']]
        """
        return [(shard.path, shard.records()) for shard in self._shards]

    def _mapping(self, shard: _Shard) -> None:
        """Record that a shard has been mapped; the one mapped first is released if there are too many."""
        self._mapped.append(shard)
        if len(self._mapped) > _MAX_MAPPED:
            self._mapped.popleft().forget()

    def _bound(self, shard: _Shard) -> None:
        """Drop what was fetched of other shards, those opened first before others, if it is too much."""
        others = [other for other in list(self._mapped) if other is not shard]
        held = shard.held + sum(other.held for other in others)
        for other in others:
            if held <= self._most_held:
                return
            held -= other.held
            other.forget()
            with suppress(ValueError):  # another thread was at it
                self._mapped.remove(other)

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened, (self.path, self._most_held)

    def __repr__(self) -> str:
        return f"FeatureStore({self.path!r}: {len(self)} records, {self.layout}, {self.config['dtype']})"


def _opened(path, cache_bytes):
    return FeatureStore(path, cache_bytes=cache_bytes)


def _stats_in(path, n_features):
    """The statistics in a file."""
    try:
        return Stats.from_dict(read(path)).of_width(n_features)
    except InvalidInputError as error:
        raise InvalidInputError(f"{path} is damaged, corpus.finish makes it anew: {error}") from None


class _Shard:
    """A shard: opened when it is first used."""

    def __init__(self, path, store, rows):
        self.path = path
        self._store = store
        self._opened = None
        self.rows = rows
        if rows is None:
            self.rows = sum(self._open().reader.rows)

    def _open(self):
        found = self._opened
        if found is None:
            reader = open_shard(self.path, self._store.description)
            ends = np.cumsum(reader.rows).tolist()
            rows = ends[-1] if ends else 0
            if rows != (self.rows if self.rows is not None else rows):
                raise InvalidInputError(
                    f"shard {self.path} holds {rows} rows, {MANIFEST} says {self.rows}: if it has been "
                    "replaced, open the store again"
                )
            found = self._opened = _Opened(reader, ends)
            self._store._mapping(self)
        return found

    def forget(self):
        """Drop the mapping, unless records still use it."""
        self._opened = None

    @property
    def held(self):
        """Bytes that have been fetched."""
        found = self._opened
        return 0 if found is None else found.reader.held

    def record(self, i):
        opened = self._open()
        ends = opened.ends
        k = bisect_right(ends, i)
        found, row = opened.batch(k), i - (ends[k - 1] if k else 0)
        if opened.is_far:
            offsets, size = found[2], found[1].itemsize
            opened.reader.fill(k, offsets[row] * size, offsets[row + 1] * size)
            self._store._bound(self)
        return self._record(found, row)

    def records(self):
        opened = self._open()
        for k in range(len(opened.ends)):
            if opened.is_far:
                opened.reader.fill(k)
                opened.reader.prepare(k + 1)
                self._store._bound(self)
            found = opened.batch(k)
            for row in range(found[0].num_rows):
                yield self._record(found, row)

    def _record(self, found, row):
        (batch, values, offsets, steps), store = found, self._store
        frames = values[offsets[row] : offsets[row + 1]].reshape(-1, store.n_features)
        if steps is not None:
            steps = Steps(steps.scale[row], steps.offset[row])
        return FeatureRecord(store, batch, row, frames if store.frames_first else frames.T, steps)

    def has(self, name):
        """Whether it has a small column."""
        return name != "features" and name in self._open().reader.schema.names

    def column(self, name):
        """A small column, batch by batch."""
        opened = self._open()
        opened.reader.gather()
        for k in range(len(opened.ends)):
            yield opened.whole(k).column(name)


class _Opened:
    """The reader of a shard, the index after the last row of each batch, and the batches used so far.

    For batches whose rows were used, these are the values, the offsets of rows and the steps of int8, too.
    Another thread may have the shard forgotten and opened again: what belongs together is together here.
    """

    def __init__(self, reader, ends):
        self.reader, self.ends, self.is_far = reader, ends, reader.is_far
        self._columns, self._batches = {}, {}

    def batch(self, k):
        batches = self._batches
        found = batches.get(k)
        if found is None:
            batch = self.whole(k)
            data = batch.column("features").field(0)
            steps = steps_of(batch, self.reader.description["n_features"])
            found = batches[k] = batch, view_of(data.values), data.offsets.to_pylist(), steps
        return found

    def whole(self, k):
        found = self._columns.get(k)
        if found is None:
            found = self._columns[k] = self.reader.get_batch(k, values=False)
        return found
