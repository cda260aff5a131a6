"""Brings up a Python without the interpreter lock, from nothing, and tests the package on it.

    python tools/free_threaded.py FOLDER [--python PYTHON] [-- ARGUMENTS OF PYTEST]

CPython comes from Debian's source package of ``python3.13`` and is configured with ``--disable-gil``, unless
`PYTHON` names one that is so already. Packages come as wheels; pyfftw, which has none for such a Python, is
compiled from its sources against Debian's FFTW, which is unpacked rather than installed. What is in FOLDER
already is not made again, and nothing is changed outside of it. It takes Debian with its compiler and the
headers that Python needs (``apt-get build-dep python3``), but no root.

All of it runs with ``PYTHON_GIL=0``: pyfftw does not say that it can do without the lock, so Python would
turn it on when pyfftw is imported.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import requirements

ROOT = Path(__file__).resolve().parents[1]
SOURCE, SUITE = "python3.13", "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PYTHON = Path("venv", "bin", "python")
FFTW = ("libfftw3-dev", "libfftw3-double3", "libfftw3-single3", "libfftw3-long3")


def run(*command, **options):
    """Run a command; its output is shown only if it fails."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def stage(name, made, make, *arguments):
    """Make something unless it is there, and say how long that took."""
    if made.exists():
        return
    begun = time.monotonic()
    make(*arguments)
    print(f"{name}: {(time.monotonic() - begun) / 60:.1f} min", flush=True)


def interpreter(folder):
    """CPython without the lock, from Debian's sources."""
    apt = folder / "apt"
    (apt / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (apt / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    # The mirror is the one that this machine has; the suite need not be this machine's.
    form = ("--format", "$(ORIGIN) $(RELEASE) $(REPO_URI)", "Created-By: Packages")
    targets = [line.split() for line in run("apt-get", "indextargets", *form).splitlines()]
    mirror = next(each[2] for each in targets if each[0] == "Debian" and "-" not in each[1])
    (apt / "sources.list").write_text(f"deb-src [signed-by={KEYRING}] {mirror} {SUITE} main\n")
    options = [
        f"-oDir::Etc::sourcelist={apt / 'sources.list'}",
        "-oDir::Etc::sourceparts=-",
        f"-oDir::State::lists={apt / 'lists'}",
        f"-oDir::Cache={apt / 'cache'}",
        "-oAPT::Sandbox::User=root",
    ]
    run("apt-get", *options, "update")
    run("apt-get", *options, "source", "--download-only", SOURCE, cwd=apt)
    sources, build = folder / "sources", folder / "build"
    shutil.rmtree(sources, ignore_errors=True)
    (description,) = apt.glob(f"{SOURCE}_*.dsc")
    # Without Debian's changes, which know nothing of the folder of such a Python's packages.
    run("dpkg-source", "--skip-patches", "--no-copy", "-x", description, sources)
    build.mkdir(exist_ok=True)
    run(
        sources / "configure",
        "--disable-gil",
        f"--prefix={folder / 'python'}",
        "--without-ensurepip",
        "--disable-test-modules",
        cwd=build,
    )
    run("make", f"-j{os.cpu_count()}", "OPT=-O2 -DNDEBUG", cwd=build)
    run("make", "install", cwd=build)


def fftw(folder):
    """FFTW and its headers, unpacked from Debian's packages."""
    folder.mkdir()
    run("apt-get", "download", *FFTW, cwd=folder)
    for package in sorted(folder.glob("*.deb")):
        run("dpkg-deb", "-x", package, folder)


def environment(folder, python):
    """A virtual environment with what a build needs, and pyfftw."""
    run(python, "-m", "venv", "--without-pip", folder / "venv")
    # A pip that knows the wheels of such Pythons, whatever the one here is.
    run(sys.executable, "-m", "pip", "--python", folder / "venv", "install", "-q", "pip>=25")
    build = [name for name in requirements.packages("build") if not name.startswith("pyfftw")]
    # Not the newest versions, but the newest that have wheels for this Python.
    pip(folder, "--only-binary=:all:", *build, "ninja")
    (include,) = folder.glob("fftw/usr/include")
    (libraries,) = folder.glob("fftw/usr/lib/*-linux-gnu")
    variables = {
        "PYFFTW_INCLUDE": str(include),
        "PYFFTW_LIB_DIR": str(libraries),
        "LDFLAGS": f"-Wl,-rpath,{libraries}",
    }
    (needed,) = (name for name in requirements.packages("build") if name.startswith("pyfftw"))
    pip(folder, "--no-binary=pyfftw", "--only-binary=numpy,cython", needed, variables=variables)


def tools(folder):
    """What the tests need, as far as there are wheels for this Python; the tests go without the rest."""
    missing = []
    for name in requirements.packages("test"):
        command = [folder / PYTHON, "-m", "pip", "install", "-q", "--only-binary=:all:", name]
        missing += [name] * bool(subprocess.run(command, capture_output=True).returncode)
    (folder / "missing").write_text("\n".join(missing))


def pip(folder, *arguments, variables=None):
    """Install into the environment."""
    run(folder / PYTHON, "-m", "pip", "install", "-q", *arguments, env=os.environ | (variables or {}))


def main():
    """Make what is not there, run the tests, and return their exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="for all that is downloaded and built, about 1 GB")
    parser.add_argument("--python", type=Path, help="a free-threaded Python, instead of one built here")
    parser.add_argument("--no-tests", action="store_true", help="stop when everything is there")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest (default: -m 'not slow')")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if folder.is_relative_to(ROOT):
        parser.error("FOLDER must be outside of the checkout")
    folder.mkdir(parents=True, exist_ok=True)
    python = arguments.python or folder / "python" / "bin" / "python3.13"
    if not arguments.python:
        stage("Python", python, interpreter, folder)
    stage("FFTW", folder / "fftw", fftw, folder / "fftw")
    stage("pyfftw", folder / "venv", environment, folder, python)
    stage("packages for tests", folder / "missing", tools, folder)
    begun = time.monotonic()
    built = f"-Cbuild-dir={folder / 'meson'}"
    pip(folder, "--no-build-isolation", "--no-deps", "--force-reinstall", built, ROOT)
    print(f"spectrograms: {(time.monotonic() - begun) / 60:.1f} min")
    missing = (folder / "missing").read_text().split()
    print(f"no wheels for this Python: {', '.join(missing) or 'none missing'}", flush=True)
    if arguments.no_tests:
        return 0
    # The tests of the installed package: the sources stand beside them only in the checkout.
    tests = [folder / PYTHON, "-P", "-m", "pytest"]
    chosen = arguments.pytest or ["-m", "not slow", "-q"]
    return subprocess.run([*tests, *chosen], cwd=ROOT, env=os.environ | {"PYTHON_GIL": "0"}).returncode


if __name__ == "__main__":
    sys.exit(main())
