"""Feature stores as PyTorch datasets: padded batches of clips of similar length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spectrograms.corpus.stores.store import FeatureStore
from spectrograms.errors import InvalidInputError
from spectrograms.integrations.torch import torch

__all__ = ["FeatureDataset", "FeatureItem", "LengthBucketSampler", "PaddedBatch", "collate_padded"]


class FeatureItem(NamedTuple):
    """One clip.

    Attributes
    ----------
    id : str
    features : torch.Tensor, shape (n_bins, n_frames) or (n_frames, n_bins)
        In the layout of the store.
    frames_axis : int
        Which axis the frames are on.
    scale, offset : torch.Tensor of float32, or None
        Of levels of a store of ``int8``, whose values are ``features * scale + offset``; shaped like one
        frame.

    See Also
    --------
    FeatureDataset : Gives it.
    collate_padded : Takes several.

    Examples
    --------
    >>> import torch
    >>> from spectrograms.torch import FeatureItem
    >>> item = FeatureItem("a", torch.zeros(80, 100), frames_axis=1)
    >>> item.features.shape[item.frames_axis]
    100
    """

    id: str
    features: torch.Tensor
    frames_axis: int
    scale: torch.Tensor | None = None
    offset: torch.Tensor | None = None


class PaddedBatch(NamedTuple):
    """Clips of different lengths in one tensor.

    Attributes
    ----------
    features : torch.Tensor, shape (B, n_bins, T) or (B, T, n_bins)
        In the layout of the store, padded at the end.
    lengths : torch.Tensor of int64, shape (B,)
        Frames of each clip.
    mask : torch.Tensor of bool, shape (B, T)
        True where frames are real.
    ids : list of str

    See Also
    --------
    collate_padded : Makes it.

    Examples
    --------
    >>> import torch
    >>> from spectrograms.torch import FeatureItem, collate_padded
    >>> clips = [FeatureItem(name, torch.ones(80, n), 1) for name, n in (("a", 100), ("b", 60))]
    >>> batch = collate_padded(clips)
    >>> batch.features.shape, batch.lengths, batch.mask.sum(dim=1)
    (torch.Size([2, 80, 100]), tensor([100,  60]), tensor([100,  60]))
    """

    features: torch.Tensor
    lengths: torch.Tensor
    mask: torch.Tensor
    ids: list[str]


class _Items:
    """The records of a store as items: what both datasets share."""

    def __init__(
        self, store: FeatureStore | str | PathLike[str], dtype: Any, normalize: bool, transform: Any
    ) -> None:
        self.store: FeatureStore = store if isinstance(store, FeatureStore) else FeatureStore(store)
        self._dtype, self._transform = dtype, transform
        self._frames_axis = 0 if self.store.frames_first else 1
        self._mean: Any = None
        self._std: Any = None
        if normalize:
            stats = self.store.stats
            shape = (1, -1) if self.store.frames_first else (-1, 1)
            # A constant feature becomes zero, instead of being divided by zero.
            std = np.where(stats.std > 0.0, stats.std, 1.0)
            self._mean, self._std = stats.mean.reshape(shape), std.reshape(shape)

    def _item(self, record):
        steps = ()
        if self._mean is not None:
            values = ((record.features - self._mean) / self._std).astype(np.float32)
        elif record.scale is None:
            values = np.array(record.features)
        elif self._dtype is None:
            values = np.array(record.stored)
            steps = tuple(torch.from_numpy(np.array(each)) for each in (record.scale, record.offset))
        else:
            values = record.features
        features = torch.from_numpy(np.ascontiguousarray(values)).to(self._dtype)
        if self._transform is not None:
            features = self._transform(features)
        return FeatureItem(record.id, features, self._frames_axis, *steps)

    def _settings(self):
        normalized = "" if self._mean is None else ", normalize=True"
        return f"{self.store!r}, dtype={self._dtype}{normalized}"


class FeatureDataset(_Items, torch.utils.data.Dataset[FeatureItem]):
    """The clips of a feature store, at random.

    May be passed to the workers of a DataLoader, forked or spawned: it pickles as a path, and all workers
    share the memory of the files.

    Parameters
    ----------
    store : FeatureStore, str or path
        The store, or its folder.
    dtype : torch.dtype, default torch.float32
        Of the tensors; None for that of the store. Of ``int8``, None gives levels, a quarter of the bytes,
        from which :func:`collate_padded` makes float32.
    normalize : bool, default False
        Subtract from every feature its mean over the whole store and divide by its standard deviation.
    transform : callable, optional
        Called with every tensor of features; its result is used instead.

    See Also
    --------
    spectrograms.corpus.extract : Makes the store.
    IterableFeatureDataset : Shard by shard, for stores far away.
    LengthBucketSampler, collate_padded : Make batches of its clips.

    Examples
    --------
    >>> from torch.utils.data import DataLoader
    >>> from spectrograms.corpus import extract
    >>> from spectrograms.torch import FeatureDataset, LengthBucketSampler, collate_padded
    >>> report = extract("recordings", "whisper_openai", "features", num_threads=1)
    >>> dataset = FeatureDataset("features", normalize=True)
    >>> sampler = LengthBucketSampler(dataset.lengths, max_frames=400)
    >>> loader = DataLoader(dataset, batch_sampler=sampler, collate_fn=collate_padded)
    >>> [batch.features.shape for batch in loader]
    [torch.Size([2, 80, 200])]
    """

    def __init__(
        self,
        store: FeatureStore | str | PathLike[str],
        *,
        dtype: Any = torch.float32,
        normalize: bool = False,
        transform: Any = None,
    ) -> None:
        super().__init__(store, dtype, normalize, transform)

    @property
    def lengths(self) -> np.ndarray:
        """Frames of each clip, ndarray of int64: the input of :class:`LengthBucketSampler`."""
        return self.store.n_frames

    def __len__(self) -> int:
        return len(self.store)

    def __repr__(self) -> str:
        return f"FeatureDataset({self._settings()})"

    def __getitem__(self, i: int) -> FeatureItem:
        return self._item(self.store[i])


def collate_padded(items: Sequence[FeatureItem], value: float = 0.0) -> PaddedBatch:
    """Make one padded batch of clips; the `collate_fn` for a DataLoader.

    Parameters
    ----------
    items : sequence of FeatureItem
        At least one.
    value : float, default 0.0
        Fills the shorter clips.

    Returns
    -------
    PaddedBatch
        Of the type of the first clip; of float32 if that has levels.

    Raises
    ------
    InvalidInputError
        If there are no items.
    TypeError
        If one is not a FeatureItem; its index is named.

    See Also
    --------
    PaddedBatch : What is returned.
    LengthBucketSampler : Chooses clips of similar length.

    Examples
    --------
    >>> import torch
    >>> from spectrograms.torch import FeatureItem, collate_padded
    >>> clips = [FeatureItem(name, torch.ones(80, n), 1) for name, n in (("a", 100), ("b", 60))]
    >>> batch = collate_padded(clips, value=-1.0)
    >>> batch.ids, float(batch.features[1, 0, -1])
    (['a', 'b'], -1.0)
    """
    if not items:
        raise InvalidInputError("items must have at least one FeatureItem, got none")
    for i, item in enumerate(items):
        if not isinstance(item, FeatureItem):
            raise TypeError(f"items[{i}] must be a FeatureItem, got {type(item).__name__}")
    axis = items[0].frames_axis
    lengths = torch.tensor([item.features.shape[axis] for item in items])
    shape = list(items[0].features.shape)
    shape[axis] = int(lengths.max())
    dtype = items[0].features.dtype if items[0].scale is None else items[0].scale.dtype
    features = items[0].features.new_full((len(items), *shape), value, dtype=dtype)
    for row, item, length in zip(features, items, lengths.tolist(), strict=True):
        own = row.narrow(axis, 0, length).copy_(item.features)
        if item.scale is not None and item.offset is not None:
            # Two operations, as in NumPy: one that does both rounds otherwise.
            own.mul_(item.scale).add_(item.offset)
    mask = torch.arange(shape[axis]) < lengths[:, None]
    return PaddedBatch(features, lengths, mask, [item.id for item in items])


class LengthBucketSampler(torch.utils.data.Sampler[list[int]]):
    """Batches of clips of similar length, in another order each epoch; a `batch_sampler` for a DataLoader.

    Clips are shuffled, sorted by length within pools of several batches and cut into batches, and the batches
    are shuffled again: this needs little padding and keeps the order random.

    Parameters
    ----------
    lengths : array_like of int, shape (n,)
        Frames of each clip.
    batch_size : int, optional
        Clips in a batch.
    max_frames : int, optional
        Frames in a batch at most, padding included; a longer clip is a batch of its own. Either this or
        `batch_size` must be given, or both.
    pool : int, default 50
        Batches whose clips are sorted together; a larger pool pads less and mixes less.
    shuffle : bool, default True
        False: by length, the same each epoch.
    seed : int, default 0
        Of the order.
    rank, num_replicas : int, default 0 and 1
        For training on several processes: each gets its own share, of equally many batches.

    Raises
    ------
    InvalidInputError
        If a number is out of range, or neither `batch_size` nor `max_frames` is given.

    See Also
    --------
    FeatureDataset : Has the lengths.
    collate_padded : Makes tensors of the batches.

    Examples
    --------
    >>> from spectrograms.torch import LengthBucketSampler
    >>> sampler = LengthBucketSampler([100, 20, 90, 30], batch_size=2, shuffle=False)
    >>> list(sampler)  # the short ones, then the long ones
    [[1, 3], [2, 0]]
    """

    def __init__(
        self,
        lengths: ArrayLike,
        batch_size: int | None = None,
        max_frames: int | None = None,
        *,
        pool: int = 50,
        shuffle: bool = True,
        seed: int = 0,
        rank: int = 0,
        num_replicas: int = 1,
    ) -> None:
        if batch_size is None and max_frames is None:
            raise InvalidInputError("batch_size or max_frames must be given")
        for name, number in (("batch_size", batch_size), ("max_frames", max_frames), ("pool", pool)):
            if number is not None and number < 1:
                raise InvalidInputError(f"{name} must be >= 1, got {number}")
        if not 0 <= rank < num_replicas:
            raise InvalidInputError(f"rank must be in 0..num_replicas-1={num_replicas - 1}, got {rank}")
        self._lengths = np.asarray(lengths, np.int64)
        self._batch_size, self._max_frames = batch_size, max_frames
        self._pool, self._shuffle, self._seed = pool, shuffle, seed
        self._rank, self._num_replicas = rank, num_replicas
        self._epoch = 0
        self._batches: list[list[int]] | None = None

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of another epoch.

        Parameters
        ----------
        epoch : int
            Whole number >= 0.

        Examples
        --------
        >>> from spectrograms.torch import LengthBucketSampler
        >>> sampler = LengthBucketSampler(range(100, 200), batch_size=10)
        >>> first = list(sampler)
        >>> sampler.set_epoch(1)
        >>> list(sampler) == first
        False
        """
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, None

    def __len__(self) -> int:
        return len(self._of_epoch())

    def __repr__(self) -> str:
        return f"LengthBucketSampler({len(self._lengths)} clips in {len(self)} batches, epoch {self._epoch})"

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self._of_epoch())

    def _of_epoch(self):
        if self._batches is None:
            batches = self._all()
            if self._num_replicas > 1:
                # All processes must take the same number of steps.
                count = -(-len(batches) // self._num_replicas) * self._num_replicas
                batches = (batches * self._num_replicas)[:count][self._rank :: self._num_replicas]
            self._batches = batches
        return self._batches

    def _all(self):
        """The batches of all processes; the same on each of them."""
        n = len(self._lengths)
        if not self._shuffle:
            return list(self._cut(np.argsort(self._lengths, kind="stable")))
        generator = np.random.default_rng((self._seed, self._epoch))
        order = generator.permutation(n)
        size = self._pool * self._clips_in_batch()
        batches = []
        for start in range(0, n, size):
            pool = order[start : start + size]
            batches += self._cut(pool[np.argsort(self._lengths[pool], kind="stable")])
        return [batches[i] for i in generator.permutation(len(batches))]

    def _clips_in_batch(self):
        sizes = [self._batch_size] if self._batch_size is not None else []
        if self._max_frames is not None:
            mean = max(1.0, float(self._lengths.mean())) if len(self._lengths) else 1.0
            sizes.append(max(1, int(self._max_frames / mean)))
        return min(sizes)

    def _cut(self, order):
        """Cut indices, the shortest first, into batches."""
        batch = []
        for i in order.tolist():
            full = self._batch_size is not None and len(batch) == self._batch_size
            # The next clip is the longest so far: all are padded to it.
            wide = self._max_frames is not None and (len(batch) + 1) * self._lengths[i] > self._max_frames
            if batch and (full or wide):
                yield batch
                batch = []
            batch.append(i)
        if batch:
            yield batch
