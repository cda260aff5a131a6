"""Calls: what finding a plan, taking samples in and making a result cost beyond the frames themselves.

    python benchmarks/calls.py [--rounds 40] [--beside PYTHON]

Mel spectrograms in dB, float32, 512/256 at 16 kHz, 80 bands, on one thread. "Frames" is the time of a frame
in a signal of ten seconds, times the frames of a row; what a row takes beyond that is the call, the frames
that reach over the ends of the signal, and the lanes of vectors that stay idle in a short block. Times are
CPU times of the process, minima over the rounds.

--beside PYTHON runs the same rows with another interpreter that has the package, in turns in the same rounds,
and adds the ratio to it.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from time import process_time_ns

RATE, HOP = 16000, 256
# What a row is called -> frames of a call. A push of 20 ms completes 1.25 frames on average.
FRAMES = {
    "one-shot, 1 s": RATE // HOP + 1,
    "plan.compute, 1 s": RATE // HOP + 1,
    "one-shot, 0.1 s": RATE // 10 // HOP + 1,
    "plan.compute, 0.1 s": RATE // 10 // HOP + 1,
    "compute_into, 0.1 s": RATE // 10 // HOP + 1,
    "compute_batch of 10,000 clips of 0.1 s, a clip": RATE // 10 // HOP + 1,
    "stream, a push of 20 ms": RATE // 50 / HOP,
}
LONG = "frame of 10 s"


def rows():
    """Name -> (function, calls of it in a round, items of one call)."""
    import numpy as np  # of the interpreter that runs the rows

    import spectrograms as sg

    samples = np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
    params = sg.SpectrogramParams(sg.StftParams(512, HOP, "hann"), RATE)
    mel, db = sg.MelParams(80, 0.0, 8000.0), sg.LogParams(-80.0)
    plan = sg.SpectrogramPlanner().mel_db_plan(params, mel, db, "float32")
    second, clip, chunk = (samples[:n].copy() for n in (RATE, RATE // 10, RATE // 50))
    clips = [np.roll(clip, i) for i in range(10_000)]
    short, long = (np.empty(plan.output_shape(len(x)), np.float32) for x in (clip, samples))
    stream = plan.stream()

    def one_shot(x):
        return sg.compute_mel_db_spectrogram(x, params, mel, db, "float32")

    functions = {
        "one-shot, 1 s": (lambda: one_shot(second), 100, 1),
        "plan.compute, 1 s": (lambda: plan.compute(second), 100, 1),
        "one-shot, 0.1 s": (lambda: one_shot(clip), 500, 1),
        "plan.compute, 0.1 s": (lambda: plan.compute(clip), 500, 1),
        "compute_into, 0.1 s": (lambda: plan.compute_into(clip, short), 500, 1),
        "compute_batch of 10,000 clips of 0.1 s, a clip": (
            lambda: plan.compute_batch(clips, num_threads=1),
            1,
            len(clips),
        ),
        "stream, a push of 20 ms": (lambda: stream.push(chunk), 500, 1),
    }
    assert functions.keys() == FRAMES.keys()
    return functions | {LONG: (lambda: plan.compute_into(samples, long), 10, long.shape[1])}


def work():
    """Run a round for each line of input; print nanoseconds of each row."""
    made = rows()
    for _ in sys.stdin:
        times = {}
        for name, (function, calls, items) in made.items():
            function()
            before = process_time_ns()
            for _ in range(calls):
                function()
            times[name] = (process_time_ns() - before) / (calls * items)
        print(json.dumps(times), flush=True)


def measure(pythons, rounds):
    """The least times of each interpreter, which take turns."""
    command = "-P", Path(__file__).resolve(), "--work"
    workers = [
        subprocess.Popen([python, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for python in pythons
    ]
    least = [dict.fromkeys([*FRAMES, LONG], float("inf")) for _ in workers]
    for _ in range(rounds):
        for worker, times in zip(workers, least, strict=True):
            worker.stdin.write("\n")
            worker.stdin.flush()
            for name, time in json.loads(worker.stdout.readline()).items():
                times[name] = min(times[name], time)
    for worker in workers:
        worker.communicate()
    return least


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40, metavar="N")
    parser.add_argument("--beside", metavar="PYTHON", help="another interpreter that has the package")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work()
        return
    least = measure([sys.executable, *([args.beside] if args.beside else [])], args.rounds)
    columns = ["us", "beyond frames", *(["beside: us", "beyond frames", "ratio"] if args.beside else [])]
    print(", ".join(f"a {LONG}: {times[LONG]:.0f} ns" for times in least), "\n")
    print("| row |", " | ".join(columns), "|\n|---|" + "---:|" * len(columns))
    for row, frames in FRAMES.items():
        cells = [
            f"{time / 1000:.2f}"
            for times in least
            for time in (times[row], times[row] - frames * times[LONG])
        ]
        if args.beside:
            cells.append(f"{least[0][row] / least[1][row]:.2f}")
        print(f"| {row} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
