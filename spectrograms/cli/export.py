"""``spectrograms export``: a feature store in another format."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from spectrograms.cli.console import print_json, printable

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Export. Nothing can fail in part."""
    from spectrograms.corpus.exporting import export

    count = export(args.store, args.kind, args.output)
    console.say(f"{count} records written to {printable(args.output)}")
    if args.json:
        print_json({"command": "export", "to": args.kind, "out": printable(args.output), "records": count})
    return False
