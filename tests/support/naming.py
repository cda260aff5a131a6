"""Loops over many values in one test, where a test for each would take longer to start than to run."""

from contextlib import contextmanager


@contextmanager
def naming(*values):
    """Say of whatever fails within, a missing exception too, which values it failed for."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"for {', '.join(map(str, values))}")
        raise
