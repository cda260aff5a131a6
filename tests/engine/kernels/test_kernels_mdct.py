"""Products of complex numbers and the modified discrete cosine transform, against NumPy."""

import numpy as np

from ...support.kernels import WIDE, aligned, at, put
from ...support.together import together


@together("n", [1, 2, 7, 8, 15, 16, 17, 33, 100])
def test_multiply_in_place_and_not(k, dtype, n, rng):
    a, w = (put(rng.standard_normal((n, 2)), dtype, 1) for _ in range(2))
    numbers, factors = (v.astype(WIDE).view(np.clongdouble)[:, 0] for v in (a, w))
    out = aligned((n, 2), dtype, 3)
    k.multiply(at(a), at(w), at(out), n)
    k.multiply(at(a), at(w), at(a), n)
    np.testing.assert_array_equal(a, out)
    found = out.astype(WIDE).view(np.clongdouble)[:, 0]
    atol = 4 * np.finfo(dtype).eps * np.abs(numbers) * np.abs(factors)
    assert (np.abs(found - numbers * factors) <= atol).all()


def cosines(n):
    """The transform of 2n numbers as a matrix of doubles."""
    m, j = np.arange(2 * n), np.arange(n)[:, None]
    return np.cos(np.pi * ((2 * m + 1 + n) * (2 * j + 1) % (8 * n)) / (4 * n))


@together("n", [2, 4, 6, 8, 14, 16, 18, 30, 32, 34, 62, 64, 66, 130, 256])
def test_cosine_transform_of_even_length(k, dtype, n, rng):
    x, w = (put(rng.standard_normal(2 * n), dtype, offset) for offset in (1, 2))
    table = aligned(k.mdct_table_len(n), dtype)
    k.mdct_table(n, at(table))
    u, result = aligned(n, dtype), aligned(n, dtype)
    t = aligned((n // 2, 2), dtype)

    def transform(source, target):
        k.mdct_twiddle(at(source), at(table), at(t), n)
        t[...] = np.fft.fft(t.astype(np.float64).view(complex)[:, 0]).view(np.float64).reshape(-1, 2)
        k.mdct_untwiddle(at(t), at(table), at(target), n)

    k.mdct_fold(at(x), at(w), at(u), n)
    transform(u, result)
    atol = 8 * np.finfo(dtype).eps * n
    np.testing.assert_allclose(result, cosines(n) @ (x.astype(float) * w), rtol=0, atol=atol)

    coefficients = put(rng.standard_normal(n), dtype)
    transform(coefficients, u)
    sums = put(np.ones(2 * n), dtype, 1)
    k.mdct_unfold(at(u), at(w), at(sums), n)
    np.testing.assert_allclose(sums, 1 + w * (cosines(n).T @ coefficients.astype(float)), rtol=0, atol=atol)


@together("n", [1, 3, 5, 7, 9, 15, 17, 33, 255])
def test_cosine_transform_of_odd_length(k, dtype, n, rng):
    x, w = (put(rng.standard_normal(2 * n), dtype, offset) for offset in (1, 2))
    places = np.arange(n)
    orders = np.where(2 * places < n, 2 * places, 2 * n - 1 - 2 * places)
    angles = (2 * orders + 1) * (n + 1) % (8 * n) * np.where(orders % 2, -1, 1)
    p, g = np.exp(-0.5j * np.pi * places / n), np.exp(-0.25j * np.pi * angles / n)
    p, g = (put(v.view(float).reshape(-1, 2), dtype) for v in (p, g))
    z = aligned((n, 2), dtype)

    def transform():
        z[...] = np.fft.fft(z.astype(np.float64).view(complex)[:, 0]).view(np.float64).reshape(-1, 2)

    result = aligned(n, dtype)
    k.mdct_odd_twiddle(at(x), at(w), at(p), at(z), n)
    transform()
    k.mdct_odd_untwiddle(at(z), at(g), at(result), n)
    atol = 16 * np.finfo(dtype).eps * n
    np.testing.assert_allclose(result, cosines(n) @ (x.astype(float) * w), rtol=0, atol=atol)

    coefficients = put(rng.standard_normal(n), dtype)
    k.mdct_odd_spread(at(coefficients), at(g), at(z), n)
    transform()
    sums = put(np.ones(2 * n), dtype, 1)
    k.mdct_odd_add(at(z), at(w), at(p), at(sums), n)
    np.testing.assert_allclose(sums, 1 + w * (cosines(n).T @ coefficients.astype(float)), rtol=0, atol=atol)


def test_prefetch_changes_nothing(k):
    a = np.arange(256, dtype=np.uint8)
    k.prefetch_write(at(a), 64, 4, 64)
    np.testing.assert_array_equal(a, np.arange(256, dtype=np.uint8))
