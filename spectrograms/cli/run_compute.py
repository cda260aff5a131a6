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
from spectrograms.cli.look import PICTURES, Look
from spectrograms.cli.options import MOST_WORKERS, OPTIONS, UsageError, local_path, resolve

if TYPE_CHECKING:
    from spectrograms.cli.console import Console
    from spectrograms.cli.inputs import Source

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
    look = Look.of(args)
    look.suit(config)

    # Imported here, so that everything above answers without NumPy.
    from spectrograms.cli.computing import Work
    from spectrograms.cli.inputs import sources_of

    if {*(args.formats or ()), os.path.splitext(args.output)[1][1:].lower()} & {*PICTURES}:
        look.check()

    sources = sources_of(args.files, console)
    n_inputs = len(sources) + len(console.failed)
    if args.output == "-":
        _check_single(sources)
    work = Work(config, sources, args.output, args.formats, look)
    started = time.perf_counter()
    done: list[dict[str, Any]] = []
    with console.bar(n_inputs) if n_inputs > 1 else nullcontext(_silent) as show:

        def seen(source: Source, outcome: dict[str, Any] | Exception) -> None:
            if isinstance(outcome, Exception):
                console.fail(source.path, outcome)
            else:
                done.append(outcome)
                console.detail(f"{outcome['path']} -> {', '.join(outcome['outputs']) or 'stdout'}")
            show(len(done) + len(console.failed), f"{len(console.failed)} failed" if console.failed else "")

        workers = _workers(args.workers, sources)
        if workers == 1:
            for source in sources:
                seen(source, work.outcome(source))
        else:
            _share(workers, work, sources, seen)
    seconds = time.perf_counter() - started

    if args.json:
        document = {"command": "compute", "config": config, "files": done, "failed": console.failed}
        print_json({**document, "seconds": seconds})
    if n_inputs > 1:
        audio = sum(entry["duration"] for entry in done)
        console.say(f"{len(done)} files, {audio:.1f} s of audio in {seconds:.2f} s")
    return console.report_failed(n_inputs)


def _check_usage(args, config):
    if not args.files:
        raise UsageError("no FILE given: name recordings, or folders of them")
    if args.output is None:
        raise UsageError("no -o OUT given: a .npz, .npy or .png file for one FILE, or a folder")
    local_path("-o", args.output)
    if args.workers is not None and not 1 <= args.workers <= MOST_WORKERS:
        raise UsageError(f"--workers must be in 1..{MOST_WORKERS}, got {args.workers}")

    if args.output != "-":
        return
    if args.json:
        raise UsageError("-o - and --json both want stdout")
    if args.formats not in (None, ["npy"]):
        raise UsageError("-o - writes .npy only")
    if config["channels"] == "each":
        raise UsageError("-o - writes one array: use --channels mix or a number")
    _check_single(args.files)
    if sys.stdout.isatty():
        raise UsageError("-o - would write binary data to the terminal")


def _check_single(inputs):
    if len(inputs) > 1:
        raise UsageError("-o - writes one array, but there are several inputs")


def _silent(done, words=""):
    """Progress of a single file."""


def _workers(asked, sources):
    """How many processes compute."""
    from spectrograms import get_num_threads
    from spectrograms._common.sharing import WORTH, may_start, seconds_of

    if asked is not None or not may_start():
        return max(1, min(asked or 1, len(sources)))
    size = sum(os.path.getsize(source.path) for source in sources if os.path.isfile(source.path))
    return get_num_threads() if seconds_of(len(sources), size) >= WORTH else 1


def _share(workers, work, sources, seen):
    """Compute with several processes; what came of each file is seen in order."""
    from spectrograms._common.processes import Crew, Job, in_order
    from spectrograms.cli.computing import setup, task
    from spectrograms.corpus.run.guard import stopping

    stop, ordered = threading.Event(), in_order()
    # Small jobs, so that all processes are busy to the end.
    size = max(1, min(_HANDFUL, len(sources) // (4 * workers)))
    jobs = (Job(number, sources[at : at + size]) for number, at in enumerate(range(0, len(sources), size)))

    def done(job, outcomes):
        for dealt, found in ordered(job.number, (job.payload, outcomes)):
            for source, outcome in zip(dealt, found, strict=False):
                seen(source, outcome)

    with stopping(stop) as signals, Crew(workers, task, setup, work.plain) as crew:
        crew.run(jobs, stop, done, mended=work.remove_remains)
    if signals:
        raise KeyboardInterrupt
