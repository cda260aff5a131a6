"""Comparisons of two configurations, plans or frontends: what differs is named and measured."""

import json

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._frontends.making import frontend
from spectrograms.comparison.comparing import compare
from spectrograms.errors import InvalidInputError


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
ONSETS = sg.OnsetPlan(PARAMS, MEL)
PLANS = [
    *(sg.SpectrogramPlan(PARAMS, scale, amplitude)
      for scale in (None, MEL, sg.ErbParams(20, 50.0, 7000.0), sg.LogHzParams(20, 50.0, 7000.0),
                    sg.CqtParams(12, 2, 700.0))
      for amplitude in ("power", "magnitude", "db")),
    sg.StftPlan(PARAMS, dtype="float32"),
    sg.CqtPlan(sg.CqtParams(12, 2, 700.0, method="multirate"), 16000, 160),
    sg.MfccPlan(STFT, 16000, 40, sg.MfccParams(13)),
    sg.LfccPlan(STFT, 16000, sg.LfccParams()),
    sg.ChromaPlan(STFT, 16000, sg.ChromaParams()),
    sg.ChromaPlan(STFT, 16000, sg.ChromaStftParams(24)),
    sg.ChromaPlan(STFT, 16000, sg.ChromaCqtParams()),
    sg.TonnetzPlan(STFT, 16000, sg.ChromaStftParams(24)),
    *(sg.CensPlan(STFT, 16000, sg.ChromaParams(), smoothing=smoothing) for smoothing in (None, 41)),
    *(sg.TempogramPlan(ONSETS, win_length=n) for n in (32, 384)),
    sg.FourierTempogramPlan(ONSETS),
    sg.ContrastPlan(STFT, 16000, sg.ContrastParams()),
    *(sg.CepstrumPlan(STFT, 16000, kind=kind) for kind in ("real", "power")),
    *(sg.ReassignedPlan(STFT, 16000, fill_nan=fill) for fill in (True, False)),
    *(sg.DescriptorPlan(STFT, 16000, name) for name in ("centroid", "rms")),
]  # fmt: skip


@pytest.mark.slow
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


def test_rounding_to_bfloat16_is_a_convention():
    found = compare("nemotron_asr_mel", frontend("nemotron_asr_mel", mel_filters_dtype="bfloat16"))
    assert [difference.convention for difference in found.differences] == ["window"]
    assert found.measured["max"] > 1e-3
