"""Frontends from the configuration files of models."""

import json
import warnings

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._frontends.configs import frontend_from_config
from spectrograms._frontends.making import frontend
from spectrograms.comparison.comparing import compare
from spectrograms.errors import InvalidInputError

from ..support.checkout import folder_for_module
from ..support.together import together

REAL = folder_for_module("configs")

from ..data.configs.make import BANDS_FIRST, CHANGED, SPEECH_MODELS  # noqa: E402
from ..data.configs.make import clip as extractors_clip  # noqa: E402

HUGGING_FACE = [
    (
        {
            "feature_extractor_type": "WhisperFeatureExtractor",
            "feature_size": 128,
            "chunk_length": 30,
            "hop_length": 160,
            "n_fft": 400,
            "n_samples": 480000,
            "nb_max_frames": 3000,
            "padding_value": 0.0,
            "sampling_rate": 16000,
        },
        ("whisper_hf", {"n_mels": 128}),
    ),
    (
        {
            "feature_extractor_type": "SeamlessM4TFeatureExtractor",
            "feature_size": 80,
            "num_mel_bins": 80,
            "padding_value": 1.0,
            "stride": 2,
            "sampling_rate": 16000,
        },
        ("seamless_m4t", {"padding_value": 1.0}),
    ),
    (
        {"feature_extractor_type": "ASTFeatureExtractor", "mean": -4.0, "std": 4.5, "max_length": 512},
        ("ast", {"mean": -4.0, "std": 4.5, "max_length": 512}),
    ),
    (
        {
            "feature_extractor_type": "ClapFeatureExtractor",
            "frequency_min": 50,
            "truncation": "rand_trunc",
            "top_db": None,
            "nb_frequency_bins": 513,
        },
        ("clap", {"frequency_min": 50, "truncation": "rand_trunc"}),
    ),
    (
        {"feature_extractor_type": "UnivNetFeatureExtractor", "do_normalize": True, "fmax": 12000},
        ("univnet_mel", {"do_normalize": True}),
    ),
    (
        {
            "feature_extractor_type": "SpeechT5FeatureExtractor",
            "fmin": 60,
            "win_length": 50,
            "hop_length": 12.5,
        },
        ("speecht5_mel", {"fmin": 60, "win_length": 50, "hop_length": 12.5}),
    ),
    (
        {
            "feature_extractor_type": "Speech2TextFeatureExtractor",
            "feature_size": 80,
            "normalize_vars": False,
        },
        ("speech_to_text_fbank", {"normalize_vars": False}),
    ),
    (
        {"feature_extractor_type": "Phi4MultimodalFeatureExtractor", "feature_size": 40, "n_fft": 512},
        ("phi4mm_mel", {"feature_size": 40}),
    ),
    (
        {
            "feature_extractor_type": "Gemma3nAudioFeatureExtractor",
            "mel_floor": 1e-3,
            "frame_length_ms": 32.0,
        },
        ("gemma3n_mel", {"mel_floor": 1e-3}),
    ),
    (
        {
            "feature_extractor_type": "GraniteSpeechFeatureExtractor",
            "melspec_kwargs": {"sample_rate": 16000, "n_mels": 64},
        },
        ("granite_speech_mel", {"n_mels": 64}),
    ),
    (
        {"feature_extractor_type": "ParakeetFeatureExtractor", "feature_size": 128, "win_length": 320},
        ("parakeet_hf", {"n_mels": 128, "win": 320}),
    ),
]


@pytest.mark.parametrize(
    ("config", "expected"), HUGGING_FACE, ids=lambda x: x[0] if isinstance(x, tuple) else ""
)
def test_hugging_face(config, expected, tmp_path):
    name, params = expected
    assert frontend_from_config(config) == frontend(name, **params)
    path = tmp_path / "preprocessor_config.json"
    path.write_text(json.dumps(config))
    assert frontend_from_config(path) == frontend_from_config(str(tmp_path)) == frontend(name, **params)


