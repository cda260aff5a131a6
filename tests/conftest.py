"""What holds for every test."""

import gc
import os
import signal

import pytest
from hypothesis import settings

# Each of several processes computes on one core.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The same examples at every run, and no time limit on one of them: a test that fails here fails everywhere,
# and a busy machine makes none fail. `--hypothesis-profile=default` looks further.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

# A shell's job in the background begins with Ctrl-C ignored, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    """Spare every collection of garbage the look at what has been collected of tests: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Answer ``-n auto``: a process for each core, and no more than pay for their start."""
    return min(len(os.sched_getaffinity(0)), 8)
