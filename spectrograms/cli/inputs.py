"""Recordings as they are typed: files, and folders of them at any depth."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from spectrograms._common.files import as_text
from spectrograms.cli.options import UsageError
from spectrograms.errors import INPUT_ERRORS

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


class Source(NamedTuple):
    """A recording, and the name of what is made of it: its own, or its path within the folder given."""

    path: str
    name: str


def sources_of(paths: Sequence[str], console: Console) -> list[Source]:
    """Every recording that the paths stand for; what a folder holds beside sound is counted, and said.

    A folder that cannot be listed, and what cannot be read in one, has failed; a path that does not exist
    fails when it is read.
    """
    found: list[Source] = []
    for path in paths:
        if os.path.isdir(path):
            found += _sources_in(path, console)
        else:
            found.append(Source(path, os.path.splitext(os.path.basename(path))[0]))
    return found


def _sources_in(folder, console):
    """Recordings in a folder; UsageError if it holds nothing to read."""
    # Imported here, since these know archives, tables and object stores, too.
    from spectrograms.corpus.inputs.finding import left_out_words
    from spectrograms.corpus.inputs.folders import files_in
    from spectrograms.corpus.inputs.items import Item
    from spectrograms.corpus.inputs.kinds import refuse_odd

    left_out = Counter()
    try:
        entries = files_in(folder, left_out)
    except OSError as error:
        console.fail(folder, error)
        return []
    if not entries:
        words = left_out_words(left_out) or "it is empty"
        raise UsageError(f"no recordings in the folder {as_text(folder)}: {words}")
    if left_out:
        console.detail(left_out_words(left_out))
    found = []
    for path, odd in entries:
        name = os.path.splitext(os.path.relpath(path, folder))[0]
        try:
            if odd:  # it might block its reader forever
                refuse_odd(Item(name, path))
            found.append(Source(path, name))
        except INPUT_ERRORS as error:
            console.fail(path, error)
    return found
