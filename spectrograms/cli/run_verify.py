"""``spectrograms verify``: check feature stores for damage."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from spectrograms._common.files import as_text
from spectrograms.cli.console import print_json
from spectrograms.errors import INPUT_ERRORS
from spectrograms.places.paths import folder_in
from spectrograms.places.urls import Url, said

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Check every store. Returns whether any is damaged."""
    from spectrograms.corpus.stores.manifest import shard_paths
    from spectrograms.corpus.stores.verifying import verify

    stores = []
    for path in args.stores:
        try:
            place = folder_in(path, "a store")
            with console.bar(len(shard_paths(place)), "shard") as show:
                problems = verify(place if isinstance(place, Url) else path, _counting(show))
        except INPUT_ERRORS as error:
            console.fail(said(path), error)
            continue
        bare, shards = problems.n_without_checksum, problems.n_shards
        entry = {"path": as_text(said(path)), "problems": problems}
        stores.append({**entry, "shards": shards, "shards_without_checksum": bare})
        count = f"{len(problems) or 'no'} problem{'s' * (len(problems) != 1)}"
        unchecked = f"; {bare} of {shards} shards have no checksum" if bare else ""
        console.say(f"{as_text(said(path))}: {count}{unchecked}")
        for problem in problems:
            console.say(f"  {problem}")
    if args.json:
        print_json({"command": "verify", "stores": stores, "failed": console.failed})
    damaged = any(store["problems"] for store in stores)
    return console.report_failed(len(args.stores)) or damaged


def _counting(show):
    """A callback that passes the progress of a check to a bar."""
    return lambda done, total: show(done)
