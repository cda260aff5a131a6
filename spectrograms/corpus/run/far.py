"""What a run in an object store does before and after: remains of others are removed, if that is safe."""

from __future__ import annotations

from spectrograms.corpus.run.leases import Lease
from spectrograms.corpus.stores.failures import failure_files
from spectrograms.corpus.stores.manifest import MANIFEST, STATS
from spectrograms.corpus.stores.members import is_manifest, manifest_of, manifests_in
from spectrograms.corpus.stores.shards import is_checksum, is_shard
from spectrograms.places import remote
from spectrograms.places.paths import names_in
from spectrograms.places.urls import Url


def clean_far(lease: Lease, folder: Url, job: str) -> None:
    """Remove what runs that were killed have left behind: half uploads, and shards that no manifest has.

    Only if nobody else can be at work: other runs have shards, too, which they have not written down yet.
    Where there are no conditions, a rule of the store for old uploads has to do the first.

    Parameters
    ----------
    lease : Lease
    folder : Url
    job : str
        In a job array, only what this job has left is removed.
    """
    if not lease.excludes or lease.control is None:
        return

    def is_ours(name):
        return (is_shard(name) or is_checksum(name)) and name.startswith(f"part-{job}." if job else "part-")

    lease.control.end_uploads(folder, is_ours)
    known: set[str] = set()
    for url in manifests_in(folder):
        added, _ = manifest_of(url)
        known |= added.keys()
    for name in names_in(folder):
        if is_ours(name) and name.removesuffix(".crc32") not in known:
            remote.remove(folder.beside(name))


def remove_far(folder: Url) -> None:
    """Remove a store, but nothing else below its name: what makes it one first."""
    names = names_in(folder)
    first = [name for name in names if is_manifest(name) or name in (MANIFEST, STATS)]
    then = [name for name in names if is_shard(name) or is_checksum(name)]
    for name in sorted(first) + then:
        remote.remove(folder.beside(name))
    for path in failure_files(folder):
        if isinstance(path, Url):
            remote.remove(path)