# The frontends of the extractors in tests/data/configs, and their names for fields that differ.
REAL_NAMES = {
    "WhisperFeatureExtractor": ("whisper_hf", {"feature_size": "n_mels"}),
    "SeamlessM4TFeatureExtractor": ("seamless_m4t", {}),
    "ASTFeatureExtractor": ("ast", {}),
    "ClapFeatureExtractor": ("clap", {}),
    "UnivNetFeatureExtractor": ("univnet_mel", {}),
    "SpeechT5FeatureExtractor": ("speecht5_mel", {}),
    "Speech2TextFeatureExtractor": ("speech_to_text_fbank", {}),
    "Phi4MultimodalFeatureExtractor": ("phi4mm_mel", {}),
    "Gemma3nAudioFeatureExtractor": ("gemma3n_mel", {}),
    "GraniteSpeechFeatureExtractor": ("granite_speech_mel", {}),
    "ParakeetFeatureExtractor": (
        "parakeet_hf",
        {"feature_size": "n_mels", "win_length": "win", "hop_length": "hop", "preemphasis": "preemph"},
    ),
    "Qwen3ASRFeatureExtractor": ("qwen3_asr_mel", {}),
    "VoxtralRealtimeFeatureExtractor": ("voxtral_realtime_mel", {}),
    "MossTranscribeDiarizeFeatureExtractor": ("moss_mel", {}),
    "Dots3NoteFeatureExtractor": ("dots3_note_mel", {}),
    "CohereAsrFeatureExtractor": ("cohere_asr_mel", {}),
    "NemotronAsrStreamingFeatureExtractor": ("nemotron_asr_mel", {}),
    "Gemma4AudioFeatureExtractor": ("gemma4_mel", {}),
    "GraniteSpeech5FeatureExtractor": ("granite_speech5_mel", {}),
    "FunAsrNanoFeatureExtractor": ("fun_asr_nano_fbank", {}),
    "NeuCodecFeatureExtractor": ("neucodec_fbank", {}),
    "Xcodec2FeatureExtractor": ("xcodec2_fbank", {}),
    "LasrFeatureExtractor": ("lasr_mel", {}),
    "InklingFeatureExtractor": ("inkling_mel", {}),
    "ClvpFeatureExtractor": ("clvp_mel", {}),
}
REAL_FILES = sorted(path.stem for path in REAL.glob("*FeatureExtractor-*.json"))


# One of Gemma 3n's has more bands than bins in its lowest octave.
@pytest.mark.filterwarnings("ignore:1 of 128 bands holds no bin:spectrograms.SpectrogramWarning")
@together("stem", REAL_FILES)
def test_fields_that_extractors_write_themselves(stem):
    name, _, number = stem.partition("-")
    frontend_name, other_names = REAL_NAMES[name]
    changed = dict(CHANGED[name][int(number)])
    if "audio_token_duration_s" in changed:  # also given in samples
        hop = round(16000 * changed.pop("audio_token_duration_s"))
        changed |= {"hop_length": hop, "window_size": 2 * hop}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "fields of")  # every field is known
        made = frontend_from_config(REAL / f"{stem}.json")
    assert made == frontend(frontend_name, **{other_names.get(key, key): changed[key] for key in changed})


# One of Gemma 3n's has more bands than bins in its lowest octave.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:1 of 128 bands holds no bin:spectrograms.SpectrogramWarning")
@together("stem", REAL_FILES)
def test_output_of_extractors(stem):
    made = frontend_from_config(REAL / f"{stem}.json")
    with np.load(REAL / "outputs.npz") as outputs:
        expected = outputs[stem]
        shape = tuple(outputs.get(f"{stem}-shape", ()))
    name, rate = stem.partition("-")[0], int(made.sample_rate)
    x = extractors_clip(rate)
    out = made.compute(x[: int(0.16 * rate)] if name in SPEECH_MODELS else x)
    assert out.shape == shape or name not in SPEECH_MODELS
    assert (made.layout == "(rows, frames)") == (name in BANDS_FIRST)
    out = out[:, : expected.shape[1]] if name in BANDS_FIRST else out[: len(expected)]
    assert out.dtype == expected.dtype
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-4)


def test_every_configuration_is_there():
    wanted = [f"{name}-{i}" for name, sets in CHANGED.items() for i in range(len(sets))]
    assert sorted(wanted) == REAL_FILES


