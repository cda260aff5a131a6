"""Whatever computes features: plans, frontends, and what describes one."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.audio import read_audio

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract, verify
from spectrograms.corpus.stores.extractor import extractor_from

from ..support.corpora import RATE, noise, plan, put


def test_whatever_describes_an_extractor(audio, out):
    wanted = plan()
    forms = [wanted, wanted.to_dict(), wanted.to_json(), extractor_from(wanted)]
    for form in forms:
        extractor = extractor_from(form)
        assert extractor.fingerprint == wanted.fingerprint
        assert extractor.config == wanted.to_dict()
        assert (extractor.sample_rate, extractor.n_features, extractor.dtype) == (RATE, 20, "float32")


@pytest.mark.parametrize("name", ["whisper_openai", "kaldi_fbank", "librosa_mfcc", "nemo_mel"])
def test_frontends_in_their_own_layout(audio, out, name):
    frontend = sg.frontend(name)
    extract(audio, frontend, out, shard_files=5)
    store = FeatureStore(out)
    for record in store:
        samples, _ = read_audio(record.path, frontend.sample_rate)
        wanted = frontend.compute(samples)
        assert record.features.dtype == wanted.dtype
        np.testing.assert_array_equal(record.features, wanted)
        np.testing.assert_allclose(record.times, frontend.times(len(samples)), rtol=0, atol=1e-12)
    assert store.description["features_fingerprint"] == frontend.fingerprint
    assert verify(out) == []
    # The same by its name and as data.
    for config in (name, frontend.to_json(), frontend.config):
        assert extract(audio, config, out).n_skipped == 12


def test_constant_q_of_whole_kernels(tmp_path, out):
    """Described as JSON, and in rows that do not see where files were cut."""
    path = put(tmp_path / "in", "long.wav", noise(0, 5.3, 16000), 16000)
    params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), 16000)
    octaves = sg.CqtParams(12, 5, 110.0, method="multirate", gamma=4.0)
    made = sg.SpectrogramPlan(params, octaves, "db", dtype="float32")
    extract(path.parent, made.to_json(), out, segment=1.0)
    joined = np.concatenate([record.features for record in FeatureStore(out)], axis=1)
    np.testing.assert_array_equal(joined, made.compute(read_audio(path)[0]))


def test_frontends_stream_where_they_can(tmp_path, out):
    path = put(tmp_path / "in", "long.wav", noise(0, 5.3, 16000), 16000)
    frontend = sg.frontend("kaldi_fbank")
    extract(path.parent, frontend, out, segment=1.0)
    store = FeatureStore(out)
    assert store.ids == [f"long#{k}" for k in range(6)]
    whole = frontend.compute(read_audio(path)[0])
    np.testing.assert_array_equal(np.concatenate([record.features for record in store]), whole)
    with pytest.raises(sg.InvalidInputError, match="whisper_openai cannot stream: it needs the whole clip"):
        extract(path.parent, "whisper_openai", out / "other", segment=1.0)
    with pytest.raises(sg.InvalidInputError, match=r"there is no frontend 'wisper_openai'.*whisper_openai"):
        extract(path.parent, "wisper_openai", out / "other")


# What has no default.
REQUIRED = {
    "scipy_shorttimefft": {"sample_rate": 16000, "nperseg": 400, "hop": 160},
    "scipy_spectrogram": {"sample_rate": 16000},
    "scipy_stft": {"sample_rate": 16000},
    "tf_audio_spectrogram": {"sample_rate": 16000, "window_size": 400, "stride": 160},
    "tf_logmel": {"sample_rate": 16000, "frame_length": 400, "frame_step": 160},
    "tf_mfcc": {"sample_rate": 16000, "frame_length": 400, "frame_step": 160},
    "tf_speech_commands_mfcc": {"sample_rate": 16000, "window_size": 400, "stride": 160},
    "tf_stft_magnitude": {"sample_rate": 16000, "frame_length": 400, "frame_step": 160},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(sg.frontends()))
def test_every_frontend_whose_values_are_real(tmp_path, out, name):
    frontend = sg.frontend(name, **REQUIRED.get(name, {}))
    path = put(tmp_path / "in", "a.wav", noise(0, 1.5, 16000), 16000)
    if frontend.dtype.kind == "c":
        with pytest.raises(sg.InvalidInputError, match="complex values cannot be stored"):
            extract(path.parent, frontend, out)
        return
    extract(path.parent, frontend, out)
    wanted = frontend.compute(read_audio(path, int(frontend.sample_rate))[0])
    np.testing.assert_array_equal(FeatureStore(out)[0].features, wanted)


def test_clips_too_short_for_a_frontend_are_failures(tmp_path, out):
    put(tmp_path / "in", "long.wav", noise(0, 1.0, 16000), 16000)
    put(tmp_path / "in", "short.wav", noise(0, 0.002, 16000), 16000)
    report = extract(tmp_path / "in", "torchaudio_melspectrogram", out)
    assert [failure["id"] for failure in report.failures] == ["short"]
    assert FeatureStore(out).ids == ["long"]


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        (
            {"type": "Nothing"},
            sg.InvalidInputError,
            r'"type" of a plan .* among SpectrogramInfo, .* got \'Nothing\'',
        ),
        ("{", sg.InvalidInputError, "config is not JSON"),
        (3, TypeError, "config must be a plan"),
        (
            sg.StftPlan(sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), 8000)),
            sg.InvalidInputError,
            "complex values cannot be stored",
        ),
        (
            sg.CqtPlan(sg.CqtParams(6, 2, 300.0, method="multirate"), 8000, 100),
            sg.InvalidInputError,
            "complex values cannot be stored",
        ),
        (plan(rate=8000.5), sg.InvalidInputError, "sample_rate must be a whole number"),
    ],
    ids=["type", "json", "number", "complex", "constant-q", "rate"],
)
def test_bad_configurations(audio, out, config, error, message):
    with pytest.raises(error, match=message):
        extract(audio, config, out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "int16"}, "dtype must be one of int8, float16, float32, float64"),
        ({"channels": -1}, "channels must be 'mix', 'each' or a channel's number"),
        ({"segment": 0.001}, "segment must be at least one frame of 0.01 seconds"),
        ({"shard_files": 0}, "shard_files must be >= 1, got 0"),
    ],
)
def test_bad_options(audio, out, options, message):
    with pytest.raises(sg.InvalidInputError, match=message):
        extract(audio, plan(), out, **options)
    assert not out.exists()
