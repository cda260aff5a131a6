"""Instruction sets: all of this machine compute the same, and the best is taken."""

import subprocess
import sys

import numpy as np
import pytest

from spectrograms._engine.kernels.kernels import available_levels, level

from ..support import definition

ALL_KINDS = """
import sys
import warnings
import numpy as np
import spectrograms as sg
from spectrograms._engine.kernels.kernels import level

warnings.simplefilter("ignore", sg.SpectrogramWarning)  # some frames are too short for the kernels
x = np.random.default_rng(3).standard_normal(3000)
arrays = {}
banks = {
    "linear": None, "mel": sg.MelParams(20, 0.0, 4000.0), "erb": sg.ErbParams(9, 50.0, 4000.0),
    "loghz": sg.LogHzParams(12, 100.0, 4000.0), "cqt": sg.CqtParams(6, 3, 300.0),
}
for n_fft in (31, 100, 256, 512, 1024, 2048):
    params = sg.SpectrogramParams(sg.StftParams(n_fft, n_fft // 3, "hann"), 8000)
    for dtype in ("float32", "float64"):
        for scale, bank in banks.items():
            for amplitude in ("power", "magnitude", "db"):
                plan = sg.SpectrogramPlan(params, bank, amplitude, dtype=dtype)
                arrays[f"{scale} {amplitude} {dtype} {n_fft}"] = plan.compute(x).data
        z = sg.compute_stft(x, params, dtype)
        arrays[f"stft complex {dtype} {n_fft}"] = z.data
        arrays[f"istft power {dtype} {n_fft}"] = sg.compute_istft(z, n_fft, n_fft // 3, "hann", dtype=dtype)
np.savez(sys.argv[1], **arrays)
print(level())
"""


def run_at(isa, path, monkeypatch):
    monkeypatch.setenv("SPECTROGRAMS_ISA", isa)
    return subprocess.run(
        [sys.executable, "-P", "-c", ALL_KINDS, path], capture_output=True, text=True, cwd=path.parent
    )


@pytest.mark.slow
def test_levels_agree(tmp_path, monkeypatch):
    files = {}
    for isa in available_levels():
        files[isa] = tmp_path / f"{isa}.npz"
        ran = run_at(isa, files[isa], monkeypatch)
        assert (ran.stdout.strip(), ran.stderr) == (isa, "")
    assert len(files) >= 2
    with np.load(files[level()]) as expected:
        for isa in files:
            with np.load(files[isa]) as found:
                assert found.files == expected.files
                for name in found.files:
                    dtype = name.split()[2]
                    if " magnitude" in name:
                        definition.assert_close(found[name] ** 2, expected[name] ** 2, dtype)
                    elif " db" in name:
                        close = {"rtol": 0, "atol": 1e-6 if dtype == "float64" else 0.2}
                        np.testing.assert_allclose(found[name], expected[name], **close)
                    else:
                        definition.assert_close(found[name], expected[name], dtype)


@pytest.mark.slow
def test_the_best_level_is_the_default(tmp_path, monkeypatch):
    ran = run_at("", tmp_path / "default.npz", monkeypatch)
    assert ran.stdout.strip() == available_levels()[-1]
    assert available_levels()[:2] == ("plain", "baseline")


@pytest.mark.slow
def test_an_unknown_level_names_those_there_are(tmp_path, monkeypatch):
    ran = run_at("avx1024", tmp_path / "none.npz", monkeypatch)
    assert ran.returncode != 0
    choices = ", ".join(available_levels())
    assert (
        f"ImportError: SPECTROGRAMS_ISA must be one of {choices} on this machine, got 'avx1024'" in ran.stderr
    )
