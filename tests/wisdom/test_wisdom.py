"""Wisdom in files, effort of plans, warm starts."""

import json
import subprocess
import sys

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.fourier import fft
from spectrograms.features import variants as families
from spectrograms.features.descriptors import DescriptorPlan
from spectrograms.features.feature_set import FeatureSet
from spectrograms.plans.infos import EFFORTS
from spectrograms.wisdom import files as wisdom
from spectrograms.wisdom.warming import warmup

from ..support.spectrogram_cases import noise, parameters, plan, scale_params


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    wisdom.forget_wisdom()
    sg.clear_fft_plan_cache()
    yield
    wisdom.forget_wisdom()
    sg.clear_fft_plan_cache()


# --- effort ----------------------------------------------------------------------------------------------


def plans(effort):
    planner = sg.SpectrogramPlanner(effort=effort)
    stft = sg.StftParams(60, 15, "hann")
    return [
        planner.linear_power_plan(parameters(60, 15)),
        planner.mel_db_plan(parameters(60, 15), scale_params("mel")),
        planner.stft_plan(parameters(60, 15)),
        planner.istft_plan(stft),
        planner.mfcc_plan(stft, 8000.0, 20, sg.MfccParams(5)),
        planner.chroma_plan(stft, 8000.0, sg.ChromaParams()),
        sg.SpectrogramPlan(parameters(60, 15), effort=effort),
        DescriptorPlan(stft, 8000.0, "rolloff", effort=effort),
    ]


@pytest.mark.parametrize("effort", EFFORTS)
def test_effort_reaches_fftw_and_belongs_to_the_plan(effort):
    for p in plans(effort):
        assert p.effort == effort
        assert {key[3] for key in fft._plans} == {effort}
        twin = type(p).from_json(p.to_json())
        assert twin == p
        assert hash(twin) == hash(p)
        assert twin.effort == effort
        assert ("effort" in p.to_dict()) == (effort != "estimate")
    assert (plans("estimate")[0] == plans(effort)[0]) == (effort == "estimate")


def test_efforts_agree_but_for_rounding():
    x = noise(500)
    for theirs, ours in zip(plans("measure"), plans("estimate"), strict=True):
        if not isinstance(ours, sg.IstftPlan):
            np.testing.assert_allclose(theirs.compute(x).data, ours.compute(x).data, rtol=1e-9, atol=1e-9)


def test_efforts_are_those_of_the_engine():
    assert tuple(fft.EFFORTS) == EFFORTS
    for make in (
        lambda effort: sg.SpectrogramPlanner(effort=effort),
        lambda effort: sg.SpectrogramPlan(parameters(), effort=effort),
        lambda effort: sg.StftPlan(parameters(), effort=effort),
        lambda effort: sg.IstftPlan(parameters(), effort=effort),
        lambda effort: FeatureSet(parameters().stft, 8000.0, {"a": "rms"}, effort=effort),
    ):
        with pytest.raises(
            sg.InvalidInputError, match=r"effort must be one of 'estimate', 'measure', .* 'hard'"
        ):
            make("hard")
    assert repr(sg.SpectrogramPlanner()) == "SpectrogramPlanner()"
    assert repr(sg.SpectrogramPlanner(effort="measure")) == "SpectrogramPlanner(effort='measure')"


