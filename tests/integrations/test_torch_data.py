"""Feature stores in real DataLoaders."""

import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install torch")
pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from torch.utils.data import DataLoader  # noqa: E402

import spectrograms as sg  # noqa: E402
from spectrograms.corpus import FeatureStore, extract  # noqa: E402
from spectrograms.torch import FeatureDataset, LengthBucketSampler, collate_padded  # noqa: E402

from ..support.corpora import plan, recordings  # noqa: E402


@pytest.fixture(scope="module", params=["bins first", "frames first"])
def store(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("torch")
    config = plan() if request.param == "bins first" else sg.frontend("kaldi_fbank")
    extract(recordings(folder / "in", 40), config, folder / "store", shard_files=15)
    return FeatureStore(folder / "store")


def test_items_are_the_records(store):
    dataset = FeatureDataset(store.path)
    assert len(dataset) == 40
    assert list(dataset.lengths) == list(store.n_frames)
    for i in (0, 17, 39):
        assert dataset[i].id == store[i].id
        assert dataset[i].features.dtype == torch.float32
        np.testing.assert_array_equal(dataset[i].features.numpy(), store[i].features)
    # A tensor can be written to; the file cannot.
    dataset[0].features[:] = 7.0
    assert not (dataset[0].features == 7.0).any()


def test_dtype_and_transform(store):
    dataset = FeatureDataset(store, dtype=torch.float64, transform=torch.neg)
    assert dataset[3].features.dtype == torch.float64
    np.testing.assert_array_equal(dataset[3].features.numpy(), -store[3].features.astype("float64"))


def test_normalized(store):
    axis = 0 if store.frames_first else 1
    values = torch.cat([item.features for item in FeatureDataset(store, normalize=True)], dim=axis).double()
    # Bands above what the recordings hold never change: they are zero.
    spread = torch.from_numpy(store.stats.std > 0.0).double()
    assert spread.sum() > 15
    torch.testing.assert_close(values.mean(dim=axis), torch.zeros_like(spread), atol=1e-5, rtol=0)
    torch.testing.assert_close(values.std(dim=axis, correction=0), spread, atol=1e-5, rtol=0)


def test_words(store):
    dataset = FeatureDataset(store, normalize=True)
    assert repr(dataset) == f"FeatureDataset({store!r}, dtype=torch.float32, normalize=True)"
    assert repr(FeatureDataset(store, dtype=None)) == f"FeatureDataset({store!r}, dtype=None)"
    sampler = LengthBucketSampler(dataset.lengths, batch_size=16)
    sampler.set_epoch(2)
    assert repr(sampler) == "LengthBucketSampler(40 clips in 3 batches, epoch 2)"


def test_items_that_are_none(store):
    with pytest.raises(sg.InvalidInputError, match="at least one FeatureItem, got none"):
        collate_padded([])
    with pytest.raises(TypeError, match=r"items\[1\] must be a FeatureItem, got Tensor"):
        collate_padded([FeatureDataset(store)[0], torch.zeros(3)])


def test_collate(store):
    dataset = FeatureDataset(store)
    items = [dataset[i] for i in (5, 0, 9)]
    batch = collate_padded(items, value=-1.0)
    lengths = store.n_frames[[5, 0, 9]]
    assert batch.lengths.tolist() == lengths.tolist()
    assert batch.ids == [store.ids[i] for i in (5, 0, 9)]
    shape = (lengths.max(), store.n_features)
    assert batch.features.shape == (3, *(shape if store.frames_first else shape[::-1]))
    assert batch.mask.shape == (3, lengths.max())
    frames = batch.features if store.frames_first else batch.features.transpose(1, 2)
    for row, mask, item in zip(frames, batch.mask, items, strict=True):
        wanted = item.features if store.frames_first else item.features.T
        assert torch.equal(row[mask], wanted)
        assert (row[~mask] == -1.0).all()


@pytest.mark.parametrize("config", [plan(), "kaldi_fbank"], ids=["bins first", "frames first"])
def test_levels(tmp_path, config):
    extract(recordings(tmp_path / "in", 8), config, tmp_path / "store", dtype="int8")
    store = FeatureStore(tmp_path / "store")
    values, levels = FeatureDataset(store), FeatureDataset(store, dtype=None)
    for record, item, small in zip(store, values, levels, strict=True):
        assert (item.features.dtype, item.scale, item.offset) == (torch.float32, None, None)
        assert torch.equal(item.features, torch.from_numpy(record.features))
        assert small.features.dtype == torch.int8
        assert torch.equal(small.features * small.scale + small.offset, item.features)
    for chosen in ([5, 0, 6], [1]):
        wanted = collate_padded([values[i] for i in chosen], value=-1.0)
        batch = collate_padded([levels[i] for i in chosen], value=-1.0)
        assert all(map(torch.equal, batch[:3], wanted[:3]))
        assert batch.ids == wanted.ids
    normalized = [item.features for item in FeatureDataset(store, normalize=True, dtype=None)]
    whole = torch.cat([each if store.frames_first else each.T for each in normalized]).double()
    assert whole.mean(0).abs().max() < 1e-5
    # A band without a frequency of its own is constant.
    varies = torch.from_numpy(store.stats.std > 0.0)
    assert varies.sum() >= 20
    assert (whole.std(0, correction=0)[varies] - 1.0).abs().max() < 1e-5


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", [None, "fork", "spawn"])
def test_in_a_loader(store, method):
    dataset = FeatureDataset(store)
    store[0]  # the files are open in the parent
    sampler = LengthBucketSampler(dataset.lengths, batch_size=6, seed=1)
    workers = 0 if method is None else 2
    loader = DataLoader(
        dataset,
        batch_sampler=sampler,
        collate_fn=collate_padded,
        num_workers=workers,
        multiprocessing_context=method,
    )
    found = {}
    for batch in loader:
        for k, (name, length) in enumerate(zip(batch.ids, batch.lengths.tolist(), strict=True)):
            found[name] = batch.features[k].narrow(0 if store.frames_first else 1, 0, length).numpy().copy()
    assert sorted(found) == sorted(store.ids)
    for record in store:
        np.testing.assert_array_equal(found[record.id], record.features)


def test_a_dataset_pickles_as_a_path(store):
    dataset = FeatureDataset(store)
    dataset[0]
    data = pickle.dumps(dataset)
    assert len(data) < 2000
    assert torch.equal(pickle.loads(data)[4].features, dataset[4].features)


# the sampler

LENGTHS = np.random.default_rng(0).integers(50, 2000, 1000)


def test_every_clip_once():
    sampler = LengthBucketSampler(LENGTHS, batch_size=16)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert sorted(i for batch in batches for i in batch) == list(range(1000))
    assert max(map(len, batches)) == 16


def test_batches_keep_within_their_frames():
    sampler = LengthBucketSampler(LENGTHS, max_frames=10_000)
    for batch in sampler:
        assert len(batch) * LENGTHS[batch].max() <= 10_000
    assert sorted(i for batch in sampler for i in batch) == list(range(1000))
    # A clip longer than that comes alone.
    assert list(LengthBucketSampler([5, 50, 6], max_frames=12, shuffle=False)) == [[0, 2], [1]]


def test_lengths_in_a_batch_are_similar():
    def padding(batches):
        padded = sum(len(batch) * LENGTHS[batch].max() for batch in batches)
        return 1 - LENGTHS.sum() / padded

    order = np.random.default_rng(1).permutation(1000)
    assert padding([order[i : i + 16] for i in range(0, 1000, 16)]) > 0.4
    assert padding(LengthBucketSampler(LENGTHS, batch_size=16)) < 0.05


def test_another_order_each_epoch_and_the_same_again():
    sampler = LengthBucketSampler(LENGTHS, batch_size=16, seed=3)
    first = list(sampler)
    sampler.set_epoch(1)
    assert list(sampler) != first
    sampler.set_epoch(0)
    assert list(sampler) == first
    assert list(LengthBucketSampler(LENGTHS, batch_size=16, seed=4)) != first
    by_length = LengthBucketSampler(LENGTHS, batch_size=16, shuffle=False)
    assert next(iter(by_length)) == np.argsort(LENGTHS, kind="stable")[:16].tolist()


def test_processes_share_an_epoch():
    samplers = [LengthBucketSampler(LENGTHS, batch_size=16, rank=rank, num_replicas=4) for rank in range(4)]
    parts = [list(sampler) for sampler in samplers]
    assert len({len(part) for part in parts}) == 1
    assert {i for part in parts for batch in part for i in batch} == set(range(1000))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "batch_size or max_frames must be given"),
        ({"batch_size": 0}, "batch_size must be >= 1, got 0"),
        ({"max_frames": -1}, "max_frames must be >= 1, got -1"),
        ({"batch_size": 4, "rank": 2, "num_replicas": 2}, "rank must be in 0..num_replicas-1=1, got 2"),
    ],
)
def test_bad_numbers(options, message):
    with pytest.raises(sg.InvalidInputError, match=message):
        LengthBucketSampler(LENGTHS, **options)
