"""All definitions by name."""

from __future__ import annotations

import re
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
        If there is none; the candidates are in the message.
    """
    table = _table()
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, got {type(name).__name__}")
    if name not in table:
        raise InvalidInputError(f"there is no frontend {shown(name)}{_candidates(name, table)}")
    return table[name]


# Models whose input are the samples.
_RAW = {"data2vec", "encodec", "hubert", "mms", "sew", "unispeech", "wav2vec", "wav2vec2", "wavlm"}
# Words that many names have.
_COMMON = {
    "openai",
    "facebook",
    "google",
    "microsoft",
    "nvidia",
    "large",
    "small",
    "base",
    "tiny",
    "medium",
    "model",
}
_MOST = 6


def _candidates(name, table):
    """The end of an error about an unknown name: what was perhaps meant. Nothing is guessed."""
    words = {word for word in re.split(r"[^a-z0-9]+", name.lower()) if len(word) > 2} - _COMMON
    if raw := words & _RAW:
        return f": {min(raw)} takes the samples themselves"
    model = "; for a model give its configuration to frontend_from_config" if "/" in name else ""
    ranks = {
        row.name: sum((word in row.name) + (word in row.summary.lower()) / 2 for word in words)
        for row in table.values()
    }
    found = sorted((each for each in ranks if ranks[each]), key=lambda each: (-ranks[each], each))
    if not found:
        return f"{nearest(name, table, len(table))}{model}"
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"; candidates are {', '.join(found[:_MOST])}{more}{model}"


def every_definition() -> dict[str, Definition]:
    """All definitions: one shared dict from name to definition."""
    return _table()
