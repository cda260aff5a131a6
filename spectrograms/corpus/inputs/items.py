"""One thing to extract, its name in the store, and the checks of its fields."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from spectrograms._common.files import as_text
from spectrograms.audio.memory import checked
from spectrograms.audio.sounds import Stretch
from spectrograms.corpus.collections.cells import Cell
from spectrograms.corpus.inputs.columns import further
from spectrograms.corpus.inputs.far import Far
from spectrograms.errors import InvalidInputError, shown
from spectrograms.places.paths import relative_to
from spectrograms.places.urls import Url, is_url, placed, said

# Column names of NeMo's manifests, and ours for them.
_COLUMNS = {"audio_filepath": "path", "offset": "start"}
# More seconds than any recording has, and few enough for their samples to be counted.
_MOST_SECONDS = 1e12
# More than in a path of 4096 bytes, all of them escaped.
_MOST_LETTERS = 32768


class Item(NamedTuple):
    """One thing to extract: a sound, or a part of one, and what is known about it.

    Attributes
    ----------
    id : str
        Its name in the store.
    path : str
        The file, or its URL; with `data` only a name, which may be empty.
    start : float
        Where to begin, in seconds.
    duration : float or None
        How much to take, in seconds; None for the rest.
    data : bytes, binary file object, tuple or None
        The sound, if it is not a file of its own: the content of one, an open one, or samples, shape
        (n_samples,) or (n_channels, n_samples), and their rate. Readers of archives and tables put a place
        in these here.
    columns : dict or None
        Further columns, which go into the store: texts, numbers, truth values.

    See Also
    --------
    find_inputs : Makes them.
    read_audio, audio_blocks, audio_info : Take them.

    Examples
    --------
    >>> from spectrograms.corpus import Item
    >>> item = Item("talk#2", "talk.wav", start=60.0, duration=30.0, columns={"speaker": "Ada"})
    >>> item.id, item.sound
    ('talk#2', 'talk.wav')
    """

    id: str
    path: str
    start: float = 0.0
    duration: float | None = None
    data: Any = None
    columns: dict[str, Any] | None = None

    @property
    def sound(self) -> Any:
        """What :func:`spectrograms.read_audio` reads: `data` if there is some, else `path`.

        The content of a cell of a packed archive or a table is looked for when this is asked, and that of an
        object in a store is fetched.
        """
        place = place_of(self)
        return place.fetched() if isinstance(place, (Cell, Far)) else place

    def __repr__(self) -> str:
        # Without the content, which is as long as a file.
        data = "" if self.data is None else f", data={_short(self.data)}"
        columns = "" if self.columns is None else f", columns={shown(self.columns)}"
        return (
            f"Item(id={self.id!r}, path={self.path!r}, start={self.start}, duration={self.duration}"
            f"{data}{columns})"
        )


def place_of(item: Item) -> Any:
    """Where the sound of an item is, whatever it takes to read it."""
    return item.path if item.data is None else item.data


def _short(data):
    if isinstance(data, bytes):
        return f"<{len(data)} bytes>"
    return repr(data) if isinstance(data, Stretch) else f"<{type(data).__name__}>"


def weight(item: Item) -> int:
    """Bytes of an item's file, or about those of the part of it: an estimate of the work; 0 if it is none."""
    if item.duration is not None:
        return int(item.duration * 32000)
    data = item.data
    if isinstance(data, bytes):
        return len(data)
    if isinstance(data, tuple) and not isinstance(data, Stretch):
        return int(np.asarray(data[0]).nbytes)
    if data is not None:
        return getattr(data, "size", None) or _size_of(data)
    try:
        status = os.stat(item.path)
        return status.st_size if stat.S_ISREG(status.st_mode) else 0
    except (OSError, ValueError):
        return 0  # the reader says what is wrong


def _size_of(file):
    """Bytes that follow in a file object, if it can say that."""
    try:
        before = file.tell()
        size = file.seek(0, os.SEEK_END) - before
        file.seek(before)
        return max(size, 0)
    except (OSError, ValueError, AttributeError, TypeError):
        return 0


