"""What a fresh process imports on the way to its first features: nothing that it does not use.

The budgets are in modules, not in seconds, which depend on the machine. What an editable install imports when
the interpreter starts is not counted.
"""

import runpy
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

# The rows of the benchmark and these tests run the same lines.
BENCHMARK = runpy.run_path(
    str(Path(__file__).resolve().parents[2] / "benchmarks" / "startup.py"), run_name="read"
)
FIRST, FRONTEND = BENCHMARK["FIRST"], BENCHMARK["FRONTEND"]
COMMAND = """
from spectrograms.cli import main
try:
    code = main({})
except SystemExit as exit:
    code = exit.code
assert code == 0
"""
# The last line that a script prints: how many modules there are beyond `before`, and which are heavy.
REPORT = """
new = set(sys.modules) - before
print()
print(len(new), *sorted(name for name in new if name in {heavy!r} or name.partition(".")[0] in {heavy!r}))
"""
HEAVY = [
    "scipy",
    "dask",
    "pandas",
    "pyarrow",
    "matplotlib",
    "torch",
    "soundfile",
    "soxr",
    "tqdm",
    "Cython",
    "setuptools",
    "distutils",
    "asyncio",
    "concurrent",
    "multiprocessing",
    "logging",
    "email",
    "socket",
    "ssl",
    "hashlib",
    "zipfile",
    "tempfile",
    "unittest",
    "difflib",
    "http",
    "xml",
    "sqlite3",
    "inspect",
    "importlib.resources",
    "importlib.metadata",
    "numpy",
    "numpy.random",
    "numpy.testing",
    "numpy.f2py",
    "numpy.ma",
    "numpy.polynomial",
    "pyfftw",
    "pyfftw.interfaces",
    "pyfftw.builders",
    "pyfftw.config",
    "spectrograms.audio",
    "spectrograms.corpus",
]
# What the command line needs before it knows what to do, and what versions of packages are read with.
COMMANDS = {"inspect", "spectrograms.corpus"}
VERSIONS = {"importlib.metadata", "importlib.resources", "email", "socket", "tempfile", "zipfile"}


def imported(code, folder, allowed=frozenset()):
    """Run code in a fresh process; return how many modules it imports, and which of the heavy ones."""
    heavy = set(HEAVY) - allowed
    script = f"import sys\nbefore = set(sys.modules)\n{code}{REPORT.format(heavy=heavy)}"
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    count, *found = ran.stdout.splitlines()[-1].split()
    return int(count), found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "allowed", "most"),
    [
        pytest.param("import spectrograms", set(), 15, id="import"),
        pytest.param(COMMAND.format(["--help"]), COMMANDS, 110, id="help"),
        pytest.param(COMMAND.format(["version"]), COMMANDS | VERSIONS, 180, id="version"),
    ],
)
def test_what_needs_no_arrays_imports_no_numpy(code, allowed, most, tmp_path):
    count, found = imported(code, tmp_path, allowed)
    assert found == []
    assert count <= most


@pytest.mark.parametrize(
    ("code", "most"), [pytest.param(FIRST, 126, id="first"), pytest.param(FRONTEND, 140, id="frontend")]
)
def test_first_features(code, most, tmp_path):
    # What NumPy brings is its own affair; from 2.1 on it brings `inspect`.
    code = f"import inspect, numpy\nbefore |= set(sys.modules)\n{code}"
    count, found = imported(code, tmp_path, {"numpy", "pyfftw"})
    assert found == []
    assert count <= most


@pytest.mark.slow
def test_the_command_line_computes(tmp_path):
    pytest.importorskip("soundfile")
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(32000))
    command = COMMAND.format(["compute", "a.wav", "-o", "a.npz"])
    allowed = {"numpy", "pyfftw", "soundfile", "spectrograms.audio", "tempfile", "zipfile"}
    count, found = imported(
        f"import numpy\nbefore |= set(sys.modules)\n{command}", tmp_path, COMMANDS | allowed
    )
    assert found == []
    assert np.load(tmp_path / "a.npz")["data"].size
    assert count <= 230


# A script of its own, because a worker that is spawned imports the main module again.
SPAWNED = """
import multiprocessing.connection
import sys

before = set()

def begin():
    # By now a worker has what Python itself imports for it, which is more with every version.
    before.update(sys.modules)

def work(plan):
    import numpy as np
    plan.compute(np.zeros(16000, np.float32))
    new = set(sys.modules) - before
    return [name for name in new if name in {heavy!r} or name.partition(".")[0] in {heavy!r}]

if __name__ == "__main__":
    import spectrograms as sg
    params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    plan = sg.SpectrogramPlan(params, sg.MelParams(80, 0.0, 8000.0))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(begin)
        print(pool.apply(work, (plan,)))
"""


@pytest.mark.slow
def test_a_spawned_worker(tmp_path):
    heavy = set(HEAVY) - {"numpy", "pyfftw", "inspect", "multiprocessing"}
    script = tmp_path / "script.py"
    script.write_text(SPAWNED.format(heavy=heavy), encoding="utf-8")
    command = [sys.executable, "-P", script]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "[]"
