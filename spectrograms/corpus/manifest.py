"""What a store says about itself: its description, and totals that can be rebuilt from the shards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from typing import Any

import spectrograms
from spectrograms.corpus.failures import all_failures
from spectrograms.corpus.places import local
from spectrograms.corpus.settings import Settings
from spectrograms.corpus.shards import METADATA, batches, is_shard, open_shard, write_text
from spectrograms.corpus.stats import Stats
from spectrograms.engine.kernels import level
from spectrograms.errors import InvalidInputError
from spectrograms.fingerprint import NUMERIC_VERSION

FORMAT, FORMAT_VERSION = "spectrograms-features", 1
MANIFEST, STATS = "manifest.json", "stats.json"
# What the same bytes are promised for; FFTW comes with pyfftw.
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
        "layout": "(frames, bins)" if extractor.frames_first else "(bins, frames)",
        "n_features": extractor.n_features,
        "sample_rate": extractor.sample_rate,
        "frame_step": extractor.frame_step,
        "frame_offset": extractor.frame_offset,
        "software": _software(),
    }


def _software():
    versions = {"spectrograms": spectrograms.__version__}
    for package in _SOFTWARE:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    # The engine plans its FFTs with this effort unless told otherwise, and nothing here tells it.
    return {**versions, "instructions": level(), "fft_effort": "estimate"}


def shard_paths(folder: str) -> list[str]:
    """Paths of the shards of a store, in the order of their names."""
    return sorted(entry.path for entry in os.scandir(folder) if is_shard(entry.name))


def read_description(folder: str) -> dict[str, Any] | None:
    """The description of the store in a folder; None if there is no store.

    Raises
    ------
    InvalidInputError
        If the folder holds something else, or a store of a later format.
    """
    path = os.path.join(folder, MANIFEST)
    if os.path.exists(path):
        try:
            with open(path, encoding="utf-8") as file:
                description = json.load(file)
        except ValueError as error:
            raise InvalidInputError(f"{path} is not valid JSON: {error}") from None
    else:
        shards = shard_paths(folder) if os.path.isdir(folder) else []
        if not shards:
            return None
        description = json.loads(open_shard(shards[0]).schema.metadata[METADATA])
    found = (description.get("format"), description.get("format_version"))
    if found != (FORMAT, FORMAT_VERSION):
        raise InvalidInputError(f"{folder} must hold {FORMAT} of version {FORMAT_VERSION}, got {found}")
    return description


def write_manifest(folder: str, description: dict[str, Any], scan: Scan | None = None) -> None:
    """Write ``manifest.json``, with totals if the shards have been scanned."""
    document = dict(description)
    if scan is not None:
        document["columns"] = scan.columns
        # What the plain struct is the storage of, for readers that know the extension type.
        document["arrow_extension"] = {"features": "arrow.variable_shape_tensor"}
        document["totals"] = scan.totals
        document["shards"] = scan.shards
    write_text(os.path.join(folder, MANIFEST), json.dumps(document, indent=2) + "\n")


class Scan:
    """Totals and statistics of the shards of a store, in the order of their names.

    Attributes
    ----------
    columns : dict
        Name and Arrow type of each column.
    shards : dict
        Rows and frames of each shard, by its name.
    totals : dict
        Rows, frames, samples and seconds of all.
    stats : Stats
    """

    def __init__(self, folder: str, n_features: int) -> None:
        self.columns: dict[str, str] = {}
        self.shards: dict[str, dict[str, int]] = {}
        self.stats: Stats = Stats.empty(n_features)
        sums = dict.fromkeys(("rows", "frames", "samples"), 0)
        seconds = 0.0
        for path in shard_paths(folder):
            rows = frames = 0
            for batch, stats in batches(path):
                self.columns = {field.name: str(field.type) for field in batch.schema}
                rows += batch.num_rows
                frames += int(batch.column("n_frames").to_numpy().sum())
                sums["samples"] += int(batch.column("n_samples").to_numpy().sum())
                seconds += float(batch.column("duration").to_numpy().sum())
                self.stats = self.stats.merged(stats)
            self.shards[os.path.basename(path)] = {"rows": rows, "frames": frames}
            sums["rows"] += rows
            sums["frames"] += frames
        self.totals: dict[str, int | float] = {**sums, "seconds": seconds}


def stored_ids(folder: str) -> Iterator[str]:
    """Ids of the rows of every shard, one after the other."""
    for path in shard_paths(folder):
        reader = open_shard(path)
        for i in range(reader.num_record_batches):
            yield from reader.get_batch(i).column("id").to_pylist()


def finish(folder: str | PathLike[str]) -> dict[str, Any]:
    """Bring ``manifest.json`` and ``stats.json`` up to date with the shards.

    Everything in them is derived: call it whenever shards were added by other means than
    :func:`extract`, such as :func:`extract_part` on many machines.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    dict
        The totals: rows, frames, samples, seconds, failed.
    """
    folder = local(folder, "folder")
    description = read_description(folder)
    if description is None:
        raise InvalidInputError(f"{folder} must hold a feature store, got none")
    scan = Scan(folder, description["n_features"])
    scan.totals["failed"] = len(all_failures(folder))
    stats = {"frame": "stored values", "n_features": description["n_features"], **scan.stats.to_dict()}
    write_text(os.path.join(folder, STATS), json.dumps(stats, indent=1) + "\n")
    write_manifest(folder, {key: description[key] for key in describe_keys(description)}, scan)
    return scan.totals


def describe_keys(description: dict[str, Any]) -> list[str]:
    """The keys of a manifest that are not derived from the shards."""
    derived = ("columns", "arrow_extension", "totals", "shards")
    return [key for key in description if key not in derived]
