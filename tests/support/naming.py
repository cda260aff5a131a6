"""Loops over many values in one test, for values so many that separate tests would mostly be overhead."""

from contextlib import contextmanager


@contextmanager
def naming(*values):
    """Name the values for which something inside fails, a missing exception included."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"for {', '.join(map(str, values))}")
        raise
