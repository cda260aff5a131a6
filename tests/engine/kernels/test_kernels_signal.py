"""From samples to windowed frames, against NumPy."""

import numpy as np
import pytest

from ...support.kernels import WIDE, aligned, at, lib, put
from ...support.naming import naming
from ...support.together import together


@together("source", lib.SAMPLE_TYPES)
def test_convert_is_a_cast(k, dtype, source, rng):
    raw = rng.integers(0, 256, 130 * 8, dtype=np.uint8).tobytes()
    every = np.frombuffer(raw, np.uint8 if source == "bool" else source)[:130]
    if source == "bool":
        every = every % 3 > 0
    elif source in ("float64", "longdouble"):
        every = rng.standard_normal(130).astype(source) / 3 * 10.0 ** rng.integers(-30, 30, 130)
    for step in (1, 2, -1, 3):
        values = every[::step]
        out = np.empty(len(values), dtype)
        k.convert[lib.SAMPLE_TYPES.index(source)](at(values), values.strides[0], at(out), len(values))
        with naming("step", step):
            np.testing.assert_array_equal(out, values.astype(dtype))


@together("source", [s for s in lib.SAMPLE_TYPES if np.dtype(s).itemsize > 1])
def test_convert_of_the_other_byte_order(k, dtype, source, rng):
    values = (rng.standard_normal(130) * 100).astype(source)
    index = len(lib.SAMPLE_TYPES) + 2 + lib.SAMPLE_TYPES.index(source)
    for step in (1, 2, -1):
        swapped = values.astype(values.dtype.newbyteorder())[::step]
        out = np.empty(len(swapped), dtype)
        k.convert[index](at(swapped), swapped.strides[0], at(out), len(swapped))
        with naming("step", step):
            assert swapped.tobytes() != values[::step].tobytes()
            np.testing.assert_array_equal(out, values[::step].astype(dtype))


def test_convert_every_half(k, dtype):
    values = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    out = np.empty(len(values), dtype)
    k.convert[lib.SAMPLE_TYPES.index("float16")](at(values), 2, at(out), len(values))
    np.testing.assert_array_equal(out, values.astype(dtype))
    np.testing.assert_array_equal(np.signbit(out), np.signbit(values))


