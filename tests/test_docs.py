"""What the pages say is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "differences.md"


def _named_tests():
    return sorted(
        {name.rpartition("::")[2] for name in re.findall(r"`([\w./:]*\btest_\w+)`", PAGE.read_text())}
    )


def _defined():
    text = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    return set(re.findall(r"^def (test_\w+)\(", text, re.M)) | files


@pytest.mark.parametrize("name", _named_tests())
def test_evidence_of_a_difference_exists(name):
    assert name.removesuffix(".py") in _defined()


def test_some_evidence_is_named():
    assert len(_named_tests()) > 15
