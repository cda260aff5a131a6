"""Writing stores in other formats."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable
from os import PathLike
from pathlib import Path

import numpy as np

from spectrograms._common.extras import require
from spectrograms.corpus.exports.names import file_names, group_names, kaldi_keys, sample_keys, zip_names
from spectrograms.corpus.exports.targets import written_to
from spectrograms.corpus.inputs.columns import TEXT, as_kind
from spectrograms.corpus.stores.columns import values_of
from spectrograms.corpus.stores.reading import open_shard
from spectrograms.corpus.stores.schema import METADATA, arrow_schema, further_kinds
from spectrograms.corpus.stores.store import FeatureStore
from spectrograms.errors import InvalidInputError


def export(
    store: FeatureStore | str | PathLike[str],
    kind: str,
    out: str | PathLike[str],
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write a store in another format.

    Parameters
    ----------
    store : FeatureStore, str or path
        The store, or its folder.
    kind : {"npz", "npy", "parquet", "zarr", "kaldi", "webdataset"}
        - ``npz``: one archive, an array for each id.
        - ``npy``: a folder, one file ``<id>.npy`` for each id.
        - ``parquet``: a folder, one file for each shard, with the same columns, levels of ``int8`` included.
        - ``zarr``: a Zarr 3 group, one group ``<id>`` each, with ``features``, ``time`` and, where bins have
          one, ``frequency``, named for xarray; chunks along time.
        - ``kaldi``: a folder with ``feats.ark`` and ``feats.scp``, matrices of frames by bins.
        - ``webdataset``: a folder, a ``.tar`` for each shard, with ``<key>.npy`` and ``<key>.json``; dots in
          the last part of an id become underscores, as a key ends at its first dot.
    out : str or path
        File (npz) or folder, or its URL in an object store; must not exist.
    progress : callable, optional
        Called with the number of records written and that of all.

    Returns
    -------
    int
        Number of records.

    Raises
    ------
    FileExistsError
        If `out` exists.
    InvalidInputError
        If `kind` is unknown, `out` is a URL that leads nowhere, or an id cannot be a name in that format.
    ImportError
        If `kind` is ``zarr`` and zarr is missing.
    OSError
        If it cannot be written.

    See Also
    --------
    FeatureStore : Reads a store as it is.

    Notes
    -----
    Arrays have the layout of the store, except for kaldi, and its type; those of ``int8`` become float32. An
    export that fails leaves nothing behind.

    Files for an object store are written on this machine first, and sent when they are complete: there must
    be room for the largest, and for zarr for all of them. A process that is killed meanwhile leaves those
    there that it has sent.

    Names are the ids, without empty parts and ``.``. All of them are checked before anything is written: two
    ids with the same name are refused, and so is one that leads out of `out`. Whether names that differ in
    case or in the form of an accent are the same is tried on the file system that is written to; not for
    members of archives, which may collide where an archive is unpacked.

    Examples
    --------
    >>> import numpy as np
    >>> from spectrograms.corpus import export, extract
    >>> report = extract("recordings", "whisper_openai", "features", num_threads=1)
    >>> export("features", "npz", "features.npz")
    2
    >>> np.load("features.npz")["second"].shape
    (80, 200)
    """
    if kind not in _KINDS:
        raise InvalidInputError(f"kind must be one of {', '.join(_KINDS)}, got {kind!r}")
    if not isinstance(store, FeatureStore):
        store = FeatureStore(store)
    with written_to(out) as (place, done):
        _KINDS[kind](_Counted(store, progress), place, done)
    return len(store)


class _Counted:
    """A store that reports how many of its records have been read."""

    def __init__(self, store, progress):
        self._store, self._progress = store, progress
        self._done, self._total = 0, len(store)

    def __getattr__(self, name):
        return getattr(self._store, name)

    def __iter__(self):
        return self._counted(self._store)

    def by_shard(self):
        return [(shard, self._counted(records)) for shard, records in self._store.by_shard()]

    def count(self, n_records):
        """Count more records as read."""
        self._done += n_records
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _counted(self, records):
        for record in records:
            yield record
            self.count(1)


def _npz(store, out, done):
    names = zip_names(store.ids, ".npy")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for record in store:
            # A fixed date, so that equal stores give equal archives.
            entry = zipfile.ZipInfo(names[record.id])
            with archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.ascontiguousarray(record.features), allow_pickle=False)


def _npy(store, out, done):
    out.mkdir()
    names = file_names(store.ids, ".npy", out)
    for record in store:
        path = out / names[record.id]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.ascontiguousarray(record.features))
        done(path)