def content_of(value: Any, where: str) -> Any:
    """The sound that is given instead of a path, checked; None if there is none.

    Parameters
    ----------
    value : bytes, bytearray, memoryview, binary file object, tuple or None
        A tuple has samples and their rate.
    where : str
        Where it stands, for messages.

    Raises
    ------
    InvalidInputError
        If it is something else.
    """
    if value is None or isinstance(value, (bytes, Stretch, Cell, Far)):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, tuple) and len(value) == 2:
        try:
            return checked(*value)
        except (TypeError, ValueError) as error:
            raise InvalidInputError(f"{where}: {error}") from None
    if callable(getattr(value, "read", None)):
        return value
    raise InvalidInputError(f"{where} must be the content of a file, got {shown(value)}")


def unpacked(fields: dict[str, Any], where: str) -> tuple[dict[str, Any], Any]:
    """Fields with the path that an object ``audio`` of Hugging Face's has, and the sound in it.

    Parameters
    ----------
    fields : dict
        With ``audio``: a path, or an object with ``path``, and ``bytes``, or ``array`` and
        ``sampling_rate``.
    where : str
        Where that stands, for messages.

    Raises
    ------
    InvalidInputError
        If it is something else.
    """
    audio = fields["audio"]
    if isinstance(audio, (str, os.PathLike)):
        return {"path": audio, **fields}, None
    if not isinstance(audio, Mapping):
        raise InvalidInputError(f"{where} must be a path, or have bytes or an array, got {shown(audio)}")
    path = audio.get("path")
    fields = fields if path is None else {**fields, "path": path}
    if audio.get("bytes") is not None:
        return fields, audio["bytes"]
    if audio.get("array") is not None:
        return fields, (audio["array"], audio.get("sampling_rate"))
    return fields, None


def item_of(fields: dict[str, Any], folder: str, where: str, data: Any = None) -> Item:
    """An item from the columns of a manifest; those that say nothing about the sound go along.

    Parameters
    ----------
    fields : dict
    folder : str
        What paths are relative to.
    where : str
        Where the fields stand, for messages.
    data : object, optional
        The sound, as :class:`Item` has it; then a path is just a name, and needed only where there is no id.

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
    if data is None:
        found = relative_to(folder, path)
        path, data = str.__str__(found), Far(found) if isinstance(found, Url) else None
    return Item(_name(name, where), path, start or 0.0, duration, data, further(fields, where))


def item_in(where: str, fields: dict[str, Any], data: Any, folder: str = "") -> Item:
    """An item from what a reader of a collection gives.

    Parameters
    ----------
    where : str
    fields : dict
        As of a manifest. With `data`, ``member`` is the name that an id is made of, if there is none, and a
        duration without a start is that of the whole, which says nothing.
    data : object
        The sound or its place; None if it is at ``path``.
    folder : str, optional
        What that is relative to.
    """
    if data is not None:
        fields = dict(fields)
        member = fields.pop("member", None)
        if fields.get("id") is None and member:
            fields["id"] = id_of(member)
        if fields.get("start") is None and fields.get("offset") is None:
            fields.pop("duration", None)
    return item_of(fields, folder if data is None else "", where, data)


def _path(fields, where, has_data):
    path = fields.get("path")
    if has_data and (path is None or path == ""):
        return ""
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if not isinstance(path, str) or not path:
        raise InvalidInputError(f"{where}: path must be given as text, got {shown(path)}")
    if "\0" in path:
        raise InvalidInputError(f"{where}: path must be text without NUL, got {shown(path)}")
    if has_data:
        return said(path)
    return placed(path, f"{where}: path")


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
    if is_url(path):
        path = path.partition("://")[2]
    rest = os.path.splitdrive(os.path.normpath(path))[1].replace(os.sep, "/")
    parts = [part for part in rest.split("/") if part not in ("", os.curdir, os.pardir)]
    if parts:
        stem, _, suffix = parts[-1].rpartition(".")
        if stem and suffix:
            parts[-1:] = [] if stem == os.pardir else [stem]
    return as_text("/".join(parts))
