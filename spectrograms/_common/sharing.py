"""Whether work is shared among processes, and how many; `processes` has them, and takes longer to import."""

from __future__ import annotations

import os
import sys
from operator import index
from typing import Any

from spectrograms.errors import InvalidInputError, shown

# More processes than any machine has cores for.
_MOST = 1024

#: Seconds of one core's work from which on processes are worth their start.
WORTH = 1.0


def seconds_of(n_files: int, n_bytes: int) -> float:
    """About how long one core takes for sound files; right within a factor of three."""
    return 3e-4 * n_files + n_bytes / 5e7


def checked(workers: Any) -> int:
    """A number of processes that the caller asked for.

    Raises
    ------
    TypeError
        If it is no whole number.
    InvalidInputError
        If it is out of range, or this process may not start others.
    """
    try:
        count = index(workers)
    except TypeError:
        raise TypeError(f"workers must be a whole number or None, got {shown(workers)}") from None
    if not 1 <= count <= _MOST:
        raise InvalidInputError(f"workers must be in 1..{_MOST}, got {count}")
    if count > 1 and not may_start():
        raise InvalidInputError(
            f"workers must be 1 in a daemonic process, which may not start others, got {count}"
        )
    return count


def may_start() -> bool:
    """Whether this process may start others: daemonic workers of multiprocessing may not."""
    # Whoever is one has this module already; it takes a while to import.
    process = sys.modules.get("multiprocessing.process")
    return process is None or not process.current_process().daemon


def without_blas_threads() -> None:
    """Have no threads of OpenBLAS in this process, unless it has them or the environment asks for them.

    It starts one for each core when NumPy is imported, which takes half of the time of that import on two
    cores, and nothing but the inversion of filter banks would ever call it.
    """
    if "numpy" not in sys.modules:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
