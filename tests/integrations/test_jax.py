"""Results as arrays of JAX."""

import gc

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="needs JAX: pip install jax")

import spectrograms.jax as bridge  # noqa: E402

from ..support import every_result  # noqa: E402

NAMES = every_result.NAMES


def pointer(array):
    return array.unsafe_buffer_pointer()


@pytest.mark.parametrize("name", NAMES)
def test_arrays_share_memory(name):
    """Results are aligned as JAX wants it: what keeps its dtype is not copied."""
    result = every_result.result(name, "float32")
    for array in (result.to_jax(), jax.dlpack.from_dlpack(result)):
        assert array.dtype == result.data.dtype
        assert pointer(array) == result.data.ctypes.data
        np.testing.assert_array_equal(np.asarray(array), result.data)


@pytest.mark.parametrize("name", NAMES)
def test_double_precision(name):
    result = every_result.result(name)
    narrow = {"f": np.float32, "c": np.complex64}[result.data.dtype.kind]
    array = result.to_jax()
    assert array.dtype == narrow
    np.testing.assert_array_equal(np.asarray(array), result.data.astype(narrow))
    enable_x64 = getattr(jax, "enable_x64", None)
    if enable_x64 is None:  # the place of older versions, which newer ones do not know
        from jax.experimental import enable_x64
    with enable_x64(True):
        array = result.to_jax()
        assert array.dtype == result.data.dtype
        assert pointer(array) == result.data.ctypes.data


def test_arrays_outlive_their_result():
    result = every_result.spectrogram("float32")
    expected = result.data.copy()
    array = result.to_jax()
    del result
    gc.collect()
    every_result.noise(10**6)
    np.testing.assert_array_equal(np.asarray(array), expected)


def test_device_and_dtype():
    result = every_result.spectrogram("float32")
    cpu = jax.devices("cpu")[0]
    for device in ("cpu", cpu):
        assert result.to_jax(device).devices() == {cpu}
    assert result.to_jax(dtype="float16").dtype == np.float16
    assert result.to_jax(None, False, jax.numpy.int32).dtype == np.int32
    with pytest.raises(RuntimeError, match="no_such_platform"):
        result.to_jax("no_such_platform")


@pytest.mark.parametrize("name", NAMES)
def test_metadata(name):
    result = every_result.result(name, "float32")
    labelled = result.to_jax(with_metadata=True)
    assert type(labelled) is (
        bridge.JaxChromagram if name in every_result.LABELLED else bridge.JaxSpectrogram
    )
    assert pointer(labelled.array) == result.data.ctypes.data
    every_result.check_labels(labelled, result)


@pytest.mark.parametrize("name", ["Spectrogram", "Chromagram"])
def test_labelled_arrays_move(monkeypatch, name):
    labelled = every_result.result(name, "float32").to_jax(with_metadata=True)
    cpu = jax.devices("cpu")[0]
    for moved in (labelled.to_device("cpu"), labelled.to_device(cpu), labelled.cpu()):
        assert type(moved) is type(labelled)
        assert moved.array.devices() == {cpu}
        assert moved.params is labelled.params
    assert labelled != labelled.cpu()
    asked, gpus = [], [object(), object()]
    monkeypatch.setattr(jax, "devices", lambda platform: asked.append(platform) or gpus)
    monkeypatch.setattr(jax, "device_put", lambda array, device: device)
    assert labelled.gpu().array is gpus[0]
    assert labelled.gpu(1).array is gpus[1]
    assert asked == ["gpu", "gpu"]
    with pytest.raises(IndexError):
        labelled.gpu(2)


def test_batch():
    results = [every_result.spectrogram("float32", seed=seed) for seed in range(3)]
    stacked = bridge.batch(results)
    assert isinstance(stacked, jax.Array)
    np.testing.assert_array_equal(np.asarray(stacked), np.stack([result.data for result in results]))
    assert bridge.batch(results, dtype="float16").dtype == np.float16
    assert bridge.batch(iter(results), "cpu").devices() == {jax.devices("cpu")[0]}
    results[0].data[:] = 0
    assert stacked[0].any()
    assert bridge.batch([np.ones((2, 3)), [[1, 1, 1]] * 2]).tolist() == [[[1.0] * 3] * 2] * 2


def test_batch_pads_at_the_end():
    short = every_result.spectrogram("float32", n_samples=500)
    long = every_result.spectrogram("float32", n_samples=2000)
    stacked, metadata = bridge.batch_with_metadata([short, long], pad=True)
    assert stacked.shape == (2, 20, 32)
    np.testing.assert_array_equal(np.asarray(stacked[0, :, :8]), short.data)
    assert not stacked[0, :, 8:].any()
    assert [known["shape"] for known in metadata] == [short.shape, long.shape]
    assert metadata[0]["times"].tolist() == short.times
    assert metadata[1]["db_range"] == long.db_range()


def test_batch_refuses():
    short, long = every_result.spectrogram(n_samples=500), every_result.spectrogram(n_samples=2000)
    for batch in (bridge.batch, bridge.batch_with_metadata):
        with pytest.raises(ValueError, match="Cannot batch empty list of spectrograms"):
            batch([])
        with pytest.raises(ValueError, match=r"\(20, 8\), \(20, 32\)"):
            batch([short, long])


def test_surface():
    assert sorted(bridge.__all__) == ["JaxChromagram", "JaxSpectrogram", "batch", "batch_with_metadata"]
    assert all(hasattr(bridge, name) for name in bridge.__all__)
