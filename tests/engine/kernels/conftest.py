"""The tables of kernels that the tests here are run with: every level of this machine, both dtypes."""

import ctypes
import functools
import os
import sys

import numpy as np
import pytest

from ...support.kernels import lib


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A function that compiles the kernels of a level, once for all processes of a run."""
    if lib.compiler() is None or sys.platform == "win32":
        pytest.skip("needs a C compiler that takes GCC's options")
    import fcntl

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    @functools.cache
    def build(level):
        with open(folder / f"kernels_{level}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = folder / f"kernels_{level}.so"
            return ctypes.CDLL(str(made)) if made.exists() else lib.build(level, folder, warnings=True)

    return build


# Compiling takes seconds.
@pytest.fixture(
    scope="module", params=[pytest.param(level, marks=pytest.mark.slow) for level in lib.cpu_levels()]
)
def library(request, built):
    return request.param, built(request.param)


@pytest.fixture(params=[np.float32, np.float64], ids=["f32", "f64"])
def dtype(request):
    return request.param


@pytest.fixture
def k(library, dtype):
    level, loaded = library
    return lib.table(loaded, level, dtype)


@pytest.fixture
def rng():
    return np.random.default_rng(7)
