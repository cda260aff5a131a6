"""One thing to extract, its name in the store, and the checks of its fields."""

from __future__ import annotations

import math
import os
import stat
from typing import Any, NamedTuple

from spectrograms._common.files import as_text
from spectrograms.corpus.inputs.places import local
from spectrograms.errors import InvalidInputError, shown

# Column names of NeMo's manifests, and ours for them.
_COLUMNS = {"audio_filepath": "path", "offset": "start"}
# More seconds than any recording has, and few enough for their samples to be counted.
_MOST_SECONDS = 1e12
# More than in a path of 4096 bytes, all of them escaped.
_MOST_LETTERS = 32768
# Columns that give away manifests of Lhotse.
_LHOTSE = {"recording", "recording_id", "sources", "supervisions"}


class Item(NamedTuple):
    """One thing to extract: a file, a part of one, or the content of one.

    Attributes
    ----------
    id : str
        Its name in the store.
    path : str
        The file; with `data` only a name, which may be empty.
    start : float
        Where to begin, in seconds.
    duration : float or None
        How much to take, in seconds; None for the rest.
    data : bytes or None
        The content, if it is not in a file.

    See Also
    --------
    find_inputs : Makes them.

    Examples
    --------
    >>> from spectrograms.corpus import Item
    >>> item = Item("talk#2", "talk.wav", start=60.0, duration=30.0)
    >>> item.id, item.sound
    ('talk#2', 'talk.wav')
    """

    id: str
    path: str
    start: float = 0.0
    duration: float | None = None
    data: bytes | None = None

    @property
    def sound(self) -> str | bytes:
        """What :func:`spectrograms.read_audio` reads: `data` if there is some, else `path`."""
        return self.path if self.data is None else self.data

    def __repr__(self) -> str:
        # Without the content, which is as long as a file.
        data = "" if self.data is None else f", data=<{len(self.data)} bytes>"
        return f"Item(id={self.id!r}, path={self.path!r}, start={self.start}, duration={self.duration}{data})"


def weight(item: Item) -> int:
    """Bytes of an item's file, or about those of the part of it: an estimate of the work; 0 if it is none."""
    if item.duration is not None:
        return int(item.duration * 32000)
    if item.data is not None:
        return len(item.data)
    try:
        status = os.stat(item.path)
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
    except (OSError, ValueError):
        return 0  # the reader says what is wrong


def item_of(fields: dict[str, Any], folder: str, where: str, data: bytes | None = None) -> Item:
    """An item from the columns of a manifest; those that are not ours are passed over.

    Parameters
    ----------
    fields : dict
    folder : str
        What paths are relative to.
    where : str
        Where the fields stand, for messages.
    data : bytes, optional
        The content of the file; then a path is just a name, and needed only where there is no id.

    Raises
    ------
    InvalidInputError
        If a field cannot be used.
    """
    fields = {_COLUMNS.get(name, name): value for name, value in fields.items()}
    path = _path(fields, where, data is not None)
    start = _seconds(fields, "start", where)
    duration = _seconds(fields, "duration", where)
    if duration == 0.0:
        raise InvalidInputError(f"{where}: duration must be > 0 seconds, got 0")
    name = fields.get("id")
    if name is None:
        if not path:
            raise InvalidInputError(f"{where}: bytes need an id, or a path to make one of")
        name = id_of(path) if start is None else f"{id_of(path)}@{start:g}"
    path = path if data is not None else os.path.join(folder, path)
    return Item(_name(name, where), path, start or 0.0, duration, data)


def _path(fields, where, has_data):
    path = fields.get("path")
    if has_data and (path is None or path == ""):
        return ""
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if not isinstance(path, str) or not path:
        message = f"{where}: path must be given as text, got {shown(path)}"
        if _LHOTSE & set(fields):
            message += "; these are lhotse's columns: write path, id, start and duration"
        raise InvalidInputError(message)
    if "\0" in path:
        raise InvalidInputError(f"{where}: path must be text without NUL, got {shown(path)}")
    return path if has_data else local(path, f"{where}: path")


def _name(name, where):
    known = isinstance(name, (str, int, float)) and not isinstance(name, bool)
    if isinstance(name, float):
        known = math.isfinite(name)
    if not known or name == "":
        raise InvalidInputError(f"{where}: id must be text or a number, got {shown(name)}")
    try:
        name = as_text(str(name))
    except ValueError:  # an integer of too many digits
        name = "\0"
    if "\0" in name or len(name) > _MOST_LETTERS:
        raise InvalidInputError(
            f"{where}: id must have at most {_MOST_LETTERS} characters and no NUL, got {shown(name)}"
        )
    return name


def _seconds(fields, name, where):
    value = fields.get(name)
    if value is None:
        return None
    try:
        seconds = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not 0.0 <= seconds <= _MOST_SECONDS:
        raise InvalidInputError(f"{where}: {name} must be a number of seconds >= 0, got {shown(value)}")
    return seconds


def id_of(path: str) -> str:
    """A path without its suffix, and without parts that lead out of the folder it starts from."""
    rest = os.path.splitdrive(os.path.normpath(path))[1].replace(os.sep, "/")
    parts = [part for part in rest.split("/") if part not in ("", os.curdir, os.pardir)]
    if parts:
        stem, _, suffix = parts[-1].rpartition(".")
        if stem and suffix:
            parts[-1:] = [] if stem == os.pardir else [stem]
    return as_text("/".join(parts))
