"""Paragraphs that docstrings share are put where they are named."""

import subprocess
import sys

import pytest

from spectrograms._common.documenting import SHARED, documented, fill


def test_a_paragraph_takes_the_indentation_of_its_place():
    assert fill("First.\n\n    %(dtype)s\n    ") == (
        'First.\n\n    dtype : {"float64", "float32"}\n        Precision of arithmetic and result.\n    '
    )


def test_paragraphs_may_hold_blank_lines_and_names():
    text = fill("  %(outer)s end %(word)s", outer="a\n\n  %(word)s", word="b")
    assert text == "  a\n\n    b end b"


def test_texts_of_a_function_come_before_the_shared_ones():
    assert fill("%(dtype)s", dtype="dtype : str") == "dtype : str"


def test_percent_signs_are_left_alone():
    assert fill("100% of (a)s, 5 % b") == "100% of (a)s, 5 % b"


def test_an_unknown_name_is_found_when_the_module_is_imported():
    with pytest.raises(KeyError, match="dytpe"):

        @documented()
        def function():
            """%(dytpe)s"""


@pytest.mark.parametrize("kind", ["function", "class"])
def test_functions_and_classes_are_returned_themselves(kind):
    def function():
        """%(effort)s"""

    class Class:
        """%(effort)s"""

        __slots__ = ()

    thing = {"function": function, "class": Class}[kind]
    assert documented()(thing) is thing
    assert thing.__doc__ == SHARED["effort"]


@pytest.mark.slow
def test_without_docstrings_there_is_nothing_to_fill():
    code = "import spectrograms as sg; print(sg.compute_mfcc.__doc__, sg.ITDSpectrogramParams.__doc__)"
    run = subprocess.run(
        [sys.executable, "-OO", "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("None None\n", "")
