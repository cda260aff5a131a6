"""The base of all parameter classes: frozen, equal by value, hashable, picklable, printable, plain data.

A class declares its fields once, by annotations, and builds itself in ``__new__`` with arguments of the same
names. Everything below follows from that: the fields in order are the value, and calling the class with them
gives an equal object.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, Self

from spectrograms._common.documenting import documented
from spectrograms._common.plain import PlainData, as_dict, check_type
from spectrograms.errors import InvalidInputError, shown
from spectrograms.params.checking import format_number
from spectrograms.params.norms import Norm

_classes: dict[str, type[Params]] = {}
# What other packages call it, and what it is called here.
_FOREIGN = {
    "hop_length": "hop_size", "hop": "hop_size", "frame_shift": "hop_size", "frame_step": "hop_size",
    "nfft": "n_fft", "fft_size": "n_fft", "nperseg": "win_length", "frame_length": "win_length",
    "window_fn": "window", "win_type": "window", "fftbins": "periodic", "sr": "sample_rate",
    "fs": "sample_rate", "sampling_rate": "sample_rate", "n_mel": "n_mels", "num_mel_bins": "n_mels",
    "n_filter": "n_filters", "fmin": "f_min", "f_low": "f_min", "low_freq": "f_min", "fmax": "f_max",
    "f_high": "f_max", "high_freq": "f_max", "mel_scale": "formula", "htk": "formula", "top_db": "floor_db",
    "ref": "reference", "n_mfcc": "n_coefficients", "num_ceps": "n_coefficients",
}  # fmt: skip


class _Declared(type):
    """Makes the annotations of a class its fields, before the class is there: slots cannot be added later."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _Declared:
        declared = [base for base in bases if isinstance(base, _Declared)]
        if declared and not any(getattr(base, "_fields", ()) for base in declared):
            fields = [
                field
                for field, kind in namespace["__annotations__"].items()
                if not kind.startswith("ClassVar")
            ]
            namespace["_fields"] = namespace["__slots__"] = tuple(fields)
        return super().__new__(mcs, name, bases, namespace)

    @property
    def __signature__(cls) -> Any:
        from inspect import signature  # takes a while to import

        whole = signature(cls.__new__)
        return whole.replace(parameters=list(whole.parameters.values())[1:])

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except TypeError as error:
            if hint := _hint(cls, kwargs):
                raise TypeError(f"{error}: {hint}") from None
            raise


