"""The stubs say what the package does: generated ones are up to date, all agree with the run time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import stubs

import spectrograms

CONFIG = stubs.PACKAGE.parent / "pyproject.toml"

# What a script does, and what its author's editor should know.
SCRIPT = """
from typing import Any, assert_type
import numpy as np
from numpy.typing import NDArray
import spectrograms as sg
from spectrograms.corpus import FeatureRecord, FeatureStore

samples, rate = sg.read_audio("a.wav")
stft = sg.StftParams(512, 160, "hann")
params = sg.SpectrogramParams(stft, rate)
mel = sg.MelParams(80, 0.0, rate / 2)
plan = sg.SpectrogramPlan(params, mel, "db")

assert_type(plan.compute(samples), sg.Spectrogram)
assert_type(plan.compute(samples, out=np.empty((80, 5))), NDArray[Any])
assert_type(sg.SpectrogramPlanner().mel_db_plan(params, mel, None).compute(samples), sg.Spectrogram)
assert_type(sg.StftPlan(params).compute(samples), sg.StftResult)
assert_type(sg.MfccPlan(stft, rate, 40, sg.MfccParams(13)).compute([0.0, 1.0]), sg.Mfcc)
assert_type(sg.ChromaPlan(stft, rate, sg.ChromaParams()).compute(samples), sg.Chromagram)
assert_type(sg.DescriptorPlan(stft, rate, "rms").compute(samples), sg.Descriptor)

batch = plan.compute_batch([samples, samples[:100]])
assert_type(batch, sg.Batch[sg.Spectrogram])
assert_type(batch[0], sg.Spectrogram)
assert_type(batch[1:], list[sg.Spectrogram])
for result in batch:
    assert_type(result.frequencies, list[float])
assert_type(plan.compute_batch(each for each in [samples]), sg.Batch[sg.Spectrogram])
assert_type(plan.compute_batch(np.zeros((2, 1000))), NDArray[Any])
assert_type(plan.compute_batch(np.zeros((2, 1000), "int16")), NDArray[Any])
class Tensor:
    def __array__(self) -> NDArray[np.float64]:
        return np.zeros((2, 1000))

plan.compute_batch(Tensor())

inverse = sg.IstftPlan(params)
spectra = sg.StftPlan(params).compute_batch([samples])
assert_type(inverse.compute_batch(spectra), sg.Batch[NDArray[np.floating[Any]]])
assert_type(inverse.compute_batch(np.zeros((2, 257, 4), complex)), NDArray[np.floating[Any]])

whisper = sg.frontend("whisper_openai")
assert_type(whisper.compute_batch([samples])[0], NDArray[Any])
assert_type(whisper.compute_batch(np.zeros((2, 1000))), NDArray[Any])

store = FeatureStore("features")
assert_type(store[0], FeatureRecord)
assert_type(store[:2], list[FeatureRecord])
for record in store:
    assert_type(record.features, NDArray[Any])

plan.compute(samples).frequency  # type: ignore[attr-defined]
plan.compute_batch([samples])[0].frequency  # type: ignore[attr-defined]
store[0].feature  # type: ignore[attr-defined]
"""


@pytest.mark.parametrize("path", stubs.STUBS, ids=lambda path: path.name)
def test_generated_stubs_are_up_to_date(path):
    assert path.read_text(encoding="utf-8") == stubs.STUBS[path](), "run: python tools/stubs.py"


def test_public_names_exist():
    listed = {
        line.split()[-1].rstrip(",")
        for line in (stubs.PACKAGE / "__init__.pyi").read_text(encoding="utf-8").splitlines()
        if " as " in line
    }
    assert listed == set(spectrograms.__all__)
    for name in spectrograms.__all__:
        assert getattr(spectrograms, name) is not None


def test_compiled_modules_that_public_types_name_have_a_stub():
    # The others are the engine's own business.
    assert {path.stem for path in stubs.PACKAGE.rglob("*.pyi") if path.with_suffix(".pyx").exists()} == {
        "blocks", "calls", "dlpack", "engine", "fft", "frame_results", "result", "signals"
    }  # fmt: skip
    assert (stubs.PACKAGE / "py.typed").exists()


def _run(command, folder):
    # mypy looks for the package where Python finds it, and does not follow an editable install's loader.
    environment = {**os.environ, "MYPYPATH": str(stubs.PACKAGE.parent)}
    ran = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, cwd=folder, env=environment
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.slow
def test_stubtest(tmp_path):
    allowed = Path(__file__).with_name("stubtest_allowlist.txt")
    command = ["mypy.stubtest", "spectrograms", "--mypy-config-file", CONFIG]
    _run([*command, "--allowlist", allowed, "--ignore-unused-allowlist"], tmp_path)


@pytest.mark.slow
def test_types_of_a_script(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    _run(["mypy", "script.py", "--config-file", CONFIG, "--warn-unused-ignores"], tmp_path)
