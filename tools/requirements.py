"""Prints the packages of extras, one a line: ``python tools/requirements.py EXTRA...``.

pyproject.toml is the only list. `build` stands for what a build needs, which pip installs by itself unless it
is told ``--no-build-isolation``. Extras that name extras of this package are resolved.
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
    lists = {**content["project"]["optional-dependencies"], "build": content["build-system"]["requires"]}
    found = set()
    for extra in extras:
        for requirement in lists[extra]:
            ours = re.fullmatch(r"spectrograms\[(.*)\]", requirement)
            found.update(packages(*ours[1].split(",")) if ours else [requirement])
    return sorted(found)


if __name__ == "__main__":
    print(*packages(*sys.argv[1:]), sep="\n")
