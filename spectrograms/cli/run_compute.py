"""``spectrograms compute``: files in, spectrograms out."""

from __future__ import annotations

import os
import sys
import threading
import time
from argparse import Namespace
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from spectrograms.cli.console import print_json
from spectrograms.cli.options import MOST_WORKERS, OPTIONS, UsageError, local_path, resolve

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

# Files that a process takes at once.
_HANDFUL = 16


def run(args: Namespace, console: Console) -> bool:
    """Compute and write every file. Returns whether any failed."""
    flags = {option.name: getattr(args, option.name) for option in OPTIONS if hasattr(args, option.name)}
    config = resolve(args.config, flags)
    if args.print_config:
        print_json(config)
        return False
    _check_usage(args, config)

    # Imported here, so that everything above answers without NumPy.
    from spectrograms.cli.computing import Work

    work = Work(config, args.files, args.output, args.formats)
    started = time.perf_counter()
    done: list[dict[str, Any]] = []
    with console.bar(len(args.files)) if len(args.files) > 1 else nullcontext(_silent) as show:

        def seen(path: Any, outcome: dict[str, Any] | Exception) -> None:
            if isinstance(outcome, Exception):
                console.fail(path, outcome)
            else:
                done.append(outcome)
                console.detail(f"{outcome['path']} -> {', '.join(outcome['outputs']) or 'stdout'}")
            show(len(done) + len(console.failed), f"{len(console.failed)} failed" if console.failed else "")

        workers = _workers(args)
        if workers == 1:
            for path in args.files:
                seen(path, work.outcome(path))
        else:
            _share(workers, work, args.files, seen)
    seconds = time.perf_counter() - started

    if args.json:
        document = {"command": "compute", "config": config, "files": done, "failed": console.failed}
        print_json({**document, "seconds": seconds})
    if len(args.files) > 1:
        audio = sum(entry["duration"] for entry in done)
        console.say(f"{len(done)} files, {audio:.1f} s of audio in {seconds:.2f} s")
    return console.report_failed(len(args.files))


def _check_usage(args, config):
    if not args.files:
        raise UsageError("no FILE given")
    if args.output is None:
        raise UsageError("no -o OUT given")
    local_path("-o", args.output)
    if args.workers is not None and not 1 <= args.workers <= MOST_WORKERS:
        raise UsageError(f"--workers must be in 1..{MOST_WORKERS}, got {args.workers}")
    if args.output != "-":
        return
    if len(args.files) > 1:
        raise UsageError("-o - writes one array, but there are several inputs")
    if args.json:
        raise UsageError("-o - and --json both want stdout")
    if args.formats not in (None, ["npy"]):
        raise UsageError("-o - writes .npy only")
    if config["channels"] == "each":
        raise UsageError("-o - writes one array: use --channels mix or a number")
    if sys.stdout.isatty():
        raise UsageError("-o - would write binary data to the terminal")


def _silent(done, words=""):
    """Progress of a single file."""


def _workers(args):
    """How many processes compute."""
    from spectrograms import get_num_threads
    from spectrograms._common.sharing import WORTH, may_start, seconds_of

    if args.workers is not None or not may_start():
        return min(args.workers or 1, len(args.files))
    size = sum(os.path.getsize(path) for path in args.files if os.path.isfile(path))
    return get_num_threads() if seconds_of(len(args.files), size) >= WORTH else 1


def _share(workers, work, files, seen):
    """Compute with several processes; what came of each file is seen in order."""
    from spectrograms._common.processes import Crew, Job, in_order
    from spectrograms.cli.computing import setup, task
    from spectrograms.corpus.run.guard import stopping

    stop, ordered = threading.Event(), in_order()
    # Small jobs, so that all processes are busy to the end.
    size = max(1, min(_HANDFUL, len(files) // (4 * workers)))
    jobs = (Job(number, files[at : at + size]) for number, at in enumerate(range(0, len(files), size)))

    def done(job, outcomes):
        for paths, found in ordered(job.number, (job.payload, outcomes)):
            for path, outcome in zip(paths, found, strict=False):
                seen(path, outcome)

    with stopping(stop) as signals, Crew(workers, task, setup, work.plain) as crew:
        crew.run(jobs, stop, done, mended=work.remove_remains)
    if signals:
        raise KeyboardInterrupt
