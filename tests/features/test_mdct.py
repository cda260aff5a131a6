"""MDCT against its definition as a double sum, reconstruction, padding, check values, errors."""

import functools

import numpy as np
import pytest

import spectrograms as sg

from ..support.threads import in_threads
from ..support.together import together

DTYPES = ("float64", "float32")
TOLERANCE = {"float64": 2e-14, "float32": 2e-6}
# Even and odd numbers of coefficients, shorter than a vector and off its multiples.
SIZES = (4, 6, 8, 10, 12, 14, 16, 18, 34, 36, 62, 64, 100, 130, 256, 510, 512, 1024)


@pytest.fixture
def rng():
    return np.random.default_rng(14)


@functools.lru_cache(maxsize=2)
def cosines(size):
    """The transform as a matrix, shape (N, 2N)."""
    n_coefficients = size // 2
    m, k = np.arange(size), np.arange(n_coefficients)[:, None]
    steps = (2 * m + 1 + n_coefficients) * (2 * k + 1) % (8 * n_coefficients)
    return np.cos(np.pi * steps / (4 * n_coefficients))


def forward(x, size, hop, window):
    blocks = np.lib.stride_tricks.sliding_window_view(x, size)[::hop]
    return cosines(size) @ (blocks * window).T


def backward(coefficients, size, hop, window):
    out = np.zeros((coefficients.shape[1] - 1) * hop + size)
    for f, block in enumerate((4 / size * cosines(size).T @ coefficients).T):
        out[f * hop : f * hop + size] += window * block
    return out