def test_convert_of_extreme_integers(k, dtype):
    for source in (np.int64, np.uint64, np.int32, np.uint32):
        info = np.iinfo(source)
        values = np.array([info.min, info.max, info.max - 1, info.max // 2, info.max // 2 + 1] * 9, source)
        out = np.empty(len(values), dtype)
        k.convert[lib.SAMPLE_TYPES.index(np.dtype(source).name)](
            at(values), values.itemsize, at(out), len(values)
        )
        np.testing.assert_array_equal(out, values.astype(dtype))


def test_convert_of_unaligned_memory(k, dtype):
    raw = np.zeros(1 + 8 * 40, np.uint8)
    values = np.linspace(-5, 5, 40)
    raw[1:] = values.view(np.uint8)
    out = np.empty(40, dtype)
    k.convert[lib.SAMPLE_TYPES.index("float64")](at(raw) + 1, 8, at(out), 40)
    np.testing.assert_array_equal(out, values.astype(dtype))


@together("offset", [0, 1, 3])
@together("buf_offset", [0, 5])
@together("n", [1, 2, 17, 400, 512])
def test_window(k, dtype, n, buf_offset, offset, rng):
    x, w = put(rng.standard_normal(n), dtype, offset), put(rng.standard_normal(n), dtype)
    buf = aligned(n, dtype, buf_offset)
    k.window(at(x), at(w), at(buf), n, at(x), n)
    np.testing.assert_array_equal(buf, x * w)
    k.window(at(x), at(w), at(buf), n, None, 0)
    np.testing.assert_array_equal(buf, x * w)


def test_window_keeps_nan_under_a_zero_weight(k, dtype):
    x, w = put([np.nan, np.inf, 1.0, 2.0] * 8, dtype), aligned(32, dtype)
    buf = aligned(32, dtype)
    k.window(at(x), at(w), at(buf), 32, None, 0)
    assert np.isnan(buf.reshape(8, 4)[:, :2]).all()
    assert not buf.reshape(8, 4)[:, 2:].any()


@together("n", [0, 1, 7, 16, 33, 400, 4097])
def test_sums(k, dtype, n, rng):
    values = rng.standard_normal(n) + 1
    results = set()
    for offset in (0, 1, 5):
        x = put(values, dtype, offset)
        results.add((k.sum(at(x), n), k.sum_squares(at(x), n)))
    assert len(results) == 1, "depends on alignment"
    total, squares = results.pop()
    wide = x.astype(WIDE)
    assert abs(total - wide.sum()) <= 1e-15 * np.abs(wide).sum()
    assert abs(squares - (wide**2).sum()) <= 1e-15 * (wide**2).sum()


@together(("rows", "cols"), [(1, 1), (1, 16), (2, 17), (300, 80), (1000, 13)])
def test_moments(k, dtype, rng, rows, cols):
    # Far from zero, where squares of the values themselves would lose what is asked for.
    x = put(1e6 + rng.standard_normal((rows, cols)), dtype, 1)
    mean, m2, low, high = out = np.full((4, cols), np.inf)
    k.moments(at(x), rows, cols, at(out))
    wide = x.astype(WIDE)
    np.testing.assert_allclose(mean, wide.mean(axis=0), rtol=1e-15)
    np.testing.assert_allclose(m2, ((wide - wide.mean(axis=0)) ** 2).sum(axis=0), rtol=1e-9, atol=1e-20)
    np.testing.assert_array_equal([low, high], [x.min(axis=0), x.max(axis=0)])
    if rows > 1:
        x[rows // 2, cols // 2] = np.nan
        k.moments(at(x), rows, cols, at(out))
        assert np.flatnonzero(np.isnan(mean)).tolist() == [cols // 2]


def test_affine_in_place_and_not(k, dtype, rng):
    x = put(rng.standard_normal(101), dtype, 1)
    y = np.empty_like(x)
    k.affine(at(x), at(y), 101, 1.5, -0.25)
    np.testing.assert_allclose(y, x.astype(WIDE) * 1.5 - 0.25, rtol=0, atol=4 * np.finfo(dtype).eps)
    k.affine(at(x), at(x), 101, 1.5, -0.25)
    np.testing.assert_array_equal(x, y)


@together("rows", [0, 1, 7])
@together("cols", [1, 3, 16, 80, 201])
def test_levels(k, dtype, rows, cols, rng):
    q = rng.integers(-128, 128, (rows, cols), np.int8)
    scale, offset = (put(rng.standard_normal(cols), dtype, 1) for _ in range(2))
    y = np.empty((rows, cols), dtype)
    k.levels(at(q), at(scale), at(offset), at(y), rows, cols)
    np.testing.assert_allclose(y, q * scale.astype(WIDE) + offset, rtol=0, atol=256 * np.finfo(dtype).eps)
    # The product of so few digits is exact: whether it is rounded before the sum makes no difference.
    short = np.ldexp(rng.integers(1, 1 << 16, cols).astype(dtype), -12)
    k.levels(at(q), at(short), at(offset), at(y), rows, cols)
    np.testing.assert_array_equal(y, q * short + offset)


@pytest.mark.parametrize("n", [0, 1, 2, 400])
def test_preemphasis(k, dtype, n, rng):
    x = put(rng.standard_normal(n), dtype, 1)
    y = np.empty_like(x)
    k.preemphasis(at(x), at(y), n, 0.97, 2.0)
    before = np.concatenate([[dtype(2)], x])[:n]
    expected = x.astype(WIDE) - WIDE(dtype(0.97)) * before
    np.testing.assert_allclose(y, expected, rtol=0, atol=8 * np.finfo(dtype).eps)


@together("n", [0, 1, 2, 5, 16, 17, 400])
@together("n_ahead", [0, 160, 700])
def test_emphasize(k, dtype, n, n_ahead, rng):
    x, w = put(rng.standard_normal(n), dtype, 1), put(rng.standard_normal(n), dtype)
    ahead = np.zeros(n_ahead, dtype)
    buf = np.full(n + 3, 7, dtype)
    k.emphasize(at(x), at(w), at(buf), n, at(ahead), n_ahead, 1.5, -0.25, 0.97)
    y = x.astype(WIDE) * 1.5 - 0.25
    expected = (y - WIDE(dtype(0.97)) * np.concatenate([y[:1], y])[:n]) * w
    np.testing.assert_allclose(buf[:n], expected, rtol=0, atol=32 * np.finfo(dtype).eps)
    assert (buf[n:] == 7).all()


def test_overlap_add(k, dtype, rng):
    y, w, out = (put(rng.standard_normal(333), dtype, 1) for _ in range(3))
    expected = out.astype(WIDE) + y.astype(WIDE) * w
    k.overlap_add(at(y), at(w), at(out), 333)
    np.testing.assert_allclose(out, expected, rtol=0, atol=16 * np.finfo(dtype).eps)


@together("half", [2, 9, 100])
def test_halve(k, dtype, half, rng):
    """Each output is a sum of its own, whatever stands beside it; nothing is read beyond the last sample."""
    taps = rng.standard_normal(half)
    whole, firsts = rng.standard_normal(2 * 1100 + 4 * half - 3), {}
    for n in (1, 7, 64, 300, 1100):
        x = put(whole[: 2 * n + 4 * half - 3], dtype, offset=8)
        y, scratch = aligned(n + 2 * k.width, dtype), aligned(2 * (n + 2 * half + k.width), dtype)
        y[:], scratch[:] = 17, np.nan
        k.halve(at(x), at(put(taps, dtype)), half, at(y), n, at(scratch))
        symmetric = np.zeros(4 * half - 1)
        symmetric[: 2 * half : 2] = taps
        symmetric += symmetric[::-1]
        symmetric[2 * half - 1] = 0.5
        expected = np.convolve(x.astype(WIDE), symmetric.astype(WIDE), "valid")[::2]
        with naming("n", n):
            np.testing.assert_allclose(y[:n], expected, atol=20 * half * np.finfo(dtype).eps)
            np.testing.assert_array_equal(y[0], firsts.setdefault("first", y[0]))
            assert (y[-(-n // k.width) * k.width :] == 17).all()
