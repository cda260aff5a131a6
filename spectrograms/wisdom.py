"""What measured plans have learnt: kept in files, read only when asked.

``effort="measure"`` makes FFTW time its algorithms, once for each transform and process: 20 to 110 ms each.
What it found is its wisdom; with the wisdom of an earlier process the same plans are made at once, and are
the same plans, with the same bytes.
"""

from __future__ import annotations

import json
import os
import tempfile
from os import PathLike
from pathlib import Path
from typing import Any

from spectrograms.engine import fft

_KIND = "spectrograms wisdom"
_VERSION = 1


def wisdom_file() -> Path:
    """Return the path of the user's wisdom file: ``spectrograms/wisdom.json`` in the user's cache folder.

    Nothing reads or writes it but :func:`load_wisdom` and :func:`save_wisdom` without a path.

    Returns
    -------
    pathlib.Path
        Below ``$XDG_CACHE_HOME``, or ``~/.cache`` where that is not set.
    """
    folder = os.environ.get("XDG_CACHE_HOME")
    return (Path(folder) if folder else Path.home() / ".cache") / "spectrograms" / "wisdom.json"


def save_wisdom(path: str | PathLike[str] | None = None) -> Path:
    """Write what ``effort="measure"`` and ``"patient"`` have found in this process, or loaded, to a file.

    Parameters
    ----------
    path : path_like, optional
        By default :func:`wisdom_file`. Replaced in one step if it exists; folders are made.

    Returns
    -------
    pathlib.Path
        Where it was written.
    """
    path = wisdom_file() if path is None else Path(path)
    double, single = fft.export_wisdom()
    content = {"kind": _KIND, "version": _VERSION, "float64": double, "float32": single}
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another process may read the file meanwhile: it finds the old text or the new one.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent, text=True)
    try:
        with open(handle, "w", encoding="ascii") as file:
            json.dump(content, file, indent=1)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return path


def load_wisdom(path: str | PathLike[str] | None = None) -> None:
    """Read a file of :func:`save_wisdom`, for measured plans to come.

    Plans made with the default effort never depend on it.

    Parameters
    ----------
    path : path_like, optional
        By default :func:`wisdom_file`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds something else, or wisdom of another version of FFTW. Nothing has changed then.

    Notes
    -----
    Wisdom chooses between algorithms that round differently, so it can change the last bit of measured
    plans: processes that are to agree to the last bit load the same file. The same goes for wisdom that
    other code in the process hands to FFTW through pyfftw, which this package neither reads nor clears.
    """
    path = wisdom_file() if path is None else Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict) or content.get("kind") != _KIND:
        raise ValueError(f"{path} must be a file of save_wisdom, but holds something else")
    texts: tuple[Any, Any] = content.get("float64"), content.get("float32")
    if content.get("version") != _VERSION or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{path} must be of version {_VERSION}, got {content.get('version')!r}")
    if not fft.import_wisdom(*texts):
        raise ValueError(f"{path} holds wisdom that this FFTW does not take: of another version, or damaged")


def forget_wisdom() -> None:
    """Forget what was measured or loaded. Plans that exist stay as they are."""
    fft.forget_wisdom()
