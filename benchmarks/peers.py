"""Speed of this package beside the reference implementation, librosa, SciPy with NumPy, torch and FFTW.

    python benchmarks/peers.py --make-reference DIR   # makes a CPython 3.12 venv with the reference and runs
    python benchmarks/peers.py --reference DIR/bin/python [--quick] [--only PATTERN] [--markdown]

One thread, one core: every library has a worker process, all pinned to the same core and asked in turn,
several rounds per row; medians of CPU time are printed, so that waiting for other programs does not count.
Ratios inside a row can be trusted, times across rows less so. Before a row is timed its results are
compared; the largest difference, relative to the peak (dB: in dB, of values less than 60 dB below the
peak), is printed and must be small. The exit status is 1 when results differ and 0 otherwise, targets met
or not.

A ratio is peer / ours (larger is better), for ``r2c`` ours / r2c (smaller is better). ``r2c`` is FFTW's
own real transform of the same number of frames, with MEASURE, alone; see `peer_calls.r2c_call`.
"""

import argparse
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
from peer_rows import long_calls, rows
from peer_worker import MEMORY, Worker
from tables import print_table

REFERENCE = "spectrograms==2.1.3"
PEERS = ("reference", "librosa", "scipy", "torch", "r2c")
MODULES = {"r2c": "pyfftw"}

# Largest differences: relative to the peak, and in dB.
ALLOWED = {"float64": (1e-9, 1e-6), "float32": (1e-4, 0.02)}
COMPARED_DB = 60.0
FLATNESS = 1.1
MEMORY_MIB = 2.0


