"""Cepstra against their definition in NumPy: numbers, bytes, NaN, pictures, errors, files."""

import pickle

import numpy as np
import pytest

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import noise
from ..support.together import together

RATE = 22050.0


def defined(x, stft, kind="real", floor=1e-20):
    """As Oppenheim and Schafer define it, through NumPy's FFT."""
    window = stft.window.make(stft.win_length, periodic=stft.periodic)
    pad = {"centre": stft.centre, "pad_mode": stft.pad_mode}
    frames = definition.frames(x, stft.n_fft, stft.hop_size, **pad) * definition.embedded(window, stft.n_fft)
    power = np.maximum(np.abs(np.fft.rfft(frames, axis=1)) ** 2, floor)
    logs = 0.5 * np.log(power) if kind == "real" else np.log(power)
    found = np.fft.irfft(logs, stft.n_fft, axis=1)[:, : stft.n_fft // 2 + 1].T
    return found if kind == "real" else found**2


@pytest.mark.parametrize("kind", ["real", "power"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@together("n_fft, hop, more", [
    (2048, 512, {}), (400, 160, {"win_length": 320}), (512, 160, {"centre": False}), (513, 100, {}),
    (64, 16, {"pad_mode": "reflect"}), (7, 3, {}), (2, 1, {"window": "rectangular"}), (1000, 1000, {}),
    (256, 64, {"window": "blackman", "periodic": True}),
])  # fmt: skip
def test_cepstra_are_their_definition(kind, dtype, n_fft, hop, more):
    stft = sg.StftParams(n_fft, hop, **{"window": "hann", **more})
    # Rounding of weak bins is large in their logarithm: none is far below the others.
    x = np.zeros(6000)
    x[::83] = 1.0
    x += 1e-2 * noise(6000)
    found = sg.compute_cepstrum(x.astype(dtype), stft, RATE, dtype, kind=kind)
    expected = defined(x.astype(dtype), stft, kind)
    error = np.abs(found.data - expected) / np.abs(expected).max()
    assert error.max() < (1e-10 if dtype == "float64" else 3e-3)
    assert np.median(error) < (1e-13 if dtype == "float64" else 1e-5)
    np.testing.assert_array_equal(found.quefrencies, np.arange(n_fft // 2 + 1) / RATE)


def test_the_whole_of_a_cepstrum():
    # Row q and its mirror are what NumPy's irfft gives.
    x, n = noise(1024), 1024
    stft = sg.StftParams(n, n, "rectangular", False)
    found = sg.compute_cepstrum(x, stft, RATE).data[:, 0]
    whole = np.fft.irfft(np.log(np.abs(np.fft.rfft(x))))
    np.testing.assert_allclose(found, whole[: n // 2 + 1], rtol=0, atol=1e-13)
    np.testing.assert_allclose(found[1:-1], whole[: n // 2 : -1], rtol=0, atol=1e-13)


def test_an_echo_is_found():
    x = noise(40000)
    x[441:] += 0.7 * x[:-441].copy()
    cepstrum = sg.compute_cepstrum(x, sg.StftParams(4096, 1024, "hann"), RATE)
    peak = int(cepstrum.data[50:].mean(axis=1).argmax()) + 50
    assert cepstrum.quefrencies[peak] == 441 / RATE


def test_the_floor():
    stft = sg.StftParams(64, 16, "hann")
    np.testing.assert_allclose(
        sg.compute_cepstrum(np.zeros(100), stft, RATE, floor=np.exp(-8.0)).data[0], -4.0, rtol=1e-12
    )
    loud = sg.compute_cepstrum(noise(4000), stft, RATE)
    assert np.array_equal(sg.compute_cepstrum(noise(4000), stft, RATE, floor=1e-300).data, loud.data)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_fft", [400, 2048, 513])
def test_bytes_are_the_same_every_way(dtype, n_fft):
    x, stft = noise(20000), sg.StftParams(n_fft, 160, "hann")
    plan = sg.CepstrumPlan(stft, RATE, dtype)
    alone = plan.compute(x)
    expected = alone.data.tobytes()
    for threads in (1, 3):
        batch = plan.compute_batch([x, x[:5000], x], num_threads=threads)
        assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
    stream = plan.stream()
    parts = [stream.push(chunk) for chunk in np.array_split(x, 17)]
    assert np.hstack([*parts, stream.flush()]).tobytes() == expected
    assert np.array_equal(plan.compute_frame(x, 7), alone.data[:, 7])
    features = sg.FeatureSet(stft, RATE, {"a": "cepstrum", "b": "db", "c": "power_cepstrum"}, dtype)
    assert features.compute(x)["a"].data.tobytes() == expected
    assert np.allclose(features.compute(x)["c"].data, (2 * alone.data) ** 2)
    assert sg.FeatureSet.from_dict(features.to_dict()) == features
    # Frame by frame, into strides, and as float32 of float64.
    out = np.empty(alone.shape[::-1], dtype).T
    assert plan.compute_into(x, out).T.tobytes() == alone.data.T.tobytes()
    for twin in (pickle.loads(pickle.dumps(plan)), sg.CepstrumPlan.from_json(plan.to_json())):
        assert twin == plan
        assert twin.compute(x).data.tobytes() == expected
    assert sg.Cepstrum.from_dict(alone.to_dict()).data.tobytes() == expected
    assert repr(plan).startswith(f"CepstrumPlan(StftParams(n_fft={n_fft},")
    assert plan.center_frequencies.tolist() == plan.quefrencies.tolist() == alone.quefrencies.tolist()


def test_nan_touches_its_frames_only():
    x, plan = noise(20000), sg.CepstrumPlan(sg.StftParams(512, 160, "hann"), RATE)
    clean = plan.compute(x).data
    x[10000] = np.nan
    found = plan.compute(x).data
    bad = np.isnan(found).all(axis=0)
    assert 2 <= bad.sum() <= 4
    assert not np.isnan(found[:, ~bad]).any()
    assert np.array_equal(found[:, ~bad], clean[:, ~bad])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: sg.CepstrumPlan(sg.StftParams(64, 16, "hann"), RATE, kind="complex"),
            Exception,
            "kind must be",
        ),
        (lambda: sg.CepstrumPlan(sg.StftParams(64, 16, "hann"), RATE, floor=0.0), Exception, "floor must be"),
        (lambda: sg.CepstrumPlan(sg.StftParams(64, 16, "hann"), 0.0), sg.InvalidInputError, "sample_rate"),
        (lambda: sg.CepstrumPlan(64, RATE), TypeError, "stft_params"),
        (lambda: sg.compute_cepstrum([], sg.StftParams(64, 16, "hann"), RATE), ValueError, "empty"),
        (lambda: sg.compute_cepstrum(np.ones((2, 9)), sg.StftParams(64, 16, "hann"), RATE), TypeError, "1-D"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
