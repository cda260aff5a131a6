"""Every kernel of every instruction-set level against statements in NumPy and the rules of kernels.h."""

import ctypes
import functools
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from ..support.naming import naming

ROOT = Path(__file__).resolve().parents[2]


def _load(name):
    """A module of ``benchmarks/``, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lib = _load("kernel_lib")
DESCRIPTORS = lib.DESCRIPTORS
aligned = lib.aligned

pytestmark = pytest.mark.skipif(
    lib.compiler() is None or sys.platform == "win32", reason="needs a C compiler that takes GCC's options"
)

SIZES = (2, 4, 6, 8, 10, 16, 24, 62, 64, 72, 100, 104, 130, 256, 400, 512, 1000, 1024, 2048, 4096, 4098)
SIZES4 = tuple(n for n in SIZES if n % 8 == 0)
COMPLEX = {np.float32: np.complex64, np.float64: np.complex128}
# Beyond float64 where the platform has it, so that the oracle is better than what it judges.
WIDE = np.longdouble


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A function that compiles the kernels of a level, once."""
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


def put(values, dtype, offset=0):
    """A copy of ``values`` at a known distance from a 64-byte boundary."""
    a = aligned(np.shape(values), dtype, offset)
    a[...] = values
    return a


def at(a):
    """Address of an array."""
    return a.ctypes.data


def transforms(n, dtype, rng):
    """A frame's half spectrum, and the packed transforms that stand for FFTW's, as the engine makes them."""
    # A loud low tone over weak noise, as in speech: errors of strong bins must not reach weak ones.
    frame = (np.cos(0.3 * np.arange(n)) + 1e-3 * rng.standard_normal(n)).astype(dtype)
    z = frame.astype(WIDE).view(np.clongdouble) / 2
    # NumPy's FFT computes in the precision of its input.
    spectrum, packed = np.fft.rfft(frame.astype(WIDE)), np.fft.fft(z)
    quarters = np.fft.fft(z.reshape(-1, 4).T, axis=1) if n % 8 == 0 else None
    return frame, spectrum, packed, quarters


def split_table(k, n, dtype):
    table = aligned(k.split_table_len(n), dtype)
    k.split_table(n, at(table))
    return table


def split4_table(k, n, dtype):
    table = aligned(k.split4_table_len(n), dtype)
    k.split4_table(n, at(table))
    return table


def test_table_describes_itself(library, k, dtype):
    assert k.level.decode() == library[0]
    assert k.itemsize == np.dtype(dtype).itemsize
    assert k.width * k.itemsize == 64


# --- signal --------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", lib.SAMPLE_TYPES)
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


@pytest.mark.parametrize("source", [s for s in lib.SAMPLE_TYPES if np.dtype(s).itemsize > 1])
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


@pytest.mark.parametrize("offset", [0, 1, 3])
@pytest.mark.parametrize("buf_offset", [0, 5])
@pytest.mark.parametrize("n", [1, 2, 17, 400, 512])
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


@pytest.mark.parametrize("n", [0, 1, 7, 16, 33, 400, 4097])
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


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 16), (2, 17), (300, 80), (1000, 13)])
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


@pytest.mark.parametrize("n", [0, 1, 2, 400])
def test_preemphasis(k, dtype, n, rng):
    x = put(rng.standard_normal(n), dtype, 1)
    y = np.empty_like(x)
    k.preemphasis(at(x), at(y), n, 0.97, 2.0)
    before = np.concatenate([[dtype(2)], x])[:n]
    expected = x.astype(WIDE) - WIDE(dtype(0.97)) * before
    np.testing.assert_allclose(y, expected, rtol=0, atol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 16, 17, 400])
@pytest.mark.parametrize("n_ahead", [0, 160, 700])
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


# --- transforms ------------------------------------------------------------------------------------


