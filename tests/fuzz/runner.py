"""The parent process: starts workers, reads their reports, and finds out why one ended."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Options:
    """Settings of a run."""

    seed: int
    seconds: float = 60
    every: int = 250
    sanitized: bool = False
    kind: str | None = None


@dataclass
class Finding:
    """Something wrong; `calls` are the indices that showed it."""

    kind: str
    what: str
    detail: str
    calls: list = field(default_factory=list)

    @property
    def key(self):
        return self.kind, self.what


class Results:
    """Counts and findings of all workers."""

    def __init__(self):
        self.counts = Counter()
        self.findings = {}
        self.references = None
        self.stillborn = ""
        self.memory = 0
        self.slowest = (0.0, 0)
        self.lock = threading.Lock()

    def add(self, index, kind, what="", detail="", seconds=0.0, between=False):
        """Add one outcome, unless it arose `between` two calls."""
        with self.lock:
            if kind != "changed reference" and not between:
                self.counts[kind] += 1
            self.slowest = max(self.slowest, (seconds, index))
            if kind not in ("value", "refused"):
                finding = Finding(kind, what, detail)
                self.findings.setdefault(finding.key, finding).calls.append(index)

    def compare(self, references):
        """Compare the fixed results of one process with those of the first."""
        with self.lock:
            first = self.references = self.references or references
        for name, digest in references.items():
            if digest != first.get(name, digest):
                self.add(-1, "changed reference", f"{name}, in another process")


def _start(options, task, error_file, folder):
    reader, writer = os.pipe()
    task = task | {
        "seed": options.seed,
        "seconds": options.seconds,
        "every": options.every,
        "pipe": writer,
        "sanitized": options.sanitized,
        "only": options.kind,
    }
    child = subprocess.Popen(
        [sys.executable, str(HERE), "--worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=error_file,
        pass_fds=(writer,),
        text=True,
        env=os.environ | {"TMPDIR": folder},
    )
    os.close(writer)
    with child.stdin as pipe:
        json.dump(task, pipe)
    return child, os.fdopen(reader)


def _epitaph(code, errors):
    """Why a worker ended, as the kind, `what` and detail of a finding."""
    # Of all the threads, the one that made the call.
    stacks = [stack for stack in errors.split("hread 0x") if "checks.py" in stack] or [errors]
    where = re.findall(r'File "\S*spectrograms/(\S+?)", line \d+ in (\w+)', stacks[-1])
    place = ":".join(where[0]) if where else "outside"
    sanitizer = re.search(r"(?:ERROR: \w+Sanitizer: (\S+)|(\S+): runtime error: (.{0,60}))", errors)
    if "Timeout (" in errors:
        return "hang", place, errors[-3000:]
    if sanitizer:
        frame = re.search(r"#\d+ \S+ in (__pyx\w+|sg_\w+|\S*spectrograms\S*)", errors)
        what = " ".join(filter(None, sanitizer.groups()))
        return "sanitizer", f"{what} {frame[1] if frame else place}", errors[:6000]
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return "crash", f"{name} {place}", errors[-3000:]


def run(options, task, tell):
    """Run one worker to its end; ``tell(fields)`` gets its reports.

    Returns
    -------
    at_hand : int or None
        Index of the last call that it began.
    code : int
        Of the process.
    errors : str
        What it wrote to stderr.
    """
    with (
        tempfile.TemporaryFile("w+", errors="replace") as error_file,
        tempfile.TemporaryDirectory() as folder,
    ):
        child, pipe = _start(options, task, error_file, folder)
        # A worker ends itself when a call hangs; this is for one that no longer can.
        guard = threading.Timer(0, child.kill)
        at_hand = None
        try:
            with pipe:
                for line in pipe:
                    fields = json.loads(line)
                    guard.cancel()
                    guard = threading.Timer(12 * options.seconds + 60, child.kill)
                    guard.daemon = True
                    guard.start()
                    at_hand = fields.get("begin", at_hand)
                    tell(fields)
            code = child.wait()
        finally:
            guard.cancel()
            if child.poll() is None:
                child.kill()
                child.wait()
        error_file.seek(0)
        return at_hand, code, error_file.read()


def one_range(options, indices, results, said):
    """Run a range of calls, with a new worker whenever one has ended early."""

    reported = None

    def tell(fields):
        nonlocal reported
        reported = fields.get("index", reported)
        if "references" in fields:
            results.compare(fields["references"])
        elif "memory" in fields:
            results.memory = max(results.memory, fields["memory"])
        elif "index" in fields:
            results.add(**fields)
            said(results)

    while indices:
        at_hand, code, errors = run(options, {"indices": [indices.start, indices.stop, indices.step]}, tell)
        if code == 0:
            return
        if at_hand is None:
            with results.lock:
                results.stillborn = f"a worker ended with {code} before its first call:\n{errors[-3000:]}"
            return
        results.add(at_hand, *_epitaph(code, errors), between=at_hand == reported)
        indices = range(at_hand + indices.step, indices.stop, indices.step)


def outcome_of(options, program):
    """The finding of a program in a process of its own, or None."""
    found = []

    def tell(fields):
        if "index" in fields and fields["kind"] not in ("value", "refused"):
            found.append(Finding(fields["kind"], fields["what"], fields["detail"]))

    task = {"indices": [0, 1, 1], "programs": [program]}
    _, code, errors = run(options, task, tell)
    if code:
        found.append(Finding(*_epitaph(code, errors)))
    return found[0] if found else None
