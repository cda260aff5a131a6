"""Whether a store is whole: every value read, every count and statistic computed again."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from os import PathLike

import numpy as np

from spectrograms.corpus.manifest import MANIFEST, STATS, read_description, shard_paths
from spectrograms.corpus.places import local
from spectrograms.corpus.shards import METADATA, batches, open_shard
from spectrograms.corpus.stats import Stats

# Sums of another machine may differ in their last bits; a flipped bit of a value differs by more, or in the
# smallest or largest value, which are exact.
_RELATIVE = 1e-9


def verify(folder: str | PathLike[str], progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Read a whole store and report everything that is wrong with it.

    Parameters
    ----------
    folder : str or path
    progress : callable, optional
        Called with the number of shards read and that of all.

    Returns
    -------
    list of str
        Problems; empty for a store that is whole. A store without totals (its run was killed) is whole.

    Raises
    ------
    FileNotFoundError
        If there is no store.
    """
    folder = local(folder, "folder")
    description = read_description(folder)
    if description is None:
        raise FileNotFoundError(f"no feature store in {folder}")
    problems: list[str] = []
    ids: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    stats = Stats.empty(description["n_features"])
    paths = shard_paths(folder)
    for n, path in enumerate(paths, 1):
        try:
            stats = stats.merged(_check_shard(path, description, problems, ids, totals))
        except (OSError, ValueError, KeyError, TypeError) as error:
            problems.append(f"{os.path.basename(path)}: cannot be read: {error}")
        if progress is not None:
            progress(n, len(paths))
    problems += [f"id {name!r} occurs {count} times" for name, count in ids.items() if count > 1]
    problems += _check_totals(folder, description, paths, totals, stats)
    return problems


def _check_shard(path, description, problems, ids, totals):
    """Read one shard; return its statistics."""
    name = os.path.basename(path)
    own = json.loads(open_shard(path).schema.metadata[METADATA])
    if own["fingerprint"] != description["fingerprint"]:
        problems.append(f"{name}: fingerprint {own['fingerprint']} is not that of the store")
    width = description["n_features"]
    stats = Stats.empty(width)
    for number, (batch, recorded) in enumerate(batches(path)):
        where = f"{name}, batch {number}"
        batch.validate(full=True)
        ids.update(batch.column("id").to_pylist())
        features = batch.column("features")
        shapes = features.field(1).values.to_numpy().reshape(-1, 2)
        sizes = np.diff(features.field(0).offsets.to_numpy())
        frames = batch.column("n_frames").to_numpy()
        if not ((shapes[:, 1] == width) & (shapes[:, 0] == frames) & (sizes == frames * width)).all():
            problems.append(f"{where}: shapes disagree with the values")
            continue
        values = features.field(0).flatten().to_numpy().reshape(-1, width)
        found = Stats.of(values, recorded.rounding)
        if not _equal(found, recorded):
            problems.append(f"{where}: values do not have the recorded statistics")
        stats = stats.merged(recorded)
        totals["rows"] += batch.num_rows
        totals["frames"] += int(frames.sum())
        totals["samples"] += int(batch.column("n_samples").to_numpy().sum())
    return stats


def _equal(found, recorded):
    if found.count == recorded.count == 0:
        return True
    spread = np.maximum(np.abs(recorded.min), np.abs(recorded.max))
    return (
        found.count == recorded.count
        and np.array_equal(found.min, recorded.min)
        and np.array_equal(found.max, recorded.max)
        and bool((np.abs(found.mean - recorded.mean) <= _RELATIVE * spread).all())
        and bool((np.abs(found.m2 - recorded.m2) <= _RELATIVE * recorded.count * spread**2).all())
    )


def _check_totals(folder, description, paths, totals, stats):
    """Compare the manifest and stats.json with what the shards hold."""
    if "totals" not in description:
        return
    if set(description["shards"]) != {os.path.basename(path) for path in paths}:
        yield f"{MANIFEST} lists other shards than there are: run extract again, or corpus.finish"
        return
    for name, value in totals.items():
        if description["totals"][name] != value:
            yield f"{MANIFEST} says {description['totals'][name]} {name}, the shards hold {value}"
    try:
        with open(os.path.join(folder, STATS), encoding="utf-8") as file:
            written = Stats.from_dict(json.load(file))
    except (OSError, ValueError, KeyError) as error:
        yield f"{STATS} cannot be read: {error}"
        return
    if not _equal(written, stats):
        yield f"{STATS} disagrees with the shards"
