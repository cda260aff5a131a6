"""The wheels that can be built on a Linux machine, repaired, checked, and made twice.

    python tools/wheels.py [--output FOLDER] [--cross] [--once]

makes the source distribution of the last commit, from it the wheel of the running Python for this
machine, and with ``--cross`` the one for aarch64 by Debian's cross compiler. auditwheel gives each the
tag ``manylinux_2_28``, or refuses. Each file is built a second time in another folder, and has to have
the same bytes; the clock it sees is the time of the commit. twine and check-wheel-contents look at what
was made; abi3audit would have nothing to look at, since the modules are for one version of Python each.

It needs the packages that ``python tools/requirements.py build wheel`` lists, and for ``--cross``, as
root:

    dpkg --add-architecture arm64 && apt-get update && apt-get install gcc-aarch64-linux-gnu

The headers and the configuration of Python for aarch64 are unpacked from Debian's packages, of which it
has one minor version: 3.11 in Debian 12, 3.13 in Debian 13. NumPy's headers are the same files in its
wheels for both machines.
"""

import argparse
import functools
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
POLICY = "manylinux_2_28"
MACHINE = platform.machine()
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

CROSS_FILE = """\
[binaries]
c = 'aarch64-linux-gnu-gcc'
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
numpy-config = '{numpy_config}'

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
"""