def windows(size, rng):
    return {
        "sine": np.sin(np.pi * (np.arange(size) + 0.5) / size),
        "hann": np.hanning(size),
        "ones": np.ones(size),
        "lopsided": rng.standard_normal(size),
    }


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@together("size", SIZES)
def test_both_directions_are_the_double_sum(size, dtype, rng):
    x = rng.standard_normal(4 * size + 3)
    for weights in windows(size, rng).values():
        for hop in (size // 2, max(1, size // 3), size + 3):
            params = sg.MdctParams(size, hop, weights)
            expected = forward(x, size, hop, weights)
            found = sg.mdct(x, params, dtype)
            assert found.dtype == dtype
            assert found.flags.c_contiguous
            assert found.flags.writeable
            assert found.shape == expected.shape == (size // 2, (len(x) - size) // hop + 1)
            atol = TOLERANCE[dtype] * np.sqrt(size) * np.abs(expected).max()
            np.testing.assert_allclose(found, expected, rtol=0, atol=atol)

            expected = backward(expected, size, hop, weights)
            back = sg.imdct(found, params, dtype=dtype)
            assert back.dtype == dtype
            assert back.shape == expected.shape
            atol = TOLERANCE[dtype] * np.sqrt(size) * np.abs(expected).max()
            np.testing.assert_allclose(back, expected, rtol=0, atol=atol)


def test_many_blocks(rng):
    """More blocks than are turned at once, and no multiple of that."""
    x = rng.standard_normal(3001)
    params = sg.MdctParams(24, 7, "hann")
    np.testing.assert_allclose(sg.mdct(x, params), forward(x, 24, 7, np.hanning(24)), rtol=0, atol=1e-12)


def test_check_values():
    params = sg.MdctParams.sine_window(8)
    coefficients = sg.mdct(np.arange(1, 13), params)
    columns = [
        [-16.4234401914, -1.6955181300, -0.4692662705, 0.1165201671],
        [-27.7371486904, -1.6955181300, -0.4692662705, 0.1165201671],
    ]
    np.testing.assert_allclose(coefficients.T, columns, rtol=0, atol=1e-10)
    samples = [-0.7273066310, -0.7685027311, 1.1501456160, 3.6564173488, 5, 6, 7, 8]
    samples += [10.9535584905, 11.9947545906, 8.0146387845, 2.1787982506]
    np.testing.assert_allclose(sg.imdct(coefficients, params), samples, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("dtype", "error"), [("float64", 1e-13), ("float32", 4e-6)])
@pytest.mark.parametrize("size", [4, 10, 64, 512])
def test_aliases_cancel_inside(size, dtype, error, rng):
    x = rng.standard_normal(6 * size)
    params = sg.MdctParams.sine_window(size)
    back = sg.imdct(sg.mdct(x, params, dtype), params, dtype=dtype)
    inside = slice(size // 2, -size // 2)
    np.testing.assert_allclose(back[inside], x[inside], rtol=0, atol=error)
    assert np.abs(back - x).max() > 0.1


@pytest.mark.parametrize("size", [4, 10, 64])
def test_padding_gives_every_sample_back(size, rng):
    params = sg.MdctParams.sine_window(size)
    for length in (1, size // 2, size // 2 + 1, size, 5 * size, 5 * size + 3):
        x = rng.standard_normal(length)
        coefficients = sg.mdct(x, params, pad=True)
        assert coefficients.shape == (size // 2, -(-length // (size // 2)) + 1)
        back = sg.imdct(coefficients, params, length, padded=True)
        assert back.shape == (length,)
        np.testing.assert_allclose(back, x, rtol=0, atol=1e-14 * size)
        whole = sg.imdct(coefficients, params, padded=True)
        assert len(whole) == -(-length // (size // 2)) * (size // 2)
        np.testing.assert_array_equal(whole[:length], back)
        np.testing.assert_allclose(whole[length:], 0, rtol=0, atol=1e-14 * size)
        longer = sg.imdct(coefficients, params, len(whole) + size, padded=True)
        assert len(longer) == len(whole) + size


def test_padding_is_zeros(rng):
    x = rng.standard_normal(50)
    for size, hop in ((16, 8), (16, 5), (10, 5), (12, 20)):
        params = sg.MdctParams(size, hop, "hann")
        found = sg.mdct(x, params, pad=True)
        padded = np.pad(x, (size // 2, 2 * size + hop))
        same = sg.mdct(padded, params)[:, : found.shape[1]]
        np.testing.assert_array_equal(found, same)


def test_length_only_cuts_and_does_not_change_bytes(rng):
    params = sg.MdctParams(256, 128, "hann")
    coefficients = sg.mdct(rng.standard_normal(1000), params)
    whole = sg.imdct(coefficients, params)
    assert whole.shape == (896,)
    for length in (0, 1, 127, 128, 500, 895, 896, 1000, 2**62):
        np.testing.assert_array_equal(sg.imdct(coefficients, params, length), whole[:length])


def test_no_blocks():
    params = sg.MdctParams.sine_window(8)
    for options in ({}, {"original_length": 5}, {"padded": True}):
        assert sg.imdct(np.ones((4, 0)), params, **options).shape == (0,)
    np.testing.assert_array_equal(sg.imdct(np.ones((4, 0)), params, 3, padded=True), np.zeros(3))


def test_samples_of_every_kind(rng):
    params = sg.MdctParams.sine_window(8)
    x = np.arange(20.0)
    expected = sg.mdct(x, params)
    for same in (
        x.tolist(),
        x.astype(np.int8),
        x.astype(np.float32),
        x.astype(">f8"),
        x[::-1].copy()[::-1],
        np.repeat(x, 3)[::3],
    ):
        np.testing.assert_array_equal(sg.mdct(same, params), expected, strict=True)
    np.testing.assert_array_equal(sg.imdct(np.asfortranarray(expected), params), sg.imdct(expected, params))
    np.testing.assert_array_equal(sg.imdct(expected.tolist(), params), sg.imdct(expected, params))


def test_nan_stays_in_its_blocks():
    params = sg.MdctParams.sine_window(8)
    x = np.ones(40)
    x[17] = np.nan
    bad = np.isnan(sg.mdct(x, params))
    blocks = np.arange(bad.shape[1]) * 4
    np.testing.assert_array_equal(bad, np.tile((blocks <= 17) & (blocks > 9), (4, 1)))


def test_blocks_do_not_depend_on_their_place(rng):
    x = rng.standard_normal(5000)
    for dtype in DTYPES:
        params = sg.MdctParams(100, 10, "hann")
        whole = sg.mdct(x, params, dtype)
        for first in (1, 7, 31, 200):
            np.testing.assert_array_equal(sg.mdct(x[10 * first :], params, dtype), whole[:, first:])
            np.testing.assert_array_equal(
                sg.mdct(x[10 * first :].astype(dtype), params, dtype), whole[:, first:]
            )


def test_errors_of_mdct():
    params = sg.MdctParams.sine_window(8)
    with pytest.raises(ValueError, match=r"samples length \(7\) must be >= window_size \(8\)"):
        sg.mdct(np.ones(7), params)
    with pytest.raises(ValueError, match="input array must not be empty"):
        sg.mdct([], params)
    with pytest.raises(ValueError, match="input array must not be empty"):
        sg.mdct([], params, pad=True)
    with pytest.raises(TypeError, match="samples must be 1-D"):
        sg.mdct(np.ones((2, 8)), params)
    with pytest.raises(TypeError, match="MdctParams"):
        sg.mdct(np.ones(8), 8)
    with pytest.raises(ValueError, match="unsupported dtype"):
        sg.mdct(np.ones(8), params, "half")
    with pytest.raises(TypeError, match="pad"):
        sg.mdct(np.ones(8), params, pad=1)
    with pytest.raises(MemoryError, match="window_size must be at most 268435456"):
        sg.MdctParams(2**28 + 2, 4, "rectangular")


def test_errors_of_imdct():
    params = sg.MdctParams.sine_window(8)
    for columns in (2, 0):
        with pytest.raises(ValueError, match=r"coefficients has 3 rows but params.n_coefficients\(\) = 4"):
            sg.imdct(np.ones((3, columns)), params)
    with pytest.raises(TypeError, match="coefficients must be 2-D"):
        sg.imdct(np.ones(4), params)
    with pytest.raises(OverflowError):
        sg.imdct(np.ones((4, 2)), params, -1)
    with pytest.raises(TypeError):
        sg.imdct(np.ones((4, 2)), params, 8.0)
    with pytest.raises(TypeError, match="MdctParams"):
        sg.imdct(np.ones((4, 2)), None)
    with pytest.raises(MemoryError):
        sg.imdct(np.ones((4, 2)), params, 2**62, padded=True)
    with pytest.raises(MemoryError):
        sg.imdct(np.ones((4, 3)), sg.MdctParams(8, 2**62, "hann"))


def test_a_custom_window_of_another_length_is_an_error_at_once():
    with pytest.raises(sg.InvalidInputError, match=r"\(5\) must match window_size \(8\)"):
        sg.MdctParams(8, 4, sg.WindowType.custom(np.ones(5)))


def test_threads(rng):
    params = sg.MdctParams.sine_window(64)
    signals = rng.standard_normal((8, 5000))

    def work(i):
        coefficients = [sg.mdct(signals[i], params) for _ in range(20)]
        return [(c, sg.imdct(c, params)) for c in coefficients]

    for x, results in zip(signals, in_threads(work), strict=True):
        expected = sg.mdct(x, params)
        for coefficients, back in results:
            np.testing.assert_array_equal(coefficients, expected)
            np.testing.assert_array_equal(back, sg.imdct(expected, params))
