"""MFCC: reference values, the definition with SciPy's DCT, librosa, options, NaN, errors, files."""

import inspect
import io
import pickle

import librosa
import numpy as np
import pytest
import scipy.fft

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import DTYPES, RATE, noise, parameters, tones
from ..support.together import together

STFT = parameters().stft


def log_mel(x, n_fft, hop, n_mels, **options):
    """Mel power in dB, not below -80."""
    power = np.abs(definition.stft(x, np.hanning(n_fft), n_fft, hop, **options)) ** 2
    mel = definition.mel_bank(RATE, n_fft, n_mels, 0.0, RATE / 2) @ power
    return 10 * np.log10(np.maximum(mel, 1e-8))


def lifter(n, length):
    return (1 + length / 2 * np.sin(np.pi * np.arange(n) / length))[:, np.newaxis]


def test_reference_values():
    c = sg.compute_mfcc(tones(), STFT, RATE, 10, sg.MfccParams(5)).data
    expected = [34.1504761210065, -182.795955134414, 24.5324870300874, 39578.8490646756]
    np.testing.assert_allclose([c[0, 0], c[2, 31], c[-1, -1], c.sum()], expected, rtol=1e-12)
    assert c.shape == (5, 63)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("n_fft", "hop", "n_mels", "n_mfcc"), [(64, 16, 10, 5), (255, 100, 23, 23), (401, 7, 40, 13)]
)
@pytest.mark.parametrize("centre", [True, False])
def test_definition(dtype, n_fft, hop, n_mels, n_mfcc, centre):
    x = noise(1501)
    bands = log_mel(x, n_fft, hop, n_mels, centre=centre)
    expected = scipy.fft.dct(bands, type=2, axis=0)[:n_mfcc] / 2 * lifter(n_mfcc, 22)
    stft = parameters(n_fft, hop, centre=centre).stft
    result = sg.compute_mfcc(x, stft, RATE, n_mels, sg.MfccParams(n_mfcc), dtype)
    definition.assert_close(result.data, expected, dtype)
    assert (result.dtype, result.data.dtype.name) == (dtype, dtype)


@together("dct_norm", [None, "ortho"])
@together("length", [0, 1, 22, 40])
@together("include_c0", [True, False])
def test_options(dct_norm, length, include_c0):
    x = noise(1000)
    scale = 2 if dct_norm is None else 1
    expected = scipy.fft.dct(log_mel(x, 64, 16, 12), type=2, axis=0, norm=dct_norm)[:9] / scale
    if length:
        expected = expected * lifter(9, length)
    params = sg.MfccParams(9, dct_norm=dct_norm, lifter=length, include_c0=include_c0)
    result = sg.compute_mfcc(x, STFT, RATE, 12, params)
    definition.assert_close(result.data, expected[0 if include_c0 else 1 :], "float64")
    assert result.params == params


def test_the_only_coefficient_is_kept():
    params = [sg.MfccParams(1, include_c0=include) for include in (True, False)]
    first, second = [sg.compute_mfcc(noise(500), STFT, RATE, 12, p).data for p in params]
    assert first.shape == (1, 32)
    assert np.array_equal(first, second)


def test_librosa():
    """Orthonormal, no lifter; librosa's windows, padding and mel norm set to ours."""
    x = noise(4000)
    frames = {"n_fft": 256, "hop_length": 80, "window": np.hanning(256), "pad_mode": "constant"}
    mel = librosa.feature.melspectrogram(y=x, sr=RATE, n_mels=26, norm=None, fmax=RATE / 2, **frames)
    db = librosa.power_to_db(mel, amin=1e-8, top_db=None)
    expected = librosa.feature.mfcc(S=db, n_mfcc=13)
    params = sg.MfccParams(13, dct_norm="ortho", lifter=0)
    result = sg.compute_mfcc(x, parameters(256, 80).stft, RATE, 26, params)
    # librosa keeps its mel weights in float32
    np.testing.assert_allclose(result.data, expected, rtol=0, atol=2e-6 * np.abs(expected).max())


@pytest.mark.parametrize("dtype", DTYPES)
def test_from_log_mel_has_the_bits_of_compute(dtype):
    x = noise(3000)
    params = sg.MfccParams(7, include_c0=False)
    mel = sg.compute_mel_db_spectrogram(x, parameters(), sg.MelParams(10, 0.0, RATE / 2), dtype=dtype)
    expected = sg.compute_mfcc(x, STFT, RATE, 10, params, dtype)
    found = sg.mfcc_from_log_mel(mel, params, dtype)
    assert found.data.tobytes() == expected.data.tobytes()
    assert found.times == expected.times
    for other in (
        mel.data,
        np.asfortranarray(mel.data),
        mel.data.tolist(),
        np.repeat(mel.data, 2, 1)[:, ::2],
    ):
        bare = sg.mfcc_from_log_mel(other, params, dtype)
        assert np.array_equal(bare.data, expected.data)
        assert np.isnan(bare.times).all()
        with pytest.raises(AttributeError, match="hop_size is unknown"):
            _ = bare.hop_size


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_touches_its_frames_only(dtype):
    x = noise(1000)
    clean = sg.compute_mfcc(x, STFT, RATE, 10, sg.MfccParams(5), dtype).data
    x[500] = np.nan
    found = sg.compute_mfcc(x, STFT, RATE, 10, sg.MfccParams(5), dtype).data
    touched = np.isnan(sg.compute_stft(x, parameters(), dtype).norm()).any(axis=0)
    assert 3 <= touched.sum() <= 5
    assert np.isnan(found[:, touched]).all()
    assert np.array_equal(found[:, ~touched], clean[:, ~touched])


