"""The same few acts for files of this machine and for objects; paths are text, or a Url."""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from typing import Any

from spectrograms._common.files import state
from spectrograms.places import remote
from spectrograms.places.urls import Url, placed


def folder_in(path: str | os.PathLike[str], what: str) -> str:
    """A folder that a user has named: an absolute path, or a Url without a slash at its end; see `placed`."""
    found = placed(path, what)
    if not isinstance(found, Url):
        return os.path.abspath(found)
    return found.at(found.key.rstrip("/"))


def names_in(folder: str) -> list[str]:
    """Names of the files in a folder, or of the objects right below a URL."""
    if isinstance(folder, Url):
        return list(remote.listed(folder))
    return [entry.name for entry in os.scandir(folder)]


def read_bytes(path: str) -> bytes:
    """All of a file or an object."""
    if isinstance(path, Url):
        return remote.content_of(path)
    with open(path, "rb") as file:
        return file.read()


def size_of(path: str) -> int:
    """Bytes of a file or an object."""
    return remote.facts_of(path).size if isinstance(path, Url) else os.path.getsize(path)


def remove(path: str) -> None:
    """Remove a file, unless another process has, or an object."""
    if isinstance(path, Url):
        remote.remove(path)
    else:
        with suppress(FileNotFoundError):
            os.unlink(path)


def exists(path: str) -> bool:
    """Whether there is anything of this name."""
    return remote.exists(path) if isinstance(path, Url) else os.path.exists(path)


def joined(folder: str, name: str) -> str:
    """The path of something in a folder."""
    return folder.beside(name) if isinstance(folder, Url) else os.path.join(folder, name)


def folder_of(path: str) -> str:
    """The folder that something is in."""
    return path.parent if isinstance(path, Url) else os.path.dirname(path)


def relative_to(folder: str, path: str) -> str:
    """The path of what stands in a list in some folder; absolute paths and URLs stay as they are."""
    if isinstance(path, Url) or not isinstance(folder, Url):
        return path if isinstance(path, Url) else os.path.join(folder, path)
    if os.path.isabs(path):
        return path
    return folder.at(posixpath.normpath(posixpath.join("/", folder.key, path)).lstrip("/"))


def state_of(path: str) -> tuple[Any, ...]:
    """What changes if a file or an object is replaced."""
    return tuple(remote.facts_of(path)) if isinstance(path, Url) else state(os.stat(path))


def mtime_of(path: str) -> int | None:
    """When a file or an object was written, in nanoseconds since 1970."""
    return remote.facts_of(path).mtime_ns if isinstance(path, Url) else os.stat(path).st_mtime_ns


def is_file(path: str) -> bool:
    """Whether there is a file or an object of this name."""
    return remote.exists(path) if isinstance(path, Url) else os.path.isfile(path)
