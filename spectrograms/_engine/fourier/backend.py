"""Imports pyfftw as the engine needs it: the compiled module alone, and the Python above it when asked for.

With `pyfftw.interfaces` come SciPy, Dask and pandas where they are installed, which take longer than all else
that the first features of a process wait for; with `config` and `builders` comes multiprocessing. So while
pyfftw is imported, stand-ins are what its ``from . import interfaces`` finds. Then they go, and each of the
three is imported like any other module, by whoever names it first. Nothing is done if pyfftw has been
imported before, or is being imported by another thread.
"""

import os
import sys
from contextlib import nullcontext
from importlib import import_module
from importlib.util import find_spec
from threading import get_ident
from types import ModuleType

_LATER = ("builders", "config", "interfaces")


def _find(name):
    """``__getattr__`` of pyfftw, for those who say ``pyfftw.interfaces`` without an import."""
    if name in _LATER:
        return import_module(f"pyfftw.{name}")
    raise AttributeError(f"module 'pyfftw' has no attribute {name!r}", name=name, obj=sys.modules["pyfftw"])


def _names():
    """``__dir__`` of pyfftw."""
    return sorted({*vars(sys.modules["pyfftw"]), *_LATER})


class _StandIn(ModuleType):
    """A module while pyfftw is imported; hands on whatever is asked of it."""

    def __getattr__(self, name):
        return getattr(import_module(self.__name__), name)

    # pyfftw deletes a name from its builders.
    def __delattr__(self, name):
        pass


class _Loader:
    """Runs the loader of pyfftw, with the stand-ins in place."""

    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        # All of this happens under the lock of the import: who imports pyfftw meanwhile waits for its end.
        module.__spec__.loader = module.__loader__ = self._loader
        names = vars(module)
        names.update((name, _StandIn(f"pyfftw.{name}")) for name in _LATER)
        self._loader.exec_module(module)
        names.update(__getattr__=_find, __dir__=_names)
        for name in _LATER:
            if isinstance(names.get(name), _StandIn):
                del names[name]


class _Finder:
    """Finds pyfftw for the thread that made it, and then lets itself be found no more."""

    def __init__(self):
        self._thread = get_ident()

    # The list is replaced, not changed: another thread may be going through it, and would miss a finder.
    def __enter__(self):
        sys.meta_path = [self, *sys.meta_path]

    def __exit__(self, *exception):
        sys.meta_path = [finder for finder in sys.meta_path if finder is not self]

    def find_spec(self, name, path=None, target=None):
        if name != "pyfftw" or get_ident() != self._thread:
            return None
        self.__exit__()
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


_whole = "pyfftw" in sys.modules or os.environ.get("SPECTROGRAMS_WHOLE_PYFFTW", "0") not in ("", "0")
with nullcontext() if _whole else _Finder():
    import pyfftw  # noqa: F401
