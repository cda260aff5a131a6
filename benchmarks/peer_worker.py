"""A process that times one library on request; `peers.py` starts one per library.

Each library has a process of its own, so that the reference may live in another interpreter, FFTW's
wisdom stays with the transform it was measured for, and nobody's allocator serves two.
"""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter_ns, process_time_ns

MEMORY = "memory"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "SPECTROGRAMS")
ENVIRONMENT = {f"{name}_NUM_THREADS": "1" for name in THREADS} | {
    # glibc keeps freed memory, for every library: else page faults are charged to whoever's heap happens to
    # shrink, which moved single rows by a factor of two
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
}


class Worker:
    """The parent's end: sends calls, receives times in ns and one result."""

    def __init__(self, python, library):
        command = [python, str(Path(__file__).resolve()), library]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | ENVIRONMENT,
        )

    def _ask(self, *request):
        pickle.dump(request, self._process.stdin)
        self._process.stdin.flush()
        kind, answer = pickle.load(self._process.stdout)
        if kind == "error":
            raise RuntimeError(answer)
        return answer

    def info(self):
        """Return {"version": ..., "level": instruction-set level of this package or None}."""
        return self._ask("info")

    def prepare(self, call, want_result=True):
        """Build the closure of `call` and run it once: return (offered, result)."""
        return self._ask("prepare", call, want_result)

    def time(self, seconds, at_least):
        """Return the times in ns of calls made for `seconds`, but `at_least` so many."""
        return self._ask("time", seconds, at_least)

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def build(library, call):
    """Return the closure of `call` in `library`."""
    import peer_calls

    if library in ("ours", "reference", MEMORY):
        import spectrograms as sg

        make = peer_calls.memory_call if library == MEMORY else peer_calls.package_call
        return make(call, sg)
    return getattr(peer_calls, f"{library}_call")(call)


def describe(library):
    """Return the version of `library` and, for this package, its instruction-set level."""
    import importlib

    names = {"ours": "spectrograms", "reference": "spectrograms", MEMORY: "spectrograms", "r2c": "pyfftw"}
    module = importlib.import_module(names.get(library, library))
    level = None
    if library == "ours":
        try:
            level = str(importlib.import_module("spectrograms._engine.kernels.kernels").level())
        except ImportError:
            level = None
    return {"version": getattr(module, "__version__", "?"), "level": level}


def timed(function, seconds, at_least):
    """Return the CPU times in ns of single calls: all threads, kernel included, waiting not."""
    times, end = [], perf_counter_ns() + seconds * 1e9
    function()
    while len(times) < at_least or perf_counter_ns() < end:
        start = process_time_ns()
        function()
        times.append(process_time_ns() - start)
    return times


def serve(library, requests, answers):
    """Answer requests until the parent closes the pipe."""
    from peer_calls import NotOffered

    function = None
    while True:
        try:
            name, *args = pickle.load(requests)
        except EOFError:
            return
        try:
            if name == "info":
                answer = describe(library)
            elif name == "prepare":
                call, want_result = args
                function = None  # frees the arrays of the last call first
                try:
                    function = build(library, call)
                    result = function()
                    answer = (True, result if want_result else None)
                except NotOffered:
                    answer = (False, None)
            else:
                answer = timed(function, *args)
                overhead = getattr(function, "overhead", None)
                if overhead:
                    lost = median(timed(overhead, 0.0, 5))
                    answer = [max(t - lost, 0) * function.scale for t in answer]
            reply = ("ok", answer)
        except Exception as error:
            reply = ("error", f"{library}: {type(error).__name__}: {error}")
        pickle.dump(reply, answers)
        answers.flush()


if __name__ == "__main__":
    # whatever a library prints must not get into the pipe
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin.buffer, pipe)
