"""Results as plain dictionaries, as JSON, and as ``.npz`` files without pickle.

In JSON an array is an object: ``dtype``, ``shape`` and ``values``, a flat list in C order. Complex numbers
are pairs of values, NaN is null, and infinity a string, since JSON has no such numbers. There are enough
digits to get every number back exactly.

A file holds the arrays of the dictionary (``data``, and the axes for readers that do not know this package)
and ``metadata``, one JSON string with the rest. Loading computes the axes anew from the info; `npz` reads the
arrays.

Nothing that comes in is trusted: kinds are looked up in the registry, an info checks its fields, and `check`
compares the arrays with the info.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from spectrograms._common import registry
from spectrograms._common.plain import as_dict, parse_object, write
from spectrograms._engine.results import npz
from spectrograms.errors import InvalidInputError, shown

FORMAT_VERSION = 1
_REAL = ("float32", "float64")
_DTYPES = (*_REAL, "complex64", "complex128")
_WORDS = {None: math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def load_info(description: Any) -> Any:
    """Make the info object that `description`, the result of its ``to_dict()``, describes.

    Raises
    ------
    InvalidInputError, TypeError
        If its type is not in the registry, or a field is out of range or of another type.
    """
    kind = as_dict("info", description).get("type")
    cls = registry.find(registry.INFOS, kind)
    if cls is None:
        raise InvalidInputError(
            f"type of the info must be one of {sorted(registry.INFOS)}, got {shown(kind)}"
        )
    return cls.from_dict(description)


def check_result(cls: Any, shape: tuple[int, ...], dtype: Any, info: Any) -> None:
    """Refuse an array that cannot be a result of the class `cls` with that info; errors as for `check`."""
    kind = registry.kind_of(registry.RESULTS, cls) if isinstance(cls, type) else None
    look = getattr(info, "check_result", None)
    if kind not in registry.RESULTS or look is None:
        raise TypeError(f"a result must have a class and an info, got {shown(cls)} and {shown(info)}")
    look(kind, shape, dtype)


def check(cls: Any, shape: tuple[int, ...], dtype: Any, info: Any, extras: Any) -> None:
    """Refuse arrays that cannot be a result of the class `cls` with that info.

    Raises
    ------
    InvalidInputError, DimensionMismatchError
        See `Info.check_result`; further arrays must have names that the class knows, and be real, with the
        shape of the data.
    """
    check_result(cls, shape, dtype, info)
    for name, array in (extras or {}).items():
        if name not in cls._extra_names:
            raise InvalidInputError(f"{cls.__name__} has no array {shown(name)}")
        if not isinstance(array, np.ndarray) or array.dtype.name not in _REAL or array.shape != shape:
            raise InvalidInputError(f"{name} must be a real array of shape {shape}, got {shown(array)}")


def _labels(result):
    return {
        "type": type(result).__name__,
        "version": FORMAT_VERSION,
        "dtype": result.dtype,
        "info": result._info.to_dict(),
    }


def _arrays(result):
    return {"data": np.asarray(result), **result._axes(), **(result._extras or {})}


def to_dict(result: Any) -> dict[str, Any]:
    return _labels(result) | {name: array.copy() for name, array in _arrays(result).items()}


def from_dict(cls: Any, content: Any) -> Any:
    content = as_dict("content", content)
    info = _read_labels(cls, content)
    data = _as_array("data", content["data"])
    extras = {name: np.array(_as_array(name, content[name])) for name in cls._extra_names if name in content}
    dtype, precision = content.get("dtype"), data.real.dtype.name
    if "dtype" in content and not (isinstance(dtype, str) and dtype == precision):
        raise InvalidInputError(f"dtype must be {precision!r}, got {shown(dtype)}")
    check(cls, data.shape, data.dtype, info, extras)
    return cls._from_array(data, info, extras or None)


def _read_labels(cls, content):
    """The info of a result of that class, everything but its arrays checked."""
    kind, version = content.get("type"), content.get("version")
    if not isinstance(kind, str) or kind != cls.__name__:
        raise InvalidInputError(f"type must be {cls.__name__!r}, got {shown(kind)}: load it with that class")
    if type(version) is not int or not 1 <= version <= FORMAT_VERSION:
        raise InvalidInputError(
            f"version must be at most {FORMAT_VERSION}, got {shown(version)}: "
            "written by a newer version of spectrograms"
        )
    missing = [name for name in ("data", "info") if name not in content]
    if missing:
        raise InvalidInputError(
            f"content must have {' and '.join(map(repr, missing))}, as to_dict() writes them"
        )
    return load_info(content["info"])


def _as_array(name, value):
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # of nested lists of unequal lengths, and what is too deep
        raise InvalidInputError(f"{name} must be an array of numbers, got {shown(value)}") from None
    if array.dtype.name not in _DTYPES:
        raise InvalidInputError(f"dtype of {name} must be one of {', '.join(_DTYPES)}, got {array.dtype}")
    return array


def _array_to_plain(array):
    real = np.ascontiguousarray(array).view(array.real.dtype)
    values = real.ravel().tolist()
    for i in np.flatnonzero(~np.isfinite(real)):
        values[i] = None if np.isnan(values[i]) else "Infinity" if values[i] > 0 else "-Infinity"
    return {"dtype": array.dtype.name, "shape": array.shape, "values": values}


def _array_from_plain(name, plain):
    plain = as_dict(name, plain)
    dtype, shape, values = (plain.get(key) for key in ("dtype", "shape", "values"))
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise InvalidInputError(f"dtype of {name} must be one of {', '.join(_DTYPES)}, got {shown(dtype)}")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise InvalidInputError(f"shape of {name} must be a list of whole numbers, got {shown(shape)}")
    if not isinstance(values, list):
        raise InvalidInputError(f"values of {name} must be a list, got {type(values).__name__}")
    count = math.prod(shape) * (1 if dtype in _REAL else 2)
    if len(values) != count:
        raise InvalidInputError(f"{name} of shape {shape} must have {count} values, got {len(values)}")
    wide = np.array([_number(name, value) for value in values], np.float64)
    with np.errstate(over="ignore", under="ignore"):
        flat = wide.astype(np.empty(0, dtype).real.dtype)
    if (beyond := np.isinf(flat) & np.isfinite(wide)).any():
        raise InvalidInputError(f"values of {name} must be within {dtype}, got {wide[beyond][0]}")
    return flat.view(dtype).reshape(shape)


def _number(name, value):
    if type(value) is float:
        return value
    try:
        return float(value) if type(value) is int else _WORDS[value]
    except (KeyError, TypeError, OverflowError):
        wanted = 'numbers, null, "Infinity" or "-Infinity"'
        raise InvalidInputError(f"values of {name} must be {wanted}, got {shown(value)}") from None


def to_json(result: Any) -> str:
    arrays = {name: _array_to_plain(array) for name, array in _arrays(result).items()}
    return write(_labels(result) | arrays)


def from_json(cls: Any, text: Any) -> Any:
    content = parse_object("text", text)
    names = [name for name in ("data", *cls._extra_names) if name in content]
    return from_dict(cls, content | {name: _array_from_plain(name, content[name]) for name in names})


def save(result: Any, file: Any) -> None:
    npz.write(file, metadata=np.array(json.dumps(_labels(result))), **_arrays(result))


def save_rows(blank: Any, n_frames: int, copy: Any, file: Any) -> None:
    """Save a result whose values are not in memory, as `save` would.

    Parameters
    ----------
    blank : FrameArray
        Of no frames, and otherwise that result.
    n_frames : int
        Of the result.
    copy : callable
        Writes the values as ``.npy`` into an open file.
    file : binary file
    """
    axes = blank._axes() | {"times": blank._info.times(n_frames)}
    npz.write_with(file, copy, metadata=np.array(json.dumps(_labels(blank))), data=None, **axes)


def load(cls: Any, file: Any) -> Any:
    with npz.reading(file) as archive:
        labels = parse_object("metadata", archive.text("metadata"))
        arrays = {name: archive.array(name) for name in ("data", *cls._extra_names) if name in archive}
        return from_dict(cls, labels | arrays)
