"""Results as PyTorch tensors."""

import gc

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install torch")

import spectrograms as sg  # noqa: E402
import spectrograms.torch as bridge  # noqa: E402

from ..support import every_result  # noqa: E402

NAMES = every_result.NAMES


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_tensors_share_memory(name, dtype):
    result = every_result.result(name, dtype)
    for tensor in (result.to_torch(), torch.from_dlpack(result)):
        assert tensor.data_ptr() == result.data.ctypes.data
        assert str(tensor.dtype) == f"torch.{result.data.dtype}"
        assert tensor.shape == result.shape
        np.testing.assert_array_equal(tensor.numpy(), result.data)
    result.to_torch()[0, 0] = 7.0
    assert result.data[0, 0] == 7.0


@pytest.mark.parametrize("name", NAMES)
def test_tensors_outlive_their_result(name):
    result = every_result.result(name)
    expected = result.data.copy()
    tensor = result.to_torch()
    del result
    gc.collect()
    every_result.noise(10**6)
    np.testing.assert_array_equal(tensor.numpy(), expected)


def test_device_and_dtype():
    result = every_result.spectrogram()
    single = result.to_torch(dtype=torch.float32)
    assert single.dtype == torch.float32
    assert single.data_ptr() != result.data.ctypes.data
    np.testing.assert_array_equal(single.numpy(), result.data.astype(np.float32))
    assert result.to_torch(device=torch.device("cpu")).data_ptr() == result.data.ctypes.data
    # The only other device that is always there: it has shapes and no memory.
    elsewhere = result.to_torch("meta", False, torch.float16, non_blocking=True)
    assert (elsewhere.device.type, elsewhere.dtype, elsewhere.shape) == ("meta", torch.float16, result.shape)
    with pytest.raises(RuntimeError):
        result.to_torch(device="no such device")


@pytest.mark.parametrize("name", NAMES)
def test_metadata(name):
    result = every_result.result(name)
    labelled = result.to_torch(with_metadata=True)
    assert type(labelled) is (
        bridge.TorchChromagram if name in every_result.LABELLED else bridge.TorchSpectrogram
    )
    assert labelled.tensor.data_ptr() == result.data.ctypes.data
    every_result.check_labels(labelled, result)


@pytest.mark.parametrize("name", ["Spectrogram", "Chromagram"])
def test_labelled_tensors_move(name):
    labelled = every_result.result(name).to_torch(with_metadata=True)
    moved = labelled.to("meta")
    assert type(moved) is type(labelled)
    assert moved.tensor.device.type == "meta"
    assert labelled.tensor.device.type == "cpu"
    assert moved.params is labelled.params
    assert labelled.cpu().tensor is labelled.tensor
    assert labelled == labelled
    assert labelled != labelled.cpu()


def test_cuda_asks_for_the_device():
    class Tensor:
        def cuda(self, device):
            return f"on {device}"

    assert bridge.TorchSpectrogram(Tensor()).cuda(1).tensor == "on 1"
    assert bridge.TorchChromagram(Tensor()).cuda().tensor == "on None"


def test_batch():
    results = [every_result.spectrogram(seed=seed) for seed in range(3)]
    stacked = bridge.batch(results)
    assert stacked.shape == (3, *results[0].shape)
    assert stacked.dtype == torch.float64
    for tensor, result in zip(stacked, results, strict=True):
        np.testing.assert_array_equal(tensor.numpy(), result.data)
    stacked[:] = 0
    assert results[0].data.any()
    assert bridge.batch(results, dtype=torch.float16).dtype == torch.float16
    assert bridge.batch(iter(results), "meta").device.type == "meta"
    assert bridge.batch(results[:1])[0].data_ptr() != results[0].data.ctypes.data