def _parquet(store, out, done):
    parquet = require("pyarrow.parquet", "the feature store")
    out.mkdir()
    targets = file_names([Path(path).stem for path in store.shards], ".parquet", out)
    further = _further(store)
    for path in store.shards:
        shard = open_shard(path, store.description)
        # The same columns in every file: those that shards of earlier versions lack are null.
        schema = arrow_schema(shard.schema.metadata[METADATA].decode(), store.config["dtype"], further)
        target = out / targets[Path(path).stem]
        with parquet.ParquetWriter(target, schema) as writer:
            for i in range(shard.num_record_batches):
                batch = shard.get_batch(i)
                writer.write_batch(_with_columns(batch, schema))
                store.count(batch.num_rows)
        done(target)


def _further(store):
    """Name and kind of the further columns of all shards; of several kinds, text."""
    kinds = {}
    for path in store.shards:
        for name, kind in further_kinds(open_shard(path, store.description).schema).items():
            kinds[name] = kind if kinds.get(name, kind) == kind else TEXT
    return kinds


def _with_columns(batch, schema):
    """A batch with all columns of a schema; those it lacks are null."""
    pa = require("pyarrow", "the feature store")
    names = batch.schema.names
    columns = [
        _as_type(batch.column(field.name), field.type)
        if field.name in names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _as_type(column, kind):
    if column.type == kind:
        return column
    return values_of(kind, [as_kind(value, TEXT) for value in column.to_pylist()])


def _zarr(store, out, done):
    zarr = require("zarr", "the zarr export")
    from spectrograms.corpus.stores.extractor import extractor_from

    frequencies = extractor_from(store.config["features"]).frequencies
    out.mkdir()
    names = group_names(store.ids, ("features", "time", "frequency"), out)
    root = zarr.open_group(str(out), mode="w")
    root.attrs["spectrograms"] = {"fingerprint": store.fingerprint, "config": store.config}
    axes = ("time", "frequency") if store.frames_first else ("frequency", "time")
    for record in store:
        group = root.require_group(names[record.id])
        group.attrs.update({"path": record.path, "sample_rate": record.sample_rate})
        # Chunks of about a megabyte, along time.
        chunk = max(1, (1 << 20) // (store.n_features * store.dtype.itemsize))
        sizes = {"time": chunk, "frequency": store.n_features}
        _zarr_array(group, "features", record.features, axes, tuple(sizes[axis] for axis in axes))
        _zarr_array(group, "time", record.times, ("time",), (1 << 17,))
        if frequencies is not None:
            _zarr_array(group, "frequency", frequencies, ("frequency",), (store.n_features,))


def _zarr_array(group, name, values, axes, chunks):
    array = group.create_array(
        name, shape=values.shape, dtype=values.dtype, chunks=chunks, dimension_names=axes
    )
    if values.size:
        array[...] = values


def _kaldi(store, out, done):
    """Kaldi's binary matrices: float32 ``FM`` or float64 ``DM``."""
    kaldi_keys(store.ids)
    out.mkdir()
    kind = b"DM " if store.dtype == np.float64 else b"FM "
    dtype = np.dtype("<f8" if kind == b"DM " else "<f4")
    ark_name = "feats.ark"
    with open(out / ark_name, "wb") as ark, open(out / "feats.scp", "w", encoding="utf-8") as scp:
        for record in store:
            frames = record.features if store.frames_first else record.features.T
            ark.write(f"{record.id} ".encode())
            scp.write(f"{record.id} {ark_name}:{ark.tell()}\n")
            ark.write(b"\0B" + kind + struct.pack("<bibi", 4, frames.shape[0], 4, frames.shape[1]))
            ark.write(np.ascontiguousarray(frames, dtype))


def _webdataset(store, out, done):
    keys = sample_keys(store.ids)
    out.mkdir()
    targets = file_names([Path(path).stem for path in store.shards], ".tar", out)
    for shard, records in store.by_shard():
        target = out / targets[Path(shard).stem]
        with tarfile.open(target, "w") as archive:
            for record in records:
                key = keys[record.id]
                _add(archive, f"{key}.npy", _npy_bytes(record.features))
                _add(archive, f"{key}.json", json.dumps(_facts(record)).encode())
        done(target)


def _npy_bytes(values):
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(values))
    return buffer.getvalue()


def _facts(record):
    names = ("id", "path", "start_frame", "n_frames", "n_samples", "sample_rate", "duration")
    return {**{name: getattr(record, name) for name in names}, **record.columns}


def _add(archive, name, content):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


_KINDS = {
    "npz": _npz,
    "npy": _npy,
    "parquet": _parquet,
    "zarr": _zarr,
    "kaldi": _kaldi,
    "webdataset": _webdataset,
}
#: Formats that :func:`export` writes.
KINDS = tuple(_KINDS)
