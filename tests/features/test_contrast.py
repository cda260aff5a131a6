"""Spectral contrast as librosa has it: numbers, bytes, range of levels, NaN, errors, files."""

import pickle

import librosa
import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from .test_tonality import RATE, close, music

STFT = sg.StftParams(2048, 512, "hann", periodic=True)
PARAMS = sg.ContrastParams()


def loud_and_quiet():
    x = np.random.default_rng(2).standard_normal(12000)
    x[4000:8000] *= 1e-7
    return x


@pytest.mark.slow
@pytest.mark.parametrize("linear", [False, True])
@together("n_fft, hop, f_min, n_bands, quantile", [
    (2048, 512, 200.0, 6, 0.02), (1024, 300, 100.0, 3, 0.1), (512, 128, 400.0, 4, 0.7),
    (4096, 1024, 60.0, 7, 0.3),
])  # fmt: skip
@together("x", [music(1), loud_and_quiet(), np.zeros(5000)])
def test_contrast_is_that_of_librosa(linear, n_fft, hop, f_min, n_bands, quantile, x):
    given = {"n_bands": n_bands, "quantile": quantile, "linear": linear, "n_fft": n_fft}
    expected = librosa.feature.spectral_contrast(y=x, sr=RATE, hop_length=hop, fmin=f_min, **given)
    found = sg.spectral_contrast(x, RATE, hop_size=hop, f_min=f_min, **given)
    close(found.data, expected)
    assert found.unit == ("amplitude" if linear else "dB")


@pytest.mark.slow
def test_range_of_levels():
    x = loud_and_quiet()
    open_ended = sg.spectral_contrast(x, RATE, top_db=None)
    assert open_ended.data.tobytes() == sg.ContrastPlan(STFT, RATE, PARAMS).compute(x).data.tobytes()
    # Enough range changes nothing, and little range leaves little contrast.
    assert np.array_equal(sg.spectral_contrast(x, RATE, top_db=300.0).data, open_ended.data)
    assert np.abs(sg.spectral_contrast(x, RATE, top_db=20.0).data - open_ended.data).max() > 1
    # Peaks and valleys by sorting.
    magnitudes = np.abs(librosa.stft(x))
    band = np.sort(magnitudes[18:37], axis=0)[
        :, :
    ]  # from 200 to 400 Hz: bins 19..37, one before, not the last
    expected = 10 * np.log10(band[-1:].mean(axis=0) / band[:1].mean(axis=0))
    np.testing.assert_allclose(open_ended.data[1], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_are_the_same_every_way(dtype):
    x = music(1)
    plan = sg.ContrastPlan(STFT, RATE, PARAMS, dtype)
    alone = plan.compute(x)
    expected = alone.data.tobytes()
    for threads in (1, 3):
        batch = plan.compute_batch([x, x[:5000], x], num_threads=threads)
        assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
    stream = plan.stream()
    parts = [stream.push(chunk) for chunk in np.array_split(x, 17)]
    assert np.hstack([*parts, stream.flush()]).tobytes() == expected
    assert np.array_equal(plan.compute_frame(x, 7), alone.data[:, 7])
    features = sg.FeatureSet(STFT, RATE, {"a": PARAMS, "b": "db"}, dtype)
    assert features.compute(x)["a"].data.tobytes() == expected
    assert sg.FeatureSet.from_dict(features.to_dict()) == features
    for twin in (pickle.loads(pickle.dumps(plan)), sg.ContrastPlan.from_json(plan.to_json())):
        assert twin == plan
        assert twin.compute(x).data.tobytes() == expected
    assert sg.Contrast.from_dict(alone.to_dict()).data.tobytes() == expected
    assert repr(plan).startswith("ContrastPlan(StftParams(n_fft=2048,")
    assert plan.center_frequencies.tolist()[:2] == [100.0, 300.0]
    # Beside tones the valleys of float32 are rounding.
    exact = sg.ContrastPlan(STFT, RATE, PARAMS).compute(x).data
    close(alone.data, exact, {"float32": 1e-3, "float64": 0}[dtype])


def test_nan_touches_its_frames_only():
    x = music(1)
    plan = sg.ContrastPlan(STFT, RATE, PARAMS)
    clean = plan.compute(x).data
    x[10000] = np.nan
    found = plan.compute(x).data
    touched = [t for t in range(found.shape[1]) if 512 * t - 1024 <= 10000 < 512 * t + 1024]
    assert np.flatnonzero(np.isnan(found).any(axis=0)).tolist() == touched
    assert np.isnan(found[:, touched]).all()
    others = np.setdiff1d(np.arange(found.shape[1]), touched)
    assert np.array_equal(found[:, others], clean[:, others])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sg.ContrastParams(0.0), sg.InvalidInputError, "f_min must be finite and > 0"),
        (lambda: sg.ContrastParams(n_bands=0), sg.InvalidInputError, "n_bands"),
        (lambda: sg.ContrastParams(n_bands=65), sg.InvalidInputError, "n_bands"),
        (lambda: sg.ContrastParams(quantile=1.0), sg.InvalidInputError, "quantile must be in 0..1"),
        (lambda: sg.ContrastPlan(STFT, 8000.0, PARAMS), sg.InvalidInputError, "n_bands must leave .* got 6"),
        (
            lambda: sg.ContrastPlan(sg.StftParams(64, 16, "hann"), RATE, PARAMS),
            sg.InvalidInputError,
            "n_fft must be large enough",
        ),
        (lambda: sg.spectral_contrast([], RATE), ValueError, "empty"),
        (lambda: sg.spectral_contrast(np.ones(99), RATE, top_db=-1.0), sg.InvalidInputError, "top_db"),
        (lambda: sg.ContrastPlan(STFT, RATE, sg.ChromaParams()), TypeError, "contrast_params"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
