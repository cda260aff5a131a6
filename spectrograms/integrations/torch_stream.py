"""Feature stores read shard by shard, in another order each epoch: for storage that is slow at random."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any

import numpy as np

from spectrograms.corpus.stores.store import FeatureStore
from spectrograms.errors import InvalidInputError
from spectrograms.integrations.torch import torch
from spectrograms.integrations.torch_data import FeatureItem, _Items

__all__ = ["IterableFeatureDataset"]


class IterableFeatureDataset(_Items, torch.utils.data.IterableDataset[FeatureItem]):
    """The clips of a feature store, one shard after the other.

    Shards are taken in another order each epoch, each is read from its beginning to its end, and the clips of
    several are mixed in a buffer. Workers of a DataLoader, and processes of a training on several, take
    different shards.

    Parameters
    ----------
    store : FeatureStore, str or path
        The store, or its folder.
    dtype : torch.dtype, default torch.float32
        Of the tensors; None for that of the store.
    normalize : bool, default False
        As of :class:`FeatureDataset`.
    transform : callable, optional
        Called with every tensor of features; its result is used instead.
    shuffle : bool, default True
        False: the order of the store.
    buffer : int, default 1000
        Clips that are mixed. They are held in memory.
    seed : int, default 0
        Of the order.
    rank, num_replicas : int, default 0 and 1
        For training on several processes: each gets its own shards, and not always equally many clips.

    Raises
    ------
    InvalidInputError
        If a number is out of range.

    See Also
    --------
    FeatureDataset : At random, with the lengths of all clips known before.
    collate_padded : Makes tensors of batches.

    Examples
    --------
    >>> from torch.utils.data import DataLoader
    >>> from spectrograms.corpus import extract
    >>> from spectrograms.torch import IterableFeatureDataset, collate_padded
    >>> report = extract("recordings", "whisper_openai", "features", num_threads=1)
    >>> dataset = IterableFeatureDataset("features")
    >>> [batch.features.shape for batch in DataLoader(dataset, batch_size=2, collate_fn=collate_padded)]
    [torch.Size([2, 80, 200])]
    """

    def __init__(
        self,
        store: FeatureStore | str | PathLike[str],
        *,
        dtype: Any = torch.float32,
        normalize: bool = False,
        transform: Any = None,
        shuffle: bool = True,
        buffer: int = 1000,
        seed: int = 0,
        rank: int = 0,
        num_replicas: int = 1,
    ) -> None:
        super().__init__(store, dtype, normalize, transform)
        if buffer < 1:
            raise InvalidInputError(f"buffer must be >= 1, got {buffer}")
        if not 0 <= rank < num_replicas:
            raise InvalidInputError(f"rank must be in 0..num_replicas-1={num_replicas - 1}, got {rank}")
        self._shuffle, self._buffer, self._seed = shuffle, buffer, seed
        self._rank, self._num_replicas = rank, num_replicas
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of another epoch.

        Parameters
        ----------
        epoch : int
            Whole number >= 0. Set it before the DataLoader is iterated over: its workers start anew.
        """
        self._epoch = epoch

    def __repr__(self) -> str:
        return f"IterableFeatureDataset({self._settings()})"

    def __iter__(self) -> Iterator[FeatureItem]:
        shards = self.store.by_shard()
        generator = np.random.default_rng((self._seed, self._epoch))
        order = generator.permutation(len(shards)) if self._shuffle else np.arange(len(shards))
        worker = torch.utils.data.get_worker_info()
        number, count = (0, 1) if worker is None else (worker.id, worker.num_workers)
        # By process first: all of its workers see the same share of the shards.
        mine = order[self._rank :: self._num_replicas][number::count].tolist()
        records = (record for i in mine for record in shards[i][1])
        if self._shuffle:
            records = _mixed(records, self._buffer, np.random.default_rng((self._seed, self._epoch, *mine)))
        for record in records:
            yield self._item(record)


def _mixed(things, size, generator):
    """The same things in an order in which each moves by up to about `size` places."""
    held = []
    for thing in things:
        if len(held) < size:
            held.append(thing)
            continue
        i = int(generator.integers(size))
        held[i], thing = thing, held[i]
        yield thing
    for i in generator.permutation(len(held)).tolist():
        yield held[i]
