"""Speed of one build of this package beside another, in one run.

    python benchmarks/compare.py OTHER [--python THIS] [--rounds N] [--only PATTERN] [--markdown]

OTHER and THIS are interpreters that have one build each. The other build runs twice, in two processes: how
far it is from itself shows what the machine makes of equal code. All are pinned to one core and take turns,
several rounds a row. Ratios are of medians of CPU time: more than 1 is slower. Results of both builds are
compared first; the exit status is 1 when a bit differs, unless ``--numerics`` says that numbers may.
"""

import argparse
import re
import sys
from statistics import geometric_mean, median

import numpy as np
from peer_rows import build_rows, rows
from peer_worker import Worker
from peers import pin
from tables import print_table

CONTESTANTS = ("this", "other", "itself")


def measure(row, workers, rounds, seconds):
    """Return (ns by contestant, whether the results are equal), or None if the other build lacks it."""
    results = {}
    for name, worker in workers.items():
        try:
            offered, results[name] = worker.prepare(row.call)
        except RuntimeError:
            if name == "this":
                raise
            offered = False  # an argument that is newer than that build
        if not offered:
            return None
    times = {name: [] for name in workers}
    for turn in range(rounds):
        # Nobody always follows the same neighbour.
        for name in CONTESTANTS[turn % 3 :] + CONTESTANTS[: turn % 3]:
            times[name].append(median(workers[name].time(seconds, 2)))
    equal = np.array_equal(results["this"], results["other"], equal_nan=True)
    return {name: median(values) for name, values in times.items()}, equal


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", metavar="OTHER", help="interpreter that has the other build")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has this build")
    parser.add_argument(
        "--only", metavar="PATTERN", default="", help="rows whose name contains this regular expression"
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--numerics", action="store_true", help="numbers may differ")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def main():
    options = parse_arguments()
    core = pin()
    interpreters = {"this": options.python, "other": options.other, "itself": options.other}
    workers = {name: Worker(python, "ours") for name, python in interpreters.items()}
    level = workers["this"].info()["level"]
    print(f"core {core}, one thread, level {level}\n")
    chosen = re.compile(options.only)
    lines, ratios, differing, lacking = [], {"this": [], "itself": []}, [], []
    for row in filter(lambda row: chosen.search(row.name), [*rows(), *build_rows()]):
        measured = measure(row, workers, options.rounds, 0.03)
        if measured is None:
            lacking.append(row.name)
            continue
        times, equal = measured
        line = [row.name, f"{times['other'] / 1e3:.1f} us"]
        for name in ratios:
            ratio = times[name] / times["other"]
            ratios[name].append(ratio)
            line.append(f"{ratio:.3f}")
        lines.append(line)
        if not equal:
            differing.append(row.name)
    print_table(["row", "other", "this / other", "itself / other"], lines, options.markdown)
    for worker in workers.values():
        worker.close()
    for name, values in ratios.items():
        spread = f"from {min(values):.3f} to {max(values):.3f}"
        print(f"\n{name} / other: geometric mean {geometric_mean(values):.4f}, {spread}")
    if lacking:
        print("\nnot in the other build: " + "; ".join(lacking))
    if differing:
        print("\nother numbers: " + "; ".join(differing))
        if not options.numerics:
            sys.exit(1)


if __name__ == "__main__":
    main()
