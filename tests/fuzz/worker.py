"""The child process: runs calls, and reports to its parent before and after each, on a pipe of its own."""

import faulthandler
import json
import os
import resource
import sys
import time

MOST_MEMORY = 6 << 30


def work(seed, indices, programs, pipe, seconds, every, sanitized, only=None):
    """Run the programs of `indices`, or the given ones, and report on the pipe."""
    if not sanitized:  # it reserves terabytes of address space
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()

    def tell(**fields):
        os.write(pipe, json.dumps(fields).encode() + b"\n")

    import calls
    import checks
    import references

    fixed = None
    if not programs:
        faulthandler.dump_traceback_later(10 * seconds, exit=True)
        fixed = references.References()
        tell(references=fixed.first)
    log = checks.listen()

    def compare(index):
        if not fixed:
            return
        faulthandler.dump_traceback_later(10 * seconds, exit=True)
        for name in fixed.changed():
            tell(index=index, kind="changed reference", what=name, detail="", seconds=0)

    for count, index in enumerate(indices):
        lines = programs[index] if programs else calls.program(seed, index, only)
        tell(begin=index)
        faulthandler.dump_traceback_later(seconds, exit=True)
        begun = time.perf_counter()
        outcome = checks.run(lines, log)
        taken = time.perf_counter() - begun
        tell(index=index, kind=outcome.kind, what=outcome.what, detail=outcome.detail, seconds=taken)
        if count % every == every - 1:
            compare(index)
    compare(index)
    faulthandler.cancel_dump_traceback_later()
    tell(memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    sys.stderr.flush()
    os._exit(0)  # do not wait for threads that a hostile argument has left behind
