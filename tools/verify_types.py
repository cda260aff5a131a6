"""Measures how many of the public names have a known type: ``python tools/verify_types.py PYTHON``.

PYTHON is the interpreter of an environment in which the package is installed, not in editable mode, because
basedpyright follows no import hooks. Exits with 1 below 99 %, and names what is missing.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LEAST = 0.99
WHERE = "import importlib.util; print(importlib.util.find_spec('spectrograms').origin)"


def completeness(python):
    """Return the report of basedpyright about the package that `python` imports."""
    python = os.path.abspath(python)  # not resolved: the link leads out of the environment
    command = ["basedpyright", "--verifytypes", "spectrograms", "--ignoreexternal", "--outputjson"]
    # In this mode it asks the first python of the PATH where packages are.
    environment = os.environ | {"PATH": os.pathsep.join([os.path.dirname(python), os.environ["PATH"]])}
    with (
        tempfile.TemporaryDirectory() as elsewhere
    ):  # a checkout in the current folder would be taken instead
        found = subprocess.run(
            [python, "-c", WHERE], capture_output=True, text=True, check=True, cwd=elsewhere
        )
        run = subprocess.run(command, capture_output=True, text=True, cwd=elsewhere, env=environment)
    report = json.loads(run.stdout)["typeCompleteness"]
    # Where it finds no package it silently takes another one.
    if Path(found.stdout.strip()).parent != Path(report.get("pyTypedPath", "")).parent:
        sys.exit(f"{python}: spectrograms must be installed there, with py.typed, and not in editable mode")
    return report


def main():
    """Print the score of the package of the interpreter named on the command line; exit with 1 if too low."""
    (python,) = sys.argv[1:]
    report = completeness(python)
    for symbol in report["symbols"]:
        if symbol["isExported"] and not symbol["isTypeKnown"]:
            print(symbol["name"])
            for diagnostic in symbol["diagnostics"]:
                print("   ", diagnostic["message"].replace("\n", "\n    "))
    score = report["completenessScore"]
    print(f"types known: {100 * score:.2f} % of the public names; at least {100 * LEAST:g} % are wanted")
    sys.exit(score < LEAST)


if __name__ == "__main__":
    main()
