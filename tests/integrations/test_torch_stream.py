"""Stores read shard by shard: all clips once, in another order each epoch, and shared by workers."""

import pickle
from itertools import chain

import numpy as np
import pytest

from spectrograms.errors import InvalidInputError

from ..support.corpora import plan, recordings

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install torch")
pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from torch.utils.data import DataLoader  # noqa: E402

from spectrograms.corpus import FeatureStore, extract  # noqa: E402
from spectrograms.torch import FeatureDataset, IterableFeatureDataset, collate_padded  # noqa: E402


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Twelve clips in six shards."""
    folder = tmp_path_factory.mktemp("stream")
    recordings(folder / "recordings")
    extract(folder / "recordings", plan(), folder / "store", num_threads=1, shard_files=2)
    opened = FeatureStore(folder / "store")
    assert len(opened.shards) == 6
    return opened


def ids(dataset):
    return [item.id for item in dataset]


def test_every_clip_once_with_the_features_of_the_store(store):
    items = list(IterableFeatureDataset(store))
    assert sorted(item.id for item in items) == sorted(store.ids)
    known = {item.id: item for item in FeatureDataset(store)}
    for item in items:
        assert torch.equal(item.features, known[item.id].features)


def test_the_order_of_the_store_without_shuffling(store):
    assert ids(IterableFeatureDataset(store.path, shuffle=False)) == store.ids


def test_another_order_each_epoch_and_the_same_each_time(store):
    dataset = IterableFeatureDataset(store, seed=3)
    first = ids(dataset)
    assert first == ids(IterableFeatureDataset(store, seed=3))
    dataset.set_epoch(1)
    second = ids(dataset)
    assert second != first
    assert sorted(second) == sorted(first)
    assert ids(IterableFeatureDataset(store, seed=4)) != first


def test_shards_are_read_one_after_the_other(store, monkeypatch):
    """With a buffer of one clip nothing is mixed: the clips of a shard stay together."""
    order = ids(IterableFeatureDataset(store, buffer=1))
    shards = [[record.id for record in records] for _, records in store.by_shard()]
    pairs = [order[i : i + 2] for i in range(0, 12, 2)]
    assert sorted(map(sorted, pairs)) == sorted(map(sorted, shards))
    assert pairs != shards


def test_processes_and_workers_share_the_shards(store):
    parts = [ids(IterableFeatureDataset(store, rank=rank, num_replicas=4)) for rank in range(4)]
    assert sorted(chain.from_iterable(parts)) == sorted(store.ids)
    assert all(parts)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*worker processes:UserWarning")
@pytest.mark.parametrize("workers", [0, 2, 5])
def test_a_loader(store, workers):
    dataset = IterableFeatureDataset(store, normalize=True)
    loader = DataLoader(dataset, batch_size=3, num_workers=workers, collate_fn=collate_padded)
    batches = list(loader)
    assert sorted(chain.from_iterable(batch.ids for batch in batches)) == sorted(store.ids)
    assert all(batch.features.dtype == torch.float32 for batch in batches)


def test_transform_dtype_and_pickle(store):
    dataset = IterableFeatureDataset(store, dtype=torch.float64, transform=torch.neg, shuffle=False)
    again = pickle.loads(pickle.dumps(dataset))
    for item, record in zip(again, store, strict=True):
        assert item.features.dtype == torch.float64
        np.testing.assert_array_equal(item.features.numpy(), -record.features.astype("float64"))
    assert repr(dataset).startswith("IterableFeatureDataset(FeatureStore(")


@pytest.mark.parametrize("wrong", [{"buffer": 0}, {"rank": 2, "num_replicas": 2}, {"rank": -1}])
def test_numbers_out_of_range_are_refused(store, wrong):
    with pytest.raises(InvalidInputError, match=f"{next(iter(wrong))} must be"):
        IterableFeatureDataset(store, **wrong)
