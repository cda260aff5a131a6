"""``spectrograms version``: this package and what it runs on."""

from __future__ import annotations

import platform
from argparse import Namespace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from spectrograms.cli.console import print_json

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

_PACKAGES = ("numpy", "pyfftw", "soundfile", "soxr", "matplotlib", "pyarrow", "dask", "tqdm")


def run(args: Namespace, console: Console) -> bool:
    """Print the versions of all packages that are installed, and the level of the kernels. Returns False."""
    from spectrograms import __version__
    from spectrograms._engine.kernels.kernels import level

    versions = {"spectrograms": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    if args.json:
        print_json({"versions": versions, "instructions": level(), "platform": platform.platform()})
    else:
        for name, number in versions.items():
            print(f"{name} {number}")
        print(f"instructions {level()}")
    return False
