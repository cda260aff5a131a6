"""The tables of kernels that the tests here are run with: all levels of the build, both dtypes."""

import numpy as np
import pytest

from spectrograms._engine.kernels.kernels import available_levels

from ...support.kernels import table


@pytest.fixture(params=available_levels())
def level(request):
    return request.param


@pytest.fixture(params=[np.float32, np.float64], ids=["f32", "f64"])
def dtype(request):
    return request.param


@pytest.fixture
def k(level, dtype):
    return table(level, dtype)


@pytest.fixture
def rng():
    return np.random.default_rng(7)
