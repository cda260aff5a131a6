"""Files that libsndfile does not read, recognised by their suffix and first bytes."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from spectrograms._common.files import as_text
from spectrograms.audio.libav import KINDS as CODECS
from spectrograms.audio.sounds import Stretch
from spectrograms.audio.suffixes import has_codecs
from spectrograms.corpus.inputs.items import Item
from spectrograms.errors import InvalidInputError

_UNPACK = "unpack it, and give the folder"
_RENAME = "give it a name that ends in"
_ARRAYS = "arrays are computed by a plan or frontend, not extracted"
_TABLE = "write a manifest (.csv or .jsonl) of paths, or give dicts with id and bytes"
_CODEC = "libsndfile does not decode it: pip install av, or make another with ffmpeg -i IN OUT.flac"


class _Kind(NamedTuple):
    """What a file is, what to do about it, and how it is recognised."""

    what: str
    remedy: str
    suffixes: tuple[str, ...]
    magic: tuple[tuple[int, bytes], ...]


# The first match counts: names with two suffixes come before those with one, formats before their containers.
_KINDS = (
    _Kind("a packed tar archive", "unpack it, or pack it with gzip", (".tar.zst", ".tar.lz4"), ()),
    _Kind("a tar archive", f"{_RENAME} .tar", (".tar",), ((257, b"ustar"),)),
    _Kind("an archive of NumPy arrays", _ARRAYS, (".npz",), ()),
    _Kind("a NumPy array", _ARRAYS, (".npy",), ((0, b"\x93NUMPY"),)),
    _Kind("a zip archive", _UNPACK, (".zip",), ((0, b"PK\3\4"), (0, b"PK\5\6"))),
    _Kind("a 7-Zip archive", _UNPACK, (".7z",), ((0, b"7z\xbc\xaf\x27\x1c"),)),
    _Kind("a RAR archive", _UNPACK, (".rar",), ((0, b"Rar!\x1a\7"),)),
    _Kind("a file packed with gzip", _UNPACK, (".gz",), ((0, b"\x1f\x8b"),)),
    _Kind("a file packed with bzip2", _UNPACK, (".bz2",), ((0, b"BZh"),)),
    _Kind("a file packed with xz", _UNPACK, (".xz",), ((0, b"\xfd7zXZ\0"),)),
    _Kind("a file packed with zstd", _UNPACK, (".zst",), ((0, b"\x28\xb5\x2f\xfd"),)),
    _Kind("a Parquet table", f"{_RENAME} .parquet", (".parquet",), ((0, b"PAR1"),)),
    _Kind("an Arrow table", f"{_RENAME} .arrow", (".arrow", ".feather", ".ipc"), ((0, b"ARROW1"),)),
    _Kind("an HDF5 file", _TABLE, (".h5", ".hdf5"), ((0, b"\x89HDF\r\n\x1a\n"),)),
    _Kind("a SQLite database", _TABLE, (".sqlite", ".db"), ((0, b"SQLite format 3\0"),)),
    _Kind("a file of TensorFlow records", _TABLE, (".tfrecord", ".tfrecords"), ()),
    _Kind("an archive of Kaldi's", "give wav.scp with sound files", (".ark",), ()),
    _Kind("a Python pickle or checkpoint", _TABLE, (".pkl", ".pickle", ".pt", ".pth"), ()),
    *(_Kind(kind.what, _CODEC, kind.suffixes, kind.marks) for kind in CODECS),
)
_HEAD = 512
# Things in a folder that are not files.
_ODD = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def refuse_container(path: str) -> None:
    """Raise InvalidInputError for a file that is not sound, by its name or content, saying what it is."""
    kind = _named(path) or _containing(path)  # .npz before zip
    if kind is not None and not _is_decoded(kind):
        raise InvalidInputError(f"input {as_text(path)!r} is {kind.what}, no sound file: {kind.remedy}")


def refuse_odd(item: Item) -> os.stat_result | None:
    """Raise an error for anything but a regular file, which might block its reader forever.

    Returns
    -------
    os.stat_result or None
        The status of the file; None for an item with its content.

    Raises
    ------
    OSError
        If it does not exist, is not accessible, or is a folder.
    InvalidInputError
        If it is a FIFO, a socket or a device.
    """
    if item.data is not None:
        return None
    status = os.stat(item.path)
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return status
    if stat.S_ISDIR(mode):
        os.scandir(item.path).close()  # raises the error of one that cannot be listed
        raise IsADirectoryError(f"cannot read audio file {item.path!r}: it is a folder")
    what = next((what for check, what in _ODD if check(mode)), "no file")
    raise InvalidInputError(f"cannot read audio file {item.path!r}: it is {what}")


def explained(item: Item, error: Exception) -> Exception:
    """The error of a file that cannot be decoded, which also says what the file is, if that is known."""
    if not isinstance(error, InvalidInputError):
        return error
    inside = _containing(item.path) if item.data is None else _of(_head(item.data))
    kind = inside or _named(item.path)
    said = kind is None or _is_decoded(kind) or kind.what in str(error)
    return error if kind is None or said else InvalidInputError(f"{error}; it is {kind.what}: {kind.remedy}")


def _is_decoded(kind):
    """Whether it is sound that another decoder reads, which is installed."""
    return kind.remedy == _CODEC and has_codecs()


def _head(data):
    """The first bytes of a content; none of samples."""
    if not isinstance(data, Stretch):
        return data[:_HEAD] if isinstance(data, bytes) else b""
    try:
        with open(data.path, "rb") as file:
            file.seek(data.first)
            return file.read(min(_HEAD, data.size))
    except (OSError, ValueError):
        return b""


def _named(path):
    name = os.path.basename(path).lower()
    return next((kind for kind in _KINDS if name.endswith(kind.suffixes)), None)


def _containing(path):
    if not os.path.isfile(path):
        return None  # opening it might block forever
    try:
        with open(path, "rb") as file:
            return _of(file.read(_HEAD))
    except (OSError, ValueError):
        return None  # the reader raises the error


def _of(head):
    for kind in _KINDS:
        if any(head[offset:].startswith(magic) for offset, magic in kind.magic):
            return kind
    return None
