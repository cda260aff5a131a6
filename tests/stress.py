"""Runs the tests of threads in many processes at once: ``python tests/stress.py``.

Eight processes for each core, so that threads are stopped at every odd place, with freed memory overwritten,
so that reading it shows. The exit code is 1 if one of them failed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = (
    "test_threads.py",
    "test_pool.py",
    "test_lazy.py",
    "test_image.py",
    "test_streaming.py",
    "test_batch.py",
)


def main():
    """Run all processes of each round at once; return the exit code."""
    parser = argparse.ArgumentParser(prog="python tests/stress.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=8 * len(os.sched_getaffinity(0)), metavar="N")
    parser.add_argument("--rounds", type=int, default=1, metavar="N")
    parser.add_argument(
        "tests", nargs="*", default=TESTS, help="names of files below tests/, instead of those of threads"
    )
    arguments = parser.parse_args()
    # Every test waits for all the others here, so what is a hang elsewhere may only be slow.
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "timeout=3600"]
    command += [str(next(HERE.rglob(name))) for name in arguments.tests]
    variables = os.environ | {"MALLOC_PERTURB_": "165"}
    failed = 0
    for _ in range(arguments.rounds):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            outputs = [open(Path(folder, str(i)), "w+") for i in range(arguments.processes)]  # noqa: SIM115
            processes = [
                subprocess.Popen(
                    command, cwd=HERE.parent, env=variables, stdout=file, stderr=subprocess.STDOUT
                )
                for file in outputs
            ]
            for process, file in zip(processes, outputs, strict=True):
                if process.wait():
                    failed += 1
                    file.seek(0)
                    print(file.read()[-5000:])
                file.close()
        print(
            f"{arguments.processes} processes in {time.monotonic() - begun:.0f} s, {failed} failed",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
