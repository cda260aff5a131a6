"""Parameters of a test of which only some are tried in a quick run."""

import pytest


def slow_but(quick, values):
    """Return the values as parameters, all marked slow but those in `quick`."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]
