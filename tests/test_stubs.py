"""The stubs say what the package does: generated ones are up to date, all agree with the run time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import spectrograms

from . import stubs


@pytest.mark.parametrize("path", stubs.STUBS, ids=lambda path: path.name)
def test_generated_stubs_are_up_to_date(path):
    assert path.read_text(encoding="utf-8") == stubs.STUBS[path](), "run: python tests/stubs.py"


def test_public_names_exist():
    listed = {
        line.split()[-1].rstrip(",")
        for line in (stubs.PACKAGE / "__init__.pyi").read_text(encoding="utf-8").splitlines()
        if " as " in line
    }
    assert listed == set(spectrograms.__all__)
    for name in spectrograms.__all__:
        assert getattr(spectrograms, name) is not None


def test_every_compiled_module_that_python_sees_has_a_stub():
    # block has nothing but C functions.
    missing = [path.name for path in stubs.PACKAGE.rglob("*.pyx") if not path.with_suffix(".pyi").exists()]
    assert missing == ["block.pyx"]
    assert (stubs.PACKAGE / "py.typed").exists()


def test_stubtest(tmp_path):
    # mypy looks for the package where Python finds it, and does not follow an editable install's loader.
    environment = {**os.environ, "MYPYPATH": str(stubs.PACKAGE.parent)}
    allowed = Path(__file__).with_name("stubtest_allowlist.txt")
    config = stubs.PACKAGE.parent / "pyproject.toml"
    command = [sys.executable, "-m", "mypy.stubtest", "spectrograms"]
    command += ["--allowlist", allowed, "--ignore-unused-allowlist", "--mypy-config-file", config]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
