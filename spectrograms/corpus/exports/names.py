"""Names of records in an export: distinct, within the folder, and all checked before one is written."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from spectrograms.errors import InvalidInputError, shown

# Limits in bytes: of a part of a path on every file system in use, and of a name in a zip archive.
_MOST_OF_A_PART, _MOST_IN_A_ZIP = 255, 65535
_DRIVE = re.compile(r"[A-Za-z]:")
# What Windows takes for a device, whatever follows the first dot.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{i}" for name in ("com", "lpt") for i in range(1, 10))}
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*\x00-\x1f]')
# Files of Zarr in each group.
_ZARR = "zarr.json"
# Names that readers of WebDataset skip.
_META = re.compile(r"__[^/]*__(/|$)")

Fold = Callable[[str], str]


def file_names(ids: Iterable[str], suffix: str, folder: Path) -> dict[str, str]:
    """Names of files in a folder.

    Parameters
    ----------
    ids : iterable of str
    suffix : str
        Of the files.
    folder : Path
        An existing one: how its file system compares names is tried out in it.

    Returns
    -------
    dict
        Relative path of each id, with ``/`` between its parts.

    Raises
    ------
    InvalidInputError
        If an id cannot be such a name, or two ids would have the same one; the ids are named.
    """
    names = {name: f"{_path(name)}{suffix}" for name in _once(ids)}
    for name, path in names.items():
        _check_parts(name, path)
    _refuse_meetings(names, _fold_of(folder))
    return names


def group_names(ids: Iterable[str], members: Iterable[str], folder: Path) -> dict[str, str]:
    """Names of Zarr groups, which have members of their own; otherwise as :func:`file_names`."""
    names = {name: _path(name) for name in _once(ids)}
    fold = _fold_of(folder)
    for name, path in names.items():
        _check_parts(name, path)
        if _ZARR in fold(path).split("/"):
            _refuse(name, f"Zarr keeps {_ZARR} for itself")
    _refuse_meetings(names, fold, nested=True)
    taken = {fold(f"{path}/{member}"): name for name, path in names.items() for member in members}
    for name, path in names.items():
        for ancestor in (*_parents(path), path):
            other = taken.get(fold(ancestor))
            if other is not None:
                raise InvalidInputError(
                    f"ids {shown(other)} and {shown(name)} would have the same name {shown(ancestor)}"
                )
    return names


def zip_names(ids: Iterable[str], suffix: str) -> dict[str, str]:
    """Names of members of a zip archive; otherwise as :func:`file_names`."""
    names = {name: f"{_path(name)}{suffix}" for name in _once(ids)}
    for name, path in names.items():
        if len(path.encode()) > _MOST_IN_A_ZIP:
            _refuse(name, f"it has more than {_MOST_IN_A_ZIP} bytes")
    _refuse_meetings(names, str)
    return names


def sample_keys(ids: Iterable[str]) -> dict[str, str]:
    """Keys of WebDataset samples. A key ends at the first dot of its last part, which therefore has none."""
    names = {}
    for name in _once(ids):
        folder, _, last = _path(name).rpartition("/")
        last = last.replace(".", "_")
        names[name] = f"{folder}/{last}" if folder else last
        if _META.match(names[name]):
            _refuse(name, "readers of WebDataset pass over such a key")
    _refuse_meetings(names, str, nested=True)
    return names


def kaldi_keys(ids: Iterable[str]) -> None:
    """Check that ids can be keys of Kaldi archives, which take them unchanged."""
    for name in _once(ids):
        if not name or any(letter.isspace() for letter in name):
            _refuse(name, "it is empty or holds white space", "a Kaldi key")
        if not name.isprintable():
            _refuse(name, "it holds control characters", "a Kaldi key")


def _once(ids):
    """The ids, which must differ."""
    seen = {}
    for name in ids:
        if name in seen:
            raise InvalidInputError(f"ids must differ, got {shown(name)} twice: verify the store")
        seen[name] = None
    return seen


def _path(name):
    """An id as a relative path that stays inside its folder, without empty parts."""
    if "\0" in name or "\\" in name:
        _refuse(name, "it holds a NUL or a backslash")
    if name.startswith("/") or _DRIVE.match(name):
        _refuse(name, "it begins like an absolute path")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts:
        _refuse(name, "it is empty")
    if ".." in parts:
        _refuse(name, "it leads out of its folder")
    return "/".join(parts)


def _parents(path):
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts))]


def _check_parts(name, path, windows=os.name == "nt"):
    """Refuse names that the system would refuse or misunderstand."""
    for part in path.split("/"):
        if len(part.encode()) > _MOST_OF_A_PART:
            _refuse(name, f"a part of it has more than {_MOST_OF_A_PART} bytes")
        if windows:
            if _NOT_ON_WINDOWS.search(part) or part.endswith((".", " ")):
                _refuse(name, "Windows has no such names")
            if part.split(".")[0].rstrip(" ").lower() in _DEVICES:
                _refuse(name, "it is that of a device")


def _refuse_meetings(names, fold, nested=False):
    """Refuse two ids with the same name, and a file where another id needs a folder."""
    owners = {}
    for name, path in names.items():
        other = owners.setdefault(fold(path), name)
        if other != name:
            raise InvalidInputError(
                f"ids {shown(other)} and {shown(name)} would have the same name {shown(path)}"
            )
    if nested:
        return
    for name, path in names.items():
        for parent in _parents(path):
            other = owners.get(fold(parent))
            if other is not None:
                both = f"{shown(other)} and {shown(name)}"
                raise InvalidInputError(f"ids {both} would need {shown(parent)} as a file and as a folder")


def _refuse(name, why, what="a file name") -> NoReturn:
    raise InvalidInputError(f"id {shown(name)} cannot be {what}: {why}")


def _fold_of(folder: Path) -> Fold:
    """A function that is equal for names which the file system of a folder does not distinguish."""
    no_case = _meet(folder, "probe-a", "PROBE-A")
    no_form = _meet(folder, "probe-\u00e9", "probe-e\u0301")

    def fold(path):
        if no_form:
            path = unicodedata.normalize("NFC", path)
        return path.casefold() if no_case else path

    return fold


def _meet(folder, one, other):
    """Whether two names are the same in this folder."""
    path = folder / one
    try:
        path.touch()
    except OSError:
        return False  # such names are refused here: writing will fail
    try:
        return (folder / other).exists()
    finally:
        path.unlink()
