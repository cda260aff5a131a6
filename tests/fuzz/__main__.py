"""Calls the whole public API with sane, odd and hostile arguments: ``python tests/fuzz --calls N``.

Each call follows from the seed and its index alone. Child processes make the calls, so that a crash or
a hang is a finding and not the end. The exit code is 1 if anything was found.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

# What it shares with the other tests is in tests/support.
sys.path.append(str(Path(__file__).resolve().parents[1]))
VOCABULARY = "from vocabulary import *  # with tests/fuzz and tests in PYTHONPATH"


def _arguments():
    parser = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="what they follow from (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="I", help="index of the first call")
    parser.add_argument("--kind", metavar="NAME", help="calls of one kind alone, such as 'sound'")
    parser.add_argument("--only", type=int, metavar="I", help="print and run one call")
    parser.add_argument(
        "--replay", metavar="FILE", help="run the lines of a file as one call ('-': standard input)"
    )
    parser.add_argument(
        "--jobs", type=int, default=len(os.sched_getaffinity(0)), metavar="N", help="processes at once"
    )
    parser.add_argument(
        "--seconds", type=float, default=60, help="a longer call is a hang (default: %(default)s)"
    )
    parser.add_argument(
        "--every", type=int, default=250, metavar="K", help="compare the fixed results every K calls"
    )
    parser.add_argument("--no-minimise", action="store_true", help="print findings as they are")
    parser.add_argument("--show", action="store_true", help="print the calls and run none")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _sanitized():
    """The sanitizers that the package was built with."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        maps = file.read()
    return [name for name in ("asan", "ubsan", "tsan") if f"/lib{name}.so" in maps]


def _header():
    import numpy as np
    import pyfftw

    import spectrograms
    from spectrograms._engine.kernels import kernels

    print(f"spectrograms {spectrograms.__version__} in {os.path.dirname(spectrograms.__file__)}")
    print(
        f"kernels: {kernels.level()}; sanitizers: {', '.join(_sanitized()) or 'none'}; "
        f"Python {sys.version.split()[0]}, NumPy {np.__version__}, pyfftw {pyfftw.__version__}; "
        f"{len(spectrograms.__all__)} public names",
        flush=True,
    )


def _report(options, results, arguments):
    """Print every finding, with its first call made as small as possible."""
    import calls
    import minimise
    import runner

    for finding in sorted(results.findings.values(), key=lambda finding: finding.key):
        index = finding.calls[0]
        print(f"\n{finding.kind}: {finding.what}\n  {len(finding.calls)} calls: {finding.calls[:8]}")
        if index < 0:
            continue
        program = calls.program(arguments.seed, index, arguments.kind)
        found = None if arguments.no_minimise else runner.outcome_of(options, program)
        if found and found.key == finding.key:
            program = minimise.minimise(options, program, finding.key)
        elif not arguments.no_minimise:
            start = minimise.window(options, arguments.seed, index, arguments.jobs, finding.key)
            print(f"  not by itself; with the calls from {start}" if start is not None else "  not again")
        print(f"  # {VOCABULARY}")
        print("".join(f"  {line[:1500]}\n" for line in program), end="")
        print("".join(f"    | {line}\n" for line in finding.detail.strip().splitlines()[-25:]), flush=True)


def _run(options, arguments):
    import runner

    results = runner.Results()
    begun = said = time.monotonic()

    def tell(results):
        nonlocal said
        if time.monotonic() - said > 30:
            said = time.monotonic()
            print(f"{results.counts.total()} calls, {len(results.findings)} findings", flush=True)

    ranges = [
        range(arguments.first + i, arguments.first + arguments.calls, arguments.jobs)
        for i in range(arguments.jobs)
    ]
    threads = [
        threading.Thread(target=runner.one_range, args=(options, each, results, tell)) for each in ranges
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _report(options, results, arguments)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(results.counts.items()))
    seconds, index = results.slowest
    print(
        f"{results.counts.total()} calls of seed {arguments.seed} in {time.monotonic() - begun:.0f} s: "
        f"{counts}; "
        f"slowest {seconds:.1f} s ({index}), {results.memory // 1024} MB; {len(results.findings)} findings"
    )
    missing = results.counts.total() != arguments.calls
    if missing:
        print("calls are missing", results.stillborn)
    return 1 if results.findings or missing else 0


def main():
    """Do what the command line says; return the exit code."""
    arguments = _arguments()
    if arguments.worker:
        import worker

        task = json.load(sys.stdin)
        worker.work(
            task["seed"],
            range(*task["indices"]),
            task.get("programs"),
            task["pipe"],
            task["seconds"],
            task["every"],
            task["sanitized"],
            task["only"],
        )
    import calls
    import runner

    options = runner.Options(
        arguments.seed, arguments.seconds, arguments.every, bool(_sanitized()), arguments.kind
    )
    if arguments.show:
        for index in range(arguments.first, arguments.first + arguments.calls):
            print(f"# {index}", *calls.program(arguments.seed, index, arguments.kind), sep="\n")
        return 0
    _header()
    if arguments.only is None and arguments.replay is None:
        return _run(options, arguments)
    if arguments.replay:
        with open(0 if arguments.replay == "-" else arguments.replay, encoding="utf-8") as file:
            program = [line for line in file.read().splitlines() if line.strip() and not line.startswith("#")]
    else:
        program = calls.program(arguments.seed, arguments.only, arguments.kind)
    print(*program, sep="\n", flush=True)
    found = runner.outcome_of(options, program)
    print(f"{found.kind}: {found.what}\n{found.detail}" if found else "nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
