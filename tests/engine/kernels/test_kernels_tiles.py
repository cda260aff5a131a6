"""Kernels on tiles: banks, matrices, resonators, norms, against NumPy; no frame depends on its place."""

import ctypes

import numpy as np
import pytest

from ...support.kernels import WIDE, aligned, at, lib, put
from ...support.together import together

DESCRIPTORS = lib.DESCRIPTORS


def bands_of(shapes):
    """`Band` array and number of weights of (start, length) pairs."""
    bands, offset = [], 0
    for start, length in shapes:
        bands.append(lib.Band(start, length, offset))
        offset += length
    return (lib.Band * len(bands))(*bands), offset


@together("n_widths", [1, 2, 3, 4, 8])
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


# Spans of pairs of bands, where neighbours are alike, one within the other, overlapping, touching, apart or
# empty; some go across the ends of runs, which are 128 rows long.
PAIRS = [
    (0, 300), (0, 300), (10, 250), (0, 300), (100, 120), (50, 100), (0, 50), (50, 60), (260, 40), (3, 1),
    (128, 128), (0, 0), (5, 200), (40, 0), (127, 2), (256, 44), (299, 1),
]  # fmt: skip


def pair_bank(k, x, spans, weights, starts_of_weights, dtype):
    """The rows of the kernel for pairs of bands of these spans."""
    bands = (lib.Band * (2 * len(spans)))(
        *(
            lib.Band(start, length, offset + part * length)
            for (start, length), offset in zip(spans, starts_of_weights, strict=True)
            for part in (0, 1)
        )
    )
    y = aligned((len(bands), x.shape[1]), dtype)
    y[:] = 17
    k.pair_bank(at(x), x.shape[1], ctypes.addressof(bands), len(bands), at(weights), at(y), *2 * [x.shape[1]])
    return y


@together("n_widths", [1, 2, 3, 4, 8])
def test_pair_bank(k, dtype, n_widths, rng):
    x = put(rng.standard_normal((300, n_widths * k.width)), dtype)
    starts = 2 * np.cumsum([0, *(length for _, length in PAIRS)])
    weights = put(rng.standard_normal(starts[-1]), dtype)
    y = pair_bank(k, x, PAIRS, weights, starts[:-1], dtype)
    for i, (start, length) in enumerate(PAIRS):
        w = weights[starts[i] : starts[i + 1]].reshape(2, length)
        part = x[start : start + length]
        expected = w.astype(WIDE) @ part.astype(WIDE)
        bound = np.abs(w).astype(WIDE) @ np.abs(part).astype(WIDE)
        assert (np.abs(y[2 * i : 2 * i + 2] - expected) <= 6 * np.finfo(dtype).eps * bound).all()
        # Whichever pair stands beside it, a pair gives the same bytes.
        alone = pair_bank(k, x, PAIRS[i : i + 1], weights, starts[i : i + 1], dtype)
        np.testing.assert_array_equal(y[2 * i : 2 * i + 2], alone)


def test_long_pairs_are_exact(k, dtype, rng):
    """The error of a sum of thousands of products is that of its runs."""
    n, lanes = 8192, k.width
    x, weights = put(rng.random((n, lanes)), dtype), put(rng.random(2 * n), dtype)
    y = pair_bank(k, x, [(0, n)], weights, [0], dtype)
    expected = weights.reshape(2, n).astype(WIDE) @ x.astype(WIDE)
    # With a single sum it is some 40 eps.
    assert (np.abs(y / expected - 1) < 10 * np.finfo(dtype).eps).all()


@together("n_widths", [1, 2, 3, 4, 8])
@together("n_bands", [1, 3, 4, 6, 13])
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

    def pairs(tile):
        return pair_bank(k, tile, [(0, 65), (5, 60), (60, 5)], weights, [0, 65, 5], dtype)

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

    for kernel in (bank, pairs, dense, pair_power, normalize, describe):
        reference = kernel(small)[:, :1]
        for result in (kernel(small), kernel(large)):
            np.testing.assert_array_equal(result, np.broadcast_to(reference, result.shape))


def test_banks_keep_frames_apart(k, dtype, rng):
    lanes = 2 * k.width
    x = put(rng.standard_normal((20, lanes)), dtype)
    x[7, 3], x[9, 5] = np.nan, np.inf
    bands, _ = bands_of([(0, 20)])
    weights, y = put(rng.random(40) + 0.1, dtype), aligned((2, lanes), dtype)
    k.bank(at(x), lanes, ctypes.addressof(bands), 1, at(weights), at(y), lanes, lanes)
    k.dense(at(x), lanes, at(weights), 1, 20, at(y) + lanes * k.itemsize, lanes, lanes)
    for row in (*y, *pair_bank(k, x, [(0, 20)], weights, [0], dtype)):
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
