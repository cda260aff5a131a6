"""``spectrograms report``: a feature store in one page of HTML."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from spectrograms.cli.console import print_json
from spectrograms.cli.options import UsageError, any_path, local_path

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Write the page. Returns False: there is nothing else that could fail."""
    output, store = local_path("-o", args.output), any_path("STORE", args.store)
    if not output.endswith((".html", ".htm")):
        raise UsageError(f"-o must end in .html, got {output}")

    # Imported here, so that usage errors answer without NumPy.
    from spectrograms._common.files import as_text, replacing
    from spectrograms.corpus.stores.store import FeatureStore
    from spectrograms.integrations.report import report

    opened = FeatureStore(store)
    page = report(opened)
    with replacing(output) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(page)
    if args.json:
        numbers = {"records": len(opened), "failed": len(opened.errors)}
        print_json({"command": "report", "store": as_text(store), "output": as_text(output), **numbers})
    console.say(f"{store}: {len(opened)} records -> {output} ({len(page) / 1e6:.1f} MB)")
    return False
