"""Mean 0 and deviation 1 over whole results, against NumPy."""

import itertools

import numpy as np
import pytest

from spectrograms._engine.arrays.arrays import normalize

from ..support.naming import naming
from ..support.together import together


def definition(x, *, per_row, ddof, inside, outside, subtract, divide):
    x = x.astype(np.float64)
    axis = 1 if per_row else None
    count = x.shape[1] if per_row else x.size
    mean = x.mean(axis=axis, keepdims=True)
    squares = np.square(x - mean).sum(axis=axis, keepdims=True)
    deviation = np.sqrt((squares / (count - ddof) if count > ddof else 0 * squares) + inside) + outside
    return (x - mean if subtract else x) / (deviation if divide else 1.0)


def run(x, dtype, time_major, frames=None, **more):
    shape = (x.shape[0], x.shape[1] if frames is None else frames)
    out = np.full(shape[::-1], np.nan, dtype).T if time_major else np.full(shape, np.nan, dtype)
    normalize(x.copy(), out, **more)
    return out


@pytest.mark.parametrize("dtypes", [*itertools.product(["float64", "float32"], repeat=2)], ids="-".join)
@together("time_major", [False, True])
@together(
    "more",
    [
        {"per_row": True, "ddof": 1, "inside": 1e-7, "outside": 0.0},
        {"per_row": True, "ddof": 0, "inside": 1e-9, "outside": 1e-5},
        {"per_row": False, "ddof": 1, "inside": 0.0, "outside": 1e-5},
    ],
)
def test_definition(dtypes, time_major, more):
    limit = 1e-12 if dtypes == ("float64", "float64") else 2e-6
    for shape in [(1, 1), (1, 2), (3, 1), (5, 63), (80, 64), (17, 200), (128, 431)]:
        rng = np.random.default_rng(shape[1])
        x = (5.0 * rng.standard_normal((shape[0], 1)) + rng.standard_normal(shape)).astype(dtypes[0])
        for subtract, divide in itertools.product([True, False], repeat=2):
            options = {**more, "subtract": subtract, "divide": divide}
            expected = definition(x, **options)
            out = run(x, dtypes[1], time_major, **options)
            atol = limit * max(1.0, np.abs(expected).max())
            with naming(shape, options):
                np.testing.assert_allclose(out, expected, rtol=limit, atol=atol)
                short = run(x, dtypes[1], time_major, frames=shape[1] // 2, **options)
                assert np.array_equal(short, out[:, : shape[1] // 2])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("per_row", [True, False])
def test_equal_values_give_exact_zeros(dtype, per_row):
    more = {"per_row": per_row, "ddof": 0, "inside": 0.0, "outside": 0.0, "subtract": True, "divide": True}
    for value in (0.1, -15.942385, 1e300 if dtype == "float64" else 1e30, 3e-40):
        out = run(np.full((3, 1001), value, dtype), dtype, False, **more)
        assert (out == 0.0).all()


def test_divisions_by_nothing():
    more = {"per_row": True, "ddof": 0, "inside": 0.0, "outside": 0.0, "subtract": False, "divide": True}
    x = np.stack((np.zeros(7), np.full(7, 2.0), np.full(7, -2.0)))
    assert run(x, "float64", False, **more).tolist() == [[0.0] * 7, [np.inf] * 7, [-np.inf] * 7]
    # A deviation whose reciprocal would overflow; its square has four digits.
    tiny = np.array([[0.0, 4e-160, 0.0, 4e-160]])
    found = run(tiny, "float64", False, **{**more, "subtract": True})
    np.testing.assert_allclose(found, [[-1.0, 1.0, -1.0, 1.0]], rtol=1e-4)


def test_nan_stays_in_its_row():
    more = {"per_row": True, "ddof": 1, "inside": 0.0, "outside": 1e-5, "subtract": True, "divide": True}
    x = np.random.default_rng(0).standard_normal((4, 50))
    clean = run(x, "float32", True, **more)
    x[2, 7] = np.nan
    out = run(x, "float32", True, **more)
    assert np.isnan(out[2]).all()
    kept = [0, 1, 3]
    assert np.array_equal(out[kept], clean[kept])


def test_nothing_to_do():
    more = {"per_row": True, "ddof": 1, "inside": 0.0, "outside": 0.0, "subtract": True, "divide": True}
    assert run(np.empty((4, 0)), "float32", True, **more).shape == (4, 0)
