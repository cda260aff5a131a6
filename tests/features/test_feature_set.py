"""Many features of one pass: each the bytes of its own plan; descriptors as librosa defines them."""

import copy
import json
import pickle

import librosa
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import spectrograms as sg
from spectrograms.features.descriptors import NAMES

from ..support.spectrogram_cases import DTYPES, noise
from ..support.together import together

STFT = sg.StftParams(512, 160, "hann")
RATE = 16000.0
MEL = sg.MelParams(40, 0.0, 8000.0)
EVERYTHING = {
    "power": "power",
    "magnitude": "magnitude",
    "db": "db",
    "mel": MEL,
    "mel db": (MEL, "db"),
    "mel floor": (MEL, "db", sg.LogParams(-20.0)),
    "erb": (sg.ErbParams(20, 50.0, 8000.0), "magnitude"),
    "loghz": (sg.LogHzParams(30, 50.0, 8000.0), "db"),
    "cqt": sg.CqtParams(12, 2, 1500.0),
    "mfcc": sg.MfccParams(13),
    "mfcc 26": (sg.MfccParams(20, dct_norm="ortho"), 26),
    "chroma": sg.ChromaParams(),
    "tonal space": (sg.ChromaParams(), "tonnetz"),
    **{name: name for name in NAMES},
}


def alone(dtype, stft=STFT):
    """The plan of each feature, made by hand."""
    params = sg.SpectrogramParams(stft, RATE)
    make = {
        "power": sg.SpectrogramPlan(params, None, "power", dtype=dtype),
        "magnitude": sg.SpectrogramPlan(params, None, "magnitude", dtype=dtype),
        "db": sg.SpectrogramPlan(params, None, "db", dtype=dtype),
        "mel": sg.SpectrogramPlan(params, MEL, "power", dtype=dtype),
        "mel db": sg.SpectrogramPlan(params, MEL, "db", dtype=dtype),
        "mel floor": sg.SpectrogramPlan(params, MEL, "db", sg.LogParams(-20.0), dtype),
        "erb": sg.SpectrogramPlan(params, EVERYTHING["erb"][0], "magnitude", dtype=dtype),
        "loghz": sg.SpectrogramPlan(params, EVERYTHING["loghz"][0], "db", dtype=dtype),
        "cqt": sg.SpectrogramPlan(params, EVERYTHING["cqt"], "power", dtype=dtype),
        "mfcc": sg.MfccPlan(stft, RATE, 40, sg.MfccParams(13), dtype),
        "mfcc 26": sg.MfccPlan(stft, RATE, 26, EVERYTHING["mfcc 26"][0], dtype),
        "chroma": sg.ChromaPlan(stft, RATE, sg.ChromaParams(), dtype),
        "tonal space": sg.TonnetzPlan(stft, RATE, sg.ChromaParams(), dtype),
    }
    return make | {name: sg.DescriptorPlan(stft, RATE, name, dtype) for name in NAMES}


def assert_same(found, expected):
    """Dicts of results or arrays: same names in the same order, same bytes."""
    assert list(found) == list(expected)
    for name, result in found.items():
        assert np.array_equal(np.asarray(result), np.asarray(expected[name])), name


# --- each as its own plan --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_samples", [1, 300, 20_000])
def test_each_feature_is_that_of_its_own_plan(n_samples, dtype):
    features, plans, x = sg.FeatureSet(STFT, RATE, EVERYTHING, dtype), alone(dtype), noise(n_samples)
    results = features.compute(x)
    expected = {name: plan.compute(x) for name, plan in plans.items()}
    assert_same(results, expected)
    for name, result in results.items():
        assert type(result) is type(expected[name])
        assert (result.shape, result.dtype, result.times) == (
            expected[name].shape,
            dtype,
            expected[name].times,
        )
        assert result.params == expected[name].params
        assert features.plans[name] == plans[name]
    assert features.output_shape(n_samples) == {name: result.shape for name, result in results.items()}
    assert features.frame_count(n_samples) == results["db"].n_frames
    assert features.times(n_samples).tolist() == results["db"].times


