"""Which reader a file wants, by its suffix."""

from __future__ import annotations

import os
from collections import Counter

from spectrograms.corpus.collections import tables, tars
from spectrograms.corpus.collections.cells import Reader


def reader_of(path: str, left_out: Counter[str]) -> Reader | None:
    """A reader for an archive or a table; None for any other file.

    Parameters
    ----------
    path : str
    left_out : Counter
        Counts what is no sound, by suffix.
    """
    name = os.path.basename(path).lower()
    if name.endswith(tars.SUFFIXES):
        return tars.Tar(path, left_out)
    if name.endswith(".parquet"):
        return tables.ParquetReader(path, left_out)
    return tables.ArrowReader(path, left_out) if name.endswith(tables.SUFFIXES) else None
