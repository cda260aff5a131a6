"""``spectrograms export``: a feature store in another format."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from spectrograms._common.files import as_text
from spectrograms.cli.console import print_json
from spectrograms.cli.options import any_path

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Export a store. Returns False: an export succeeds or fails as a whole."""
    out = any_path("-o", args.output)
    from spectrograms.corpus.exports.exporting import export
    from spectrograms.corpus.stores.store import FeatureStore

    store = FeatureStore(args.store)
    with console.bar(len(store), "record") as show:
        count = export(store, args.kind, out, lambda done, total: show(done))
    console.say(f"{count} records written to {as_text(out)}")
    if args.json:
        print_json({"command": "export", "to": args.kind, "out": as_text(out), "records": count})
    return False
