"""Which shards are part of a store in an object store: those that manifests name.

Whoever writes shards there has a manifest of its own, beside ``manifest.json``, with the shards that it has
added and those that it has dropped. Nobody else writes to it, and names of shards are of one writer each: a
shard is part of the store if some manifest has added it and none has dropped it, whatever others do. Shards
of equal inputs, which two writers have made at once, count once.
"""

from __future__ import annotations

import re
from typing import Any

from spectrograms.corpus.stores.documents import is_shards, parse
from spectrograms.errors import InvalidInputError, shown
from spectrograms.places.remote import content_of, listed, together
from spectrograms.places.urls import Url

MANIFEST = "manifest.json"
FORMAT, FORMAT_VERSION = "spectrograms-shards", 1
_MANIFESTS = re.compile(r"manifest-.+\.json")
#: Rows and frames of each shard, by its name.
Shards = dict[str, dict[str, int]]
# Position, writer and inputs of a shard.
_NAME = re.compile(r"(part-.+)\.[0-9a-f]{16}(-[0-9a-f]{16}\.arrow)")


def is_manifest(name: str) -> bool:
    """Whether an object has the manifest of a writer."""
    return _MANIFESTS.fullmatch(name) is not None


def unique_name(name: str, writer: str) -> str:
    """The name of a shard that only this writer gives.

    Parameters
    ----------
    name : str
        What it would be on a disk.
    writer : str
        Sixteen hexadecimal digits.
    """
    front, _, back = name.rpartition("-")
    return f"{front}.{writer}-{back}"


def plain_name(name: str) -> str:
    """The name of a shard without its writer."""
    match = _NAME.fullmatch(name)
    return name if match is None else match[1] + match[2]


def manifest_of(url: Url) -> tuple[Shards, set[str]]:
    """The shards that a manifest has added, and the names of those that it has dropped.

    Raises
    ------
    InvalidInputError
        If it is damaged.
    FileNotFoundError
        If it is gone.
    """
    document = parse(content_of(url), str(url))
    shards: Any = document.get("shards", {})
    dropped: Any = []
    if not url.endswith(f"/{MANIFEST}"):
        found = document.get("format"), document.get("format_version")
        if found != (FORMAT, FORMAT_VERSION):
            raise InvalidInputError(
                f"{url} must hold {FORMAT} of version {FORMAT_VERSION}, got {shown(found)}"
            )
        dropped = document.get("dropped")
    names = isinstance(dropped, list) and all(isinstance(name, str) for name in dropped)
    if not (is_shards(shards) and names):
        raise InvalidInputError(f"{url}: shards and dropped cannot be {shown(shards)} and {shown(dropped)}")
    return shards, set(dropped)


def manifests_in(folder: Url) -> list[Url]:
    """All manifests of a store."""
    names = [name for name in listed(folder) if name == MANIFEST or is_manifest(name)]
    return [folder.beside(name) for name in sorted(names)]


def members_of(folder: Url) -> Shards:
    """The shards of a store, in the order of their names."""
    added: Shards = {}
    dropped: set[str] = set()
    for manifest in together(_if_there, manifests_in(folder)):
        if manifest is not None:
            added.update(manifest[0])
            dropped |= manifest[1]
    kept: dict[str, str] = {}
    for name in sorted(added.keys() - dropped):
        plain = plain_name(name)
        if plain not in kept or added[kept[plain]]["rows"] < added[name]["rows"]:
            kept[plain] = name
    return {name: added[name] for name in sorted(kept.values())}


def _if_there(url) -> Any:
    try:
        return manifest_of(url)
    except FileNotFoundError:
        return None  # another run has removed it