def test_batch_of_different_things():
    single, double = every_result.spectrogram("float32"), every_result.spectrogram()
    assert bridge.batch([single, double]).dtype == torch.float64
    assert bridge.batch([np.ones((2, 3)), torch.ones(2, 3)]).tolist() == [[[1.0] * 3] * 2] * 2
    stft = every_result.result("StftResult", "float32")
    mixed = bridge.batch([single, stft], pad=True)
    assert (mixed.dtype, mixed.shape) == (torch.complex64, (2, 129, 32))
    assert not mixed[0, 20:].any()

    class Other:
        def to_torch(self):
            return torch.full((2, 3), 2.0)

    assert bridge.batch([Other()]).sum() == 12


def test_batch_pads_at_the_end():
    short, long = every_result.spectrogram(n_samples=500), every_result.spectrogram(n_samples=2000)
    stacked, metadata = bridge.batch_with_metadata([short, long], pad=True)
    assert stacked.shape == (2, 20, 32)
    np.testing.assert_array_equal(stacked[0, :, :8].numpy(), short.data)
    assert not stacked[0, :, 8:].any()
    np.testing.assert_array_equal(stacked[1].numpy(), long.data)
    assert [known["shape"] for known in metadata] == [short.shape, long.shape]
    assert metadata[0]["times"].tolist() == short.times
    assert metadata[1]["frequencies"].tolist() == long.frequencies
    assert metadata[1]["db_range"] == long.db_range()
    assert "db_range" not in bridge.batch_with_metadata([every_result.result("Mfcc")])[1][0]


def test_batch_refuses():
    short, long = every_result.spectrogram(n_samples=500), every_result.spectrogram(n_samples=2000)
    for batch in (bridge.batch, bridge.batch_with_metadata):
        with pytest.raises(ValueError, match="Cannot batch empty list of spectrograms"):
            batch([])
        with pytest.raises(ValueError, match=r"\(20, 8\), \(20, 32\)"):
            batch([short, long])


def test_a_batch_of_a_plan_becomes_one_tensor():
    plan = sg.SpectrogramPlan(every_result.PARAMS, dtype="float32")
    batch = plan.compute_batch([every_result.noise(500), every_result.noise(2000)])
    tensor = batch.to_torch(value=-1.0)
    assert tensor.dtype == torch.float32
    np.testing.assert_array_equal(tensor.numpy(), batch.padded(-1.0))
    assert torch.equal(bridge.batch(batch, pad=True), batch.to_torch())
    assert batch.to_torch(device="meta", dtype=torch.float16).dtype == torch.float16


def asks_for_versioned_capsules():
    asked = {}

    class Exporter:
        def __dlpack_device__(self):
            return 1, 0

        def __dlpack__(self, **keywords):
            asked.update(keywords)
            return every_result.spectrogram().__dlpack__(**keywords)

    torch.from_dlpack(Exporter())
    return "max_version" in asked


def test_frozen_results():
    """PyTorch has no read-only tensors; it gets the memory all the same, if it can be told."""
    result = every_result.spectrogram()
    result.data.flags.writeable = False
    if asks_for_versioned_capsules():
        assert result.to_torch().data_ptr() == result.data.ctypes.data
    else:
        with pytest.raises(BufferError, match="read-only"):
            result.to_torch()


def test_tensors_are_signals():
    x = torch.arange(2000, dtype=torch.float32) % 7
    plan = sg.SpectrogramPlan(every_result.PARAMS)
    np.testing.assert_array_equal(plan.compute(x).data, plan.compute(x.numpy()).data)


def test_surface():
    names = ["TorchChromagram", "TorchSpectrogram", "batch", "batch_with_metadata"]
    # Beside the names of the reference: feature stores as datasets, and frontends as modules.
    names += ["FeatureDataset", "FeatureItem", "LengthBucketSampler", "PaddedBatch", "collate_padded"]
    names += ["Frontend", "IterableFeatureDataset"]
    assert sorted(bridge.__all__) == sorted(names)
    assert all(hasattr(bridge, name) for name in bridge.__all__)
