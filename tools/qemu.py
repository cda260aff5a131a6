"""Runs tests and recorded results on processors that are not at hand, under qemu-user.

    python tools/qemu.py [--python PYTHON] [--tests NAME ...] -- CPU ...
    python tools/qemu.py --wheel FILE --root FOLDER [--tests NAME ...] -- aarch64

CPU is a name of ``qemu-x86_64 -cpu help``, such as Nehalem, SandyBridge and Haswell. PYTHON has this build,
not an editable one, with what the tests need; by default it is the interpreter that runs. Debian's package
of the emulators is ``qemu-user``.

``aarch64`` needs the wheel for it, as ``tools/wheels.py --cross`` makes it. Python is unpacked into FOLDER
from Debian's packages, of the version that Debian has (``dpkg --add-architecture arm64 && apt-get update``
first), and what the tests need from the index. Kernels are compiled for their tests by
``aarch64-linux-gnu-gcc``.

A line of a table tells of each processor: its level, tests of the engine, the frontends beside recorded
results of their toolkits (as parts of their tolerances), results of the reference (as parts of the largest
value), and how far these are from what this machine computes by itself. The exit status is 1 if a test
fails.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
# Those that start no processes of their own, which qemu would not emulate, and ask for no moments of time.
TESTS = tuple(
    f"test_{name}.py" for name in ("frames", "signals", "transform", "outputs", "rows", "normalize")
)
REFERENCE = 300
NEEDED = ("numpy", "pyfftw", "scipy", "pytest", "pytest-timeout", "hypothesis", "ml_dtypes", "soundfile")
HEAD = ("Processor", "Level", "Engine", "Frontends", "Reference, float64", "float32", "From this machine")
LIBRARIES = ("libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libexpat1", "libbz2-1.0", "liblzma5", "libffi8")


def unpack(folder, wheel):
    """Bring up Python for aarch64 with the wheel; return the command that runs it and its environment."""
    root, site, version = folder / "root", folder / "site", "{}.{}".format(*sys.version_info)
    if not root.is_dir():
        names = [
            f"python{version}-minimal",
            f"libpython{version}-minimal",
            f"libpython{version}-stdlib",
            *LIBRARIES,
        ]
        packages = folder / "packages"
        packages.mkdir(parents=True)
        subprocess.run(
            ["apt-get", "download", "-q", *(f"{n}:arm64" for n in names)], check=True, cwd=packages
        )
        for package in packages.iterdir():
            subprocess.run(["dpkg", "-x", package, root], check=True)
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in (28, 27, 26, 24, 17)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", site, f"--python-version={version}"]
    pip += ["--only-binary=:all:", "--platform=manylinux2014_aarch64", *platforms]
    if not site.is_dir():
        subprocess.run([*pip, *NEEDED], check=True)
    subprocess.run([*pip, "--upgrade", "--no-deps", wheel], check=True)
    command = ["qemu-aarch64", "-L", root, root / "usr" / "bin" / f"python{version}"]
    return command, {"PYTHONPATH": str(site), "CC": "aarch64-linux-gnu-gcc"}


def results(command, environment, target):
    """Compute recorded results; return what `emulated.py` says of them, and all values."""
    emulated = [*command, "-P", ROOT / "tools" / "emulated.py", str(REFERENCE), target]
    done = subprocess.run(emulated, check=True, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with np.load(target) as values:
        return json.loads(done.stdout.splitlines()[-1]), dict(values)


def run_tests(command, environment, names):
    """Run tests of the engine; return the last line of pytest, and whether all passed."""
    if not names:
        return "not run", True
    paths = [f"tests/engine/{name}" for name in names]
    options = ["-q", "-m", "not slow", "-p", "no:cacheprovider", "--timeout=3600"]
    done = subprocess.run(
        [*command, "-P", "-m", "pytest", *options, *paths],
        check=False,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return re.sub(r" in [\d.]+s.*", "", done.stdout.splitlines()[-1].strip("= ")), done.returncode == 0


def furthest(ours, theirs, word):
    """The largest difference of results whose names begin with a word."""
    return max(
        float(np.abs(ours[name] - theirs[name]).max(initial=0)) for name in ours if name.startswith(word)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cpus", nargs="+", metavar="CPU")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has this build")
    parser.add_argument("--tests", nargs="*", default=TESTS, metavar="NAME", help="in tests/engine")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="for aarch64")
    parser.add_argument("--root", type=Path, metavar="FOLDER", help="of Python for aarch64")
    options = parser.parse_args()
    failed = False
    usual = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "SPECTROGRAMS_ISA")
    }
    # As in docs/platforms.md.
    print("|", " | ".join(HEAD), "|\n" + "|---" * len(HEAD) + "|", flush=True)
    with tempfile.TemporaryDirectory() as place:
        here, own = results([options.python], usual, Path(place) / "here.npz")
        for cpu in options.cpus:
            command, environment = ["qemu-x86_64", "-cpu", cpu, options.python], usual
            if cpu == "native":
                command = [options.python]
            elif cpu == "aarch64":
                command, more = unpack(options.root.resolve(), options.wheel.resolve())
                environment = {**usual, **more}
            found, values = results(command, environment, Path(place) / f"{cpu}.npz")
            passed, good = run_tests(command, environment, options.tests)
            failed = failed or not good
            largest, counts = found["largest"], found["counts"]
            cells = [
                cpu,
                f"`{found['level']}`",
                passed,
                f"{counts['golden']}: {largest['golden']:.2f}",
                f"{counts['float64']}: {largest['float64']:.1e}",
                f"{counts['float32']}: {largest['float32']:.1e}",
                f"{furthest(values, own, 'reference'):.1e} (`{here['level']}`)",
            ]
            print("|", " | ".join(cells), "|", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
