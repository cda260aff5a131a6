"""Data that a checkout has and a source distribution has not: `.gitattributes` leaves them out."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data"
REASON = "tests/data/{} is in the repository only, not in the source distribution"


def needs(folder):
    """Mark a test that reads a folder of ``tests/data``."""
    return pytest.mark.skipif(not (DATA / folder).is_dir(), reason=REASON.format(folder))


def folder_for_module(folder):
    """Return a folder of ``tests/data``; without it, skip the module that asks while it is imported."""
    if not (DATA / folder).is_dir():
        pytest.skip(REASON.format(folder), allow_module_level=True)
    return DATA / folder
