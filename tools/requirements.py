"""Prints the packages of extras, one a line: ``python tools/requirements.py [--lowest] EXTRA...``.

pyproject.toml is the only list. `build` stands for what a build needs, which pip installs by itself unless it
is told ``--no-build-isolation``, and `run` for what every user has. Extras that name extras of this package
are resolved. With ``--lowest``, each package is asked for in the lowest version that its bound admits.
"""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def packages(*extras):
    """The requirements of the extras, each once, in the order of their names."""
    with open(PYPROJECT, "rb") as file:
        content = tomllib.load(file)
    lists = {
        **content["project"]["optional-dependencies"],
        "build": content["build-system"]["requires"],
        "run": content["project"]["dependencies"],
    }
    found = set()
    for extra in extras:
        for requirement in lists[extra]:
            ours = re.fullmatch(r"spectrograms\[(.*)\]", requirement)
            found.update(packages(*ours[1].split(",")) if ours else [requirement])
    return sorted(found)


def lowest(requirement):
    """Return ``numpy==2.0`` for ``numpy>=2.0,<3``, and a requirement without a lower bound as it is."""
    return re.sub(r"^([\w.-]+)\s*>=\s*([\w.]+).*$", r"\1==\2", requirement)


if __name__ == "__main__":
    extras = sys.argv[1:]
    if "--lowest" in extras:
        extras.remove("--lowest")
        print(*map(lowest, packages(*extras)), sep="\n")
    else:
        print(*packages(*extras), sep="\n")
