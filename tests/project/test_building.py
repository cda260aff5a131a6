"""What a build says when something that it needs is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# By the interpreter, because scripts of an environment need not be on the path.
pytest.importorskip("mesonbuild", reason="needs Meson: pip install meson")
MESON = [sys.executable, "-P", "-m", "mesonbuild.mesonmain"]


def set_up(folder, **environment):
    """Run ``meson setup``, which has to fail; return what it said."""
    ran = subprocess.run(
        [*MESON, "setup", folder / "build", ROOT],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    return ran.stdout


@pytest.mark.slow
def test_without_a_compiler_the_build_says_what_to_install(tmp_path):
    said = set_up(tmp_path, CC="no-such-compiler")
    assert "needs a C compiler, and none was found" in said
    assert '"apt install gcc python3-dev"' in said


@pytest.mark.slow
def test_without_headers_the_build_says_what_to_install(tmp_path):
    if shutil.which(os.environ.get("CC", "cc")) is None:
        pytest.skip("needs a C compiler")
    # A compiler that finds no Python.h, whatever else it finds.
    compiler = tmp_path / "cc"
    compiler.write_text(
        "#!/bin/sh\nfor last; do :; done\nfor each; do\n"
        '    case $each in *.c) if grep -q "Python\\.h" "$each"; then exit 1; fi ;; esac\n'
        f'done\nexec {shutil.which(os.environ.get("CC", "cc"))} "$@"\n'
    )
    compiler.chmod(0o755)
    said = set_up(tmp_path, CC=str(compiler))
    assert "needs the headers of Python" in said
    assert '"apt install python3-dev"' in said
