"""The tables of kernels that the tests here are run with: every level of this machine, both dtypes."""

import functools
import sys

import numpy as np
import pytest

from ...support.kernels import lib


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A function that compiles the kernels of a level, once."""
    if lib.compiler() is None or sys.platform == "win32":
        pytest.skip("needs a C compiler that takes GCC's options")
    folder = tmp_path_factory.mktemp("kernels")
    return functools.cache(lambda level: lib.build(level, folder, warnings=True))


# The best level is the one in use here; the others are tried by whole runs.
_, *OTHERS = reversed(lib.cpu_levels())


@pytest.fixture(
    scope="module",
    params=[pytest.param(level, marks=[pytest.mark.slow] * (level in OTHERS)) for level in lib.cpu_levels()],
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
