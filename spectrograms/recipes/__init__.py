"""Frontends: features exactly as other toolkits and models define them, as configurations of one engine.

``frontend(name)`` makes one, ``frontends()`` lists them. The parts: `definition` (a name and its table of
parameters), `recipe` (what it asks of the engine), `base` (the object and its `stream`), `running` (signals
through the engine and the steps around it: `signals` before, `post` after), `configs` (from files of models),
and a short file of data for each toolkit.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spectrograms.errors import InvalidInputError, shown
from spectrograms.recipes.base import Frontend
from spectrograms.recipes.configs import frontend_from_config
from spectrograms.recipes.definition import nearest

if TYPE_CHECKING:
    from spectrograms.recipes.definition import Definition

__all__ = ["Frontend", "definition_of", "frontend", "frontend_from_config", "frontends"]

_FAMILIES = ("whisper", "kaldi", "speaker", "librosa", "torchaudio", "nemo", "huggingface",
             "speech_models", "vocoders",
             "google", "scipy")  # fmt: skip


@cache
def _table():
    modules = (import_module(f"{__name__}.{family}") for family in _FAMILIES)
    return {row.name: row for module in modules for row in module.DEFINITIONS}


def definition_of(name: str) -> Definition:
    """The definition behind a name.

    Raises
    ------
    InvalidInputError
        If there is none; the nearest name is in the message.
    """
    table = _table()
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {type(name).__name__}")
    if name not in table:
        raise InvalidInputError(f"there is no frontend {shown(name)}{nearest(name, table)}")
    return table[name]


def frontend(
    name: str, *, sample_rate: float | None = None, precision: str = "float64", **params: Any
) -> Frontend:
    """Make the frontend of a toolkit or model: what it returns is what the original returns.

    Parameters
    ----------
    name : str
        One of :func:`frontends`.
    sample_rate : int or float, optional
        In Hz; by default the one of the definition. Some definitions take no other.
    precision : {"float64", "float32"}
        Arithmetic. float64 is as close to the definition as the output's dtype can hold; float32 is faster.
        Layout and dtype of the result do not depend on it.
    **params
        The definition's parameters under its own names; see ``frontend(name).params``.

    Returns
    -------
    Frontend

    Raises
    ------
    InvalidInputError
        If the name is unknown, the sample rate is not the definition's, or a value is out of range.
    TypeError
        If a parameter is unknown, missing or of the wrong type.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80, scale=32768.0)
    >>> fbank.compute(np.zeros(16000, "float32")).shape
    (98, 80)
    """
    return Frontend(definition_of(name), sample_rate, params, precision)


def frontends() -> dict[str, str]:
    """List the frontends: a dict from name to one line about it."""
    return {name: row.summary for name, row in sorted(_table().items())}
