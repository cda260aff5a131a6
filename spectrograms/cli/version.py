"""``spectrograms version``: this package and what it runs on."""

import platform
from importlib.metadata import PackageNotFoundError, version

from spectrograms.cli.console import print_json

_PACKAGES = ("numpy", "pyfftw", "soundfile", "soxr", "matplotlib", "tqdm")


def run(args, console):
    """Print the versions; optional packages that are not installed are left out."""
    from spectrograms import __version__

    versions = {"spectrograms": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    if args.json:
        print_json({"versions": versions, "platform": platform.platform()})
    else:
        for name, number in versions.items():
            print(f"{name} {number}")
    return False
