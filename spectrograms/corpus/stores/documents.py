"""Small documents of a store: JSON that is checked field by field, and sealed by its own checksum."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeGuard

from spectrograms._common.plain import parse_object
from spectrograms.corpus.stores.settings import DTYPES
from spectrograms.errors import InvalidInputError, shown
from spectrograms.places.paths import read_bytes

FORMAT, FORMAT_VERSION = "spectrograms-features", 1
LAYOUTS = ("(bins, frames)", "(frames, bins)")
#: The last field of a sealed document: a checksum of everything before it.
SEAL = "checksum"
#: Largest number of values in a frame.
MAX_FEATURES = 2**22
_MAX_COUNT, _MAX_ROWS = 2**62, 2**40


def parse(text: str | bytes, where: str) -> dict[str, Any]:
    """The object that a JSON text holds; `where` says what it is. Errors as for `plain.parse_object`."""
    # Parameters of a configuration may be infinite.
    return parse_object(where, text, strict=False)


def read(path: str) -> dict[str, Any]:
    """The object in a JSON file; errors as for :func:`parse`, and those of the file system."""
    return parse(read_bytes(path), path)


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number that may count something."""
    return type(value) is int and 0 <= value <= _MAX_COUNT


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number."""
    return isinstance(value, int | float) and type(value) is not bool and abs(value) <= sys.float_info.max


def _is_text(value):
    return isinstance(value, str)


def is_shards(value: object) -> TypeGuard[dict[str, dict[str, int]]]:
    """Whether a value has rows and frames for each of some names."""
    return isinstance(value, dict) and all(map(_is_shard, value.values()))


def _is_shard(value):
    # A shard without rows is never written.
    right = isinstance(value, dict) and is_count(value.get("rows")) and is_count(value.get("frames"))
    return right and 1 <= value["rows"] <= _MAX_ROWS


def _is_totals(value):
    return (
        isinstance(value, dict)
        and all(is_count(value.get(name)) for name in ("rows", "frames", "samples"))
        and is_number(value.get("seconds"))
    )


def _is_software(value):
    return isinstance(value, dict) and all(isinstance(entry, str) for entry in value.values())


def _is_config(value):
    return isinstance(value, dict) and value.get("dtype") in DTYPES and isinstance(value["dtype"], str)


_REQUIRED: dict[str, Callable[[Any], bool]] = {
    "fingerprint": _is_text,
    "features_fingerprint": _is_text,
    "numeric_version": is_count,
    "config": _is_config,
    "layout": lambda value: value in LAYOUTS,
    "n_features": lambda value: is_count(value) and 1 <= value <= MAX_FEATURES,
    "sample_rate": lambda value: is_count(value) and value >= 1,
    "frame_step": is_number,
    "frame_offset": is_number,
    "software": _is_software,
}
_DERIVED: dict[str, Callable[[Any], bool]] = {
    "totals": _is_totals,
    "shards": is_shards,
    "errors": lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
}


def check_description(document: dict[str, Any], where: str) -> None:
    """Check the description of a store in a manifest or shard.

    Raises
    ------
    InvalidInputError
        If it is of another format, or a field is missing or wrong; the field is named.
    """
    found = (document.get("format"), document.get("format_version"))
    if found != (FORMAT, FORMAT_VERSION):
        raise InvalidInputError(f"{where} must hold {FORMAT} of version {FORMAT_VERSION}, got {shown(found)}")
    for name, is_right in _REQUIRED.items():
        if not is_right(document.get(name)):
            raise InvalidInputError(f"{where}: {name} cannot be {shown(document.get(name))}")
    for name, is_right in _DERIVED.items():
        if name in document and not is_right(document[name]):
            raise InvalidInputError(f"{where}: {name} cannot be {shown(document[name])}")
    if ("totals" in document) != ("shards" in document):
        raise InvalidInputError(f"{where}: totals and shards belong together")


def sealed(document: dict[str, Any], indent: int) -> str:
    """A document as the text of a file, with a checksum of itself at its end."""
    # It does not depend on the order of the fields.
    digest = sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    return json.dumps({**document, SEAL: digest}, indent=indent) + "\n"


def seal_of(path: str, indent: int) -> bool | None:
    """Whether a sealed file is unchanged, to the byte; None if it has no seal.

    Raises
    ------
    InvalidInputError
        If it is not JSON.
    """
    content = read_bytes(path)
    document = parse(content, path)
    if SEAL not in document:
        return None
    del document[SEAL]
    try:
        return sealed(document, indent).encode() == content
    except (ValueError, RecursionError):
        return False
