"""The command line, in this process or in one of its own."""

import os
import subprocess
import sys

from spectrograms.cli import main


def run(*argv):
    """The exit code of the command line, run in this process."""
    try:
        return main([os.fspath(part) for part in argv])
    except SystemExit as error:
        return error.code


def spawn(*argv, cwd, **options):
    """Run the command line in a process of its own, away from the checkout."""
    command = [sys.executable, "-m", "spectrograms", *map(os.fspath, argv)]
    return subprocess.run(command, cwd=cwd, capture_output=True, timeout=120, check=False, **options)