# --- files -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_wisdom_goes_from_process_to_process(tmp_path):
    # What is measured here is known there: measured plans have the same bytes in both.
    path = tmp_path / "new folder" / "wisdom.json"
    code = """
import sys, numpy as np, spectrograms as sg
from spectrograms.wisdom.files import load_wisdom, save_wisdom
if sys.argv[1] == "load":
    load_wisdom(sys.argv[2])
x = np.random.default_rng(0).standard_normal(5000)
for n_fft in (400, 1000, 1536):
    params = sg.SpectrogramParams(sg.StftParams(n_fft, 160, "hann"), 16000)
    for dtype in ("float32", "float64"):
        plan = sg.SpectrogramPlan(params, dtype=dtype, effort="measure")
        sys.stdout.write(plan.compute(x).data.tobytes().hex() + "\\n")
if sys.argv[1] == "save":
    save_wisdom(sys.argv[2])
"""

    def run(verb):
        command = [sys.executable, "-P", "-c", code, verb, str(path)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

    first = run("save")
    assert run("load") == first
    assert run("load") == first


def test_saved_and_loaded():
    assert fft.export_wisdom() == ("", "")
    fft.get_plan("c2c", 100, True, "measure")
    fft.get_plan("r2c", 45, False, "patient")
    texts = fft.export_wisdom()
    assert all(text.startswith("(fftw-") for text in texts)
    path = wisdom.save_wisdom()
    assert path == wisdom.wisdom_file()
    wisdom.forget_wisdom()
    assert fft.export_wisdom() == ("", "")
    assert wisdom.load_wisdom() is None
    assert [sorted(text.split("\n")) for text in fft.export_wisdom()] == [
        sorted(text.split("\n")) for text in texts
    ]
    assert [each.name for each in path.parent.iterdir()] == ["wisdom.json"]  # nothing temporary is left


def test_nothing_to_save(tmp_path):
    path = wisdom.save_wisdom(tmp_path / "w")
    wisdom.load_wisdom(path)
    assert fft.export_wisdom() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("word", [4, 5], ids=["lower", "upper"])
def test_flags_that_end_the_process_in_fftw(tmp_path, word):
    # Of 20 bits: FFTW asserts that what it reads is no more.
    fft.get_plan("c2c", 100, False, "measure")
    path = wisdom.save_wisdom(tmp_path / "w")
    content = json.loads(path.read_text())
    lines = content["float64"].split("\n")
    words = lines[1].split(" ")
    words[word] = "#x100000"
    lines[1] = " ".join(words)
    path.write_text(json.dumps(content | {"float64": "\n".join(lines)}))
    code = """
import sys
import spectrograms as sg
try:
    sg.load_wisdom(sys.argv[1])
except ValueError:
    print("refused")
"""
    command = [sys.executable, "-P", "-c", code, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (run.returncode, run.stdout) == (0, "refused\n"), run.stderr


def test_the_file_is_read_only_when_asked(monkeypatch):
    path = wisdom.wisdom_file()
    path.parent.mkdir(parents=True)
    path.write_text("not wisdom")
    plan("linear", "power").compute(noise(100))
    sg.SpectrogramPlan(parameters(60, 15), effort="measure")
    assert path.read_text() == "not wisdom"
    with pytest.raises(ValueError, match="must be a file of save_wisdom"):
        wisdom.load_wisdom()


def test_the_users_folder(monkeypatch, tmp_path):
    assert wisdom.wisdom_file() == tmp_path / "cache" / "spectrograms" / "wisdom.json"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert wisdom.wisdom_file() == tmp_path / ".cache" / "spectrograms" / "wisdom.json"


def test_estimated_plans_never_depend_on_loaded_wisdom(tmp_path):
    x = noise(3000)
    expected = sg.SpectrogramPlan(parameters(400, 100)).compute(x).data
    fft.get_plan("c2c", 200, False, "measure")
    fft.get_plan("c2c", 20, False, "measure")
    path = wisdom.save_wisdom(tmp_path / "w")
    wisdom.load_wisdom(path)
    sg.clear_fft_plan_cache()
    assert np.array_equal(sg.SpectrogramPlan(parameters(400, 100)).compute(x).data, expected)


def _other(**changes):
    return json.dumps({"kind": "spectrograms wisdom", "version": 1, "float64": "", "float32": "", **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a file of save_wisdom"),
        ("(fftw-3.3.5 fftw_wisdom)", "must be a file of save_wisdom"),
        ("[1]", "must be a file of save_wisdom"),
        ("[" * 100_000, "must be a file of save_wisdom"),
        ('{"kind": "other"}', "must be a file of save_wisdom"),
        (_other(version=2), "must be of version 1, got 2"),
        (_other(float64=None), "must be of version 1"),
        (_other(float64="(fftw-9.9.9 fftw_wisdom #x0 #x0 #x0 #x0\n)\n"), "this FFTW does not take"),
        (_other(float32="rubbish"), "this FFTW does not take"),
    ],
)
def test_files_that_are_no_wisdom_change_nothing(tmp_path, text, message):
    fft.get_plan("c2c", 100, False, "measure")
    before = fft.export_wisdom()
    path = tmp_path / "w"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        wisdom.load_wisdom(path)
    assert fft.export_wisdom() == before


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        wisdom.load_wisdom(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        wisdom.load_wisdom()


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = wisdom.save_wisdom(tmp_path / "w")
    old = path.read_text()
    monkeypatch.setattr(wisdom.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        wisdom.save_wisdom(path)
    assert path.read_text() == old
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["w"]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    path = tmp_path / ("w" * 256)
    with pytest.raises(OSError, match="name too long") as caught:
        wisdom.save_wisdom(path)
    assert (caught.value.filename, caught.value.filename2) == (str(path), None)


# --- warm start ------------------------------------------------------------------------------------------


def test_warmup_wants_a_list():
    plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000))
    for config, kind in ((plan, "SpectrogramPlan"), (plan.to_json(), "str"), (plan.to_dict(), "dict")):
        with pytest.raises(TypeError, match=f"configs must be a list or .* got one {kind}"):
            sg.warmup(config)


def test_warmup():
    stft = sg.StftParams(60, 15, "hann", False)
    made = [*plans("estimate"), FeatureSet(stft, 8000.0, {"a": "rms", "b": "db"})]
    sg.clear_fft_plan_cache()
    warmed = warmup(p.to_json() if i % 2 else p.to_dict() for i, p in enumerate(made))
    for p, config in zip(warmed, made, strict=True):
        # The general plan stands for the fifteen: their data are the same.
        assert p.to_dict() == config.to_dict()
    count = sg.fft_plan_cache_info()
    assert count == (1, 1)
    again = warmup(warmed)
    assert all(a is b for a, b in zip(again, warmed, strict=True))
    assert sg.fft_plan_cache_info() == count


def test_warmup_of_frontends():
    made = [sg.frontend("whisper_openai"), sg.frontend("ast"), sg.frontend("hifigan_mel")]
    warmed = warmup([made[0], made[1].config, made[2].to_json()])
    assert warmed == made
    assert warmed[0] is made[0]


@pytest.mark.parametrize("db", [None, sg.LogParams(-80.0), sg.LogParams(-30.0)])
def test_warmup_serves_the_one_shot_functions(db):
    families._cached_plan.cache_clear()
    params, mel = parameters(62, 11), scale_params("mel")
    warmup([sg.SpectrogramPlan(params, mel, "db", db), sg.SpectrogramPlan(params, None, "power")])
    made = families._cached_plan.cache_info().misses
    sg.compute_mel_db_spectrogram(noise(100), params, mel, db)
    sg.compute_linear_power_spectrogram(noise(100), params)
    assert families._cached_plan.cache_info().misses == made


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (3, r"configs\[1\] must be a plan, feature set or frontend, a dict or JSON, got int"),
        (b"{}", r"configs\[1\] must be a plan, .*, got bytes"),
        ("null", r"configs\[1\] must be a plan, .*, got NoneType"),
        ("mel", r"configs\[1\] is not JSON"),
        ("[" * 100_000, r"configs\[1\] is not JSON"),
        ({}, r"configs\[1\]\[\"type\"\] must be one of SpectrogramInfo, .* got None"),
        ({"type": ["StftInfo"]}, r"configs\[1\]\[\"type\"\] must be one of .* got \['StftInfo'\]"),
        ({"type": "StftInfo"}, r"configs\[1\] does not describe a plan: .*missing"),
        ({"type": "FeatureSet"}, r"configs\[1\] does not describe a plan: .*features"),
        ({"type": "IstftPlan", "params": 3, "dtype": "float32"}, r"configs\[1\] does not describe a plan"),
        ({"frontend": "nobody"}, r"configs\[1\] does not describe a plan: .*nobody"),
        (
            {"type": "MelParams"},
            r"configs\[1\]\[\"type\"\] must be one of SpectrogramInfo, .* got 'MelParams'",
        ),
    ],
)
def test_bad_configs_are_named(bad, message):
    with pytest.raises(sg.InvalidInputError, match=message):
        warmup([plan("mel", "db"), bad])
