"""What to extract: folders, patterns, files, lists of files and manifests become items with ids."""

from __future__ import annotations

import csv
import glob
import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from spectrograms.errors import InvalidInputError

#: Suffixes of the files that are taken from a folder.
AUDIO_SUFFIXES = frozenset(
    (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".au", ".caf", ".w64")
)
_LISTS = (".txt", ".lst", ".list")
_MANIFESTS = (".csv", ".tsv", ".jsonl")
# Column names of others for ours; those of NeMo's manifests.
_COLUMNS = {"audio_filepath": "path", "offset": "start"}


class Item(NamedTuple):
    """One thing to extract: a file or a part of one.

    Attributes
    ----------
    id : str
        Its name in the store.
    path : str
        The file.
    start : float
        Where to begin, in seconds.
    duration : float or None
        How much to take at most, in seconds; None for all that follows.
    """

    id: str
    path: str
    start: float = 0.0
    duration: float | None = None


def weight(item: Item) -> int:
    """Bytes of an item's file, or about those of the part asked for: a guess at its samples and frames."""
    if item.duration is not None:
        return int(item.duration * 32000)
    try:
        return os.stat(item.path).st_size
    except OSError:
        return 0  # the reader says what is wrong


def find_inputs(inputs: Any) -> list[Item]:
    """List everything that `inputs` stand for, in a fixed order.

    Parameters
    ----------
    inputs : str, path, dict, Item, or iterable of them
        - A folder: its audio files at any depth, in the order of their names; the id is the path within
          the folder without the suffix.
        - A pattern with ``*``, ``?`` or ``[``: the files that match, ``**`` for any depth; the id is the
          path without the suffix, and without a leading ``/`` or ``../``.
        - An audio file, likewise.
        - A list: a ``.txt``, ``.lst`` or ``.list`` file of paths, one a line, relative to the list's folder.
        - A manifest: a ``.csv``, ``.tsv`` or ``.jsonl`` file with ``path`` and optionally ``id``, ``start``
          and ``duration`` in seconds (or NeMo's ``audio_filepath`` and ``offset``). The id of a row without
          one is its path without the suffix, and ``@start`` where a start is given.
        - A dict with these keys.

    Returns
    -------
    list of Item

    Raises
    ------
    FileNotFoundError
        If an input does not exist.
    InvalidInputError
        If two items have the same id, a manifest cannot be understood, or there is nothing to extract.
    """
    if isinstance(inputs, (str, os.PathLike, dict, Item)):
        inputs = [inputs]
    if not isinstance(inputs, Iterable):
        raise TypeError(f"inputs must be a path, or an iterable of them, got {type(inputs).__name__}")
    items = [item for source in inputs for item in _items(source)]
    if not items:
        raise InvalidInputError("inputs must hold at least one file, got none")
    _refuse_equal_ids(items)
    return items


def _items(source):
    if isinstance(source, Item):
        return [source]
    if isinstance(source, dict):
        return [_from_fields(source, "", "an input")]
    path = os.fspath(source)
    if os.path.isdir(path):
        return _in_folder(path)
    if not os.path.lexists(path) and glob.has_magic(path):
        return _matching(path)
    if not os.path.exists(path):
        raise FileNotFoundError(f"input {_text(path)!r} does not exist")
    suffix = os.path.splitext(path)[1].lower()
    if suffix in _LISTS:
        return _from_list(path)
    if suffix in _MANIFESTS:
        return _from_manifest(path, suffix)
    return [Item(_id_of(path), path)]


def _in_folder(root):
    items = [Item(_id_of(os.path.relpath(path, root)), path) for path in _walk(root, set())]
    if not items:
        raise InvalidInputError(f"folder {_text(root)!r} must hold audio files, got none")
    return items


