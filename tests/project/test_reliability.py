"""docs/reliability.md: every case has its tests, every test its case, and the table names their files."""

import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "reliability.md"
ROW = re.compile(r"^\| (\d+(?:\.\d+)?) \| (.+?) \| ?(.*?) \|$", re.MULTILINE)
NAME = re.compile(r"^def test_case_(\d+)(?:_(\d+))?_[a-z]", re.MULTILINE)


def table():
    """Number of a case -> the files that the page names."""
    return {number: set(re.findall(r"`(\w+)`", files)) for number, _, files in ROW.findall(PAGE.read_text())}


def cases_tested():
    """Number of a case -> the files of its tests."""
    cases = table()
    found = defaultdict(set)
    for path in sorted(TESTS.rglob("test_*.py")):
        for section, number in NAME.findall(path.read_text(encoding="utf-8")):
            # The last sections have no numbers within.
            found[section if section in cases else f"{section}.{number}"].add(path.stem)
    return dict(found)


def test_every_case_has_tests_and_every_test_a_case():
    assert set(table()) == set(cases_tested())


def test_the_page_names_files_with_tests_of_the_case():
    found = cases_tested()
    for number, files in table().items():
        assert files
        assert files <= found[number]


def test_numbers_have_no_gaps():
    assert list(table()) == [
        *(
            f"{section}.{i}"
            for section, last in ((1, 5), (2, 7), (3, 5), (4, 5), (5, 10))
            for i in range(1, last + 1)
        ),
        *("6", "7", "8"),
    ]