def make_reference(folder):
    """Create the venv of the reference in `folder` unless it is there, and return its interpreter."""
    python = Path(folder) / "bin" / "python"
    if not python.exists():
        subprocess.run(["python3.12", "-m", "venv", folder], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", REFERENCE], check=True)
    return str(python)


def pin():
    """Pin this process, and so its workers, to one core and return its number."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def has_avx512(level):
    """Return whether the targets for wide vectors hold: by our level, or else by the CPU."""
    if level is not None:
        return "v4" in level
    return "avx512f" in Path("/proc/cpuinfo").read_text()


def difference(row, ours, theirs):
    """Return the largest difference of two results, in dB or relative to the peak."""
    if ours.shape != theirs.shape:
        return np.inf
    error = np.abs(ours - theirs)
    if row.call.get("amplitude") == "db":
        return float(error[ours > ours.max() - COMPARED_DB].max())
    return float(error.max() / np.abs(ours).max())


def measure(row, workers, rounds, seconds):
    """Return (ns by library, worst difference) of `row`, or None when this package lacks it."""
    offered, ours = workers["ours"].prepare(row.call)
    if not offered:
        return None
    contestants, worst = ["ours"], 0.0
    for peer in row.peers:
        if peer in workers:
            offered, result = workers[peer].prepare(row.call)
            if offered:
                contestants.append(peer)
                if peer in row.alike:
                    worst = max(worst, difference(row, ours, result))
    times = {library: [] for library in contestants}
    for _ in range(rounds):
        for library in contestants:
            times[library] += workers[library].time(seconds, 2)
    return {library: median(values) for library, values in times.items()}, worst


def cells(row, times, worst, wide, missed):
    """Return the cells of the row and note in `missed` the targets it missed."""
    n_frames = row.call.get("n_frames", 0) if row.per_frame else 0
    unit, scale = ("ns/frame", 1 / (n_frames + 1)) if n_frames else ("us", 1e-3)

    def judged(text, met, relation, target, peer):
        if target is None:
            return f"({text})"
        if not met:
            missed.append(f"{row.name}: {peer} {text}, target {relation}{target:g}")
        return f"({text}, {relation}{target:g} {'met' if met else 'MISSED'})"

    ours = f"{times['ours'] * scale:.1f} {unit}"
    limit = row.target("us", wide)
    if limit is not None:
        micro = times["ours"] / 1e3
        ours += f" (<={limit:g} {'met' if micro <= limit else 'MISSED'})"
        if micro > limit:
            missed.append(f"{row.name}: {micro:.1f} us, target <={limit:g}")
    line = [row.name, ours]
    for peer in PEERS:
        if peer not in times:
            line.append("")
            continue
        target = row.target(peer, wide)
        if peer == "r2c":
            ratio = times["ours"] / times[peer]
            verdict = judged(f"{ratio:.2f}", target is None or ratio <= target, "<=", target, peer)
        else:
            ratio = times[peer] / times["ours"]
            verdict = judged(f"{ratio:.1f}x", target is None or ratio >= target, ">=", target, peer)
        line.append(f"{times[peer] * scale:.0f} {verdict}")
    allowed = ALLOWED[row.call["dtype"]][row.call.get("amplitude") == "db"]
    line.append(f"{worst:.1e}" + ("" if worst <= allowed else " DIFFERS"))
    return line, worst <= allowed


def long_lines(worker, python, rounds, chosen, missed):
    """Return the lines about an hour of audio: cost per frame against 10 s, memory beyond the output.

    The cost is that of writing into an array in memory already; fresh pages are the kernel's work.
    """
    for name, short, hour in long_calls():
        if not chosen.search(name):
            continue
        costs = {"10 s": [], "1 h": []}
        for _ in range(rounds):
            for label, call in (("10 s", short), ("1 h", hour)):
                worker.prepare(call | {"out": True}, want_result=False)
                costs[label].append(median(worker.time(0.1, 1)) / call["n_frames"])
        brief, long = median(costs["10 s"]), median(costs["1 h"])
        met = long <= FLATNESS * brief
        fresh = Worker(python, MEMORY)
        _, extra = fresh.prepare(hour)
        fresh.close()
        spare = float(extra) <= MEMORY_MIB
        if not met:
            missed.append(f"{name}: one hour costs {long / brief:.2f} times 10 s per frame")
        if not spare:
            missed.append(f"{name}: {float(extra):.1f} MiB beyond the output of one hour")
        yield [
            name,
            f"{brief:.1f} ns/frame",
            f"{long:.1f} ({long / brief:.2f}, <={FLATNESS} {'met' if met else 'MISSED'})",
            f"{float(extra):.2f} MiB (<={MEMORY_MIB:g} {'met' if spare else 'MISSED'})",
        ]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", metavar="PYTHON", help="interpreter that has the reference wheel")
    parser.add_argument(
        "--make-reference", metavar="DIR", help="create a venv with the reference wheel and use it"
    )
    parser.add_argument("--python", default=sys.executable, help="interpreter that has this package")
    parser.add_argument(
        "--only", metavar="PATTERN", default="", help="rows whose name contains this regular expression"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no hour-long signals")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def main():
    options = parse_arguments()
    reference = make_reference(options.make_reference) if options.make_reference else options.reference
    core = pin()
    workers = {"ours": Worker(options.python, "ours")}
    if reference:
        workers["reference"] = Worker(reference, "reference")
    for peer in PEERS[1:]:
        if find_spec(MODULES.get(peer, peer)):
            workers[peer] = Worker(sys.executable, peer)
    infos = {library: worker.info() for library, worker in workers.items()}
    level = infos["ours"]["level"]
    wide = has_avx512(level)
    print(", ".join(f"{library} {info['version']}" for library, info in infos.items()))
    print(f"core {core}, one thread, our level {level}, targets {'with' if wide else 'without'} AVX-512")
    absent = [peer for peer in PEERS if peer not in workers]
    if absent:
        print("not measured:", ", ".join(absent))
    print()

    rounds, seconds = (2, 0.01) if options.quick else (5, 0.03)
    chosen = re.compile(options.only)
    lines, missed, skipped, equal = [], [], [], True
    for row in rows():
        if not chosen.search(row.name):
            continue
        measured = measure(row, workers, rounds, seconds)
        if measured is None:
            skipped.append(row.name)
            continue
        line, same = cells(row, *measured, wide, missed)
        lines.append(line)
        equal = equal and same
    print_table(["row", "this package", *PEERS, "difference"], lines, options.markdown)
    if not options.quick:
        selected = list(long_lines(workers["ours"], options.python, 3, chosen, missed))
        if selected:
            print()
            head = ["long signals", "10 s", "1 h, per frame", "memory beyond the output of 1 h"]
            print_table(head, selected, options.markdown)
    for worker in workers.values():
        worker.close()
    print()
    if skipped:
        print("not in this package:", "; ".join(skipped))
    print(f"{len(missed)} targets missed" + "".join(f"\n  {text}" for text in missed))
    if not equal:
        sys.exit("results differ")


if __name__ == "__main__":
    main()
