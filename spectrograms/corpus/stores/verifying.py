"""Verifying a store: every value is read, every count and statistic computed again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from os import PathLike

import numpy as np

from spectrograms.corpus.stores import checksums
from spectrograms.corpus.stores.columns import view_of
from spectrograms.corpus.stores.documents import read, seal_of
from spectrograms.corpus.stores.manifest import (
    MANIFEST,
    MANIFEST_INDENT,
    STATS,
    STATS_INDENT,
    errors_digests,
    read_description,
    shard_paths,
)
from spectrograms.corpus.stores.reading import open_shard
from spectrograms.corpus.stores.rounding import steps_of, values_of_batch
from spectrograms.corpus.stores.schema import SOURCE_COLUMNS
from spectrograms.corpus.stores.stats import Stats
from spectrograms.places.paths import exists, folder_in, joined
from spectrograms.places.urls import Url

# Sums of another machine may differ in their last bits. A flipped bit of a value changes them by more, or
# changes the smallest or largest value, which are exact.
_RELATIVE = 1e-9


class Verification(list[str]):
    """The problems of a store, in words; empty if there are none.

    Attributes
    ----------
    n_shards : int
    n_without_checksum : int
        Shards without a checksum: those of earlier versions, or those that have lost it, which is a problem.
        Their values are compared with the recorded statistics, which misses some changes.
    """

    n_shards: int = 0
    n_without_checksum: int = 0


def verify(folder: str | PathLike[str], progress: Callable[[int, int], None] | None = None) -> Verification:
    """Read a whole store and report everything wrong with it.

    The checksums of all shards, the manifest and the statistics are computed again, which finds every flipped
    bit. Then counts and statistics are compared with the values.

    Parameters
    ----------
    folder : str or path
        The store, or its URL.
    progress : callable, optional
        Called with the number of shards read and that of all.

    Returns
    -------
    Verification
        A list of problems, empty for an intact store, which also says how many shards have no
        checksum. A store without totals (its run was killed) counts as intact.

    Raises
    ------
    FileNotFoundError
        If there is no store.
    InvalidInputError
        If the manifest cannot be understood.

    See Also
    --------
    extract : Makes a store.
    finish : Brings a manifest up to date.

    Examples
    --------
    >>> from pathlib import Path
    >>> from spectrograms.corpus import FeatureStore, extract, verify
    >>> report = extract("recordings", "whisper_openai", "features", num_threads=1)
    >>> len(verify("features"))
    0

    One bit is enough:

    >>> shard = Path(FeatureStore("features").shards[0])
    >>> content = bytearray(shard.read_bytes())
    >>> content[len(content) // 2] ^= 1
    >>> size = shard.write_bytes(content)
    >>> len(verify("features")) > 0
    True
    """
    folder = folder_in(folder, "folder")
    description = read_description(folder)
    if description is None:
        raise FileNotFoundError(f"no feature store in {folder}")
    problems = Verification()
    ids: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    stats = Stats.empty(description["n_features"])
    paths = shard_paths(folder)
    problems.n_shards = len(paths)
    for n, path in enumerate(paths, 1):
        name = os.path.basename(path)
        bare = not exists(checksums.beside(path))
        problems.n_without_checksum += bare
        try:
            stats = stats.merged(_check_shard(path, description, problems, ids, totals, bare))
        except (OSError, ValueError) as error:
            problems.append(f"{name}: cannot be read: {error}")
        problems += _check_checksum(path)
        if progress is not None:
            progress(n, len(paths))
    problems += [f"id {name!r} occurs {count} times" for name, count in ids.items() if count > 1]
    with_checksum = problems.n_shards > problems.n_without_checksum
    problems += _check_totals(folder, description, paths, totals, stats, with_checksum)
    return problems


def _check_checksum(path):
    try:
        damage = checksums.problem_of(path)
    except OSError as error:
        damage = f"cannot be read: {error}"
    if damage is not None:
        yield f"{os.path.basename(path)}: {damage}"


def _check_shard(path, description, problems, ids, totals, bare):
    """Read one shard; return its statistics."""
    name = os.path.basename(path)
    shard = open_shard(path, description)
    own = shard.description["fingerprint"]
    if own != description["fingerprint"]:
        problems.append(f"{name}: fingerprint {own} is not that of the store")
    if bare and set(SOURCE_COLUMNS) <= set(shard.schema.names):
        # Only earlier versions wrote shards without a checksum.
        problems.append(f"{name}: the checksum beside it is gone")
    width = description["n_features"]
    stats = Stats.empty(width)
    for number in range(shard.num_record_batches):
        batch, recorded = shard.get_batch_with_stats(number)
        ids.update(batch.column("id").to_pylist())
        values = view_of(batch.column("features").field(0).flatten()).reshape(-1, width)
        frames, steps = view_of(batch.column("n_frames")), steps_of(batch, width)
        with np.errstate(all="ignore"):
            if steps is not None:
                values = values_of_batch(values, steps, frames)
            equal = _equal(Stats.of(values, recorded.rounding), recorded)
        if not equal:
            problems.append(f"{name}, batch {number}: values do not have the recorded statistics")
        stats = stats.merged(recorded)
        totals["rows"] += batch.num_rows
        totals["frames"] += int(frames.sum())
        totals["samples"] += int(view_of(batch.column("n_samples")).sum())
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


def _check_totals(folder, description, paths, totals, stats, with_checksum):
    """Compare the manifest and stats.json with their checksums, and with what the shards hold."""
    yield from _check_seal(folder, MANIFEST, MANIFEST_INDENT, with_checksum)
    if "totals" not in description:
        return
    if set(description["shards"]) != {os.path.basename(path) for path in paths}:
        if isinstance(folder, Url):
            return  # totals of a run before one that was killed: see `members`
        yield f"{MANIFEST} lists other shards than there are: run extract again, or corpus.finish"
        return
    for name, value in totals.items():
        if description["totals"][name] != value:
            yield f"{MANIFEST} says {description['totals'][name]} {name}, the shards hold {value}"
    if "errors" in description and description["errors"] != errors_digests(folder):
        yield f"{MANIFEST} knows other files of failures than there are: run extract again, or corpus.finish"
    yield from _check_seal(folder, STATS, STATS_INDENT, with_checksum)
    try:
        written = Stats.from_dict(read(joined(folder, STATS))).of_width(len(stats.mean))
    except (OSError, ValueError) as error:
        yield f"{STATS} cannot be read: {error}"
        return
    if not _equal(written, stats):
        yield f"{STATS} disagrees with the shards"


def _check_seal(folder, name, indent, expected):
    """Check the seal of a file; it must have one if the shards have checksums."""
    path = joined(folder, name)
    if not exists(path):
        return
    try:
        intact = seal_of(path, indent)
    except (OSError, ValueError):
        return  # reported elsewhere
    if intact is False:
        yield f"{name}: content and checksum disagree: corpus.finish makes it anew"
    elif intact is None and expected:
        yield f"{name} has no checksum, though shards have: run extract again, or corpus.finish"
