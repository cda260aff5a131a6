"""Functions that know what other packages call their arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from spectrograms.params.base import hint_for

P = ParamSpec("P")
T = TypeVar("T")


def explained(function: Callable[P, T]) -> Callable[P, T]:
    """Let the TypeError of a wrong argument say what it is called here, as that of a parameter class does."""
    arguments = tuple(signature(function).parameters)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs.keys() <= known:
            return function(*args, **kwargs)
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{error}: {hint_for(arguments, known, kwargs)}") from None

    known = frozenset(arguments)
    return call
