"""Plain data: from JSON texts to dicts, and the first checks of everything that is rebuilt from a dict."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, Self

from spectrograms.errors import InvalidInputError, shown

# Far above every configuration, and little enough to read from an endless device.
_LONGEST = 2**26


def as_dict(name: str, value: Any) -> dict[str, Any]:
    """Copy a mapping into a dict.

    Raises
    ------
    TypeError
        If `value` is not a mapping.
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict, got {type(value).__name__}")
    return dict(value)


def check_type(data: Mapping[str, Any], kind: str) -> None:
    """Raise `InvalidInputError` unless a dict says that it describes a `kind`."""
    found = data.get("type")
    # Other objects, such as arrays, are not compared.
    if not isinstance(found, str) or found != kind:
        raise InvalidInputError(f'"type" must be {kind!r}, got {shown(found)}')


def fields(name: str, value: Any, kind: str, required: Iterable[str], optional: Iterable[str] = ()) -> Any:
    """The entries of a dict that describes a `kind`, without its ``"type"``.

    Raises
    ------
    InvalidInputError
        If ``value["type"]`` is another.
    TypeError
        If it is not a dict, or an entry is missing or unknown.
    """
    data = as_dict(name, value)
    check_type(data, kind)
    del data["type"]
    for key in required:
        if key not in data:
            raise TypeError(f"{name} of a {kind} must have the entry {key!r}")
    for key in data:
        if key not in (*required, *optional):
            raise TypeError(f"{name} of a {kind} must not have the entry {shown(key)}")
    return data


def parse(what: str, text: Any, *, strict: bool = True) -> Any:
    """Read a JSON text, with one class of error for all that may be wrong with it.

    Parameters
    ----------
    what : str
        What the text is, for errors.
    text : str, bytes or bytearray
    strict : bool, keyword-only
        Whether to refuse what many programs write although JSON does not have it: NaN and Infinity, and a key
        that stands twice in one object.

    Raises
    ------
    InvalidInputError
        If it is not JSON, is nested too deeply, or has a whole number with too many digits.
    TypeError
        If it is not a text.
    """
    if not isinstance(text, (str, bytes, bytearray)):
        raise TypeError(f"{what} must be a JSON text, got {type(text).__name__}")
    try:
        return json.loads(text, **_STRICT) if strict else json.loads(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"{what} is not JSON: {error}") from None
    except RecursionError:
        raise InvalidInputError(f"{what} is not JSON that can be read: it is nested too deeply") from None
    except ValueError as error:  # of the parser, of an encoding, and of integers with too many digits
        raise InvalidInputError(f"{what} is not JSON: {error}") from None


def parse_object(what: str, text: Any, *, strict: bool = True) -> dict[str, Any]:
    """Read a JSON text that holds an object; errors as for `parse`."""
    value = parse(what, text, strict=strict)
    if not isinstance(value, dict):
        raise InvalidInputError(f"{what} must be a JSON object, got {type(value).__name__}")
    return value


def read_object(what: str, path: Any) -> dict[str, Any]:
    """Read a file that holds a JSON object; errors as for `parse`, and those of reading."""
    try:
        with open(path, "rb") as file:
            text = file.read(_LONGEST + 1)
    except ValueError:  # of names that no file can have
        raise InvalidInputError(f"{what} must be the path of a file, got {shown(path)}") from None
    if len(text) > _LONGEST:
        raise InvalidInputError(f"{what} {path} must be at most {_LONGEST} bytes of JSON, got more")
    return parse_object(f"{what} {path}", text)


def write(value: Any) -> str:
    """Write plain data as a JSON text.

    Raises
    ------
    InvalidInputError
        If a number is infinite or NaN: JSON has no such numbers.
    """
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        raise InvalidInputError("JSON has no infinite numbers and no NaN: to_dict keeps them") from None


def _no_constant(text: str) -> NoReturn:
    raise InvalidInputError(f"it has no number {text}")


def _unique(pairs):
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise InvalidInputError(f"the key {shown(twice)} stands twice in one object")
    return found


_STRICT: dict[str, Any] = {"parse_constant": _no_constant, "object_pairs_hook": _unique}


class PlainData:
    """Base of what a dict of plain data describes: it is written to JSON, and pickles, as that.

    A class says how in `to_dict` and `from_dict`.
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The object as plain data, for `from_dict`."""
        raise NotImplementedError(f"{type(self).__name__} must say what describes it")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Rebuild an object from `data`, the dict of `to_dict`."""
        raise NotImplementedError(f"{cls.__name__} must say what it is rebuilt from")

    def to_json(self) -> str:
        """Return the object as a JSON text, for `from_json`.

        Returns
        -------
        str
            That of `to_dict`.

        Raises
        ------
        InvalidInputError
            If a number is infinite.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.LogParams(-60.0).to_json()
        '{"type": "LogParams", "floor_db": -60.0}'
        """
        return write(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild an object from `text`, that of `to_json`; errors as for `from_dict`.

        Examples
        --------
        >>> import spectrograms as sg
        >>> plan = sg.StftPlan(sg.SpectrogramParams.speech_default(16000))
        >>> sg.StftPlan.from_json(plan.to_json()) == plan
        True
        """
        return cls.from_dict(parse_object("text", text))

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuild, (type(self), self.to_dict())


def rebuild(cls: type[PlainData], data: dict[str, Any]) -> PlainData:
    """Undo `PlainData.__reduce__`."""
    return cls.from_dict(data)
