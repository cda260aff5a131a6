"""Warm starts: plans made ahead, and what measured plans have learnt, kept in files that are read when asked.

``effort="measure"`` makes FFTW time its algorithms, once for each transform and process: 20 to 110 ms each.
What it found is its wisdom; with the wisdom of an earlier process the same plans are made at once, and are
the same plans, with the same bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from spectrograms._common import registry
from spectrograms._common.files import replacing
from spectrograms._common.plain import parse, read_object
from spectrograms._engine.fourier import fft
from spectrograms._frontends.base import Frontend
from spectrograms.errors import InvalidInputError, shown, unsaid
from spectrograms.features.feature_set import FeatureSet
from spectrograms.features.stft_inverse import IstftPlan
from spectrograms.features.variants import keep_for_one_shots
from spectrograms.plans.base import Plan
from spectrograms.plans.spectrogram import SpectrogramPlan

_KIND = "spectrograms wisdom"
_VERSION = 1
# Frontends refuse clips shorter than a frame.
_ENOUGH_SAMPLES = 1 << 16


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


def warmup(configs: Iterable[Any]) -> list[Any]:
    """Make plans ahead, so that the first signal takes no longer than the next.

    Tables, FFT plans and scratch memory are made, and the plans of equal parameters that functions such as
    :func:`compute_mel_db_spectrogram` would make at their first call. Call it before threads start or
    workers fork, after :func:`load_wisdom` if at all.

    Parameters
    ----------
    configs : iterable
        Plans, feature sets and frontends, or what their ``to_dict`` or ``to_json`` gave.

    Returns
    -------
    list
        The plans, in order.

    Raises
    ------
    InvalidInputError
        If one is none of these, or describes what cannot be; the index is named.
    TypeError
        If `configs` is one of these itself.

    See Also
    --------
    load_wisdom : Reads what was measured before.
    set_num_threads : How many threads a call may use.

    Examples
    --------
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> config = sg.SpectrogramPlan(params, sg.MelParams(80, 0.0, 8000.0), "db").to_json()
    >>> plan, whisper = sg.warmup([config, sg.frontend("whisper_openai")])
    >>> plan.n_bins, whisper.n_bins
    (80, 80)
    """
    if isinstance(configs, (str, dict)) or not isinstance(configs, Iterable):
        kind = type(configs).__name__
        raise TypeError(f"configs must be a list or another iterable of configurations, got one {kind}")
    with unsaid():
        return [_warm(i, config) for i, config in enumerate(configs)]


def _warm(i, config):
    plan = config if isinstance(config, (Frontend, Plan, IstftPlan, FeatureSet)) else _made(i, config)
    if isinstance(plan, Frontend):
        plan.compute(np.zeros(_ENOUGH_SAMPLES))
        return plan
    if isinstance(plan, IstftPlan):
        plan.compute(np.zeros((plan.n_bins, 1)))
        return plan
    if isinstance(plan, SpectrogramPlan):
        keep_for_one_shots(plan)
    plan.compute(np.zeros(1))
    return plan


def _made(i, config):
    if isinstance(config, str):
        config = parse(f"configs[{i}]", config)
    if not isinstance(config, dict):
        raise InvalidInputError(
            f"configs[{i}] must be a plan, feature set or frontend, a dict or JSON, "
            f"got {type(config).__name__}"
        )
    cls = registry.find(registry.PLANS, config.get("type"))
    if "frontend" not in config and cls is None:
        known = ", ".join(registry.PLANS)
        raise InvalidInputError(
            f'configs[{i}]["type"] must be one of {known}, got {shown(config.get("type"))}'
        )
    try:
        return Frontend.from_config(config) if "frontend" in config else cls.from_dict(config)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidInputError(f"configs[{i}] does not describe a plan: {error}") from error
