"""Beside the sources: an import that finds no compiled modules says why, and what helps."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = "holds the sources of spectrograms, which are not compiled, and hides the installed package"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A folder as of a fresh clone: the package without anything compiled."""
    folder = tmp_path_factory.mktemp("checkout")
    kinds = shutil.ignore_patterns("*.so", "*.pyd", "*.c", "__pycache__")
    shutil.copytree(ROOT / "spectrograms", folder / "spectrograms", ignore=kinds)
    return folder


def run(checkout, *arguments):
    # Without site: an editable install would find its compiled modules wherever it is started.
    path = {"PYTHONPATH": str(Path(__import__("numpy").__file__).parents[1]), "PATH": ""}
    command = [sys.executable, "-S", *arguments]
    return subprocess.run(command, cwd=checkout, env=path, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import spectrograms as sg; sg.SpectrogramPlan",
        "from spectrograms import read_audio",
        "import spectrograms.corpus as c; c.FeatureStore",
        "import spectrograms._engine.loop.engine",
    ],
)
def test_python(checkout, code):
    done = run(checkout, "-c", code)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: {checkout / 'spectrograms'} {WORDS}")
    assert "-P" in last


@pytest.mark.slow
def test_the_command_line(checkout):
    done = run(checkout, "-m", "spectrograms", "compute", "a.wav", "-o", "a.npz")
    assert done.returncode == 1
    assert WORDS in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_what_needs_nothing_compiled_works(checkout):
    done = run(checkout, "-c", "import spectrograms as sg; print(sg.StftParams(512, 160, 'hann').n_fft)")
    assert (done.returncode, done.stdout) == (0, "512\n")
