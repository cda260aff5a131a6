"""Optional packages: imported where they are used, with one clear message when they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# What to pass to pip for a module: package names, never an extra of this project, because an index may hold
# another project under our name.
_PACKAGES = {
    "distributed": "dask distributed",
    "matplotlib": "matplotlib",
    "soundfile": "soundfile soxr",
    "pyarrow": "pyarrow soundfile soxr tqdm",
    "soxr": "soundfile soxr",
    "yaml": "PyYAML",
}


def require(module: str, purpose: str) -> Any:
    """Import and return an optional module.

    Parameters
    ----------
    module : str
        Name of the module, such as ``"soundfile"``.
    purpose : str
        What it is needed for, as the start of a sentence: ``"reading audio files"``.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    ImportError
        If it is not installed: "reading audio files needs soundfile: pip install soundfile soxr".
        A module that is installed but fails to import keeps its own error.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name not in (package, module):
            raise
        packages = _PACKAGES.get(package, package)
        raise ImportError(f"{purpose} needs {package}: pip install {packages}", name=package) from error


class Needed:
    """A ``with`` block of imports that a module cannot do without; static checkers see them as they stand.

    Parameters
    ----------
    title : str
        What people call the library.
    install : str
        What to pass to pip.
    *modules : str
        Top-level modules whose absence means that it is not installed; any other error stays as it is.

    Raises
    ------
    ImportError
        If it is not installed: "lhotse is not installed. Install it with: pip install lhotse".
    """

    def __init__(self, title: str, install: str, *modules: str) -> None:
        self._title, self._install, self._modules = title, install, modules

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] in self._modules:
            raise ImportError(
                f"{self._title} is not installed. Install it with: pip install {self._install}",
                name=self._modules[0],
            ) from error