def run(*command, **settings):
    """Run a command and return what it printed; end with its output if it fails."""
    done = subprocess.run(
        [*map(str, command)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **settings,
    )
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{command[0]} ended with {done.returncode}")
    return done.stdout


@functools.cache
def commit_time():
    """Return the time of the last commit, in seconds: it stays what it was when the first build began."""
    return run("git", "-C", CHECKOUT, "log", "-1", "--format=%ct").strip()


def environment(**more):
    """Return the environment of a build: its time, the tools of this Python, and no cache of objects."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    ours = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "CFLAGS", "LDFLAGS")}
    return {**ours, "PATH": path, "SOURCE_DATE_EPOCH": commit_time(), "CCACHE_DISABLE": "1", **more}


def make(kind, source, output, *arguments, **more):
    """Build the sdist or the wheel of `source`, and return its path."""
    output.mkdir()
    command = (sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", output)
    run(*command, *arguments, source, env=environment(**more))
    (built,) = output.iterdir()
    return built


def unpack(sdist, folder):
    """Unpack a source distribution, and return the folder that it holds."""
    with tarfile.open(sdist) as files:
        files.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return source


def python_of_aarch64(folder):
    """Unpack Debian's Python for aarch64 into a folder: headers, and what ``sysconfig`` reads.

    Returns
    -------
    headers : Path
        ``Python.h`` and ``pyconfig.h``.
    data : Path
        The module with the configuration.
    """
    folder.mkdir()
    names = [f"libpython{PYTHON}-{part}:arm64" for part in ("dev", "minimal", "stdlib")]
    run("apt-get", "download", *names, cwd=folder)
    for package in folder.glob("*.deb"):
        run("dpkg-deb", "-x", package, folder / "root")
    headers = folder / "root/usr/include" / f"python{PYTHON}"
    # What lies there includes the file of one machine or another.
    shutil.copy(folder / "root/usr/include/aarch64-linux-gnu" / headers.name / "pyconfig.h", headers)
    data = "_sysconfigdata__aarch64-linux-gnu.py"
    (alone := folder / "data").mkdir()
    shutil.copy(folder / f"root/usr/lib/python{PYTHON}" / data, alone)
    return headers, alone / data


def cross_settings(folder):
    """Write the files that turn a build into one for aarch64; return its arguments and its environment."""
    headers, data = python_of_aarch64(folder)
    suffix = f".cpython-{PYTHON.replace('.', '')}-aarch64-linux-gnu.so"
    # The part of PEP 739 that Meson reads.
    details = {
        "schema_version": "1.0",
        "base_prefix": "/usr",
        "platform": "linux-aarch64",
        "language": {"version": PYTHON},
        "implementation": {"name": "cpython"},
        "abi": {"flags": [], "extension_suffix": suffix, "stable_abi_suffix": ".abi3.so"},
        "libpython": {"link_extensions": False},
        "c_api": {"headers": str(headers)},
    }
    (folder / "build-details.json").write_text(json.dumps(details), encoding="utf-8")
    numpy_config = Path(sys.executable).with_name("numpy-config")
    (folder / "cross.ini").write_text(CROSS_FILE.format(numpy_config=numpy_config), encoding="utf-8")
    arguments = (
        f"-Csetup-args=--cross-file={folder / 'cross.ini'}",
        f"-Csetup-args=-Dpython.build_config={folder / 'build-details.json'}",
    )
    # So that the wheel and its modules are named after the other machine.
    other = {
        "PYTHONPATH": str(data.parent),
        "_PYTHON_SYSCONFIGDATA_NAME": data.stem,
        "_PYTHON_HOST_PLATFORM": "linux-aarch64",
    }
    return arguments, other


def auditwheel(machine, *arguments):
    """Call auditwheel as if on `machine`: it repairs the wheels of others, but knows only its own tags."""
    code = (
        f"import platform, runpy; platform.machine = lambda: {machine!r}; "
        "runpy.run_module('auditwheel', run_name='__main__', alter_sys=True)"
    )
    return run(sys.executable, "-c", code, *arguments, env=environment())


def repair(wheel, output, machine):
    """Have auditwheel look at a wheel and give it its tag; return the new one."""
    (output / "repaired").mkdir()
    auditwheel(machine, "repair", "--plat", f"{POLICY}_{machine}", "--wheel-dir", output / "repaired", wheel)
    (repaired,) = (output / "repaired").iterdir()
    return repaired


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def twice(make_one, once):
    """Call `make_one` with 0 and 1; end if the files differ. Return the first and the seconds it took."""
    begun = time.perf_counter()
    first = make_one(0)
    took = time.perf_counter() - begun
    if not once:
        second = make_one(1)
        if first.name != second.name or digest(first) != digest(second):
            raise SystemExit(f"built twice, and not the same: {first}, {second}")
    return first, took


def main():
    """Build what the command line says, and print what was made."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=CHECKOUT / "dist", help="where the files go (dist)")
    parser.add_argument("--cross", action="store_true", help="the wheel for aarch64, too")
    parser.add_argument("--once", action="store_true", help="do not build everything a second time")
    wanted = parser.parse_args()
    if run("git", "-C", CHECKOUT, "status", "--porcelain", "--untracked-files=no"):
        print("uncommitted changes are not in what is built", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="wheel-") as name:
        work = Path(name)
        sdist, took = twice(lambda turn: make("sdist", CHECKOUT, work / f"sdist-{turn}"), wanted.once)
        made = [(sdist, took)]
        for machine in [MACHINE] + ["aarch64"] * wanted.cross:
            arguments, more = cross_settings(work / "cross") if machine != MACHINE else ((), {})

            def one(turn, machine=machine, arguments=arguments, more=more):
                folder = work / f"{machine}-{turn}"
                source = unpack(sdist, folder / "source")
                wheel = make("wheel", source, folder / "wheel", *arguments, **more)
                return repair(wheel, folder, machine)

            made.append(twice(one, wanted.once))
        paths = [path for path, _ in made]
        run(sys.executable, "-m", "twine", "check", "--strict", *paths)
        for wheel in paths[1:]:
            run(sys.executable, "-m", "check_wheel_contents", "--config", os.devnull, wheel)
            print(auditwheel(wheel.stem.rpartition(f"{POLICY}_")[2], "show", wheel))
        wanted.output.mkdir(exist_ok=True)
        for path, took in made:
            shutil.copy(path, wanted.output)
            size = path.stat().st_size / 1e6
            print(f"{digest(path)}  {path.name}  {size:.2f} MB, {took:.0f} s")
    print("each built once" if wanted.once else "each built twice, to the same bytes")


if __name__ == "__main__":
    main()
