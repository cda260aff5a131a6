"""What a store says about itself: its description, and totals that can be rebuilt from the shards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from os import PathLike
from typing import Any

import spectrograms
from spectrograms._common.fingerprint import NUMERIC_VERSION, ROUNDING
from spectrograms._engine.kernels.kernels import level
from spectrograms.corpus.stores.columns import view_of
from spectrograms.corpus.stores.documents import (
    FORMAT,
    FORMAT_VERSION,
    LAYOUTS,
    SEAL,
    check_description,
    read,
    sealed,
)
from spectrograms.corpus.stores.failures import all_failures, failure_files
from spectrograms.corpus.stores.members import members_of
from spectrograms.corpus.stores.reading import Shard, open_shard
from spectrograms.corpus.stores.settings import Settings
from spectrograms.corpus.stores.shards import is_shard
from spectrograms.corpus.stores.stats import Stats
from spectrograms.corpus.stores.writing import write_texts
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import folder_in, joined, read_bytes
from spectrograms.places.urls import Url

MANIFEST, STATS = "manifest.json", "stats.json"
MANIFEST_INDENT, STATS_INDENT = 2, 1
# Fields of a manifest that are derived from the files beside it.
_DERIVED = ("columns", "arrow_extension", "totals", "shards", "errors", SEAL)
# FFTW comes with pyfftw.
_SOFTWARE = ("numpy", "pyfftw", "soundfile", "soxr", "pyarrow")


def describe(settings: Settings) -> dict[str, Any]:
    """The description of a store, plain data; also in the schema of every shard."""
    extractor = settings.extractor
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "fingerprint": settings.fingerprint,
        "features_fingerprint": extractor.fingerprint,
        "numeric_version": NUMERIC_VERSION,
        "config": settings.config,
        "layout": LAYOUTS[extractor.frames_first],
        "n_features": extractor.n_features,
        "sample_rate": extractor.sample_rate,
        "frame_step": extractor.frame_step,
        "frame_offset": extractor.frame_offset,
        "software": _software(),
    }


_versions: dict[str, str] = {}


def versions() -> dict[str, str]:
    """Versions of the packages that may change the bytes of features; looked for once: it takes a while."""
    if not _versions:
        from importlib.metadata import PackageNotFoundError, version  # brings the parser of mails along

        found = {"spectrograms": spectrograms.__version__}
        for package in _SOFTWARE:
            with suppress(PackageNotFoundError):
                found[package] = version(package)
        _versions.update(found)
    return dict(_versions)


def take_versions(found: dict[str, str]) -> None:
    """Have :func:`versions` give what the process has found that has started this one."""
    _versions.update(found)


def _software():
    # The default effort of the engine, which nothing here changes.
    return {**versions(), "instructions": level(), "rounding": str(ROUNDING), "fft_effort": "estimate"}


def shard_paths(folder: str) -> list[str]:
    """Paths of the shards of a store, in the order of their names: in an object store, those in manifests."""
    if isinstance(folder, Url):
        return [folder.beside(name) for name in members_of(folder)]
    return sorted(entry.path for entry in os.scandir(folder) if is_shard(entry.name))


def open_shards(folder: str, description: dict[str, Any] | None = None) -> Iterator[tuple[str, Shard]]:
    """The path and shard of each shard, in the order of their names.

    Shards that another job of an array removes in the meantime are skipped.

    Parameters
    ----------
    folder : str
    description : dict, optional
        As for :func:`spectrograms.corpus.stores.reading.open_shard`.
    """
    for path in shard_paths(folder):
        try:
            shard = open_shard(path, description)
        except FileNotFoundError:
            continue
        yield path, shard


def read_description(folder: str) -> dict[str, Any] | None:
    """The description of the store in a folder; None if there is no store.

    Raises
    ------
    InvalidInputError
        If the folder holds something else, a store of a later format, or a manifest that is damaged.
    """
    path = joined(folder, MANIFEST)
    try:
        description = read(path)
    except (FileNotFoundError, NotADirectoryError):
        there = isinstance(folder, Url) or os.path.isdir(folder)
        shards = open_shards(folder) if there else iter(())
        first = next(shards, None)
        return None if first is None else dict(first[1].description)
    check_description(description, path)
    return description


def write_manifest(folder: str, description: dict[str, Any], sync: bool = True) -> None:
    """Write ``manifest.json`` without what is derived from the shards; `sync` as for `write_texts`."""
    write_texts({joined(folder, MANIFEST): _manifest(folder, description)}, sync)


def _manifest(folder, description, scan=None):
    """The text of ``manifest.json``, with totals if the shards have been scanned."""
    document = {key: value for key, value in description.items() if key not in _DERIVED}
    if scan is not None:
        document["columns"] = scan.columns
        # The extension type that the plain struct is the storage of, for readers that know it.
        document["arrow_extension"] = {"features": "arrow.variable_shape_tensor"}
        document["totals"] = scan.totals
        document["shards"] = scan.shards
        document["errors"] = errors_digests(folder)
    return sealed(document, MANIFEST_INDENT)


def errors_digests(folder: str) -> dict[str, str]:
    """SHA-256 of each file of failures, by its name."""
    digests = {}
    for path in failure_files(folder):
        with suppress(FileNotFoundError):
            digests[os.path.basename(path)] = sha256(read_bytes(path)).hexdigest()
    return digests


class Scan:
    """Totals and statistics of the shards of a store, in the order of their names."""

    def __init__(self, folder: str, description: dict[str, Any]) -> None:
        #: Name and Arrow type of each column.
        self.columns: dict[str, str] = {}
        #: Rows and frames of each shard, by its name.
        self.shards: dict[str, dict[str, int]] = {}
        self.stats: Stats = Stats.empty(description["n_features"])
        sums = dict.fromkeys(("rows", "frames", "samples"), 0)
        seconds = 0.0
        for path, shard in open_shards(folder, description):
            rows = frames = 0
            for batch, stats in shard.batches():
                self.columns |= {field.name: str(field.type) for field in batch.schema}
                rows += batch.num_rows
                frames += int(view_of(batch.column("n_frames")).sum())
                sums["samples"] += int(view_of(batch.column("n_samples")).sum())
                seconds += float(view_of(batch.column("duration")).sum())
                self.stats = self.stats.merged(stats)
            self.shards[os.path.basename(path)] = {"rows": rows, "frames": frames}
            sums["rows"] += rows
            sums["frames"] += frames
        #: Rows, frames, samples and seconds of all.
        self.totals: dict[str, int | float] = {**sums, "seconds": seconds}


def stored_ids(folder: str) -> Iterator[str]:
    """Ids of the rows of all shards."""
    for _, shard in open_shards(folder):
        shard.gather()
        for i in range(shard.num_record_batches):
            yield from shard.get_batch(i, values=False).column("id").to_pylist()


def finish(folder: str | PathLike[str]) -> dict[str, Any]:
    """Bring ``manifest.json`` and ``stats.json`` up to date with the shards.

    Everything in them is derived from the shards: call it after adding shards by other means than
    :func:`extract`, such as :func:`extract_part` on many machines.

    Parameters
    ----------
    folder : str or path
        The store, or its URL.

    Returns
    -------
    dict
        The totals: rows, frames, samples, seconds, failed.

    Raises
    ------
    InvalidInputError
        If there is no store, or a shard is damaged, which is named.

    See Also
    --------
    extract_part : Makes the shards.
    verify : Looks for damage.

    Examples
    --------
    >>> from spectrograms.corpus import extract_part, finish
    >>> report = extract_part(["recordings/second.wav"], "whisper_openai", "features")
    >>> totals = finish("features")
    >>> totals["rows"], totals["frames"], totals["seconds"]
    (1, 200, 2.0)
    """
    folder = folder_in(folder, "folder")
    description = read_description(folder)
    if description is None:
        raise InvalidInputError(f"{folder} must hold a feature store, got none")
    scan = Scan(folder, description)
    scan.totals["failed"] = len(all_failures(folder))
    stats = {"frame": "stored values", "n_features": description["n_features"], **scan.stats.to_dict()}
    texts = {STATS: sealed(stats, STATS_INDENT), MANIFEST: _manifest(folder, description, scan)}
    write_texts({joined(folder, name): text for name, text in texts.items()})
    return scan.totals
