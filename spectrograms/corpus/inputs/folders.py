"""Files in folders and by patterns: each once, without hidden ones.

Things that are neither a file nor a folder (a FIFO, a device, a broken or circular link) and folders that
cannot be listed are called odd, and treated like files. Reading them fails, so that each is one failed input:
the run goes on, and a later one finds them mended.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from typing import NamedTuple

from spectrograms._common.files import as_text
from spectrograms.audio.suffixes import sound_suffixes
from spectrograms.errors import InvalidInputError

#: Files that are left out are counted under these words, or their suffix.
HIDDEN, LINK, NO_SUFFIX = "hidden", "link", "no suffix"
# A walk tells whether a folder was entered or cannot be listed.
_ENTERED, _CLOSED = object(), object()


class Found(NamedTuple):
    """A path, and whether it is odd instead of a file."""

    path: str
    odd: bool


def suffix_of(path: str) -> str:
    """The suffix of a path in lower case, with its dot; undecodable bytes are escaped."""
    return as_text(os.path.splitext(path)[1].lower())


def files_in(root: str, left_out: Counter[str]) -> list[Found]:
    """Sound files in a folder, at any depth, in the order of names; folders are entered once.

    Parameters
    ----------
    root : str
    left_out : Counter
        Counts what is left out, by suffix.

    Raises
    ------
    OSError
        If the folder itself cannot be listed.
    """
    found, sounds = [], sound_suffixes()
    for folder, entry in _walk(root, left_out):
        if entry is _CLOSED:
            found.append((Found(folder, True), folder, False))
        elif entry is _ENTERED:
            continue
        elif not _is_file(entry):
            found.append((Found(entry.path, True), folder, False))
        elif (suffix := suffix_of(entry.name)) in sounds:
            found.append((Found(entry.path, False), folder, entry.is_symlink()))
        else:
            left_out[suffix or NO_SUFFIX] += 1
    return _once(found, left_out)


def _once(found, left_out):
    """Drop links to files that are found under their own name, or through an earlier link."""
    if not any(linked for _, _, linked in found):
        return [entry for entry, _, _ in found]
    folders = {folder: os.path.realpath(folder) for _, folder, _ in found}
    given = {
        os.path.join(folders[folder], os.path.basename(entry.path))
        for entry, folder, linked in found
        if not linked
    }
    kept = []
    for entry, _, linked in found:
        if linked:
            real = os.path.realpath(entry.path)
            if real in given:
                left_out[LINK] += 1
                continue
            given.add(real)
        kept.append(entry)
    return kept


def _walk(root, left_out):
    """Pairs of a folder and an entry that is not a folder; `_ENTERED` comes first, or `_CLOSED` alone."""
    status = os.stat(root)
    seen = {(status.st_dev, status.st_ino)}
    # An explicit stack, as folders may be nested more deeply than Python's recursion limit.
    waiting = [(root, iter(_sorted(root)))]
    yield root, _ENTERED
    while waiting:
        folder, entries = waiting[-1]
        entry = next(entries, None)
        if entry is None:
            waiting.pop()
        elif entry.name.startswith("."):
            left_out[HIDDEN] += 1
        elif not _is_folder(entry):
            yield folder, entry
        else:
            try:
                status = os.stat(entry.path)  # entry.stat() has no inode on Windows
                inside = _sorted(entry.path)
            except OSError:
                yield entry.path, _CLOSED
                continue
            if (status.st_dev, status.st_ino) in seen:
                left_out[LINK] += 1
                continue
            seen.add((status.st_dev, status.st_ino))
            waiting.append((entry.path, iter(inside)))
            yield entry.path, _ENTERED


def _sorted(folder):
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # circular links, or links into a folder without access
        return False


def _is_file(entry):
    try:
        return entry.is_file()
    except OSError:
        return False


def matching(pattern: str, left_out: Counter[str]) -> list[Found]:
    """Files that match a pattern, in the order of their paths.

    A pattern that ends in a suffix includes every file with it, any other only sound files.

    Raises
    ------
    FileNotFoundError
        If there are none.
    InvalidInputError
        If the pattern has too many parts.
    """
    closed: set[str] = set()
    try:
        paths = {*_expanded(pattern, closed), *closed}
    except RecursionError:
        raise InvalidInputError(f"pattern has too many parts: {as_text(pattern)[:100]!r}...") from None
    suffix = os.path.splitext(pattern)[1]
    sounds = sound_suffixes()
    named = len(suffix) > 1 and not glob.has_magic(suffix)
    found = []
    for path in sorted(paths):
        if path in closed:
            found.append(Found(path, True))
        elif os.path.isdir(path):
            continue
        elif not os.path.isfile(path):
            found.append(Found(path, True))
        elif named or suffix_of(path) in sounds:
            found.append(Found(path, False))
        else:
            left_out[suffix_of(path) or NO_SUFFIX] += 1
    if not found:
        raise FileNotFoundError(f"no file matches {as_text(pattern)!r}")
    return found


def _expanded(pattern, closed):
    """The paths of a pattern; for ``**`` a folder is entered once, however many links lead to it."""
    before, deep, rest = _split(pattern)
    if not deep:
        try:
            yield from glob.iglob(pattern)
        except ValueError:  # NUL
            return
        return
    for base in sorted(_expanded(before, closed)) if before else [""]:
        if os.path.isdir(base or os.curdir):
            for folder, state in _folders(base):
                if state is _CLOSED:
                    closed.add(folder)
                else:
                    yield from _expanded(os.path.join(glob.escape(folder), rest or "*"), closed)


def _split(pattern):
    """The part of a pattern before the first ``**``, whether there is one, and the part behind it."""
    parts = (pattern.replace(os.altsep, os.sep) if os.altsep else pattern).split(os.sep)
    if "**" not in parts:
        return pattern, False, ""
    k = parts.index("**")
    before = os.sep.join(parts[:k])
    if k and not before:
        before = os.sep
    return before, True, os.sep.join(parts[k + 1 :])


def _folders(base):
    """A folder and all folders below it that are not hidden, and whether they can be listed."""
    try:
        for folder, entry in _walk(base or os.curdir, Counter()):
            if entry is _ENTERED or entry is _CLOSED:
                yield folder if base else folder.removeprefix(os.curdir).removeprefix(os.sep), entry
    except OSError:
        yield base, _CLOSED
