"""``spectrograms compute``: files in, spectrograms out."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from spectrograms._common.files import as_text
from spectrograms.cli.console import print_json
from spectrograms.cli.options import OPTIONS, UsageError, local_path, resolve
from spectrograms.corpus.inputs.places import local
from spectrograms.errors import INPUT_ERRORS

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Compute and write every file. Returns whether any failed."""
    flags = {option.name: getattr(args, option.name) for option in OPTIONS if hasattr(args, option.name)}
    config = resolve(args.config, flags)
    if args.print_config:
        print_json(config)
        return False
    _check_usage(args, config)

    # Imported here, so that everything above answers without NumPy.
    from spectrograms.cli.output import Target
    from spectrograms.cli.planning import Planner, describe, read_channels

    planner = Planner(config)
    target = None
    if args.output != "-":
        target = Target(args.output, args.formats, args.files)
        target.make_folder()

    started = time.perf_counter()
    done = []
    for path in console.progress(args.files):
        try:
            parts, sample_rate = read_channels(local(path, "an input"), config)
            plan = planner.plan(sample_rate)
            results = [(channel, plan.compute(samples)) for channel, samples in parts]
        except INPUT_ERRORS as error:
            console.fail(path, error)
            continue
        # Outside the try: a full disk is not the fault of an input, and ends the run.
        title = f"{as_text(path.rpartition('/')[2])} ({describe(config, sample_rate)})"
        outputs = []
        for channel, spectrogram in results:
            # A single channel keeps the file's own name.
            suffix = channel if config["channels"] == "each" else None
            outputs += _write(target, path, suffix, spectrogram, title)
        entry: dict[str, Any] = {
            "path": as_text(path),
            "outputs": [as_text(output) for output in outputs],
            "sample_rate": sample_rate,
            "n_samples": len(parts[0][1]),
            "duration": len(parts[0][1]) / sample_rate,
            "shape": list(results[0][1].shape),
            "unit": results[0][1].unit,
        }
        done.append(entry)
        console.detail(f"{entry['path']} -> {', '.join(entry['outputs']) or 'stdout'}")
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


def _write(target, path, channel, spectrogram, title):
    """Write one spectrogram in every format. Returns the paths."""
    if target is None:
        import numpy as np

        # Given a real file, NumPy would write to its descriptor, and hide a closed pipe in another error.
        np.save(SimpleNamespace(write=sys.stdout.buffer.write), spectrogram.data)
        return []
    from spectrograms.cli.output import write

    outputs = target.paths(path, channel)
    for output in outputs:
        write(spectrogram, output, title if channel is None else f"{title}, channel {channel}")
    return outputs
