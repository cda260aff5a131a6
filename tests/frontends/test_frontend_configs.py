"""Frontends from models' configuration files, comparisons, and the command line around both."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms._frontends.configs import frontend_from_config
from spectrograms._frontends.making import frontend
from spectrograms.cli import main
from spectrograms.comparison.comparing import compare
from spectrograms.errors import InvalidInputError

from ..data.configs.make import BANDS_FIRST, CHANGED, SPEECH_MODELS
from ..data.configs.make import clip as extractors_clip

REAL = Path(__file__).parents[1] / "data" / "configs"

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


# Which frontend the extractors of tests/data/configs are, and what it calls the fields it names otherwise.
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
@pytest.mark.parametrize("stem", REAL_FILES)
def test_fields_that_extractors_write_themselves(stem):
    name, _, number = stem.partition("-")
    frontend_name, other_names = REAL_NAMES[name]
    changed = dict(CHANGED[name][int(number)])
    if "audio_token_duration_s" in changed:  # written in samples, too
        hop = round(16000 * changed.pop("audio_token_duration_s"))
        changed |= {"hop_length": hop, "window_size": 2 * hop}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "fields of")  # every field is known
        made = frontend_from_config(REAL / f"{stem}.json")
    assert made == frontend(frontend_name, **{other_names.get(key, key): changed[key] for key in changed})


# One of Gemma 3n's has more bands than bins in its lowest octave.
@pytest.mark.filterwarnings("ignore:1 of 128 bands holds no bin:spectrograms.SpectrogramWarning")
@pytest.mark.parametrize("stem", REAL_FILES)
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
    ("a", "b", "conventions"),
    [
        (("kaldi_fbank", {}), ("kaldi_fbank", {"window_type": "hann"}), {"window"}),
        (("kaldi_fbank", {}), ("kaldi_fbank", {"scale": 32768.0}), {"input scale"}),
        (("kaldi_fbank", {}), ("kaldi_fbank", {"preemph": 0.9}), {"pre-emphasis"}),
        (("kaldi_fbank", {}), ("kaldi_fbank", {"use_power": False}), {"spectrum"}),
        (("kaldi_fbank", {}), ("kaldi_fbank", {"use_log": False}), {"log"}),
        (("kaldi_fbank", {}), ("kaldi_fbank", {"remove_dc": False}), {"DC removal"}),
        (("librosa_logmel", {}), ("librosa_logmel", {"htk": True}), {"mel scale"}),
        (("librosa_logmel", {}), ("librosa_logmel", {"norm": None}), {"filter norm"}),
        (("librosa_logmel", {}), ("librosa_logmel", {"pad_mode": "reflect"}), {"edges"}),
        (("librosa_logmel", {}), ("librosa_logmel", {"amin": 1.0}), {"log"}),
        (("librosa_logmel", {}), ("librosa_logmel", {"top_db": 20}), {"over the clip"}),
        (("kaldi_fbank", {}), ("kaldi_fbank", {}), set()),
        (
            ("vggish_logmel", {}),
            ("yamnet_logmel", {}),
            {"log", "dtype"},
        ),
    ],
)
def test_comparisons_name_what_differs(a, b, conventions):
    found = compare(frontend(a[0], **a[1]), frontend(b[0], **b[1]))
    assert {d.convention for d in found.differences} == conventions
    assert found.same_conventions == (not conventions)
    assert found.differences or repr(found) == "Comparison(differences: none; print it for more)"
    assert all(name in repr(found) for name in conventions)
    assert len(repr(found)) < 300
    assert (found.measured["max"] == 0) == (not conventions)
    assert json.loads(found.to_json()) == found.to_dict()
    for difference in found.differences:
        assert difference.a in str(found)
        assert difference.b in str(found)


STFT = sg.StftParams(400, 160, "hann", periodic=True, pad_mode="reflect")
PARAMS = sg.SpectrogramParams(STFT, 16000)
MEL = sg.MelParams(80, 0.0, 8000.0, norm="slaney")
PLANS = [
    *(sg.SpectrogramPlan(PARAMS, scale, amplitude)
      for scale in (None, MEL, sg.ErbParams(20, 50.0, 7000.0), sg.LogHzParams(20, 50.0, 7000.0),
                    sg.CqtParams(12, 2, 700.0))
      for amplitude in ("power", "magnitude", "db")),
    sg.StftPlan(PARAMS, dtype="float32"),
    sg.MfccPlan(STFT, 16000, 40, sg.MfccParams(13)),
    sg.ChromaPlan(STFT, 16000, sg.ChromaParams()),
    *(sg.DescriptorPlan(STFT, 16000, name) for name in ("centroid", "rms")),
]  # fmt: skip


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.n_bins}-{type(plan).__name__}")
def test_plans_are_compared_in_whatever_form(plan, tmp_path):
    (tmp_path / "plan.json").write_text(plan.to_json())
    for form in (plan, plan.to_dict(), plan.to_json(), str(tmp_path / "plan.json"), tmp_path / "plan.json"):
        found = compare(plan, form)
        assert found.same_conventions
        assert found.measured["max"] == 0.0
        assert found.b == plan.to_dict()
    assert list(plan.conventions)[:4] == list(frontend("kaldi_fbank").conventions)[:4]
    other = compare(plan, "kaldi_fbank")
    assert {"window", "edges", "pre-emphasis"} <= {d.convention for d in other.differences}
    assert json.loads(other.to_json())["a"] == plan.to_dict()
    assert repr(plan) in str(other)


def test_no_two_plans_have_the_same_words():
    words = [json.dumps(plan.conventions) for plan in PLANS]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("changed", "conventions"),
    [
        ({"stft": {"periodic": False}}, {"window"}),
        ({"stft": {"window": "kaiser=8.0"}}, {"window"}),
        ({"stft": {"window": np.linspace(0.1, 1.0, 400)}}, {"window"}),
        ({"stft": {"pad_mode": "zeros"}}, {"edges"}),
        ({"stft": {"hop_size": 100}}, {"hop"}),
        ({"stft": {"win_length": 320}}, {"window length", "FFT length", "frame start"}),
        ({"stft": {"centre": False}}, {"edges", "frame start"}),
        ({"mel": {"formula": "htk"}}, {"mel scale"}),
        ({"mel": {"norm": "none"}}, {"filter norm"}),
        ({"mel": {"f_min": 20.0}}, {"range"}),
        ({"amplitude": "power"}, {"log"}),
        ({"amplitude": "magnitude"}, {"log", "root of the bands"}),
        ({"db": sg.LogParams(-60.0)}, {"log"}),
        ({"dtype": "float32"}, {"dtype"}),
    ],
)
def test_plans_name_what_differs(changed, conventions):
    changed = dict(changed)
    base = {"amplitude": "db", "db": None, "dtype": "float64"}
    plan = sg.SpectrogramPlan(PARAMS, MEL, **base)
    stft = STFT._replace(**changed.pop("stft", {}))
    mel = MEL._replace(**changed.pop("mel", {}))
    other = sg.SpectrogramPlan(sg.SpectrogramParams(stft, 16000), mel, **{**base, **changed})
    assert {d.convention for d in compare(plan, other).differences} == conventions


def test_plans_that_are_frontends():
    plan = sg.SpectrogramPlan(PARAMS, MEL)
    made = frontend("torchaudio_melspectrogram", n_mels=80, mel_scale="slaney", norm="slaney", hop_length=160)
    found = compare(plan, made)
    assert {d.convention for d in found.differences} == {"dtype"}
    assert found.measured["max"] < 1e-6 * np.abs(made.compute(np.ones(16000))).max()
    assert found.measured["frames"] == 101


def test_what_is_no_configuration(tmp_path):
    with pytest.raises(TypeError, match="config must be a plan, a frontend, its name"):
        compare(3, "kaldi_fbank")
    with pytest.raises(InvalidInputError, match="config is not JSON"):
        compare("{", "kaldi_fbank")
    with pytest.raises(InvalidInputError, match="there is no frontend 'no_such'"):
        compare("no_such", "kaldi_fbank")
    with pytest.raises(InvalidInputError, match="config must have"):
        compare({"type": "NoInfo"}, "kaldi_fbank")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(InvalidInputError, match="must be a JSON object, got list"):
        compare(tmp_path / "list.json", "kaldi_fbank")


def test_comparison_measures():
    x = np.random.default_rng(0).standard_normal(8000)
    found = compare(frontend("kaldi_fbank", scale=8000.0), frontend("kaldi_fbank", scale=16000.0), x)
    assert found.measured["offset"] == pytest.approx(2 * np.log(2), abs=1e-4)
    assert found.shapes == ((23, 48), (23, 48))
    assert "above a +1.386" in str(found)
    assert compare("kaldi_fbank", "whisper_openai", x).measured is None
    assert compare("librosa_logmel", "torchaudio_logmel_db").shapes is None
    with pytest.raises(InvalidInputError, match="must be a pair"):
        compare("librosa_logmel", "torchaudio_logmel_db", x)
    both = compare("librosa_logmel", "torchaudio_logmel_db", (x, x))
    assert both.measured["frames"] == 16


# --- the command line ---------------------------------------------------------------------------------


def run(*argv):
    try:
        return main([str(part) for part in argv])
    except SystemExit as error:
        return error.code


def test_cli_lists_frontends(capsys):
    assert run("frontends") == 0
    assert "whisper_openai" in capsys.readouterr().out
    assert run("frontends", "kaldi_fbank") == 0
    assert "window_type: default 'povey'; one of 'povey', 'hamming'" in capsys.readouterr().out
    assert run("frontends", "tf_logmel", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["parameters"]["frame_step"]["required"]
    assert run("frontends", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["frontends"]) == 52
    assert run("frontends", "kaldi") == 2
    assert "did you mean" in capsys.readouterr().err


def test_cli_compares(capsys, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(frontend("kaldi_fbank", num_mel_bins=80).to_json())
    assert run("compare", path, "kaldi_fbank,num_mel_bins=80,window_type=hamming") == 0
    assert "povey, symmetric" in capsys.readouterr().out
    audio = tmp_path / "a.wav"
    soundfile.write(audio, np.sin(np.arange(8000) * 0.1), 16000)
    assert run("compare", "librosa_logmel", "torchaudio_logmel_db", "--audio", audio, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["measured"]["frames"] == 22
    assert "mel scale" in [d["convention"] for d in document["differences"]]
    plan = tmp_path / "plan.json"
    plan.write_text(PLANS[3].to_json())
    for form in (plan, PLANS[3].to_json()):
        assert run("compare", form, "whisper_openai", "--json") == 0
        assert json.loads(capsys.readouterr().out)["a"] == PLANS[3].to_dict()
    assert run("compare", "no_such", "kaldi_fbank") == 2
    assert run("compare", "kaldi_fbank,oops", "kaldi_fbank") == 2
    assert run("compare", "kaldi_fbank,snip=1", "kaldi_fbank") == 2


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (
            frontend("whisper_openai"),
            frontend("whisper_openai", pad30=True),
            ["clip length: as it is / 1 s becomes 30 s, 60 s becomes 30 s"],
        ),
        (
            frontend("nemo_mel"),
            frontend("nemo_mel", pad_to=16),
            [
                "frames of a clip: 100 of 101 of 1 s, in an array of 101 filled with 0 / filled up to a "
                "multiple of 16 with 0; 100 of 101 of 1 s, in an array of 112 filled with 0"
            ],
        ),
        (
            frontend("whisper_hf"),
            frontend("whisper_hf", do_normalize=True),
            ["over the samples: nothing / samples of mean 0 and deviation 1"],
        ),
    ],
)
def test_what_becomes_of_a_clip_is_a_convention(a, b, expected):
    assert [str(difference) for difference in compare(a, b).differences] == expected


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
    # The file of the extractor alone comes first where there are both.
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


def test_rounding_to_bfloat16_is_a_convention():
    found = compare("nemotron_asr_mel", frontend("nemotron_asr_mel", mel_filters_dtype="bfloat16"))
    assert [difference.convention for difference in found.differences] == ["window"]
    assert found.measured["max"] > 1e-3


NEMO = {"sample_rate": 16000, "window_size": 0.025, "window_stride": 0.01, "window": "hann", "features": 80}


@pytest.mark.parametrize("field", ["sample_rate", "window_size", "window_stride"])
@pytest.mark.parametrize(
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