def test_fields_of_nemos_signature():
    signature = json.loads((REAL / "nemo-signature.json").read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = frontend_from_config(signature)
        assert made == frontend_from_config({"_target_": "nemo.AudioToMelSpectrogramPreprocessor"})
        changed = frontend_from_config(
            {
                **signature,
                "window_size": None,
                "n_window_size": 400,
                "window_stride": None,
                "n_window_stride": 128,
                "window": "hamming",
                "normalize": "NA",
                "n_fft": 1024,
                "preemph": None,
                "features": 40,
                "lowfreq": 20,
                "highfreq": 7000,
                "log_zero_guard_type": "clamp",
                "log_zero_guard_value": "eps",
                "pad_to": 0,
                "pad_value": -1.0,
                "mag_power": 1.0,
                "mel_norm": None,
            }
        )
    assert made.params["n_mels"] == 64
    assert made.params["win"] == 320
    assert changed == frontend(
        "nemo_mel", win=400, hop=128, window="hamming", normalize=None, n_fft=1024, preemph=None, n_mels=40,
        lowfreq=20, highfreq=7000, guard_type="clamp", guard_value="eps", pad_value=-1.0, mag_power=1.0,
        mel_norm=None,
    )  # fmt: skip
    assert frontend_from_config({**signature, "log": False}).params["log"] is False
    with pytest.raises(InvalidInputError, match="exact_pad of NeMo must be False"):
        frontend_from_config({**signature, "exact_pad": True})


def test_nemo():
    section = {
        "_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor",
        "sample_rate": 16000,
        "normalize": "per_feature",
        "window_size": 0.025,
        "window_stride": 0.01,
        "window": "hann",
        "features": 80,
        "n_fft": 512,
        "log": True,
        "frame_splicing": 1,
        "dither": 1e-05,
        "pad_to": 0,
    }
    assert frontend_from_config({"preprocessor": section}) == frontend("nemo_mel")
    assert frontend_from_config(section, precision="float32") == frontend("nemo_mel", precision="float32")
    defaults = frontend("nemo_mel", n_mels=64, win=320, n_fft=None, pad_to=16)
    assert frontend_from_config({"preprocessor": {"cls": "x.AudioToMelSpectrogramPreprocessor"}}) == defaults


def test_own_configuration():
    made = frontend("kaldi_fbank", sample_rate=8000, num_mel_bins=40)
    assert frontend_from_config(made.config) == made


def test_configurations_that_are_not_offered(tmp_path):
    with pytest.raises(InvalidInputError, match="n_fft of WhisperFeatureExtractor must be 400, got 512"):
        frontend_from_config({"feature_extractor_type": "WhisperFeatureExtractor", "n_fft": 512})
    with pytest.raises(InvalidInputError, match="raw samples"):
        frontend_from_config({"feature_extractor_type": "Wav2Vec2FeatureExtractor"})
    with pytest.raises(InvalidInputError, match="did you mean 'ASTFeatureExtractor'"):
        frontend_from_config({"feature_extractor_type": "ATSFeatureExtractor"})
    with pytest.raises(InvalidInputError, match="frame_splicing of NeMo must be 1"):
        frontend_from_config({"features": 80, "frame_splicing": 3})
    with pytest.raises(InvalidInputError, match="_target_ must be"):
        frontend_from_config({"_target_": "AudioToMFCCPreprocessor"})
    with pytest.raises(InvalidInputError, match="config must have"):
        frontend_from_config({"model": {}})
    with pytest.raises(InvalidInputError, match="sample_rate must be 16000"):
        frontend_from_config({"feature_extractor_type": "ASTFeatureExtractor", "sampling_rate": 8000})
    with pytest.warns(UserWarning, match="not known: colour"):
        frontend_from_config({"feature_extractor_type": "ASTFeatureExtractor", "colour": 3})
    path = tmp_path / "x.json"
    path.write_text("{")
    with pytest.raises(InvalidInputError, match="is not JSON"):
        frontend_from_config(path)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("Gemma4UnifiedAudio", "hands on raw samples: there are no features"),
        ("MuseSpark", "hands on raw samples"),
        ("PocketTTS", "hands on raw samples"),
        ("Dac", "hands on raw samples"),
        ("MusicgenMelody", "is not offered: it gives the strongest of 12 pitch classes"),
        ("Pop2Piano", "is not offered: it cuts the signal at beats that another package"),
    ],
)
def test_extractors_that_are_no_frontend_say_why(kind, message):
    name = f"{kind}FeatureExtractor"
    with pytest.raises(InvalidInputError, match=f"{name} {message}"):
        frontend_from_config({"feature_extractor_type": name})


