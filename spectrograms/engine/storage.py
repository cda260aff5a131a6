"""Results as plain dictionaries, as JSON, and as ``.npz`` files without pickle.

In JSON an array is an object: ``dtype``, ``shape`` and ``values``, a flat list in C order. Complex numbers
are pairs of values, NaN is null, and infinity a string, since JSON has no such numbers. There are enough
digits to get every number back exactly.

A file holds the arrays of the dictionary (``data``, and the axes for readers that do not know this package)
and ``metadata``, one JSON string with the rest. Loading computes the axes anew from the info.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from zipfile import BadZipFile

import numpy as np

FORMAT_VERSION = 1

_info_loaders: dict[str, Callable] = {}


def register_info(type_name: str, loader: Callable[[dict[str, Any]], Any]) -> None:
    """Say who turns the dictionary of an info object back into the object.

    Parameters
    ----------
    type_name : str
        What the info's ``to_dict()`` puts under ``"type"``.
    loader : callable
        Takes that dictionary, returns the info.
    """
    _info_loaders[type_name] = loader


def load_info(description: dict[str, Any]) -> Any:
    """Make the info object that `description`, the result of its ``to_dict()``, describes.

    Raises
    ------
    ValueError
        If nobody has registered the type, or the module named as its home is none of this package's public
        ones.
    """
    name = description["type"]
    if name not in _info_loaders:
        module = description.get("module", "spectrograms.plan")
        package, *parts = module.split(".")
        # The name comes out of a file: import nothing but public modules of our own.
        if package != "spectrograms" or not parts or not all(part[:1].isalpha() for part in parts):
            raise ValueError(f"module of the info must be a public module of spectrograms, got {module!r}")
        importlib.import_module(module)
    if name not in _info_loaders:
        raise ValueError(f"type of the info must be one of {sorted(_info_loaders)}, got {name!r}")
    return _info_loaders[name](description)


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


def from_dict(cls: Any, content: dict[str, Any]) -> Any:
    if not isinstance(content, Mapping):
        raise TypeError(f"content must be a dict, got {type(content).__name__}")
    kind, version = content.get("type"), content.get("version")
    if kind != cls.__name__:
        raise ValueError(f"type must be {cls.__name__!r}, got {kind!r}: load it with that class")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise ValueError(
            f"version must be at most {FORMAT_VERSION}, got {version!r}: "
            "written by a newer version of spectrograms"
        )
    missing = [name for name in ("data", "info") if name not in content]
    if missing:
        raise ValueError(f"content must have {' and '.join(map(repr, missing))}, as to_dict() writes them")
    extras = {name: content[name] for name in cls._extra_names if name in content}
    return cls._from_array(content["data"], load_info(content["info"]), extras or None)


def _array_to_plain(array):
    real = np.ascontiguousarray(array).view(array.real.dtype)
    values = real.ravel().tolist()
    for i in np.flatnonzero(~np.isfinite(real)):
        values[i] = None if np.isnan(values[i]) else "Infinity" if values[i] > 0 else "-Infinity"
    return {"dtype": array.dtype.name, "shape": array.shape, "values": values}


def _array_from_plain(plain):
    dtype = np.dtype(plain["dtype"])
    # float() reads the names of infinity.
    values = [np.nan if value is None else float(value) for value in plain["values"]]
    return np.array(values, np.empty(0, dtype).real.dtype).view(dtype).reshape(plain["shape"])


def to_json(result: Any) -> str:
    arrays = {name: _array_to_plain(array) for name, array in _arrays(result).items()}
    return json.dumps(_labels(result) | arrays, allow_nan=False)


def from_json(cls: Any, text: str) -> Any:
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError(f"text must be a JSON object, got {type(content).__name__}")
    arrays = {name: content[name] for name in ("data", *cls._extra_names) if name in content}
    return from_dict(cls, content | {name: _array_from_plain(plain) for name, plain in arrays.items()})


def save(result: Any, file: Any) -> None:
    np.savez(file, metadata=np.array(json.dumps(_labels(result))), **_arrays(result))


def load(cls: Any, file: Any) -> Any:
    try:
        content = np.load(file, allow_pickle=False)
    except (ValueError, EOFError, BadZipFile) as error:
        # Whatever is no file of NumPy it takes for a pickle, and says how to load that.
        raise ValueError(f"{file} must be an .npz file written by save(), but is something else") from error
    if not isinstance(content, np.lib.npyio.NpzFile):
        raise ValueError(f"{file} must be an .npz file written by save(), but holds a single array")
    with content:
        if "metadata" not in content:
            raise ValueError(f"{file} must be an .npz file written by save(), but has no metadata")
        labels = json.loads(content["metadata"].item())
        arrays = {name: content[name] for name in ("data", *cls._extra_names) if name in content}
    return from_dict(cls, labels | arrays)
