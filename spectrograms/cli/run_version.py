"""``spectrograms version``: this package and what it runs on."""

from __future__ import annotations

import platform
from argparse import Namespace
from importlib.metadata import PackageNotFoundError, distributions, version
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
    others = _others()
    if args.json:
        print_json(
            {"versions": versions, "instructions": level(), "platform": platform.platform(), "others": others}
        )
    else:
        for name, number in versions.items():
            print(f"{name} {number}")
        print(f"instructions {level()}")
    for other in others:
        console.say(
            "another package named spectrograms is installed, too: "
            f"version {other['version']} in {other['path']}. "
            "Both are imported as spectrograms, and files of one may be in the place of the other's: "
            "uninstall both, then install one"
        )
    return False


def _others():
    """The distributions that bear the name of this package and are not it: they lack our command.

    The one in the Rust language that ours stands in for is such a one.
    """
    return [
        {"version": each.version, "path": str(each.locate_file(""))}
        for each in distributions(name="spectrograms")
        if not any(entry.value == "spectrograms.cli:main" for entry in each.entry_points)
    ]