@pytest.mark.slow
@given(
    names=st.lists(st.sampled_from(list(EVERYTHING)), min_size=1, unique=True),
    centre=st.booleans(),
    pad_mode=st.sampled_from(["zeros", "reflect", "edge"]),
    win_length=st.integers(1, 512),
    n_samples=st.integers(1, 3000),
    dtype=st.sampled_from(DTYPES),
    cuts=st.lists(st.integers(0, 3000), max_size=6),
)
def test_any_set_any_chunking(names, centre, pad_mode, win_length, n_samples, dtype, cuts):
    stft = sg.StftParams(512, 160, "hann", centre, win_length=win_length, pad_mode=pad_mode)
    plans, x = alone(dtype, stft), noise(n_samples)
    features = sg.FeatureSet(stft, RATE, {name: EVERYTHING[name] for name in names}, dtype)
    expected = {name: plans[name].compute(x) for name in names}
    assert_same(features.compute(x), expected)
    stream = features.stream()
    parts = [*(stream.push(chunk) for chunk in np.split(x, sorted(cuts))), stream.flush()]
    assert_same({name: np.concatenate([part[name] for part in parts], axis=1) for name in names}, expected)


@pytest.mark.parametrize("num_threads", [1, 2, 5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_batches(dtype, num_threads):
    features = sg.FeatureSet(STFT, RATE, EVERYTHING, dtype)
    clips = [noise(n, seed=n) for n in (100, 30_000, 1, 5000)]
    batches = features.compute_batch(clips, num_threads=num_threads)
    for i, clip in enumerate(clips):
        assert_same({name: batch[i] for name, batch in batches.items()}, features.compute(clip))
    assert batches["mfcc"].n_bins == 13
    assert type(batches["mfcc"][0]) is sg.Mfcc

    signals = noise(6 * 2000).reshape(2, 3, 2000)
    arrays = features.compute_batch(signals, num_threads=num_threads)
    out = {name: np.full_like(array, np.nan) for name, array in arrays.items()}
    assert features.compute_batch(signals, out=out) is out
    assert_same(out, arrays)
    for place in np.ndindex(2, 3):
        assert_same({name: array[place] for name, array in arrays.items()}, features.compute(signals[place]))


def test_out():
    features = sg.FeatureSet(STFT, RATE, {"mel": MEL, "rms": "rms"}, "float32")
    x = noise(4000)
    expected = features.compute(x)
    out = {"rms": np.empty((1, 26), np.float32), "mel": np.empty((26, 40), np.float32).T}
    assert features.compute(x, out=out) is out
    assert_same({name: out[name] for name in ("mel", "rms")}, expected)


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        ({"mel": np.zeros((40, 26))}, TypeError, r"each of \['mel', 'rms'\], got \['mel'\]"),
        (np.zeros((40, 26)), TypeError, "must be a dict .* got ndarray"),
        ({"mel": np.zeros((40, 25)), "rms": np.zeros((1, 26))}, ValueError, r"out\['mel'\] must have shape"),
        ({"mel": np.zeros((40, 26)), "rms": np.zeros((1, 26), "f4")}, TypeError, r"out\['rms'\] must have"),
    ],
)
def test_out_that_does_not_fit(out, error, message):
    with pytest.raises(error, match=message):
        sg.FeatureSet(STFT, RATE, {"mel": MEL, "rms": "rms"}).compute(noise(4000), out=out)


def test_outputs_that_overlap_are_refused():
    features, memory = sg.FeatureSet(STFT, RATE, {"a": "rms", "b": "zcr"}), np.full((3, 26), 7.0)
    for out in ({"a": memory[:1], "b": memory[:1]}, {"a": memory[:1], "b": memory[0:3:2][:1, ::-1]}):
        with pytest.raises(ValueError, match=r"out\['a'\] and out\['b'\] must not overlap"):
            features.compute(noise(4000), out=out)
        assert (memory == 7).all()
    features.compute(noise(4000), out={"a": memory[:1], "b": memory[1:2]})
    woven = np.empty((1, 52))
    features.compute(noise(4000), out={"a": woven[:, ::2], "b": woven[:, 1::2]})
    assert np.array_equal(woven.reshape(26, 2).T, memory[:2])


def test_streams_report_and_close():
    stream = sg.FeatureSet(STFT, RATE, {"mel": MEL, "rms": "rms"}).stream()
    assert {name: frames.shape for name, frames in stream.push(noise(1000)).items()} == {
        "mel": (40, 5),
        "rms": (1, 5),
    }
    assert (stream.frames_emitted, stream.samples_seen, stream.latency) == (5, 1000, 256)
    stream.flush()
    assert repr(stream) == "FeatureStream(1000 samples in, 7 frames out, closed)"
    with pytest.raises(sg.InvalidInputError, match="push after flush"):
        stream.push(noise(10))
    stream.reset()
    assert stream.push([])["mel"].shape == (40, 0)


