"""Chroma: reference values, the definition, norms, pitches, NaN, errors, files."""

import inspect
import io
import pickle

import numpy as np
import pytest

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import DTYPES, RATE, noise, parameters, tones
from ..support.together import together

STFT = parameters().stft
ORDERS = {"l1": 1, "l2": 2, "max": np.inf}


def weights(rate, n_fft, tuning=440.0, f_min=32.7, f_max=4186.0):
    """Gaussians of one semitone round the pitch circle, rows of sum 1."""
    v = np.zeros((12, n_fft // 2 + 1))
    for k in range(1, n_fft // 2 + 1):
        f = k * rate / n_fft
        if f_min <= f <= f_max:
            for c in range(12):
                d = abs((69 + 12 * np.log2(f / tuning)) % 12 - c)
                v[c, k] = np.exp(-0.5 * min(d, 12 - d) ** 2)
    total = v.sum(axis=1, keepdims=True)
    return v / np.where(total > 0, total, 1)


def by_definition(x, n_fft, hop, norm="l2", **options):
    y = weights(RATE, n_fft) @ np.abs(definition.stft(x, np.hanning(n_fft), n_fft, hop, **options))
    if norm == "none":
        return y
    size = np.linalg.norm(y, ORDERS[norm], axis=0)
    return y / np.where(size > 0, size, 1)


def test_reference_values():
    c = sg.compute_chromagram(tones(), STFT, RATE, sg.ChromaParams()).data
    expected = [0.447593570017152, 0.554075781875817, 0.360725808137988, 184.975030353137]
    np.testing.assert_allclose([c[0, 0], c[6, 31], c[-1, -1], c.sum()], expected, rtol=1e-12)
    assert c.shape == (12, 63)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("n_fft", "hop"), [(64, 16), (255, 100), (401, 7)])
@together("norm", ["none", *ORDERS])
def test_definition(dtype, n_fft, hop, norm):
    x = noise(1501)
    stft = parameters(n_fft, hop, centre=False).stft
    result = sg.compute_chromagram(x, stft, RATE, sg.ChromaParams(norm=norm), dtype)
    definition.assert_close(result.data, by_definition(x, n_fft, hop, norm, centre=False), dtype)
    assert (result.dtype, result.data.dtype.name) == (dtype, dtype)


@pytest.mark.parametrize("norm", ["none", *ORDERS])
def test_silence_is_zero(norm):
    result = sg.compute_chromagram(np.zeros(1000), STFT, RATE, sg.ChromaParams(norm=norm))
    assert np.array_equal(result.data, np.zeros((12, 63)))


@pytest.mark.parametrize("pitch", range(12))
def test_a_tone_is_strongest_in_its_class(pitch):
    f = 440 * 2 ** ((pitch - 9) / 12)
    x = np.sin(2 * np.pi * f / 16000 * np.arange(16000))
    result = sg.compute_chromagram(x, parameters(4096, 1024).stft, 16000, sg.ChromaParams())
    middle = result.data[:, 4:-4]
    assert (middle.argmax(axis=0) == pitch).all()
    assert result.labels[9] == "A"


# With few bins there is none in range.
@pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")
@pytest.mark.parametrize("arguments", [(), (442.0,), (440.0, 200.0, 1000.0), (440.0, 32.7, np.inf)])
@pytest.mark.parametrize("n_fft", [1, 64, 255, 1024])
def test_filterbank(arguments, n_fft):
    found = sg.build_chroma_filterbank(RATE, n_fft, sg.ChromaParams(*arguments))
    np.testing.assert_allclose(found, weights(RATE, n_fft, *arguments), rtol=0, atol=1e-14)
    assert found.dtype == np.float64


def test_no_bin_in_range():
    params = sg.ChromaParams(440.0, 10.0, 20.0)
    with pytest.warns(sg.SpectrogramWarning, match="^12 of 12 bands hold no bin"):
        assert not sg.build_chroma_filterbank(RATE, 64, params).any()
    with pytest.warns(sg.SpectrogramWarning, match="^12 of 12 bands hold no bin"):
        assert not sg.compute_chromagram(noise(500), STFT, RATE, params).data.any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_from_spectrogram_has_the_bits_of_compute(dtype):
    x, params = noise(3000), sg.ChromaParams(norm="max")
    magnitude = sg.compute_linear_magnitude_spectrogram(x, parameters(), dtype=dtype)
    expected = sg.compute_chromagram(x, STFT, RATE, params, dtype)
    found = sg.chromagram_from_spectrogram(magnitude, RATE, 64, params, dtype)
    assert found.data.tobytes() == expected.data.tobytes()
    assert found.times == expected.times
    bare = sg.chromagram_from_spectrogram(np.asfortranarray(magnitude.data), RATE, 64, params, dtype)
    assert np.array_equal(bare.data, expected.data)
    assert np.isnan(bare.times).all()
    assert bare.sample_rate == RATE


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("norm", ["none", *ORDERS])
def test_nan_touches_its_frames_only(dtype, norm):
    x, params = noise(1000), sg.ChromaParams(norm=norm)
    clean = sg.compute_chromagram(x, STFT, RATE, params, dtype).data
    x[500] = np.nan
    found = sg.compute_chromagram(x, STFT, RATE, params, dtype).data
    touched = np.isnan(sg.compute_stft(x, parameters(), dtype).norm()).any(axis=0)
    assert np.isnan(found[:, touched]).all()
    assert np.array_equal(found[:, ~touched], clean[:, ~touched])


def test_plan():
    x = noise(2000)
    plan = sg.ChromaPlan(STFT, RATE, sg.ChromaParams(), "float32")
    expected = sg.compute_chromagram(x, STFT, RATE, sg.ChromaParams(), "float32")
    assert (plan.stft_params, plan.sample_rate, plan.params) == (STFT, RATE, sg.ChromaParams())
    assert repr(plan).startswith("ChromaPlan(StftParams(n_fft=64,")
    for twin in (plan, pickle.loads(pickle.dumps(plan)), sg.ChromaPlan.from_json(plan.to_json())):
        assert twin == plan
        assert np.array_equal(twin.compute(x).data, expected.data)
    assert plan.output_shape(2000) == expected.shape
    assert np.array_equal(plan.compute_frame(x, 9), expected.data[:, 9])


def test_result_survives_pickle_and_file():
    source = sg.compute_chromagram(noise(1000), STFT, RATE, sg.ChromaParams(norm="l1"))
    file = io.BytesIO()
    source.save(file)
    file.seek(0)
    for twin in (pickle.loads(pickle.dumps(source)), sg.Chromagram.load(file)):
        assert np.array_equal(twin.data, source.data)
        assert (twin.params, twin.times, twin.sample_rate) == (source.params, source.times, RATE)


def test_errors():
    x, params = tones(), sg.ChromaParams()
    for bad, error, message in [
        ((x, STFT, -1.0, params), sg.InvalidInputError, "sample_rate_hz must be finite and > 0"),
        ((x, parameters(), RATE, params), TypeError, "'SpectrogramParams' object is not an instance"),
        ((x, STFT, RATE, None), TypeError, "chroma_params"),
        ((x, STFT, RATE, params, "float16"), ValueError, 'unsupported dtype "float16"'),
        (([], STFT, RATE, params), ValueError, "input array must not be empty"),
        ((x.reshape(2, 500), STFT, RATE, params), TypeError, "samples must be 1-D"),
    ]:
        with pytest.raises(error, match=message):
            sg.compute_chromagram(*bad)
    for bad, error, message in [
        ((np.ones((32, 3)), RATE, 64, params), sg.DimensionMismatchError, "expected 33, got 32"),
        ((np.ones(33), RATE, 64, params), TypeError, "spectrogram must be 2-D"),
        ((np.ones((33, 2)) * 1j, RATE, 64, params), TypeError, "spectrogram must be real"),
        ((np.ones((33, 3)), 0.0, 64, params), sg.InvalidInputError, "sample_rate_hz"),
        ((np.ones((33, 3)), RATE, 0, params), ValueError, "n_fft must be >= 1"),
    ]:
        with pytest.raises(error, match=message):
            sg.chromagram_from_spectrogram(*bad)
    with pytest.raises(sg.InvalidInputError, match="sample_rate_hz"):
        sg.build_chroma_filterbank(np.nan, 64, params)


def test_signatures():
    names = ["samples", "stft_params", "sample_rate", "chroma_params", "dtype"]
    assert [*inspect.signature(sg.compute_chromagram).parameters] == names
    assert [*inspect.signature(sg.ChromaPlan).parameters] == [*names[1:], "effort"]
