"""Tests are skipped where the system has not what they ask for."""

import os
import sys

import pytest

from ..support.system import NAMED, lacking

NOTHING = {name: (False, reason) for name, (_, reason) in NAMED.items()}


def helper():
    return open("/proc/self/statm")


@pytest.fixture
def forked():
    return os.fork()


def direct():
    os.mkfifo("a")


def within():
    def inner():
        helper()

    return inner


def by_fixture(forked):
    return forked


def by_text():
    return [sys.executable, "-c", "import resource, sys"]


@pytest.mark.parametrize(
    ("function", "name"),
    [(direct, "mkfifo"), (within, "/proc/"), (by_fixture, "fork"), (by_text, "import resource")],
)
def test_what_a_test_names_is_found_however_it_is_reached(function, name):
    assert lacking(function, NOTHING) == NAMED[name][1]
    assert lacking(function, NOTHING | {name: (True, "")}) is None


def test_a_text_that_says_so_is_a_text():
    assert lacking(harmless, NOTHING) is None


def harmless():
    """Forks nothing."""
    return "forked", len("symlinks of processes")
