"""``spectrograms info``: the headers of audio files."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from spectrograms.audio import audio_info
from spectrograms.cli.console import print_json, print_table, printable

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

_HEADER = ("file", "seconds", "rate", "channels", "samples", "format", "subtype")


def run(args: Namespace, console: Console) -> bool:
    """Print a table, or JSON, of the files' headers. Returns whether any failed."""
    infos = []
    for path in args.files:
        try:
            infos.append(audio_info(path))
        except (OSError, ValueError) as error:
            console.fail(path, error)
    if args.json:
        files = [{**asdict(info), "path": printable(info.path)} for info in infos]
        print_json({"command": "info", "files": files, "failed": console.failed})
    elif infos:
        print_table(_HEADER, [_row(info) for info in infos])
    return console.report_failed(len(args.files))


def _row(info):
    return (
        printable(info.path),
        f"{info.duration:.3f}",
        str(info.sample_rate),
        str(info.n_channels),
        str(info.n_samples),
        info.format,
        info.subtype,
    )
