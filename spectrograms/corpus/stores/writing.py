"""Writing to a store. Errors are not those of an input: they end the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from spectrograms._common.files import replacing, sync_folder


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
        raise StoreError(
            error.errno,
            f"cannot write to {folder}: {reason}; finished shards are kept: make room or grant access, then "
            "run the same command again",
        ) from error


def write_text(path: str, text: str, sync: bool = True) -> None:
    """Write a small file, whole or not at all; with `sync` its name has reached the disk, too."""
    folder = os.path.dirname(path)
    with writing(folder):
        with replacing(path, durable=True) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        if sync:
            sync_folder(folder)