def test_twins():
    features, x = sg.FeatureSet(STFT, RATE, EVERYTHING, "float32"), noise(3000)
    for twin in (
        pickle.loads(pickle.dumps(features)),
        copy.deepcopy(features),
        sg.FeatureSet.from_json(features.to_json()),
    ):
        assert twin == features
        assert hash(twin) == hash(features)
        assert_same(twin.compute(x), features.compute(x))
    assert json.loads(features.to_json()) == features.to_dict()
    assert features != sg.FeatureSet(STFT, RATE, EVERYTHING)
    assert features != "features"
    assert (
        repr(sg.FeatureSet(STFT, RATE, {"a": MEL, "b": "rms"}))
        == f"FeatureSet({STFT}, a, b, dtype='float64')"
    )
    with pytest.raises(sg.InvalidInputError, match="\"type\" must be 'FeatureSet'"):
        sg.FeatureSet.from_dict({"type": "StftInfo"})


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        ({}, sg.InvalidInputError, "features must be 1 to 32, got 0"),
        ({str(i): "rms" for i in range(33)}, sg.InvalidInputError, "features must be 1 to 32, got 33"),
        ({1: "rms"}, TypeError, "names of features must be str, got 1"),
        ({"a": "loud"}, sg.InvalidInputError, r"features\['a'\]: must be one of power, .* got 'loud'"),
        ({"a": (MEL, "loud")}, sg.InvalidInputError, r"features\['a'\]: amplitude must be one of"),
        ({"a": (MEL, "db", -80)}, TypeError, r"features\['a'\]"),
        ({"a": (sg.ChromaParams(), 12)}, TypeError, r"features\['a'\]"),
        ({"a": 3}, TypeError, r"features\['a'\]: scale must be"),
        ({"a": ()}, TypeError, r"features\['a'\]"),
        ({"a": (sg.MfccParams(13), 5)}, sg.InvalidInputError, r"features\['a'\]: n_mfcc must be <= n_mels"),
        ({"a": sg.MelParams(40, 0.0, 9000.0)}, sg.InvalidInputError, r"features\['a'\]: "),
    ],
)
def test_bad_features_are_named(features, error, message):
    with pytest.raises(error, match=message):
        sg.FeatureSet(STFT, RATE, features)


def test_bad_frames():
    with pytest.raises(TypeError, match="stft_params"):
        sg.FeatureSet(sg.SpectrogramParams(STFT, RATE), RATE, {"a": "rms"})
    with pytest.raises(sg.InvalidInputError, match="sample_rate"):
        sg.FeatureSet(STFT, 0.0, {"a": "rms"})
    with pytest.raises(ValueError, match="cannot be empty"):
        sg.FeatureSet(STFT, RATE, {"a": "rms"}).compute([])


# --- descriptors -----------------------------------------------------------------------------------------

# Name -> librosa's function, over magnitudes S or the samples y.
PEERS = {
    "centroid": lambda y, S: librosa.feature.spectral_centroid(S=S, sr=RATE),
    "bandwidth": lambda y, S: librosa.feature.spectral_bandwidth(S=S, sr=RATE),
    "rolloff": lambda y, S: librosa.feature.spectral_rolloff(S=S, sr=RATE),
    "flatness": lambda y, S: librosa.feature.spectral_flatness(S=S),
    "rms": lambda y, S: librosa.feature.rms(
        y=y, frame_length=512, hop_length=160, pad_mode="edge", dtype=np.float64
    ),
    "zcr": lambda y, S: librosa.feature.zero_crossing_rate(y, frame_length=512, hop_length=160),
    # librosa has none of these three.
    "crest": lambda y, S: _quiet(S, 1.0, (S**2).max(axis=0) / (S**2).mean(axis=0)),
    "entropy": lambda y, S: _quiet(S, 1.0, scipy.stats.entropy(S**2, axis=0) / np.log(len(S))),
    "slope": lambda y, S: _quiet(S, 0.0, np.polyfit(np.arange(257) * RATE / 512, S / S.sum(axis=0), 1)[0]),
}


def _quiet(S, value, found):
    return np.where(S.any(axis=0), found, value)[np.newaxis]


