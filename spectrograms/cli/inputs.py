"""Recordings as they are typed: files, folders of them at any depth, and objects in stores."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from spectrograms._common.files import as_text
from spectrograms.audio.suffixes import is_sound
from spectrograms.cli.options import UsageError
from spectrograms.errors import INPUT_ERRORS
from spectrograms.places.urls import is_url, placed, said

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


class Source(NamedTuple):
    """A recording, and the name of what is made of it: its own, or its path within the folder given."""

    path: str
    name: str


def sources_of(paths: Sequence[str], console: Console) -> list[Source]:
    """Every recording that the paths stand for; what a folder holds beside sound is counted, and said.

    A folder that cannot be listed, and what cannot be read in one, has failed; a path that does not exist
    fails when it is read. A URL may be a pattern, since no shell looks for what it matches.
    """
    found: list[Source] = []
    for path in paths:
        if is_url(path):
            found += _sources_far(path, console)
        elif os.path.isdir(path):
            found += _sources_in(path, console)
        else:
            found.append(Source(path, stem_of(path)))
    return found


def stem_of(path: str) -> str:
    """The name of a file or an object, without its suffix."""
    return os.path.splitext(os.path.basename(path))[0]


def _sources_far(path, console):
    """Objects in a store: one, those below a name, or those that match a pattern."""
    from spectrograms.corpus.inputs import far
    from spectrograms.corpus.inputs.finding import left_out_words

    left_out, found = Counter(), []
    try:
        url = placed(path, "an input")
        if far.is_pattern(url):
            found = [Source(place.url, stem_of(place.url)) for place in far.matching(url, left_out)]
        elif is_sound(url) or (there := far.found_in(url, left_out)) is None:
            found = [Source(url, stem_of(url))]
        else:
            found = [Source(place.url, os.path.splitext(name)[0]) for name, place in there]
    except INPUT_ERRORS as error:
        console.fail(said(path), error)
        return []
    words = left_out_words(left_out)
    if not found:
        raise UsageError(f"no recordings in {url}: {words}")
    if words:
        console.detail(words)
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