def check_spectrum(k, into_complex, into_power, z, table, spectrum):
    """Run both kernels that turn `z` into a half spectrum; compare them with it and with each other."""
    n, dtype = 2 * (len(spectrum) - 1), table.dtype
    complex_out, power = aligned(n // 2 + 2, COMPLEX[dtype.type]), aligned(n // 2 + 2, dtype)
    complex_out[-1] = power[-1] = 17
    into_complex(at(z), at(table), at(complex_out), n)
    into_power(at(z), at(table), at(power), n)
    assert complex_out[-1] == power[-1] == 17, "wrote beyond the Nyquist bin"
    complex_out, power = complex_out[:-1], power[:-1]
    assert np.abs(complex_out - spectrum).max() < 4 * np.finfo(dtype).eps * np.abs(spectrum).max()
    assert not complex_out[[0, -1]].imag.any()
    again = np.empty_like(power)
    k.norm(at(complex_out), at(again), n // 2 + 1)
    np.testing.assert_array_equal(again, power, "power is not |complex|^2 to the bit")


@pytest.mark.parametrize("n", SIZES)
def test_split(k, dtype, n, rng):
    _, spectrum, packed, _ = transforms(n, dtype, rng)
    z, table = put(packed, COMPLEX[dtype]), split_table(k, n, dtype)
    check_spectrum(k, k.split_complex, k.split_power, z, table, spectrum)


@pytest.mark.parametrize("n", SIZES4)
def test_split4(k, dtype, n, rng):
    _, spectrum, _, quarters = transforms(n, dtype, rng)
    z, table = put(quarters, COMPLEX[dtype]), split4_table(k, n, dtype)
    check_spectrum(k, k.split4_complex, k.split4_power, z, table, spectrum)


@pytest.mark.parametrize(
    ("n", "rows"),
    [(n, 16) for n in (32, 64, 96, 256, 480, 512, 1024, 2048, 4096)]
    + [(n, 20) for n in (40, 80, 200, 400, 480, 640, 800, 1600)]
    + [(n, 32) for n in (64, 128, 960, 1024, 2048, 4096)],
)
def test_combined_transforms(k, dtype, n, rows, rng):
    frame = (np.cos(0.3 * np.arange(n)) + 1e-3 * rng.standard_normal(n)).astype(dtype)
    spectrum = np.fft.rfft(frame.astype(WIDE))
    length = n // 2 // rows
    z = aligned((rows, -(-length // k.width) * k.width), COMPLEX[dtype])
    z[:, length:] = np.nan  # not part of it
    z[:, :length] = np.fft.fft(frame.astype(WIDE).view(np.clongdouble).reshape(-1, rows).T / 2, axis=1)
    table = aligned(k.combine_table_len(n, rows), dtype)
    k.combine_table(n, rows, at(table))
    planar = aligned(n + k.width + 1, dtype)
    planar[-1] = 17
    k.combine(at(z), at(table), at(planar), n, rows)
    assert planar[-1] == 17, "wrote beyond the end"
    quarters = np.fft.fft(frame.astype(WIDE).view(np.clongdouble).reshape(-1, 4).T / 2, axis=1)
    real, imag = planar[:n].reshape(4, 2, n // 8).swapaxes(0, 1)
    eps = np.finfo(dtype).eps
    assert np.abs(real + 1j * imag.astype(WIDE) - quarters).max() < 4 * eps * np.abs(quarters).max()

    table = split4_table(k, n, dtype)
    check_spectrum(k, k.planar_complex, k.planar_power, planar, table, spectrum)


def test_split_keeps_weak_bins_beside_strong_mirrors(k, dtype, rng):
    """The power form S +- C has negative powers here, 240 dB off; squares of sums do not."""
    n = 512
    x = (np.cos(2 * np.pi * 14 * np.arange(n) / n) + 1e-4 * rng.standard_normal(n)) * np.hanning(n)
    x = x.astype(dtype)
    spectrum = np.abs(np.fft.rfft(x.astype(WIDE)))
    z = put(np.fft.fft(x.astype(WIDE).view(np.clongdouble) / 2), COMPLEX[dtype])
    table = split_table(k, n, dtype)
    power = aligned(n // 2 + 1, dtype)
    k.split_power(at(z), at(table), at(power), n)
    weak = spectrum < 1e-3 * spectrum.max()
    assert weak.sum() > 200
    error = 20 * np.abs(np.log10(np.sqrt(power[weak].astype(WIDE)) / spectrum[weak]))
    assert error.max() < (0.1 if dtype == np.float32 else 1e-8)


@pytest.mark.parametrize("form", ["split", "split4"])
def test_split_spreads_nan(k, dtype, form, rng):
    n = 256
    _, _, packed, quarters = transforms(n, dtype, rng)
    z = put(packed if form == "split" else quarters, COMPLEX[dtype]) * dtype(np.nan)
    z = put(z, COMPLEX[dtype])
    table = (split_table if form == "split" else split4_table)(k, n, dtype)
    power = aligned(n // 2 + 1, dtype)
    getattr(k, f"{form}_power")(at(z), at(table), at(power), n)
    assert np.isnan(power).all()


@pytest.mark.parametrize("n", SIZES)
def test_merge_inverts(k, dtype, n, rng):
    frame, spectrum, packed, _ = transforms(n, dtype, rng)
    given = put(spectrum, COMPLEX[dtype])
    given[[0, -1]] += 5j  # to be ignored
    table, z = split_table(k, n, dtype), aligned(n // 2 + 1, COMPLEX[dtype])
    z[-1] = 17
    k.merge(at(given), at(table), at(z), n)
    assert z[-1] == 17, "wrote beyond the end"
    # packed carries a factor 1/2, z a factor 2.
    expected = 4 * packed
    assert (
        np.abs(z[:-1] - expected).max()
        < (4 if n <= 512 or dtype == np.float32 else 8) * np.finfo(dtype).eps * np.abs(expected).max()
    )
    back = np.fft.ifft(z[:-1].astype(np.clongdouble)).view(WIDE) / 2
    np.testing.assert_allclose(back, frame, rtol=0, atol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("n", [1, 3, 16, 129, 257])
def test_norm(k, dtype, n, rng):
    z = put(rng.standard_normal(n) + 1j * rng.standard_normal(n), COMPLEX[dtype])
    p = np.empty(n, dtype)
    k.norm(at(z), at(p), n)
    wide = z.astype(np.clongdouble)
    np.testing.assert_allclose(p, wide.real**2 + wide.imag**2, rtol=2 * np.finfo(dtype).eps, atol=0)


# --- layout ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["transpose", "transpose_complex"])
@pytest.mark.parametrize(
    ("rows", "cols"), [(1, 1), (1, 257), (2, 3), (7, 9), (8, 8), (16, 33), (61, 201), (64, 257), (64, 1)]
)
def test_transpose(k, dtype, kind, rows, cols, rng):
    item = dtype if kind == "transpose" else COMPLEX[dtype]
    for source_offset, target_offset in ((0, 0), (1, 1)):
        src = aligned((rows, cols + 5), item, source_offset)
        src[:] = np.arange(src.size).reshape(src.shape)
        if kind == "transpose_complex":
            src += 1j * rng.standard_normal(src.shape).astype(dtype)
        src[0, 0] = np.nan
        dst = aligned((cols, rows + 3), item, target_offset)
        dst[:] = -1
        getattr(k, kind)(at(src), cols + 5, at(dst), rows + 3, rows, cols)
        np.testing.assert_array_equal(dst[:, :rows], src[:, :cols].T)
        assert (dst[:, rows:] == -1).all(), "wrote beyond the rows"


# --- tiles -----------------------------------------------------------------------------------------


def bands_of(shapes):
    """`Band` array and number of weights of (start, length) pairs."""
    bands, offset = [], 0
    for start, length in shapes:
        bands.append(lib.Band(start, length, offset))
        offset += length
    return (lib.Band * len(bands))(*bands), offset


@pytest.mark.parametrize("n_widths", [1, 2, 3, 4, 8])
def test_bank(k, dtype, n_widths, rng):
    lanes = n_widths * k.width
    x = put(rng.standard_normal((257, lanes)), dtype)
    shapes = [(0, 0), (0, 1), (3, 2), (3, 7), (100, 30), (0, 257), (256, 1), (250, 7)]
    bands, n_weights = bands_of(shapes)
    weights, y = put(rng.standard_normal(n_weights), dtype), aligned((len(shapes), lanes), dtype)
    y[:] = 17
    k.bank(at(x), lanes, ctypes.addressof(bands), len(shapes), at(weights), at(y), lanes, lanes)
    for row, band in zip(y, bands, strict=True):
        w, part = weights[band.offset :][: band.length], x[band.start :][: band.length]
        expected = w.astype(WIDE) @ part.astype(WIDE)
        bound = np.abs(w).astype(WIDE) @ np.abs(part).astype(WIDE)
        assert (np.abs(row - expected) <= 8 * np.finfo(dtype).eps * bound).all()


@pytest.mark.parametrize("n_widths", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("n_bands", [1, 3, 4, 6, 13])
def test_dense(k, dtype, n_widths, n_bands, rng):
    lanes = n_widths * k.width
    x = put(rng.standard_normal((101, lanes)), dtype)
    weights, y = put(rng.standard_normal((n_bands, 101)), dtype), aligned((n_bands, lanes), dtype)
    k.dense(at(x), lanes, at(weights), n_bands, 101, at(y), lanes, lanes)
    expected = weights.astype(WIDE) @ x.astype(WIDE)
    bound = np.abs(weights).astype(WIDE) @ np.abs(x).astype(WIDE)
    assert (np.abs(y - expected) <= 8 * np.finfo(dtype).eps * bound).all()


def test_frames_do_not_depend_on_their_place(k, dtype, rng):
    """A frame in the first lane of the smallest tile gives the same bytes as in any lane of a large one."""
    lanes, width, bins = 8 * k.width, k.width, 65
    column = rng.standard_normal((bins, 1))
    large, small = put(np.tile(column, lanes), dtype), put(np.tile(column, width), dtype)
    bands, n_weights = bands_of([(0, 65), (5, 6), (60, 5)])
    weights = put(rng.standard_normal(n_weights + 5 * bins), dtype)

    def bank(tile):
        y = aligned((3, tile.shape[1]), dtype)
        k.bank(at(tile), tile.shape[1], ctypes.addressof(bands), 3, at(weights), at(y), *2 * [tile.shape[1]])
        return y

    def dense(tile):
        y = aligned((5, tile.shape[1]), dtype)
        k.dense(at(tile), tile.shape[1], at(weights), 5, bins, at(y), *2 * [tile.shape[1]])
        return y

    def pair_power(tile):
        y = aligned((32, tile.shape[1]), dtype)
        k.pair_power(at(tile), tile.shape[1], 32, at(y), *2 * [tile.shape[1]])
        return y

    def normalize(tile):
        y = put(tile, dtype)
        k.normalize(at(y), tile.shape[1], bins, tile.shape[1], 2)
        return y

    def describe(tile):
        y = aligned((len(DESCRIPTORS), tile.shape[1]), dtype)
        x = put(np.abs(tile), dtype)
        axis = np.linspace(0, 4000, bins)
        for i, row in enumerate(y):
            k.describe[i](at(x), tile.shape[1], bins, at(axis), 0.5, at(row), tile.shape[1])
        return y

    for kernel in (bank, dense, pair_power, normalize, describe):
        reference = kernel(small)[:, :1]
        for result in (kernel(small), kernel(large)):
            np.testing.assert_array_equal(result, np.broadcast_to(reference, result.shape))


def test_banks_keep_frames_apart(k, dtype, rng):
    lanes = 2 * k.width
    x = put(rng.standard_normal((20, lanes)), dtype)
    x[7, 3], x[9, 5] = np.nan, np.inf
    bands, _ = bands_of([(0, 20)])
    weights, y = put(rng.random(20) + 0.1, dtype), aligned((2, lanes), dtype)
    k.bank(at(x), lanes, ctypes.addressof(bands), 1, at(weights), at(y), lanes, lanes)
    k.dense(at(x), lanes, at(weights), 1, 20, at(y) + lanes * k.itemsize, lanes, lanes)
    for row in y:
        assert np.isnan(row[3])
        assert np.isposinf(row[5])
        assert np.isfinite(np.delete(row, [3, 5])).all()


@pytest.mark.parametrize("in_place", [False, True])
def test_pair_power(k, dtype, in_place, rng):
    lanes = 2 * k.width
    x = put(rng.standard_normal((14, lanes)), dtype)
    wide = x.astype(WIDE)
    y = x if in_place else aligned((7, lanes), dtype)
    k.pair_power(at(x), lanes, 7, at(y), lanes, lanes)
    np.testing.assert_allclose(y[:7], wide[::2] ** 2 + wide[1::2] ** 2, rtol=2 * np.finfo(dtype).eps, atol=0)


def test_resonators(k, dtype, rng):
    lanes, n, bands = 2 * k.width, 50, 3
    x = put(rng.standard_normal((n, lanes)), dtype)
    # Poles well inside the circle: float32 is compared with a wider type.
    p1, p2 = np.array([-1.2, 0.3, 1.0]), np.array([0.5, 0.2, 0.7])
    zeros = rng.uniform(-1, 1, (bands, 4))
    coefficients = put(np.column_stack([[0.5, 2.0, 1.0], p1, p2, zeros]), dtype)
    y = aligned((bands, lanes), dtype)
    k.resonators(at(x), lanes, n, at(coefficients), bands, at(y), lanes, lanes)
    gain, p1, p2, *zeros = coefficients.astype(WIDE).T[:, :, np.newaxis]
    signal = gain * x.astype(WIDE)[:, np.newaxis]
    for q in zeros:
        out = np.zeros_like(signal)
        for i in range(n):
            out[i] = signal[i]
            if i >= 1:
                out[i] += q * signal[i - 1] - p1 * out[i - 1]
            if i >= 2:
                out[i] -= p2 * out[i - 2]
        signal = out
    expected = (signal**2).sum(axis=0)
    np.testing.assert_allclose(y, expected, rtol=200 * np.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_normalize(k, dtype, kind, rng):
    lanes = 2 * k.width
    x = put(rng.standard_normal((12, lanes)), dtype)
    x[:, 1] = 0
    x[:, 2] = -0.0
    x[5, 3] = np.nan
    x[:, 4] = -np.abs(x[:, 4])
    wide = x.astype(WIDE)
    order = {1: 1, 2: 2, 3: np.inf}[kind]
    norm = (
        np.linalg.norm(wide, order, axis=0)
        if kind == 1
        else {2: np.sqrt((wide**2).sum(0)), 3: np.abs(wide).max(0)}[kind]
    )
    norm = np.where(norm == 0, 1, norm)
    k.normalize(at(x), lanes, 12, lanes, kind)
    assert np.isnan(x[:, 3]).all()
    assert not x[:, 1].any()
    np.testing.assert_allclose(x, wide / norm, rtol=8 * np.finfo(dtype).eps, atol=0)


def described(k, x, name, axis=None, a=0.0):
    y = aligned((1, x.shape[1]), x.dtype)
    positions = None if axis is None else at(np.ascontiguousarray(axis, np.float64))
    k.describe[DESCRIPTORS.index(name)](at(x), x.shape[1], x.shape[0], positions, a, at(y), x.shape[1])
    return y[0]


def test_describe_spectra(k, dtype, rng):
    lanes, rows = 2 * k.width, 77
    x = put(rng.random((rows, lanes)) ** 8 * 1e3, dtype)
    axis = np.sort(rng.random(rows)) * 4000
    wide = x.astype(WIDE)
    share = wide / wide.sum(axis=0)
    centroid = (axis[:, None] * share).sum(axis=0)
    # Sums in double and one rounding.
    tolerance = {"rtol": np.finfo(dtype).eps + 16 * np.finfo(np.float64).eps, "atol": 0}
    np.testing.assert_allclose(described(k, x, "centroid", axis), centroid, **tolerance)
    width = np.sqrt(((axis[:, None] - centroid) ** 2 * share).sum(axis=0))
    np.testing.assert_allclose(described(k, x, "bandwidth", axis), width, **tolerance)
    for part in (0.1, 0.85, 1.0):
        row = (np.cumsum(share, axis=0) < part - 1e-15).sum(axis=0)
        np.testing.assert_allclose(described(k, x, "rolloff", axis, part), axis[row], **tolerance)
    raised = np.maximum(wide, WIDE(1e-3))
    flat = np.exp(np.log(raised).mean(axis=0)) / raised.mean(axis=0)
    np.testing.assert_allclose(
        described(k, x, "flatness", a=1e-3), flat, rtol=8 * np.finfo(dtype).eps, atol=0
    )


def test_describe_samples(k, dtype, rng):
    lanes, rows = 2 * k.width, 101
    x = put(rng.standard_normal((rows, lanes)), dtype)
    x[10:30] *= dtype(1e-12)  # within the threshold: positive
    wide = x.astype(WIDE)
    rms = np.sqrt((wide**2).mean(axis=0))
    np.testing.assert_allclose(described(k, x, "rms"), rms, rtol=2 * np.finfo(dtype).eps, atol=0)
    changes = np.diff((x < -1e-10).astype(int), axis=0) != 0
    np.testing.assert_array_equal(
        described(k, x, "crossings", a=1e-10), (changes.sum(axis=0) / rows).astype(dtype)
    )


def test_describe_nothing_and_nan(k, dtype, rng):
    lanes, axis = k.width, np.linspace(1, 4000, 20)
    for i, name in enumerate(DESCRIPTORS):
        x = put(rng.random((20, lanes)), dtype)
        x[:, 2] = 0
        x[:, 3] = -0.0
        x[i, 5] = np.nan
        y = described(k, x, name, axis, 0.85)
        # Silence: the first position for rolloff, flat, else zero.
        silent = {"rolloff": 1.0, "flatness": 1.0}.get(name, 0.0)
        np.testing.assert_allclose(y[2:4], silent, rtol=1e-6)
        assert np.flatnonzero(np.isnan(y)).tolist() == [5]


# --- element by element ----------------------------------------------------------------------------


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


@pytest.mark.slow
@pytest.mark.parametrize("mul", [1.0, 1 / np.log(10), 10 / np.log(10)], ids=["ln", "log10", "dB"])
def test_log_is_accurate(k, dtype, mul, rng):
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
    expected = np.log(values.astype(WIDE)) * WIDE(mul)
    ulp = np.spacing(np.abs(expected).astype(dtype)).astype(WIDE)
    assert (np.abs(log_of(k, values, mul, dtype=dtype) - expected) / ulp).max() < 2


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


# --- products and the modified discrete cosine transform -------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 8, 15, 16, 17, 33, 100])
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


@pytest.mark.parametrize("n", [2, 4, 6, 8, 14, 16, 18, 30, 32, 34, 62, 64, 66, 130, 256])
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


@pytest.mark.parametrize("n", [1, 3, 5, 7, 9, 15, 17, 33, 255])
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


# --- levels and generated files --------------------------------------------------------------------


@pytest.mark.slow
def test_levels_agree(library, k, dtype, built, rng):
    """Each level against the plain loops: the same operations, but for fused rounding."""
    n = 1000
    plain = lib.table(built("plain"), "plain", dtype)
    _, _, packed, quarters = transforms(n, dtype, rng)
    z, z4 = put(packed, COMPLEX[dtype]), put(quarters, COMPLEX[dtype])
    results = []
    for kernels in (k, plain):
        a, b = aligned(n // 2 + 1, COMPLEX[dtype]), aligned(n // 2 + 1, COMPLEX[dtype])
        table, table4 = split_table(kernels, n, dtype), split4_table(kernels, n, dtype)
        kernels.split_complex(at(z), at(table), at(a), n)
        kernels.split4_complex(at(z4), at(table4), at(b), n)
        results.append(np.stack([a, b]))
    difference = np.abs(results[0] - results[1]).max()
    assert difference <= 2 * np.finfo(dtype).eps * np.abs(results[1]).max()


@pytest.mark.slow
def test_coefficients_are_those_of_the_script():
    assert (
        _load("fit_log").header() == (ROOT / "spectrograms" / "_engine" / "kernels" / "logcoef.h").read_text()
    )
