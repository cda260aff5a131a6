"""The command line, in this process or in one of its own."""

import contextlib
import os
import re
import shlex
import subprocess
import sys
import warnings

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


def run_shown(lines, folder):
    """Run commands as a page shows them, in a folder; an AssertionError names the one that failed.

    What needs a shell is given to bash; all else runs in this process, which has imported everything once.
    """
    program = f'spectrograms() {{ {shlex.quote(sys.executable)} -P -m spectrograms "$@" </dev/null; }}'
    for line in lines:
        bare = re.sub(r"\"[^\"$`\\]*\"|'[^']*'", "", line)
        words = shlex.split(line)
        if words[0] != "spectrograms" or "-" in words or re.search(r"[^\w\s./=,:%+-]", bare):
            script = "\n".join(["set -eu", program, line])
            ran = subprocess.run(
                ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
            )
            assert ran.returncode == 0, (line, ran.stderr)
        else:
            with contextlib.chdir(folder), warnings.catch_warnings(action="default"):
                assert run(*words[1:]) == 0, line
