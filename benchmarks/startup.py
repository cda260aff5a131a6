"""Start: what a fresh process costs until its first features, as ratios to `import numpy` alone.

    python benchmarks/startup.py [--rounds 15] [--beside PYTHON]

Each row is a process of its own; all of them run in turn, and a ratio is the median over the rounds of a
row's time to that of `import numpy` in the same round. CPU is user and system time of a process and its
children. The row of the spawned worker counts from the start of the worker to its first result, with its
imports.

--beside PYTHON runs the same rows with another interpreter, in the same rounds. Both should have this package
installed from a wheel: an editable install looks for changed sources whenever it is imported.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

FIRST = """
import numpy as np
import spectrograms as sg
params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
mel, db = sg.MelParams(80, 0.0, 8000.0), sg.LogParams(-80.0)
sg.compute_mel_db_spectrogram(np.zeros(16000, np.float32), params, mel, db)
"""
FRONTEND = """
import numpy as np
import spectrograms as sg
sg.frontend("whisper_openai").compute(np.zeros(16000, np.float32))
"""
# Prints wall time and CPU time of a worker, from its start to its first result.
WORKER = """
import multiprocessing
import resource
import time

def work(plan, connection):
    import numpy as np
    connection.send(plan.compute(np.zeros(16000, np.float32)).data.shape)

if __name__ == "__main__":
    import spectrograms as sg
    params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    plan = sg.SpectrogramPlan(params, sg.MelParams(80, 0.0, 8000.0))
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    worker = context.Process(target=work, args=(plan, there))
    before = time.perf_counter()
    worker.start()
    here.recv()
    wall = time.perf_counter() - before
    worker.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(wall, used.ru_utime + used.ru_stime)
"""
NUMPY = "import numpy"
# What a row is called -> arguments for Python.
ROWS = {
    NUMPY: ("-c", NUMPY),
    "import spectrograms": ("-c", "import spectrograms"),
    "first one-shot features": ("-c", FIRST),
    "first frontend (whisper_openai)": ("-c", FRONTEND),
    "spectrograms version": ("-m", "spectrograms", "version"),
    "spectrograms compute, one WAV of 1 s": ("-m", "spectrograms", "compute", "clip.wav", "-o", "clip.npz"),
    "first result of a spawned worker": ("worker.py",),
}
ENVIRONMENT = """
import importlib.metadata, importlib.util, platform
packages = ("spectrograms", "numpy", "pyfftw", "scipy", "dask", "pandas")
found = [f"{name} {importlib.metadata.version(name)}" for name in packages if importlib.util.find_spec(name)]
if importlib.util.find_spec("spectrograms._engine"):
    from spectrograms._engine.kernels.kernels import level
    found.append(f"instruction set {level()}")
print(f"Python {platform.python_version()},", ", ".join(found), flush=True)
"""


def timed(python, arguments, folder):
    """Run a process; return its wall time and CPU time, or those that it prints itself."""
    process = subprocess.Popen([python, "-P", *arguments], cwd=folder, stdout=subprocess.PIPE, text=True)
    before = time.perf_counter()
    with process.stdout:
        printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{python} {' '.join(arguments)}: exit code {process.returncode}")
    if arguments == ROWS["first result of a spawned worker"]:
        wall, cpu = map(float, printed.split())
        return wall, cpu
    return wall, used.ru_utime + used.ru_stime


def measure(pythons, rounds, folder):
    """Return (wall, CPU) of every round, for each interpreter and row; the first round is not counted."""
    runs = {(python, row): [] for python in pythons for row in ROWS}
    for _ in range(rounds + 1):
        for (python, row), times in runs.items():
            times.append(timed(python, ROWS[row], folder))
    return {key: times[1:] for key, times in runs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, metavar="N")
    parser.add_argument("--beside", metavar="PYTHON", help="another interpreter that has the package")
    args = parser.parse_args()
    pythons = [sys.executable, *([args.beside] if args.beside else [])]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "worker.py").write_text(WORKER, encoding="utf-8")
        with wave.open(str(Path(folder, "clip.wav")), "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes(bytes(32000))
        for python in pythons:
            subprocess.run([python, "-P", "-c", ENVIRONMENT], check=True, cwd=folder)
        runs = measure(pythons, args.rounds, folder)

    def ratio(python, row, which):
        base = runs[python, NUMPY]
        return statistics.median(a[which] / b[which] for a, b in zip(runs[python, row], base, strict=True))

    columns = ["wall", "CPU", *(["beside: wall", "CPU"] if args.beside else [])]
    wall = statistics.median(wall for wall, _ in runs[sys.executable, NUMPY])
    print(f"\n{NUMPY}: {1e3 * wall:.0f} ms\n")
    print("| row |", " | ".join(columns), "|\n|---|" + "---:|" * len(columns))
    for row in ROWS:
        cells = [f"{ratio(python, row, which):.2f}" for python in pythons for which in (0, 1)]
        print(f"| {row} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
