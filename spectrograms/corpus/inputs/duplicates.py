"""Items with equal ids: refused with a list of all, renamed, or dropped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator

from spectrograms._common.files import as_text
from spectrograms.corpus.inputs.items import Item
from spectrograms.errors import InvalidInputError

#: Ways to handle equal ids.
ON_DUPLICATE = ("error", "suffix", "first")
# How many ids and paths a message names.
_NAMED_IDS, _NAMED_PATHS = 20, 3


def check(on_duplicate: str) -> str:
    """`on_duplicate`, if it is one of :data:`ON_DUPLICATE`."""
    if on_duplicate not in ON_DUPLICATE:
        raise InvalidInputError(
            f"on_duplicate must be one of {', '.join(ON_DUPLICATE)}, got {on_duplicate!r}"
        )
    return on_duplicate


def settle(items: list[Item], odd: set[int], on_duplicate: str) -> tuple[list[Item], int]:
    """Give items distinct ids, in the same order; also return how many were dropped.

    Parameters
    ----------
    items : list of Item
    odd : set of int
        Indices of items for something other than a file: they do not affect the ids of files.
    on_duplicate : {"error", "suffix", "first"}
        ``suffix``: items that share an id keep the suffix of their file, and get a number if that is not
        enough. ``first``: all but the first are dropped.

    Raises
    ------
    InvalidInputError
        If ids are equal and `on_duplicate` is ``"error"``; the message names them all, or the first twenty.
    """
    counts = Counter(item.id for item in items)
    if len(counts) == len(items):
        return items, 0
    counts = Counter(item.id for k, item in enumerate(items) if k not in odd)
    shared = {name for name, count in counts.items() if count > 1}
    if shared and on_duplicate == "error":
        raise InvalidInputError(_message(items, odd, shared))
    taken = set(counts) if on_duplicate == "first" else set(counts) - shared
    kept: list[Item | None] = list(items)
    given: set[str] = set()
    for k, item in enumerate(items):
        if k in odd or item.id not in shared:
            continue
        if on_duplicate == "suffix":
            kept[k] = item._replace(id=_free(_with_suffix(item), taken))
        elif item.id in given:
            kept[k] = None
        given.add(item.id)
    # Last, so that they never change the id of a file.
    for k in sorted(odd):
        item = items[k]
        kept[k] = item._replace(id=_free(item.id if item.id not in taken else _with_suffix(item), taken))
    settled = [item for item in kept if item is not None]
    return settled, len(items) - len(settled)


def _with_suffix(item):
    return item.id + as_text(os.path.splitext(item.path)[1])


def _free(name, taken):
    """A name that is not taken yet; it is taken afterwards."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found


def _message(items, odd, shared):
    paths = {name: [] for name in list(_in_order(items, shared))[:_NAMED_IDS]}
    for k, item in enumerate(items):
        if item.id in paths and k not in odd:
            paths[item.id].append(as_text(item.path))
    named = "; ".join(f"{_short(name)!r} for {_listed(found)}" for name, found in paths.items())
    more = len(shared) - len(paths)
    return (
        f"ids must differ, got {named}{f'; and {more} more ids' if more else ''}: on_duplicate 'suffix' or "
        "'first' (--on-duplicate), or a manifest with ids, tells them apart"
    )


def _in_order(items: Iterable[Item], shared: set[str]) -> Iterator[str]:
    return iter(dict.fromkeys(item.id for item in items if item.id in shared))


def _listed(paths):
    shown = [repr(_short(path)) for path in paths[:_NAMED_PATHS]]
    if len(paths) > _NAMED_PATHS:
        shown.append(f"{len(paths) - _NAMED_PATHS} more")
    return ", ".join(shown[:-1]) + " and " + shown[-1]


def _short(name):
    return name if len(name) <= 200 else f"{name[:197]}..."
