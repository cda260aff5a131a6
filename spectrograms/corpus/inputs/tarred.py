"""NeMo's tarred manifests: rows name members of archives ``audio_0.tar``, ``audio_1.tar``, ... beside."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from spectrograms._common.files import as_text
from spectrograms.corpus.collections.tars import Tar
from spectrograms.errors import InvalidInputError, shown
from spectrograms.places.paths import is_file, relative_to
from spectrograms.places.urls import Url


class Archives:
    """The archives of a manifest, each gone through when the first row of it is met.

    Parameters
    ----------
    folder : str
        Of the manifest; they stand in it, or in the one above, for manifests of single shards.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._paths: dict[int, str | None] = {}
        self._shard: Any = None
        self._members: dict[str, tuple[str, Any]] = {}

    def has(self, fields: dict[str, Any]) -> bool:
        """Whether a row is in an archive that is there."""
        return "shard_id" in fields and self._path(fields["shard_id"]) is not None

    def find(self, fields: dict[str, Any], where: str) -> tuple[dict[str, Any], Any]:
        """The fields and place of a row.

        Raises
        ------
        InvalidInputError
            If the archive has no such member.
        """
        path = self._path(fields["shard_id"])
        if self._shard != path:
            # One at a time: rows of a shard stand together.
            entries = Tar(path, Counter()).entries()
            members = {entry["member"]: (entry["path"], place) for _, entry, place in entries}
            short = {os.path.basename(name): member for name, member in members.items()}
            self._shard, self._members = path, short | members
        name = fields.get("audio_filepath", fields.get("path"))
        if not isinstance(name, str) or not (
            found := self._members.get(name) or self._members.get(os.path.basename(name))
        ):
            raise InvalidInputError(f"{where}: {as_text(str(path))} has no member {shown(name)}")
        kept = {key: value for key, value in fields.items() if key != "audio_filepath"}
        return {**kept, "path": found[0], "member": name}, found[1]

    def _path(self, shard):
        if not isinstance(shard, int) or isinstance(shard, bool):
            return None
        if shard not in self._paths:
            places = (relative_to(self._folder, f"{before}audio_{shard}.tar") for before in ("", "../"))
            paths = (path if isinstance(path, Url) else os.path.normpath(path) for path in places)
            self._paths[shard] = next(filter(is_file, paths), None)
        return self._paths[shard]