def test_configurations_of_processors(tmp_path):
    parts = {"feature_extractor": {"feature_extractor_type": "LasrFeatureExtractor", "hop_length": 80}}
    path = tmp_path / "processor_config.json"
    path.write_text(json.dumps({**parts, "processor_class": "LasrProcessor"}))
    expected = frontend("lasr_mel", hop_length=80)
    assert frontend_from_config(tmp_path) == frontend_from_config(path) == expected
    assert compare(path, expected).same_conventions
    # Where both files exist, that of the extractor comes first.
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(HUGGING_FACE[0][0]))
    assert frontend_from_config(tmp_path).name == "whisper_hf"


def test_dither_of_a_configuration_is_asked_for():
    config = {"feature_extractor_type": "CohereAsrFeatureExtractor", "dither": 1e-5}
    assert frontend_from_config(config) == frontend("cohere_asr_mel", dither=1e-5)


def test_parts_that_an_extractor_cuts_by_itself_are_given_one_by_one():
    moss = frontend("moss_mel", chunk_length=1)
    x = extractors_clip(16000)
    assert moss.compute(np.resize(x, 16000)).shape == (80, 100)
    with pytest.raises(InvalidInputError, match="at most 16000 long, got 16001: the extractor cuts longer"):
        moss.compute(np.resize(x, 16001))
    with pytest.raises(InvalidInputError, match="at most 560000 long, got 560001"):
        frontend("cohere_asr_mel").frame_count(560001)


NEMO = {"sample_rate": 16000, "window_size": 0.025, "window_stride": 0.01, "window": "hann", "features": 80}


@pytest.mark.parametrize("field", ["sample_rate", "window_size", "window_stride"])
@together(
    "value",
    [np.nan, np.inf, 1e308, -1e308, 10**400, "1", "", [], {}, [1], True, 1j, b"1"],
    ids=lambda v: repr(v)[:20],
)
def test_case_6_times_of_nemo_are_numbers(field, value):
    with pytest.raises((sg.InvalidInputError, TypeError, MemoryError)) as caught:
        sg.frontend_from_config(NEMO | {field: value})
    text = str(caught.value)
    assert len(text) < 300
    assert "operand" not in text
    assert "literal" not in text


def test_case_6_paths_of_configurations(tmp_path, monkeypatch):
    for path in ("a\0b", "\ud800"):
        with pytest.raises(sg.InvalidInputError, match="config must be the path of a file"):
            sg.frontend_from_config(path)
    for config in (None, 3, [NEMO], object()):
        with pytest.raises(TypeError, match="config must be a path, a JSON text or a dict"):
            sg.frontend_from_config(config)
    monkeypatch.setattr("spectrograms._common.plain._LONGEST", 100)
    (tmp_path / "long.json").write_text(json.dumps(NEMO))
    with pytest.raises(sg.InvalidInputError, match="at most 100 bytes of JSON"):
        sg.frontend_from_config(tmp_path / "long.json")


def test_configurations_are_read_from_texts():
    assert sg.frontend_from_config(json.dumps(NEMO)) == sg.frontend_from_config(NEMO)
    with pytest.raises(sg.InvalidInputError, match="config is not JSON"):
        sg.frontend_from_config('{"a": 1, "a": 2}')


def test_values_beyond_float32_are_infinite_without_warnings():
    clip = np.sin(np.arange(4000.0))
    for changes in ({"pad_value": 1e308, "pad_to": 16}, {"dither": 1e308}):
        frontend = sg.frontend_from_config(NEMO | changes, precision="float32")
        assert frontend.compute(clip).shape == frontend.output_shape(4000)