@documented()
class Params(PlainData, metaclass=_Declared):
    """Base class of immutable value objects.

    The annotations of a subclass are its fields, all of them arguments of ``__new__``, which ends with
    ``cls._create(...)``: their values in order. ``_shown`` names what the repr always contains (by default
    every argument that is not keyword-only); other fields are shown when they differ from `_default`.
    ``_later`` names fields that earlier versions did not have: plain data has them when they differ, so that
    fingerprints of what both versions can say are the same.
    """

    __slots__ = ("_hash",)
    _hash: int
    _values: Any
    _put: ClassVar[tuple[Any, ...]] = ()
    _fields: ClassVar[tuple[str, ...]] = ()
    _shown: ClassVar[tuple[str, ...]] = ()
    _later: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[Mapping[str, object]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        cls._values = property(attrgetter(*cls._fields) if len(cls._fields) > 1 else _single(cls._fields[0]))
        cls._put = tuple(getattr(cls, name).__set__ for name in cls._fields)
        cls._defaults = cls.__new__.__kwdefaults__ or {}
        if "_shown" not in vars(cls):
            cls._shown = tuple(name for name in cls._fields if name not in cls._defaults)
        # Infos of results are built like parameters, but users do not name them.
        if cls.__module__.startswith(f"{__package__}.") and not cls.__name__.startswith("_"):
            _classes[cls.__name__] = cls

    @classmethod
    def _create(cls, *values):
        self = object.__new__(cls)
        for i, put in enumerate(cls._put):
            put(self, values[i])
        return self

    def _default(self, name):
        """Give the value that a keyword-only argument takes when it is left out."""
        return self._defaults[name]

    def _replace(self, **changes):
        return type(self)(**dict(zip(self._fields, self._values, strict=True)) | changes)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        return self._values == other._values

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            value = hash((type(self).__name__, self._values))
            object.__setattr__(self, "_hash", value)
            return value

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), dict(zip(self._fields, self._values, strict=True)))

    def __repr__(self) -> str:
        shown = [f"{name}={as_text(getattr(self, name))}" for name in self._shown]
        for name in self._fields:
            value = getattr(self, name)
            if name not in self._shown and name in self._defaults and value != self._default(name):
                shown.append(f"{name}={as_text(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_dict(self) -> dict[str, Any]:
        """Return the object as plain data, ready for JSON.

        Returns
        -------
        dict
            ``"type"`` (the name of the class) and one entry for each argument of the constructor. Arguments
            that earlier versions did not have are left out where they are the default.

        %(plain_examples)s
        >>> sg.LogParams(-60.0).to_dict()
        {'type': 'LogParams', 'floor_db': -60.0}
        """
        data = {"type": type(self).__name__}
        for name, value in zip(self._fields, self._values, strict=True):
            if name not in self._later or value != self._default(name):
                data[name] = _plain(value)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build an object from what `to_dict` returned.

        Parameters
        ----------
        data : dict
            Plain data; an argument with a default may be missing.

        Returns
        -------
        Self
            An object equal to the one that `data` describes.

        Raises
        ------
        InvalidInputError
            If ``data["type"]`` names another class, or a value is out of range.
        TypeError
            If an argument is missing or unknown.

        %(plain_examples)s
        >>> sg.LogParams.from_dict({"type": "LogParams", "floor_db": -60.0})
        LogParams(floor_db=-60)
        """
        data = as_dict("data", data)
        check_type(data, cls.__name__)
        return _made(cls, data)


def from_dict(data: dict[str, Any]) -> Params:
    """Build a parameter object of the class that ``data["type"]`` names.

    Parameters
    ----------
    data : dict
        What the `to_dict` method of a parameter object returned.

    Returns
    -------
    object
        Equal to the object that the data came from.

    Raises
    ------
    InvalidInputError
        If no parameter class has this name, or a value is out of range.
    TypeError
        If an argument is missing or unknown.
    """
    kind = as_dict("data", data).get("type")
    if not isinstance(kind, str) or kind not in _classes:
        raise InvalidInputError(f'"type" must be one of {", ".join(sorted(_classes))}, got {shown(kind)}')
    return _classes[kind].from_dict(data)


def hint_for(arguments: Iterable[str], known: Container[str], given: Iterable[str]) -> str:
    """Which of the names given are those that other packages have for arguments, in words; or nothing."""
    foreign = {name: _FOREIGN.get(name) for name in given if name not in known}
    named = [f"{name} is called {ours} here" for name, ours in foreign.items() if ours in known]
    if foreign and not named and (arguments := ", ".join(arguments)):
        return f"the arguments are {arguments}"
    return ", ".join(named)


def _hint(cls, given):
    return hint_for(cls._fields, set(cls._fields) | set(cls._defaults), given)


def _single(name):
    # attrgetter of one name gives the bare value, of several a tuple.
    return lambda self: (getattr(self, name),)


def _rebuild(cls, fields):
    return cls(**fields)


def _made(cls, data):
    try:
        return cls(**{name: _revive(value) for name, value in data.items() if name != "type"})
    except RecursionError:
        raise InvalidInputError(f"data of a {cls.__name__} is nested too deeply") from None


def as_text(value: Any) -> str:
    """A value as reprs show it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Norm):
        return repr(value.label)
    return format_number(value) if isinstance(value, (int, float)) else repr(value)


def _plain(value):
    if isinstance(value, Norm):
        return value.name
    return value.to_dict() if isinstance(value, Params) else value


def _revive(value):
    return from_dict(value) if isinstance(value, dict) else value
