"""The manifest of one writer in an object store: which shards it has added, and which it has dropped."""

from __future__ import annotations

import os
import threading
import time

from spectrograms.corpus.stores.documents import sealed
from spectrograms.corpus.stores.members import FORMAT, FORMAT_VERSION, Shards
from spectrograms.corpus.stores.shards import Finished
from spectrograms.corpus.stores.writing import writing
from spectrograms.places import remote
from spectrograms.places.urls import Url

# Seconds from one version of a manifest to the next, while shards are made: what a killed run may lose.
_OFTEN = 2.0
_INDENT = 1


class Ledger:
    """Shards become part of a store with this.

    Parameters
    ----------
    folder : Url
    label : str, optional
        Begins its name.
    """

    def __init__(self, folder: Url, label: str = "") -> None:
        self._folder = folder
        self._url = folder.beside(f"manifest-{label}{os.urandom(8).hex()}.json")
        self._shards: Shards = {}
        self._dropped: set[str] = set()
        self._lock = threading.Lock()
        self._written, self._is_written = time.monotonic(), True

    def add(self, name: str, rows: int, frames: int) -> None:
        """Add a shard that is there."""
        with self._lock:
            self._shards[name] = {"rows": rows, "frames": frames}
            self._is_written = False

    def drop(self, name: str) -> None:
        """Drop a shard, whoever has added it."""
        with self._lock:
            self._shards.pop(name, None)
            self._dropped.add(name)
            self._is_written = False

    def published(self, shards: list[Finished]) -> None:
        """Add shards that have just been written, and write the manifest if it is time."""
        for shard in shards:
            self.add(os.path.basename(shard.path), shard.rows, shard.frames)
        self.soon()

    def soon(self) -> None:
        """Write the manifest, if the last version is some seconds old."""
        if time.monotonic() - self._written >= _OFTEN:
            self.write()

    def write(self) -> None:
        """Write the manifest, if anything has changed."""
        with self._lock:
            if self._is_written:
                return
            document = {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "shards": dict(sorted(self._shards.items())),
                "dropped": sorted(self._dropped),
            }
            with writing(self._folder):
                remote.write(self._url, sealed(document, _INDENT).encode())
            self._written, self._is_written = time.monotonic(), True
