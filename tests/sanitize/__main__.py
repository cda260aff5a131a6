"""Builds the package with a sanitizer of GCC and runs it: ``python tests/sanitize address|thread``.

``address`` runs the driver in tests/fuzz and the tests of the engine with AddressSanitizer and
UndefinedBehaviorSanitizer, ``thread`` the tests of threads with ThreadSanitizer. The interpreter that runs
this must have the package and its test requirements; the package with the sanitizer goes to an environment
of its own that borrows them, below ``build-sanitize``. It has two sets of kernels, ``baseline`` and the best
of this machine. Only GCC is needed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Exit code of a process that reports something.
REPORTED = 99
FLAGS = {
    "address": ("address,undefined", "-fno-sanitize-recover=all -fno-omit-frame-pointer"),
    "thread": ("thread", "-fno-omit-frame-pointer"),
}
# Faults that each has to report; otherwise its silence about the package means nothing.
PLANTED = {
    "address": ("char *a = malloc(8); a[8] = 1; free(a);", 1),
    "thread": ("for (int i = 0; i < 1000000; i++) shared++;", 2),
}
RUNTIMES = {"address": ("libasan.so", "libubsan.so", "libstdc++.so"), "thread": ("libtsan.so",)}
SETTINGS = {
    "address": {
        # Python's own allocator would hide accesses beyond small arrays.
        "PYTHONMALLOC": "malloc",
        # Sizes that are too large give NULL, and Python raises MemoryError, as it does without a sanitizer.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=6144:"
        f"exitcode={REPORTED}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:exitcode={REPORTED}",
    },
    "thread": {
        "PYTHONMALLOC": "malloc",
        "TSAN_OPTIONS": f"exitcode={REPORTED}:history_size=4",
    },
}
TESTS = {
    "address": (
        "batch", "convolution", "dlpack", "engine", "feature_set", "fft", "fft2d", "fft_plans",
        "frames", "image", "intake", "inverse", "lazy", "mdct", "memory", "normalize", "pcm", "plan",
        "signals", "stft", "streaming",
    ),
    "thread": ("threads", "lazy", "free_threading"),
}  # fmt: skip
# A forked child lacks the threads of the sanitizer, which also needs memory; some kernels are not built.
# Ctrl-C has to arrive in the middle of work, which takes a different time here.
LEFT_OUT = {
    "address": "not fork and not memory_behind and not best_level",
    "thread": "not fork and not signal and not process and not interrupt and not control_c",
}


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def build(kind, folder):
    """Build and install the package with the sanitizer; return the interpreter that has it."""
    sanitizers, flags = FLAGS[kind]
    best = _output(
        sys.executable, "-P", "-c", "from spectrograms._engine.kernels import kernels as k; print(k.level())"
    )
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=False, symlinks=True)
        packages = _output(python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))")
        # Its own packages come first, the borrowed ones after them.
        borrowed = [path for path in sys.path if "site-packages" in path and Path(path).is_dir()]
        Path(packages, "borrowed.pth").write_text("\n".join(borrowed) + "\n", encoding="utf-8")
    options = [
        f"-Csetup-args=-Db_sanitize={sanitizers}",
        "-Csetup-args=-Db_lundef=false",
        "-Csetup-args=-Dbuildtype=debugoptimized",
        "-Csetup-args=-Doptimization=1",
        f"-Csetup-args=-Dc_args={flags}",
        f"-Csetup-args=-Dkernel_levels={','.join(dict.fromkeys(('baseline', best)))}",
        f"-Cbuild-dir={folder / 'build'}",
        "-Cinstall-args=--tags=runtime,python-runtime",
    ]
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "-q",
        "--no-deps",
        "--force-reinstall",
    ]
    isolation = _isolation()
    if not isolation:
        # What is left of a build names the folder of another isolated environment, which is gone.
        shutil.rmtree(folder / "build", ignore_errors=True)
    subprocess.run([*install, *isolation, *options, ROOT], check=True, cwd=folder)
    return python


def _isolation():
    """Build with the tools that are installed; pip fetches what is missing."""
    have = subprocess.run([sys.executable, "-c", "import mesonpy, Cython, mesonbuild"], capture_output=True)
    return ["--no-build-isolation"] if have.returncode == 0 else []


def environment(kind):
    """The variables that let a Python without the sanitizer load a package that has it."""
    paths = [_output("gcc", f"-print-file-name={name}") for name in RUNTIMES[kind]]
    return os.environ | SETTINGS[kind] | {"LD_PRELOAD": ":".join(map(os.path.realpath, paths))}


def check_planted(kind, python, variables):
    """Exit if the sanitizer misses a planted fault."""
    line, count = PLANTED[kind]
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "fault.c"), Path(folder, "fault.so")
        source.write_text(f"#include <stdlib.h>\nvolatile int shared;\nvoid fault(void) {{ {line} }}\n")
        subprocess.run(
            ["gcc", "-g", "-shared", "-fPIC", f"-fsanitize={kind}", "-o", library, source], check=True
        )
        program = (
            f"import ctypes, threading; fault = ctypes.CDLL({str(library)!r}).fault\n"
            f"threads = [threading.Thread(target=fault) for _ in range({count})]\n"
            "for thread in threads: thread.start()\n"
            "for thread in threads: thread.join()\n"
        )
        run = subprocess.run([python, "-P", "-c", program], env=variables, capture_output=True, text=True)
    if run.returncode != REPORTED or "Sanitizer" not in run.stderr:
        sys.exit(f"{kind}: the sanitizer does not see what it has to:\n{run.stderr[-2000:]}")


def main():
    """Build, run, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python tests/sanitize", description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=FLAGS)
    parser.add_argument("--calls", type=int, default=1500, help="of the driver (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the driver")
    parser.add_argument("--no-build", action="store_true", help="run what has been built before")
    parser.add_argument("--no-tests", action="store_true", help="run the driver only")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, instead of those chosen here")
    arguments = parser.parse_args()
    folder = ROOT / "build-sanitize" / arguments.kind
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "bin" / "python"
    begun = time.monotonic()
    if not arguments.no_build:
        build(arguments.kind, folder)
        print(f"{arguments.kind}: built in {(time.monotonic() - begun) / 60:.1f} min", flush=True)
    variables = environment(arguments.kind)
    check_planted(arguments.kind, python, variables)
    failed = 0
    if arguments.kind == "address" and arguments.calls and not arguments.pytest:
        driver = [python, ROOT / "tests" / "fuzz", f"--calls={arguments.calls}", f"--seed={arguments.seed}"]
        failed |= subprocess.run([*driver, "--seconds=120"], env=variables).returncode
    if not arguments.no_tests:
        tests = arguments.pytest or [
            *(next((ROOT / "tests").rglob(f"test_{name}.py")) for name in TESTS[arguments.kind]),
            *("-k", LEFT_OUT[arguments.kind]),
        ]
        pytest = [
            python,
            "-P",
            "-m",
            "pytest",
            "-q",
            "--capture=sys",
            "-p",
            "no:faulthandler",
            "-o",
            "timeout=1200",
        ]
        failed |= subprocess.run([*pytest, *tests], env=variables, cwd=ROOT).returncode
    minutes = (time.monotonic() - begun) / 60
    print(f"{arguments.kind}: {minutes:.1f} min in all, {'FAILED' if failed else 'passed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    assert sysconfig.get_platform().startswith("linux")
    sys.exit(main())