def signal(kind):
    t = np.arange(8000) / RATE
    return {
        "noise": noise(8000),
        "tone": np.sin(2 * np.pi * 1234 * t),
        "chirp": np.sin(2 * np.pi * (100 + 3000 * t) * t) * np.hanning(8000),
        "bursts": noise(8000) * (np.arange(8000) % 3000 < 500),
        "silence": np.zeros(8000),
    }[kind]


@pytest.mark.filterwarnings("ignore:invalid value")  # of peers, in silence
@together("kind", ["noise", "tone", "chirp", "bursts", "silence"])
@together("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_descriptors_are_those_of_librosa(name, dtype, kind):
    x = signal(kind)
    # librosa continues the last sample for the zero crossings.
    stft = sg.StftParams(512, 160, "hann", pad_mode="edge")
    # The same spectra for both: in float32 the floor beside a tone is rounding, and has a bandwidth.
    params = sg.SpectrogramParams(stft, RATE)
    magnitudes = sg.SpectrogramPlan(params, None, "magnitude", dtype=dtype).compute(x).data
    expected = PEERS[name](x, magnitudes.astype(np.float64))
    found = sg.DescriptorPlan(stft, RATE, name, dtype).compute(x).data
    assert found.shape == expected.shape
    tolerance = {"float64": 1e-10, "float32": 2e-6}[dtype]
    if name == "rolloff":
        # Rounding may move the threshold over an edge: by one bin at most, and hardly ever.
        moved = np.abs(found - expected) > RATE * 1e-6
        assert np.abs(found - expected).max() <= RATE / 512 * 1.001
        assert moved.mean() <= (0 if dtype == "float64" else 0.02)
    else:
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())


def test_descriptors_of_known_signals():
    t = np.arange(16_000) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 1000 * t)
    stft = sg.StftParams(512, 160, "hann", False)
    at = {name: sg.DescriptorPlan(stft, RATE, name).compute(tone).data[0] for name in NAMES}
    np.testing.assert_allclose(at["centroid"], 1000, rtol=0, atol=5)
    np.testing.assert_allclose(at["rms"], 0.5 / np.sqrt(2), rtol=1e-3)
    np.testing.assert_allclose(at["zcr"], 2 * 1000 / RATE, rtol=0, atol=1.5 / 512)
    assert (at["flatness"] < 1e-6).all()
    assert (np.abs(at["rolloff"] - 1000) <= RATE / 512).all()
    # A Hann window spreads a tone over three bins, half of each other: energies 1, 1/4, 1/4 at most.
    assert ((at["crest"] > 257 / 2) & (at["crest"] < 257 / 1.4)).all()
    assert (at["entropy"] < np.log(3) / np.log(257)).all()
    assert (at["slope"] < 0).all()  # below the middle


def test_nan_touches_its_frames_only():
    x = noise(4000)
    x[2000] = np.nan
    for name in NAMES:
        bad = np.isnan(
            sg.DescriptorPlan(sg.StftParams(512, 160, "hann", False), RATE, name).compute(x).data[0]
        )
        assert np.flatnonzero(bad).tolist() == [t for t in range(22) if 160 * t <= 2000 < 160 * t + 512]


def test_descriptor_plans_and_results():
    plan = sg.DescriptorPlan(STFT, RATE, "centroid", "float32")
    assert (plan.name, plan.dtype, plan.stft_params, plan.n_bins) == ("centroid", "float32", STFT, 1)
    result = plan.compute(noise(1000))
    assert (result.name, result.unit, result.shape) == ("centroid", "Hz", (1, 7))
    assert np.array_equal(plan.compute_frame(noise(1000), 3), result.data[:, 3])
    for twin in (pickle.loads(pickle.dumps(result)), sg.Descriptor.from_dict(result.to_dict())):
        assert np.array_equal(twin.data, result.data)
        assert (twin.name, twin.times) == (result.name, result.times)
    for twin in (pickle.loads(pickle.dumps(plan)), sg.DescriptorPlan.from_json(plan.to_json())):
        assert twin == plan
        assert np.array_equal(twin.compute(noise(1000)).data, result.data)
    assert plan != sg.DescriptorPlan(STFT, RATE, "rolloff", "float32")
    with pytest.raises(sg.InvalidInputError, match=r"name must be one of 'centroid', .* got 'loud'"):
        sg.DescriptorPlan(STFT, RATE, "loud")
    with pytest.raises(sg.InvalidInputError, match="sample_rate"):
        sg.DescriptorPlan(STFT, np.nan, "rms")