def _walk(folder, seen):
    """Audio files at any depth; a folder that a link leads to again is passed over."""
    status = os.stat(folder)
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as entries:
        entries = sorted(entries, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir():
            yield from _walk(entry.path, seen)
        elif os.path.splitext(entry.name)[1].lower() in AUDIO_SUFFIXES:
            yield entry.path


def _matching(pattern):
    paths = sorted(path for path in glob.iglob(pattern, recursive=True) if not os.path.isdir(path))
    if not paths:
        raise FileNotFoundError(f"no file matches {_text(pattern)!r}")
    return [Item(_id_of(path), path) for path in paths]


def _from_list(path):
    folder = os.path.dirname(path)
    with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
        lines = [line.strip() for line in file]
    items = [Item(_id_of(line), os.path.join(folder, line)) for line in lines if line]
    if not items:
        raise InvalidInputError(f"list {_text(path)!r} must hold paths, one a line, got none")
    return items


def _from_manifest(path, suffix):
    folder = os.path.dirname(path)
    with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = _json_rows(file, path) if suffix == ".jsonl" else _csv_rows(file, path, suffix)
        items = [_from_fields(fields, folder, f"{_text(path)}, line {line}") for line, fields in rows]
    if not items:
        raise InvalidInputError(f"manifest {_text(path)!r} must hold rows, got none")
    return items


def _csv_rows(file, path, suffix):
    reader = csv.DictReader(file, delimiter="\t" if suffix == ".tsv" else ",")
    names = [_text(name) for name in reader.fieldnames or ()]
    if not {"path", "audio_filepath"}.intersection(names):
        raise InvalidInputError(f"{_text(path)}: columns must include path, got {', '.join(names) or 'none'}")
    for fields in reader:
        if None in fields:
            # A comma in a name that stands without quotes would otherwise cut it.
            raise InvalidInputError(
                f"{_text(path)}, line {reader.line_num}: expected {len(names)} cells, got more: "
                "quote those that hold a separator"
            )
        # Empty cells are values that are not given.
        yield reader.line_num, {name: value for name, value in fields.items() if value not in (None, "")}


def _json_rows(file, path):
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except ValueError as error:
            raise InvalidInputError(f"{_text(path)}, line {number}: not valid JSON: {error}") from None
        if not isinstance(fields, dict):
            raise InvalidInputError(f"{_text(path)}, line {number}: expected an object, got {line.strip()!r}")
        yield number, fields


def _from_fields(fields, folder, where):
    """An item from the columns of a manifest; those that are not ours are passed over."""
    fields = {_COLUMNS.get(name, name): value for name, value in fields.items()}
    path = fields.get("path")
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise InvalidInputError(f"{where}: path must be given as text, got {path!r}")
    path = os.fspath(path)
    start = _seconds(fields, "start", where)
    duration = _seconds(fields, "duration", where)
    if duration == 0.0:
        raise InvalidInputError(f"{where}: duration must be > 0 seconds, got 0")
    name = fields.get("id")
    if name is None:
        name = _id_of(path) if start is None else f"{_id_of(path)}@{start:g}"
    elif name == "" or isinstance(name, bool) or not isinstance(name, (str, int, float)):
        raise InvalidInputError(f"{where}: id must be text or a number, got {name!r}")
    return Item(_text(str(name)), os.path.join(folder, path), start or 0.0, duration)


def _seconds(fields, name, where):
    value = fields.get(name)
    if value is None:
        return None
    try:
        seconds = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0.0):
        raise InvalidInputError(f"{where}: {name} must be a number of seconds >= 0, got {value!r}")
    return seconds


def _id_of(path):
    """A path without its suffix, and without what leads out of the folder it starts from."""
    path = Path(os.path.normpath(path)).with_suffix("")
    parts = [part for part in path.parts if part not in (path.anchor, os.pardir)]
    return _text("/".join(parts))


def _text(path):
    """A path as text that can be written anywhere; undecodable bytes are escaped."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _refuse_equal_ids(items):
    if len({item.id for item in items}) == len(items):
        return
    seen = {}
    for item in items:
        other = seen.setdefault(item.id, item)
        if other is not item:
            raise InvalidInputError(
                f"ids must differ, got {item.id!r} for {_text(other.path)!r} and {_text(item.path)!r}; "
                "a manifest with ids tells them apart"
            )
