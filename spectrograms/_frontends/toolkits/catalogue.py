"""All definitions by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from spectrograms._frontends.recipes.definition import Definition, nearest
from spectrograms.errors import InvalidInputError, shown

_TOOLKITS = ("whisper", "kaldi", "speaker", "librosa", "torchaudio", "nemo", "huggingface",
             "speech_models", "vocoders",
             "google", "scipy")  # fmt: skip


@cache
def _table():
    modules = (import_module(f"{__package__}.{toolkit}") for toolkit in _TOOLKITS)
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


def every_definition() -> dict[str, Definition]:
    """All definitions: one shared dict from name to definition."""
    return _table()
