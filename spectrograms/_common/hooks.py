"""Methods of lower rooms that higher rooms implement: registered from above, imported when called."""

from __future__ import annotations

from importlib import import_module

# typing takes longer to import than everything here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PLACES: dict[str, tuple[str, str]] = {}


def register(name: str, module: str, function: str) -> None:
    """Say which function stands behind a name, without importing it."""
    _PLACES[name] = module, function


def hook(name: str) -> Callable[..., Any]:
    """Import the function behind a name."""
    module, function = _PLACES[name]
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found
