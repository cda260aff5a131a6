"""What measuring has found, in files that are read and written only on request.

``effort="measure"`` makes FFTW time its algorithms, once for each transform and process: 20 to 110 ms each.
What it found is its wisdom; with the wisdom of an earlier process the same plans are made at once, and are
the same plans, with the same bytes.
"""

from __future__ import annotations

import json
import os
from os import PathLike
from pathlib import Path
from typing import Any

from spectrograms._common.files import replacing
from spectrograms._common.plain import read_object
from spectrograms._engine.fourier import fft
from spectrograms.errors import InvalidInputError, shown

_KIND = "spectrograms wisdom"
_VERSION = 1


def wisdom_file() -> Path:
    """Return the path of the user's wisdom file: ``spectrograms/wisdom.json`` in the user's cache folder.

    Nothing reads or writes it but :func:`load_wisdom` and :func:`save_wisdom` without a path.

    Returns
    -------
    pathlib.Path
        Below ``$XDG_CACHE_HOME``, or ``~/.cache`` where that is not set.

    See Also
    --------
    save_wisdom, load_wisdom : Use it by default.

    Examples
    --------
    >>> import spectrograms as sg
    >>> sg.wisdom_file().parts[-2:]
    ('spectrograms', 'wisdom.json')
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

    Raises
    ------
    OSError
        If it cannot be written.

    See Also
    --------
    load_wisdom : Reads the file.
    SpectrogramPlan : Has the parameter `effort`.

    Examples
    --------
    >>> import tempfile
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(64, 32, "hann"), 16000)
    >>> plan = sg.SpectrogramPlan(params, effort="measure")
    >>> path = sg.save_wisdom(tempfile.mkdtemp() + "/wisdom.json")
    >>> path.name
    'wisdom.json'
    """
    path = wisdom_file() if path is None else Path(path)
    double, single = fft.export_wisdom()
    content = {"kind": _KIND, "version": _VERSION, "float64": double, "float32": single}
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another process may read the file meanwhile: it finds the old text or the new one.
    with replacing(path) as temporary, open(temporary, "w", encoding="ascii") as file:
        json.dump(content, file, indent=1)
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
    InvalidInputError
        If it holds something else, or wisdom of another version of FFTW. Nothing has changed then.

    See Also
    --------
    save_wisdom : Writes the file.
    forget_wisdom : Undoes it.

    Notes
    -----
    Wisdom chooses between algorithms that round differently, so it can change the last bit of measured
    plans: processes that are to agree to the last bit load the same file. The same goes for wisdom that
    other code in the process hands to FFTW through pyfftw, which this package neither reads nor clears.

    Examples
    --------
    >>> import tempfile
    >>> import spectrograms as sg
    >>> path = sg.save_wisdom(tempfile.mkdtemp() + "/wisdom.json")
    >>> sg.load_wisdom(path)
    >>> try:
    ...     sg.load_wisdom(path.with_name("nowhere.json"))
    ... except FileNotFoundError:
    ...     print("nothing measured yet")
    nothing measured yet
    """
    path = wisdom_file() if path is None else Path(path)
    try:
        content = read_object("wisdom", path)
    except InvalidInputError:
        content = {}
    if content.get("kind") != _KIND:
        raise InvalidInputError(f"{path} must be a file of save_wisdom, but holds something else")
    texts: tuple[Any, Any] = content.get("float64"), content.get("float32")
    version = content.get("version")
    if type(version) is not int or version != _VERSION or not all(isinstance(text, str) for text in texts):
        raise InvalidInputError(f"{path} must be of version {_VERSION}, got {shown(version)}")
    if not fft.import_wisdom(*texts):
        raise InvalidInputError(
            f"{path} holds wisdom that this FFTW does not take: of another version, or damaged"
        )


def forget_wisdom() -> None:
    """Forget what was measured or loaded. Plans that exist stay as they are.

    See Also
    --------
    load_wisdom, save_wisdom : Keep it in files.
    clear_fft_plan_cache : Drops plans.

    Examples
    --------
    >>> import spectrograms as sg
    >>> sg.forget_wisdom()
    """
    fft.forget_wisdom()
