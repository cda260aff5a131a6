"""Extraction by several processes: what a second one gains, what the parent sustains, where it would stop.

    python benchmarks/scale.py FOLDER [--times N] [--runs N]

The files of the folder are taken N times, under other ids, so that the start of processes does not decide.
Within each run everything is done in turn: one worker, two, two processes of their own over halves of the
list, with and without their start, and two copies of a loop over samples in memory beside one, which says
what the second core is worth at the moment. Ratios are medians over the runs.
"""

import argparse
import heapq
import importlib
import math
import multiprocessing
import resource
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

import corpus

import spectrograms as sg
from spectrograms.corpus import Item, extract, find_inputs
from spectrograms.corpus.run import cutting, extraction
from spectrograms.corpus.run.workers import run_on_workers
from spectrograms.corpus.stores.extractor import extractor_from

RATES = {"8 kHz": 8000, "8 to 16 kHz": 16000}
# What is printed of the runs: words, numerator, denominator.
RATIOS = [
    ("workers=2 against 1", "workers=1", "workers=2"),
    ("two processes against 1", "workers=1", "two processes"),
    ("two processes, start and all, against 1", "workers=1", "two, and their start"),
    ("workers=2 against two processes", "two processes", "workers=2"),
    ("workers=2 against both, start and all", "two, and their start", "workers=2"),
    ("processor time, workers=2 against 1", "time of 2", "time of 1"),
]
# Seconds of the loops in memory; files of the runs whose workers do nothing.
SPAN, NOTHING = 1.0, 100_000


def nothing(state, dealt, careful, refused, notes, stop):
    """A worker that does nothing but tell of it."""
    (_, items, *_), _ = dealt
    for first in range(0, len(items), 64):
        count = min(64, len(items) - first)
        notes.begun(first, count)
        notes.done(first, count, count, count, 100 * count, 8000 * count)
    return {"n_done": len(items), "rows": len(items), "frames": 0, "seconds": 0.0}


def parent_alone(items, config, folder):
    """Files a second that the parent deals out and collects."""
    usual = extraction.run_on_workers
    task = importlib.import_module("scale").nothing
    extraction.run_on_workers = partial(run_on_workers, task=task)
    many = [Item(str(k), items[k % len(items)].path) for k in range(NOTHING)]
    began = time.process_time(), time.perf_counter()
    try:
        extract(many, config, folder / "nothing", workers=2)
    finally:
        extraction.run_on_workers = usual
    return NOTHING / (time.process_time() - began[0]), NOTHING / (time.perf_counter() - began[1])


def processor_time():
    """Seconds of all cores so far, of this process and of those it has waited for."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(who)[:2]) for who in whose)


def half(items, config, folder, warm, ready, go, ended):
    """A process of its own over half of the list."""
    if warm:
        extract(items[:2], config, folder / "warm", num_threads=1, overwrite=True)
    ready.set()
    go.wait()
    extract(items, config, folder / "half", num_threads=1, overwrite=True)
    ended.put(time.monotonic())


def loop(signals, config, ready, go, counts):
    """How many signals a process computes in a while."""
    plan = extractor_from(config)
    plan.compute(signals[0])
    ready.set()
    go.wait()
    count, end = 0, time.perf_counter() + SPAN
    while time.perf_counter() < end:
        plan.compute(signals[count % len(signals)])
        count += 1
    counts.put(count)


def at_once(function, arguments):
    """Run a function in processes that begin together.

    Returns
    -------
    started, began : float
        When the processes were started, and when all of them were ready.
    found : list
        What they put into a queue.
    """
    context = multiprocessing.get_context("spawn")
    go, results = context.Event(), context.Queue()
    ready = [context.Event() for _ in arguments]
    processes = [
        context.Process(target=function, args=(*given, flag, go, results))
        for given, flag in zip(arguments, ready, strict=True)
    ]
    started = time.monotonic()
    for process in processes:
        process.start()
    for flag in ready:
        flag.wait()
    began = time.monotonic()
    go.set()
    found = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return started, began, found


def run(items, rate, folder):
    """One run: seconds of each way, and what a second core is worth."""
    config = corpus.mel_db(rate).to_json()
    found = {}
    for workers in (1, 2):
        began, used = time.perf_counter(), processor_time()
        options = {"num_threads": 1, "overwrite": True}
        extract(items, config, folder / f"workers {workers}", workers=workers, **options)
        found[f"workers={workers}"] = time.perf_counter() - began
        found[f"time of {workers}"] = processor_time() - used
    for warm in (True, False):
        halves = [(items[k::2], config, folder / f"half {k}", warm) for k in range(2)]
        started, began, ends = at_once(half, halves)
        if warm:
            found["two processes"] = max(ends) - began
        else:
            found["two, and their start"] = max(ends) - started
    signals = [sg.read_audio(item.path, rate)[0] for item in items[:100]]
    one = at_once(loop, [(signals, config)])[2][0]
    found["second core"] = sum(at_once(loop, [(signals, config)] * 2)[2]) / one
    shutil.rmtree(folder, ignore_errors=True)
    return found


def simulated(cores, n_files, seconds, parent, close, start):
    """Files a second of so many workers, by events.

    Parameters
    ----------
    cores, n_files : int
    seconds, parent, close, start : float
        What a file costs a worker and the parent, what closing a shard costs, and the start of a worker.
    """
    size = cutting.even([50_000] * n_files)
    free, now = [start] * cores, 0.0
    left = n_files
    while left:
        part = min(size, left)
        left -= part
        now += part * parent  # the parent makes one part after the other
        heapq.heappush(free, max(heapq.heappop(free), now) + part * seconds + close)
    return n_files / max(free)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    given = find_inputs(args.folder)
    items = [item._replace(id=f"{k}/{item.id}") for k in range(args.times) for item in given]
    print(f"{len(given)} files, {args.times} times; two cores; medians of {args.runs} runs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, rate in RATES.items():
            runs = [run(items, rate, folder / "runs") for _ in range(args.runs)]
            one = min(found["workers=1"] for found in runs)
            busy = min(found["time of 1"] for found in runs) / len(items)
            start = max(0.0, median(found["time of 2"] for found in runs) / 2 - busy * len(items) / 2)
            ratios = {
                words: median(found[above] / found[below] for found in runs) for words, above, below in RATIOS
            } | {
                "two loops of compute against one": median(found["second core"] for found in runs),
            }
            print(f"\n{label}: one worker {len(items) / one:,.0f} files/s")
            print(f"  of a core: {1e6 * busy:.0f} us a file, {start:.2f} s for the start of a worker")
            for words, ratio in ratios.items():
                print(f"  {words:40} {ratio:.2f} x")
        cpu, wall = parent_alone(given, corpus.mel_db(8000), folder)
        print(f"\nparent alone: {wall:,.0f} files/s, by its own time {cpu:,.0f}")
    print("\nsimulated, files/s (the last rate; shards closed in 10 ms, workers started in 0.3 s)")
    for n_files in (10_000, 1_000_000):
        speeds = [simulated(cores, n_files, busy, 1 / cpu, 0.01, 0.3) for cores in (1, 2, 16, 64)]
        print(
            f"  {n_files:9,} files on 1, 2, 16, 64 cores: " + ", ".join(f"{speed:,.0f}" for speed in speeds)
        )
    least = math.ceil(cpu * busy)
    print(f"  the parent is the limit from {least} cores on")


if __name__ == "__main__":
    main()
