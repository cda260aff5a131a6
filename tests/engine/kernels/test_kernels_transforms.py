"""From packed transforms to half spectra and back, and layouts, against NumPy."""

import numpy as np
import pytest

from ...support.kernels import COMPLEX, SIZES, WIDE, aligned, at, put, split4_table, split_table, transforms
from ...support.together import together

SIZES4 = tuple(n for n in SIZES if n % 8 == 0)


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


@together("n", SIZES)
def test_split(k, dtype, n, rng):
    _, spectrum, packed, _ = transforms(n, dtype, rng)
    z, table = put(packed, COMPLEX[dtype]), split_table(k, n, dtype)
    check_spectrum(k, k.split_complex, k.split_power, z, table, spectrum)


@together("n", SIZES4)
def test_split4(k, dtype, n, rng):
    _, spectrum, _, quarters = transforms(n, dtype, rng)
    z, table = put(quarters, COMPLEX[dtype]), split4_table(k, n, dtype)
    check_spectrum(k, k.split4_complex, k.split4_power, z, table, spectrum)


@together(
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


@together("n", SIZES)
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


@together("n", [1, 3, 16, 129, 257])
def test_norm(k, dtype, n, rng):
    z = put(rng.standard_normal(n) + 1j * rng.standard_normal(n), COMPLEX[dtype])
    p = np.empty(n, dtype)
    k.norm(at(z), at(p), n)
    wide = z.astype(np.clongdouble)
    np.testing.assert_allclose(p, wide.real**2 + wide.imag**2, rtol=2 * np.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("kind", ["transpose", "transpose_complex"])
@together(
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
