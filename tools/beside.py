"""Another revision of this package, built and installed beside this one.

    python tools/beside.py REVISION FOLDER

prints the interpreter that has it.
"""

import importlib.util
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def commit_of(revision):
    """The full name of the commit that `revision` stands for."""
    command = ["git", "-C", str(CHECKOUT), "rev-parse", "--verify", f"{revision}^{{commit}}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def has(revision, commit):
    """Whether `revision` is `commit` or comes after it."""
    command = ["git", "-C", str(CHECKOUT), "merge-base", "--is-ancestor", commit, revision]
    return subprocess.run(command, check=False).returncode == 0


def _borrow(environment):
    """Let an environment find the packages of this one, except editable ones."""
    purelib = subprocess.run(
        [environment / "bin" / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    folders = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (Path(purelib) / "borrowed.pth").write_text("".join(f"{path}\n" for path in folders))


def build(revision, folder):
    """Build a revision in `folder`, which is new or empty, and return an interpreter that has it installed.

    NumPy and everything else except the package itself come from this environment. So do the build tools,
    if it has them; otherwise pip fetches them.
    """
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    source, environment = folder / "source", folder / "venv"
    archive = ["git", "-C", str(CHECKOUT), "archive", "--format=tar", commit_of(revision)]
    packed = subprocess.run(archive, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(source, filter="data")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    _borrow(environment)
    tools = ("mesonpy", "Cython", "mesonbuild", "ninja")
    isolation = [] if not all(map(importlib.util.find_spec, tools)) else ["--no-build-isolation"]
    python = environment / "bin" / "python"
    # Meson looks for `cython` in the PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(
        [
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--no-deps",
            *isolation,
            source,
        ],
        check=True,
        env={**os.environ, "PATH": path},
        cwd=folder,
    )
    return python


if __name__ == "__main__":
    print(build(*sys.argv[1:]))
