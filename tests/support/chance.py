"""How often tests of chance repeat: a few times in every run, many times with `.ci/run --full`."""

import os


def times(usually, thoroughly):
    """A count for this run: of kills at random moments, of mutations, of examples."""
    return thoroughly if os.environ.get("THOROUGH") else usually
