"""Writing to a store. Errors are not those of an input: they end the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from spectrograms._common import files
from spectrograms._common.files import put_in_place, sync_folder, temporary_beside
from spectrograms.places import remote
from spectrograms.places.paths import folder_of
from spectrograms.places.urls import Url


class StoreError(OSError):
    """The store cannot be written: the run ends, finished shards stay."""

    def __str__(self) -> str:
        return str(self.strerror)


@contextmanager
def writing(folder: str) -> Iterator[None]:
    """Turn errors of the system into a :class:`StoreError` that says what to do."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        # Arrow words its messages differently.
        reason = os.strerror(error.errno) if error.errno else str(error)
        grant = "grant access"
        if isinstance(error, PermissionError) and not files.REPLACEABLE:
            grant = "close the programs that have its files open"
        raise StoreError(
            error.errno,
            f"cannot write to {folder}: {reason}; finished shards are kept: make room or {grant}, then "
            "run the same command again",
        ) from error


def write_text(path: str, text: str, sync: bool = True) -> None:
    """Write a small file as by :func:`write_texts`."""
    write_texts({path: text}, sync)


def write_texts(texts: dict[str, str], sync: bool = True) -> None:
    """Write small files, each whole or not at all; with `sync` their names have reached the disk, too.

    Parameters
    ----------
    texts : dict
        The content of each file by its path, all in one folder.
    sync : bool
        Without it, the names reach the disk with those that are synchronised next.
    """
    folder = folder_of(next(iter(texts)))
    if isinstance(folder, Url):
        with writing(folder):
            for path, text in texts.items():
                assert isinstance(path, Url)
                remote.write(path, text.encode())
        return
    with writing(folder), ExitStack() as stack:
        ready = [(stack.enter_context(unfinished(path, text)), path) for path, text in texts.items()]
        # A link stays: its target is replaced.
        put_in_place(*((temporary, os.path.realpath(path)) for temporary, path in ready))
        if sync:
            sync_folder(folder)


@contextmanager
def unfinished(path: str, text: str) -> Iterator[str]:
    """Write a small file under a temporary name, and yield that; a file that keeps it is removed."""
    temporary = temporary_beside(os.path.realpath(path))
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
