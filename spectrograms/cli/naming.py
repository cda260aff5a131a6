"""Frontends as they are typed: ``whisper_openai`` or ``kaldi_fbank,num_mel_bins=40``."""

from __future__ import annotations

from spectrograms._common.plain import parse
from spectrograms._frontends.base import Frontend
from spectrograms._frontends.making import frontend
from spectrograms.cli.options import UsageError
from spectrograms.errors import InvalidInputError


def frontend_named(text: str) -> Frontend:
    """The frontend with this name, and parameters after commas."""
    name, *settings = text.split(",")
    values = {}
    for setting in settings:
        key, found, value = setting.partition("=")
        if not found:
            raise UsageError(f"expected key=value after the comma, got {setting!r}")
        try:
            values[key.strip()] = parse(key, value)
        except InvalidInputError:  # a bare word
            values[key.strip()] = value
    try:
        return frontend(name, **values)
    except InvalidInputError as error:  # which names a function of Python
        raise InvalidInputError(
            str(error).replace("frontends() lists", "spectrograms frontends lists")
        ) from None
