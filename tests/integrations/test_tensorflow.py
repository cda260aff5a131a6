"""Results in TensorFlow without a copy, its tensors as input, and stores as datasets of tf.data and Grain."""

import copy
import gc

import numpy as np
import pytest

import spectrograms as sg

from ..support import every_result
from ..support.corpora import plan, recordings

tf = pytest.importorskip("tensorflow", reason="needs TensorFlow: pip install tensorflow-cpu")


def share(result):
    return tf.experimental.dlpack.from_dlpack(result.__dlpack__())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", every_result.NAMES)
def test_every_result_is_shared_without_a_copy(name, dtype):
    result = every_result.result(name, dtype)
    tensor = share(result)
    assert tensor.dtype.name == result.data.dtype.name
    assert tuple(tensor.shape) == result.shape
    np.testing.assert_array_equal(tensor.numpy(), result.data)
    result.data[0, 0] = 7  # seen through the tensor: the memory is the same
    assert tensor.numpy()[0, 0] == 7


def test_a_tensor_outlives_its_result():
    result = every_result.spectrogram("float32")
    expected = result.data.copy()
    tensor = share(result)
    del result
    gc.collect()
    np.testing.assert_array_equal(tensor.numpy(), expected)


def test_a_capsule_of_a_read_only_result_is_refused():
    result = every_result.spectrogram()
    result.data.flags.writeable = False
    with pytest.raises(BufferError):
        share(result)
    np.testing.assert_array_equal(share(copy.copy(result)).numpy(), result.data)


def test_memory_is_given_back():
    import psutil

    process, seen = psutil.Process(), []
    for i in range(300):
        share(every_result.spectrogram("float32", n_samples=200_000))
        if i in (99, 299):
            seen.append(process.memory_info().rss)
    assert seen[1] - seen[0] < 50e6


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "bfloat16", "float16"])
def test_tensors_as_input(dtype):
    values = (3 * np.sin(np.arange(8000) * 0.1) * 8).round()
    tensor = tf.cast(tf.constant(values), dtype)
    params = sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), 8000)
    expected = sg.compute_linear_power_spectrogram(values, params)
    np.testing.assert_allclose(sg.compute_linear_power_spectrogram(tensor, params).data, expected.data)
    compiled = sg.SpectrogramPlan(params)
    np.testing.assert_allclose(compiled.compute_batch([tensor, tensor])[1].data, expected.data)


def test_frontends_take_tensors():
    tensor = tf.constant(np.linspace(-0.5, 0.5, 16000), tf.float32)
    whisper = sg.frontend("whisper_openai")
    np.testing.assert_array_equal(whisper.compute(tensor), whisper.compute(tensor.numpy()))


# --- recipes of the guide ------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    from spectrograms.corpus import FeatureStore, extract

    recordings(tmp_path / "recordings", count=6)
    extract(tmp_path / "recordings", plan(), tmp_path / "store", num_threads=1)
    return FeatureStore(tmp_path / "store")


def test_frontends_inside_tf_data():
    whisper = sg.frontend("whisper_openai", precision="float32")
    clips = [np.random.default_rng(i).standard_normal(8000).astype("float32") for i in range(4)]
    data = tf.data.Dataset.from_tensor_slices(np.stack(clips)).batch(2)
    data = data.map(lambda batch: tf.numpy_function(whisper.compute_batch, [batch], tf.float32))
    got = np.concatenate([batch.numpy() for batch in data])
    np.testing.assert_array_equal(got, whisper.compute_batch(np.stack(clips)))


def test_a_store_as_a_dataset_of_tensorflow(store):
    signature = tf.TensorSpec((store.n_features, None), store.dtype.name)
    data = tf.data.Dataset.from_generator(lambda: (r.features for r in store), output_signature=signature)
    batches = list(data.padded_batch(3))
    assert len(batches) == 2
    for i, record in enumerate(store):
        row = batches[i // 3][i % 3].numpy()
        np.testing.assert_array_equal(row[:, : record.n_frames], record.features)


def test_a_store_as_a_source_of_grain(store):
    grain = pytest.importorskip("grain.python", reason="needs Grain: pip install grain")
    data = (
        grain.MapDataset.source(store)
        .shuffle(seed=1)
        .map(lambda record: (record.id, np.array(record.features)))
    )
    found = dict(data[i] for i in range(len(data)))
    assert sorted(found) == sorted(store.ids)
    for record in store:
        np.testing.assert_array_equal(found[record.id], record.features)
