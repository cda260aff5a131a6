"""``spectrograms average``: means and percentiles over stretches of one file, however long."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spectrograms.cli.console import print_json
from spectrograms.cli.options import OPTIONS, UsageError, local_path, resolve

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

FORMATS = (".npz", ".csv")


def run(args: Namespace, console: Console) -> bool:
    """Average a file and write the result. Returns False: there is nothing else that could fail."""
    flags = {option.name: getattr(args, option.name) for option in OPTIONS if hasattr(args, option.name)}
    config = resolve(args.config, flags)
    suffix = os.path.splitext(local_path("-o", args.output))[1].lower()
    if suffix not in FORMATS:
        raise UsageError(f"-o must end in {' or '.join(FORMATS)}, got {args.output}")
    if config["feature"] != "spectrogram":
        raise UsageError(f"average takes spectrograms alone, got --feature {config['feature']}")
    if config["amplitude"] == "magnitude" or config["channels"] == "each":
        raise UsageError("average takes --amplitude power or db, and one channel or their mix")

    # Imported here, so that usage errors answer without NumPy.
    from spectrograms.cli.planning import log_params
    from spectrograms.features.averages import LongTermAverage
    from spectrograms.places.urls import said

    plan, blocks = _opened(args.file, config)
    average = LongTermAverage(plan, args.every, args.percentiles)
    average.extend(blocks)
    spectrum = average.finish()
    if config["amplitude"] == "db":
        spectrum = spectrum.to_db(log_params(config))
    write = _write_npz if suffix == ".npz" else _write_csv
    write(args.output, _statistics(spectrum), spectrum)
    if args.json:
        shape = list(spectrum.mean.shape)
        print_json({"command": "average", "output": args.output, "shape": shape, "unit": spectrum.unit})
    console.say(f"{said(args.file)}: {spectrum!r} -> {args.output}")
    return False


def _opened(path, config):
    """The plan of power for a file, and its blocks."""
    from spectrograms.audio import audio_blocks, audio_info
    from spectrograms.cli.planning import Planner

    rate = config["sample_rate"] or audio_info(path).sample_rate
    plan = Planner({**config, "amplitude": "power", "sample_rate": rate}).plan(rate)
    channels = config["channels"]
    blocks = audio_blocks(path, rate, channels == "mix", quality=config["resampling_quality"])
    return plan, blocks if channels == "mix" else _channel(blocks, channels)


def _channel(blocks, index):
    for block in blocks:
        if index >= len(block):
            raise UsageError(f"--channels must be in 0..{len(block) - 1} for this file, got {index}")
        yield block[index]


def _statistics(spectrum) -> dict[str, Any]:
    return {"mean": spectrum.mean} | {f"p{share:g}": value for share, value in spectrum.percentiles.items()}


def _write_npz(path, statistics, spectrum):
    import numpy as np

    from spectrograms._common.files import replacing

    axes = {name: getattr(spectrum, name) for name in ("frequencies", "times", "n_frames")}
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **statistics, **axes, unit=np.array(spectrum.unit))


def _write_csv(path, statistics, spectrum):
    """A line for each stretch and statistic, a column for each row of the spectrum."""
    import csv

    from spectrograms._common.files import replacing

    with replacing(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["time in s", f"statistic in {spectrum.unit}", *map(_number, spectrum.frequencies)])
        for k, time in enumerate(spectrum.times):
            for name, values in statistics.items():
                lines.writerow([_number(time), name, *map(_number, values[:, k])])


def _number(value):
    return f"{value:.9g}"
