"""The feature extractor in place of faster-whisper's, beside it."""

import importlib
import pickle
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from spectrograms.errors import InvalidInputError

pytest.importorskip("faster_whisper", reason="needs faster-whisper: pip install faster-whisper")

from faster_whisper.feature_extractor import FeatureExtractor as Slow

from spectrograms.faster_whisper import FeatureExtractor


def noise(n, dtype="float32"):
    return (0.1 * np.random.default_rng(n).standard_normal(n)).astype(dtype)


@pytest.mark.parametrize("padding", [160, 0, 1, 48000, None])
@pytest.mark.parametrize("n_samples", [480000, 16000, 12345, 700, 201, 100])
@pytest.mark.parametrize("bands", [80, 128])
def test_the_same_features(bands, n_samples, padding):
    if n_samples + (padding or 0) <= 200:
        pytest.skip("reflects more than there is")
    expected = Slow(feature_size=bands)(noise(n_samples), padding)
    ours = FeatureExtractor(feature_size=bands)(noise(n_samples), padding)
    assert (ours.shape, ours.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int16", "int32", "bool"])
def test_other_dtypes_are_taken_as_they_are(dtype):
    samples = noise(16000)
    samples = (samples * 20000).astype(dtype) if dtype.startswith("int") else samples.astype(dtype)
    np.testing.assert_allclose(FeatureExtractor()(samples), Slow()(samples), rtol=0, atol=2e-5)


@pytest.mark.parametrize(
    "samples", [np.zeros(16000), np.zeros(0), np.ones(3), np.repeat(noise(9000), 2)[::2]]
)
def test_silence_and_odd_lengths(samples):
    np.testing.assert_allclose(FeatureExtractor()(samples), Slow()(samples), rtol=0, atol=2e-5)


def test_several_signals_are_left_to_the_original():
    samples = noise(20000).reshape(2, 10000)
    np.testing.assert_array_equal(FeatureExtractor()(samples), Slow()(samples))


def test_the_length_of_a_chunk_stays():
    slow, fast = Slow(), FeatureExtractor()
    for extractor in (slow, fast):
        extractor(noise(16000), chunk_length=10)
    assert (fast.n_samples, fast.nb_max_frames) == (slow.n_samples, slow.nb_max_frames) == (160000, 1000)
    assert fast.time_per_frame == slow.time_per_frame


def test_in_place_of_a_model_s():
    """What a model asks of its extractor is there, and the original computes nothing any more."""
    model = SimpleNamespace(feature_extractor=Slow(feature_size=128, chunk_length=20))
    theirs = model.feature_extractor
    model.feature_extractor = FeatureExtractor.in_place_of(theirs)
    ours = model.feature_extractor
    known = {name: value for name, value in vars(ours).items() if name != "_frontend"}
    for name, value in vars(theirs).items():
        np.testing.assert_array_equal(known.pop(name), value)
    assert not known
    np.testing.assert_allclose(ours(noise(48000)), theirs(noise(48000)), rtol=0, atol=2e-5)
    again = pickle.loads(pickle.dumps(ours))
    np.testing.assert_array_equal(again(noise(48000)), ours(noise(48000)))


def test_the_original_is_not_called(monkeypatch):
    monkeypatch.setattr(Slow, "stft", None)
    assert FeatureExtractor(precision="float64")(noise(48000)).shape == (80, 301)


@pytest.mark.parametrize("wrong", [{"n_fft": 512}, {"hop_length": 80}, {"sampling_rate": 8000}])
def test_what_no_model_has_is_refused(wrong):
    with pytest.raises(InvalidInputError, match=f"{next(iter(wrong))} must be"):
        FeatureExtractor(**wrong)


def test_it_is_missing_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    monkeypatch.setitem(sys.modules, "faster_whisper.feature_extractor", None)
    monkeypatch.delitem(sys.modules, "spectrograms.integrations.faster_whisper")
    monkeypatch.delitem(sys.modules, "spectrograms.faster_whisper")
    with pytest.raises(ImportError, match=r"faster.whisper.*pip install faster-whisper"):
        importlib.import_module("spectrograms.faster_whisper")
