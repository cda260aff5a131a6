"""Settings of every test."""

import gc
import os
import signal

import pytest
from hypothesis import settings

from .support.system import lacking

# Each of several processes computes on one core.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# The same examples at every run, without a time limit for each: a test that fails here fails everywhere, and
# none fails because the machine is busy. `--hypothesis-profile=default` looks further.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

# A background job of a shell starts with Ctrl-C ignored, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """Skip what asks for something that this system has not."""
    reasons = {}  # of functions, which have many cases
    for item in items:
        if isinstance(item, pytest.Function):
            if item.function not in reasons:
                reasons[item.function] = lacking(item.function)
            if reason := reasons[item.function]:
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish():
    """Exempt the collected tests from garbage collection: they live to the end anyway."""
    gc.collect()
    gc.freeze()


def pytest_cmdline_main(config):
    """Let each of several processes begin with a part in one piece, so that one makes what a file shares."""
    if config.getoption("dist", "no") == "load":
        config.option.dist = "worksteal"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Answer ``-n auto``: one process for each core, up to the number that is worth starting."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)
