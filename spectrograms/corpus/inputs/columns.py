"""Further columns of inputs: labels, speakers, texts, which go along into the store.

A value is a text, a whole number, a floating-point number or a truth value. Lists and objects become JSON
texts, and bytes are left out: they are the sound, or pictures, and no column of features.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from spectrograms.errors import InvalidInputError, shown

#: Columns of a store that are its own: what an input says under these names is not kept.
OWN = frozenset(
    (
        *("id", "path", "start_frame", "n_frames", "n_samples", "sample_rate", "duration", "features"),
        *("source_size", "source_mtime_ns", "source_hash", "features_scale", "features_offset"),
    )
)
# Those that say where the sound of an input is.
_PLACES = frozenset(
    (
        *("start", "offset", "audio_filepath", "bytes", "data", "file", "samples", "audio"),
        "sampling_rate",
    )
)
#: The kinds of columns.
TEXT, INTEGER, NUMBER, TRUTH = "text", "integer", "number", "truth"
# Letters of a text, and of a name.
_MOST_LETTERS, _MOST_NAME = 1 << 22, 256
_LARGEST = 2**63


def further(fields: Mapping[Any, Any], where: str) -> dict[str, Any] | None:
    """The further columns among the fields of an input; None if there are none.

    Parameters
    ----------
    fields : mapping
    where : str
        Where they stand, for messages.

    Raises
    ------
    InvalidInputError
        If a name or a value cannot be stored.
    """
    found = {}
    for name, value in fields.items():
        if name in OWN or name in _PLACES or isinstance(value, (bytes, bytearray, memoryview)):
            continue
        if not isinstance(name, str) or not name or len(name) > _MOST_NAME:
            raise InvalidInputError(f"{where}: a column must have a name as text, got {shown(name)}")
        if value is not None:
            found[_text(name)] = _plain(value, name, where)
    return found or None


def _plain(value, name, where):
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else float(value)
    if not isinstance(value, str):
        try:
            value = json.dumps(value, ensure_ascii=False, default=_listed)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidInputError(f"{where}: column {name!r} cannot be stored: {error}") from None
    if len(value) > _MOST_LETTERS:
        raise InvalidInputError(f"{where}: column {name!r} must have at most {_MOST_LETTERS} letters")
    return _text(value)


def _listed(value):
    """What JSON has no word for, such as arrays and dates."""
    return value.tolist() if isinstance(value, np.ndarray) else str(value)


def _text(value):
    """A plain text; bytes that are not UTF-8 are escaped."""
    return str.__str__(value).encode("utf-8", "backslashreplace").decode("utf-8")


def kind_of(value: Any) -> str:
    """The kind of a value of :func:`further`."""
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, int):
        return INTEGER
    return NUMBER if isinstance(value, float) else TEXT


def kinds_of(rows: Iterable[Mapping[str, Any] | None]) -> dict[str, str]:
    """Name and kind of every column, in the order of their appearance.

    Parameters
    ----------
    rows : iterable of dict
        Columns of each input. Whole numbers among others are numbers, and what is of several kinds is text.
    """
    kinds: dict[str, str] = {}
    for row in rows:
        for name, value in (row or {}).items():
            kind = kind_of(value)
            before = kinds.setdefault(name, kind)
            if before != kind:
                kinds[name] = NUMBER if {before, kind} == {INTEGER, NUMBER} else TEXT
    return kinds


def as_kind(value: Any, kind: str) -> Any:
    """A value as one of another kind; None if it is missing.

    Raises
    ------
    ValueError
        If it has no such form.
    """
    if value is None or kind_of(value) == kind:
        return value
    if kind == TEXT:
        return json.dumps(value)
    if kind == NUMBER and kind_of(value) == INTEGER:
        return float(value)
    raise ValueError(f"must be of the kind {kind!r}, as in the first inputs, got {shown(value)}")


def unfit(columns: Mapping[str, Any] | None, kinds: Mapping[str, str], name: str) -> Exception | None:
    """The error of an input whose columns are not of these kinds, or None.

    Parameters
    ----------
    columns : dict or None
    kinds : dict
        Of the columns of its shard.
    name : str
        The id of the input.
    """
    for column, value in (columns or {}).items():
        if column not in kinds:
            return InvalidInputError(f"column {column!r} of {name!r} is new: the first inputs must have it")
        try:
            as_kind(value, kinds[column])
        except ValueError as error:
            return InvalidInputError(f"column {column!r} of {name!r} {error}")
    return None
