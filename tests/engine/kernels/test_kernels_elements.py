"""Roots, powers and logarithms, element by element, against wider arithmetic."""

import numpy as np
import pytest

from ...support.kernels import WIDE, at, put


def test_root_and_power(k, dtype, rng):
    values = np.concatenate([rng.random(50), [0, np.inf, np.nan]])
    a = put(values, dtype)
    given = a.astype(WIDE)
    k.root(at(a), len(a), 0.5, -np.inf)
    np.testing.assert_allclose(a, np.sqrt(given + 0.5), rtol=2 * np.finfo(dtype).eps)
    a = put(values, dtype)
    k.root(at(a), len(a), 0.25, 0.5)
    np.testing.assert_allclose(a, np.sqrt(np.maximum(given + 0.25, 0.5)), rtol=2 * np.finfo(dtype).eps)
    assert (a == dtype(np.sqrt(0.5))).sum() > 5
    assert np.isnan(a[-1])
    for exponent in (2.0, 1.0, 0.5, 0.33):
        a = put(values, dtype)
        k.power(at(a), len(a), exponent)
        np.testing.assert_allclose(a, given ** WIDE(dtype(exponent)), rtol=4 * np.finfo(dtype).eps)


def test_root_is_rounded_correctly(k, dtype, rng):
    limits = np.finfo(dtype)
    edges = [0, np.inf, limits.max, limits.tiny, limits.smallest_subnormal, 1 - limits.epsneg, 1 + limits.eps]
    values = np.concatenate(
        [
            np.exp(rng.uniform(np.log(limits.smallest_subnormal), np.log(limits.max), 200_000)),
            rng.random(200_000) * 4,
            np.arange(1001.0) ** 2,
            *([edge] * 9 for edge in edges),
        ]
    )
    a = put(values, dtype)
    expected = np.sqrt(a)
    k.root(at(a), len(a), 0.0, -np.inf)
    np.testing.assert_array_equal(a, expected)
    a = put([4.0, -1.0, np.nan, 9.0], dtype)
    k.root(at(a), 4, 0.0, -np.inf)
    np.testing.assert_array_equal(a, [2, np.nan, np.nan, 3])


def log_of(k, values, mul, *, add=0.0, floor=0.0, offset=0, dtype):
    a = put(values, dtype, offset)
    k.log(at(a), a.size, mul, add, floor)
    return a


# How many times ln it is, before rounding.
LOGARITHMS = pytest.mark.parametrize(
    "factor", [WIDE(1), 1 / np.log(WIDE(10)), 10 / np.log(WIDE(10))], ids=["ln", "log10", "dB"]
)


def worst(k, values, factor, dtype):
    """The largest error, in units in the last place."""
    expected = np.log(values.astype(WIDE)) * factor
    ulp = np.spacing(np.abs(expected).astype(dtype)).astype(WIDE)
    return (np.abs(log_of(k, values, float(factor), dtype=dtype) - expected) / ulp).max()


@pytest.mark.slow
@LOGARITHMS
def test_log_is_accurate(k, dtype, factor, rng):
    info = np.finfo(dtype)
    values = np.concatenate(
        [
            np.exp(rng.uniform(np.log(float(info.tiny)), np.log(float(info.max)), 400_000)),
            rng.uniform(0.5, 2, 300_000),
            1 + 1e-3 * rng.standard_normal(200_000),
            1 + float(info.eps) * rng.integers(-1000, 1000, 100_000),
            [float(info.tiny), float(info.max), 1.0, np.sqrt(0.5), np.sqrt(2.0)],
        ]
    ).astype(dtype)
    assert worst(k, values, factor, dtype) < (1 if k.level in (b"v3", b"v4") else 2)


@LOGARITHMS
def test_log_of_every_exponent(k, dtype, factor, rng):
    """The factor costs no accuracy: over all numbers the worst of float32 is 0.96 units in the last place."""
    info = np.finfo(dtype)
    exponents = np.arange(info.minexp, info.maxexp, dtype=np.int32)
    mantissas = np.concatenate([1 + rng.random(50), [1, 1 + info.eps, 2 - info.eps, np.sqrt(2)]])
    values = np.ldexp(mantissas.astype(dtype), exponents[:, np.newaxis]).ravel()
    # Where the exponent adds nothing, the polynomial is alone.
    values = np.concatenate([values, np.linspace(0.6, 1.5, 100_000, dtype=dtype)])
    assert worst(k, values, factor, dtype) < (1 if k.level in (b"v3", b"v4") else 2)


def test_log_specials(k, dtype):
    tiny = np.finfo(dtype).tiny
    values = np.array(
        [np.nan, -np.nan, np.inf, -np.inf, -1, -0.0, 0.0, tiny / 2, 1e-12, 1e-10, 1.0] * 5, dtype
    )
    a = log_of(k, values, 10 / np.log(10), floor=1e-10, dtype=dtype).reshape(5, 11)
    assert np.isnan(a[:, :2]).all()
    assert np.isposinf(a[:, 2]).all()
    assert (a[:, 3:10] == -100).all()
    assert (a[:, 10] == 0).all()


def test_log_floor_is_at_least_the_smallest_normal(k, dtype):
    tiny = np.finfo(dtype).tiny
    a = log_of(k, [0.0, tiny / 4, tiny], 1.0, floor=0.0, dtype=dtype)
    np.testing.assert_array_equal(a, np.full(3, np.log(WIDE(tiny)).astype(dtype)))


@pytest.mark.parametrize("floor_db", [-120.0, -100.0, -80.0, -30.0, 0.0, 100.0])
def test_log_of_the_floor_is_the_floor_in_db(k, dtype, floor_db):
    floor = 10 ** (floor_db / 10)
    a = log_of(k, np.zeros(19), 10 / np.log(10), floor=floor, dtype=dtype)
    assert (a == floor_db).all()
    above = dtype(floor)
    values = [above := np.nextafter(above, dtype(np.inf)) for _ in range(100)]
    a = log_of(k, values, 10 / np.log(10), floor=floor, dtype=dtype)
    assert (a >= dtype(floor_db)).all()


def test_log_adds_first(k, dtype, rng):
    values = rng.random(100).astype(dtype)
    a = log_of(k, values, 1.0, add=0.5, dtype=dtype)
    np.testing.assert_allclose(a, np.log(values.astype(WIDE) + 0.5), rtol=0, atol=4 * np.finfo(dtype).eps)


def test_element_kernels_do_not_depend_on_position(k, dtype, rng):
    """Vector bodies and scalar remainders give the same bits, whatever the length and alignment."""
    values = np.exp(rng.uniform(-20, 20, 75)).astype(dtype)

    def alone(kernel, *arguments):
        singles = [put([v], dtype) for v in values]
        for single in singles:
            kernel(at(single), 1, *arguments)
        return np.concatenate(singles)

    for kernel, arguments in (
        (k.log, (4.3, 1e-3, 1e-10)),
        (k.root, (0.25, 0.3)),
        (k.power, (0.3,)),
        (k.power, (2.0,)),
    ):
        expected = alone(kernel, *arguments)
        for n in (1, 2, 7, 8, 15, 16, 17, 31, 33, 47, 63, 75):
            for offset in (0, 1, 3):
                a = put(values[:n], dtype, offset)
                kernel(at(a), n, *arguments)
                np.testing.assert_array_equal(a, expected[:n])
