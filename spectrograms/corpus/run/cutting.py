"""Cutting inputs into parts, each small enough for a shard, and sharing them out among jobs of an array."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from operator import index as as_index
from typing import Any

from spectrograms._common.sharing import seconds_of
from spectrograms.corpus.inputs.items import Item, weight
from spectrograms.errors import InvalidInputError

#: Inputs in a shard; fewer if their files together have more bytes than this.
SHARD_FILES, SHARD_BYTES = 512, 128 << 20
# A list is cut into this many parts at least, so that each core finds some, as long as there is so much work
# in them, in seconds of one core: to close a shard takes some hundredths of a second.
_PARTS, _PART_SECONDS = 64, 0.25


def at_least_one(name: str, value: Any) -> int:
    """A whole number that is one or more; InvalidInputError otherwise."""
    value = as_index(value)
    if value < 1:
        raise InvalidInputError(f"{name} must be >= 1, got {value}")
    return value


def share_of(items: Iterable[Item], shard_index: int | None, num_shards: int | None) -> Iterable[Item]:
    """The items assigned to one of several jobs: a list of a list, an iterator of a stream."""
    if shard_index is None or num_shards is None:
        raise InvalidInputError("shard_index and num_shards must be given together")
    num_shards = at_least_one("num_shards", num_shards)
    if not 0 <= as_index(shard_index) < num_shards:
        raise InvalidInputError(f"shard_index must be in 0..{num_shards - 1}, got {shard_index}")
    is_ours = falls_to(shard_index, num_shards)
    ours = (item for item in items if is_ours(item.id))
    return list(ours) if isinstance(items, list) else ours


def falls_to(shard_index: int | None, num_shards: int | None) -> Callable[[str], bool]:
    """A function that tells whether an id is assigned to this job; all are if there is only one."""
    if num_shards is None:
        return lambda name: True
    return lambda name: _hash(name) % num_shards == shard_index


def _hash(text):
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def even(weights: Sequence[int]) -> int:
    """Inputs in a shard, if nobody has said how many: parts of one size, whoever works on them."""
    parts, seconds = 1, seconds_of(len(weights), sum(weights))
    while parts < _PARTS and seconds >= 2 * parts * _PART_SECONDS:
        parts *= 2
    parts *= max(1, math.ceil(len(weights) / (parts * SHARD_FILES)))
    return math.ceil(len(weights) / parts)


class UntilBroken:
    """Parts of a stream that may break off. Those before are finished by other processes as if it had ended.

    They would be cut short if the run was stopped instead, and a run that goes on would make other shards.
    """

    def __init__(self, parts: Iterable[Any]) -> None:
        self._parts = parts
        self._error: Exception | None = None

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._parts
        except Exception as broken:
            self._error = broken

    def raise_again(self) -> None:
        """Raise what has broken the stream, if it has broken."""
        if self._error is not None:
            raise self._error


def cut(items: Iterable[Item], shard_files: int | None) -> Iterator[list[tuple[Item, int]]]:
    """Cut items into pieces, each small enough for a shard, of items and their weights.

    Of a stream nobody knows how much follows: without `shard_files` all its pieces are as large as may be.
    """
    most = shard_files or SHARD_FILES
    weighted: Iterable[tuple[Item, int]] = ((item, weight(item)) for item in items)
    if isinstance(items, list) and shard_files is None:
        weighted = list(weighted)
        most = even([more for _, more in weighted])
    piece: list[tuple[Item, int]] = []
    size = 0
    for item, more in weighted:
        if piece and (len(piece) == most or size + more > SHARD_BYTES):
            yield piece
            piece, size = [], 0
        piece.append((item, more))
        size += more
    if piece:
        yield piece
