"""Linear-frequency cepstra against NumPy and SciPy, and against torchaudio where it is."""

import pickle

import numpy as np
import pytest
import scipy.fft

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import noise
from ..support.together import together

RATE = 16000
STFT = sg.StftParams(400, 200, "hann", periodic=True, pad_mode="reflect")


def defined(x, stft, params):
    """Triangles between equally spaced points, decibels, SciPy's cosine transform, lifter."""
    window = stft.window.make(stft.win_length, periodic=stft.periodic)
    given = {"centre": stft.centre, "pad_mode": stft.pad_mode}
    power = np.abs(definition.stft(x, window, stft.n_fft, stft.hop_size, **given)) ** 2
    points = np.linspace(params.f_min, params.f_max or RATE / 2, params.n_filters + 2)
    left, peak, right = points[:-2, None], points[1:-1, None], points[2:, None]
    f = np.arange(stft.n_fft // 2 + 1) * RATE / stft.n_fft
    bank = np.clip(np.minimum((f - left) / (peak - left), (right - f) / (right - peak)), 0, None)
    levels = 10 * np.log10(np.maximum(bank @ power, 10 ** (params.floor_db / 10)))
    found = scipy.fft.dct(levels, axis=0, norm=params.dct_norm)[: params.n_lfcc]
    found *= 1.0 if params.dct_norm else 0.5
    if params.lifter:
        found *= (1 + params.lifter / 2 * np.sin(np.pi * np.arange(params.n_lfcc) / params.lifter))[:, None]
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@together("stft", [STFT, sg.StftParams(512, 160, "hamming", False, win_length=400)])
@together("params", [
    sg.LfccParams(), sg.LfccParams(13, 60, 100.0, 7000.0), sg.LfccParams(20, 20, dct_norm=None, lifter=22),
    sg.LfccParams(5, 30, floor_db=10.0), sg.LfccParams(1, 1),
])  # fmt: skip
def test_lfcc_is_its_definition(dtype, stft, params):
    x = noise(5000)
    found, expected = sg.compute_lfcc(x, stft, RATE, params, dtype).data, defined(x, stft, params)
    assert found.shape == expected.shape
    tolerance = 1e-10 if dtype == "float64" else 1e-5
    assert np.abs(found - expected).max() < tolerance * np.abs(expected).max()


@pytest.mark.parametrize(("n_lfcc", "n_filters", "f_min", "f_max", "norm"), [
    (40, 128, 0.0, None, "ortho"), (13, 60, 100.0, 7000.0, "ortho"), (20, 20, 0.0, 4000.0, None),
])  # fmt: skip
def test_lfcc_of_torchaudio(n_lfcc, n_filters, f_min, f_max, norm):
    torch = pytest.importorskip("torch", reason="needs torch")
    transforms = pytest.importorskip("torchaudio.transforms", reason="needs torchaudio")
    made = transforms.LFCC(
        RATE, n_filters, f_min, f_max, n_lfcc, norm=norm, speckwargs={"n_fft": 400, "hop_length": 200}
    )
    # Noise is nowhere 80 dB below its highest level. Their plain cosines are twice ours, as SciPy's.
    x = noise(8000)
    expected = made.double()(torch.from_numpy(x)).numpy() / (1 if norm else 2)
    params = sg.LfccParams(n_lfcc, n_filters, f_min, f_max, dct_norm=norm)
    found = sg.compute_lfcc(x, STFT, RATE, params).data
    # Their filterbank and cosines are in float32.
    assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


def test_the_frontend_has_the_same_numbers():
    x = noise(8000).astype("float32")
    expected = sg.frontend("torchaudio_lfcc").compute(x)
    found = sg.compute_lfcc(x, STFT, RATE, sg.LfccParams(), "float32").data
    assert np.abs(found - np.asarray(expected)).max() < 1e-5 * np.abs(found).max()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_are_the_same_every_way(dtype):
    x, params = noise(20000), sg.LfccParams(20, 60)
    plan = sg.LfccPlan(STFT, RATE, params, dtype)
    alone = plan.compute(x)
    expected = alone.data.tobytes()
    for threads in (1, 3):
        batch = plan.compute_batch([x, x[:5000], x], num_threads=threads)
        assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
    stream = plan.stream()
    parts = [stream.push(chunk) for chunk in np.array_split(x, 17)]
    assert np.hstack([*parts, stream.flush()]).tobytes() == expected
    features = sg.FeatureSet(STFT, RATE, {"a": params, "b": "db"}, dtype)
    assert features.compute(x)["a"].data.tobytes() == expected
    assert sg.FeatureSet.from_dict(features.to_dict()) == features
    for twin in (pickle.loads(pickle.dumps(plan)), sg.LfccPlan.from_json(plan.to_json())):
        assert twin == plan
        assert twin.compute(x).data.tobytes() == expected
    assert sg.Lfcc.from_dict(alone.to_dict()).data.tobytes() == expected
    assert repr(plan).startswith("LfccPlan(StftParams(n_fft=400,")
    assert plan.center_frequencies.tolist() == list(range(20))


def test_nan_touches_its_frames_only():
    x, plan = noise(20000), sg.LfccPlan(STFT, RATE, sg.LfccParams())
    clean = plan.compute(x).data
    x[10000] = np.nan
    found = plan.compute(x).data
    bad = np.isnan(found).all(axis=0)
    assert 1 <= bad.sum() <= 2
    assert np.array_equal(found[:, ~bad], clean[:, ~bad])


def test_empty_bands_are_said():
    with pytest.warns(sg.SpectrogramWarning, match="hold no bin of the transform"):
        sg.LfccPlan(sg.StftParams(100, 50, "hann"), RATE, sg.LfccParams())


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sg.LfccParams(0), sg.InvalidInputError, "n_lfcc"),
        (lambda: sg.LfccParams(21, 20), sg.InvalidInputError, "n_lfcc must be <= n_filters=20, got 21"),
        (lambda: sg.LfccParams(f_min=-1.0), sg.InvalidInputError, "f_min must be finite and >= 0"),
        (lambda: sg.LfccParams(f_min=9.0, f_max=5.0), sg.InvalidInputError, "f_max must be > f_min"),
        (lambda: sg.LfccParams(floor_db=np.inf), sg.InvalidInputError, "floor_db must be finite"),
        (lambda: sg.LfccParams(dct_norm="scipy"), Exception, "dct_norm must be one of 'ortho'"),
        (lambda: sg.LfccPlan(STFT, RATE, sg.LfccParams(f_max=8001.0)), sg.InvalidInputError, "Nyquist=8000"),
        (lambda: sg.LfccPlan(STFT, RATE, sg.MfccParams()), TypeError, "lfcc_params"),
        (lambda: sg.compute_lfcc([], STFT, RATE, sg.LfccParams()), ValueError, "empty"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