def test_plan():
    x = noise(2000)
    plan = sg.MfccPlan(STFT, RATE, 10, sg.MfccParams(5), "float32")
    expected = sg.compute_mfcc(x, STFT, RATE, 10, sg.MfccParams(5), "float32")
    assert (plan.stft_params, plan.sample_rate, plan.n_mels, plan.params) == (
        STFT,
        RATE,
        10,
        sg.MfccParams(5),
    )
    assert repr(plan).startswith("MfccPlan(StftParams(n_fft=64,")
    twins = [plan, pickle.loads(pickle.dumps(plan)), sg.MfccPlan.from_json(plan.to_json())]
    for twin in twins:
        assert twin == plan
        assert hash(twin) == hash(plan)
        assert np.array_equal(twin.compute(x).data, expected.data)
    out = np.empty(plan.output_shape(2000), np.float32)
    assert plan.compute(x, out=out) is out
    assert np.array_equal(out, expected.data)
    assert np.array_equal(plan.compute_frame(x, 9), expected.data[:, 9])
    assert np.array_equal(plan.times(2000), expected.times)
    batch = plan.compute_batch(np.stack([x, -2 * x]))
    assert np.array_equal(batch[0], expected.data)


def test_result_survives_pickle_and_file():
    result = sg.compute_mfcc(noise(1000), STFT, RATE, 10, sg.MfccParams(5))
    bare = sg.mfcc_from_log_mel(noise(60).reshape(6, 10), sg.MfccParams(5))
    for source in (result, bare):
        file = io.BytesIO()
        source.save(file)
        file.seek(0)
        for twin in (
            pickle.loads(pickle.dumps(source)),
            sg.Mfcc.load(file),
            sg.Mfcc.from_dict(source.to_dict()),
        ):
            assert np.array_equal(twin.data, source.data)
            assert twin.params == source.params
            assert np.array_equal(twin.times, source.times, equal_nan=True)


def test_errors():
    x, params = tones(), sg.MfccParams(5)
    for bad, error, message in [
        ((x, STFT, RATE, 0, params), ValueError, "n_mels must be a positive integer, got 0"),
        ((x, STFT, RATE, 40.0, params), TypeError, "n_mels must be an integer"),
        ((x, STFT, RATE, 4, params), sg.InvalidInputError, "n_mfcc must be <= n_mels=4, got 5"),
        ((x, STFT, RATE, 10001, params), sg.InvalidInputError, "n_mels is unreasonably large"),
        ((x, STFT, np.inf, 10, params), sg.InvalidInputError, "sample_rate_hz must be finite and > 0"),
        ((x, parameters(), RATE, 10, params), TypeError, "'SpectrogramParams' object is not an instance"),
        ((x, STFT, RATE, 10, 5), TypeError, "mfcc_params"),
        ((x, STFT, RATE, 10, params, "float16"), ValueError, 'unsupported dtype "float16"'),
        (([], STFT, RATE, 10, params), ValueError, "input array must not be empty"),
        ((x.reshape(2, 500), STFT, RATE, 10, params), TypeError, "samples must be 1-D"),
    ]:
        with pytest.raises(error, match=message):
            sg.compute_mfcc(*bad)
    with pytest.warns(sg.SpectrogramWarning, match="bands hold no bin"):
        sg.compute_mfcc(x, STFT, RATE, 40, params)
    with pytest.raises(TypeError, match="n_mels"):  # equal and of equal hash, but no integer
        sg.compute_mfcc(x, STFT, RATE, 40.0, params)
    for bad, error, message in [
        (None, TypeError, "log_mel must be array-like"),
        (np.ones(5), TypeError, "log_mel must be 2-D"),
        (np.ones((5, 3)) * 1j, TypeError, "log_mel must be real"),
        (np.ones((5, 0)), ValueError, "log_mel must not be empty"),
        (np.ones((4, 3)), sg.InvalidInputError, "n_mfcc must be <= n_mels=4, got 5"),
    ]:
        with pytest.raises(error, match=message):
            sg.mfcc_from_log_mel(bad, params)


def test_signatures():
    names = ["samples", "stft_params", "sample_rate", "n_mels", "mfcc_params", "dtype"]
    assert [*inspect.signature(sg.compute_mfcc).parameters] == names
    assert [*inspect.signature(sg.MfccPlan).parameters] == [*names[1:], "effort"]
    assert [*inspect.signature(sg.mfcc_from_log_mel).parameters] == ["log_mel", "mfcc_params", "dtype"]


def test_arguments_without_a_hash():
    """One-shot functions keep plans by their arguments, which need not be fit for keys."""
    x = np.sin(0.1 * np.arange(1000))
    params = sg.StftParams(64, 16, "hann")
    expected = sg.compute_mfcc(x, params, 8000.0, 20, sg.MfccParams(5)).data
    found = sg.compute_mfcc(x, params, np.array(8000.0), np.array(20), sg.MfccParams(5)).data
    np.testing.assert_array_equal(found, expected)
    expected = sg.compute_chromagram(x, params, 8000.0, sg.ChromaParams()).data
    np.testing.assert_array_equal(
        sg.compute_chromagram(x, params, np.array(8000.0), sg.ChromaParams()).data, expected
    )
