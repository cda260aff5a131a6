"""One number for each column of a tile, against NumPy."""

import numpy as np
import pytest

from ...support.kernels import WIDE, aligned, at, lib, put

DESCRIPTORS = lib.DESCRIPTORS


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


@pytest.mark.parametrize("rows", [1, 2, 77])
def test_describe_shapes(k, dtype, rng, rows):
    x = put(rng.random((rows, 2 * k.width)) ** 8 * 1e3, dtype)
    wide = x.astype(WIDE)
    tolerance = {"rtol": 8 * np.finfo(dtype).eps, "atol": 0}
    crest = wide.max(axis=0) / wide.mean(axis=0)
    np.testing.assert_allclose(described(k, x, "crest"), crest, **tolerance)
    share = wide / wide.sum(axis=0)
    entropy = -(share * np.log(share)).sum(axis=0) / max(np.log(WIDE(rows)), WIDE(rows == 1))
    # Of a share of almost 1 the rounding counts: right to the last digit of 1.
    np.testing.assert_allclose(described(k, x, "entropy"), entropy, rtol=0, atol=4 * np.finfo(dtype).eps)
    axis = np.linspace(0, 4000, rows)
    for lane, found in enumerate(described(k, x, "slope", axis)):
        slope = np.polyfit(axis, share[:, lane].astype(float), 1)[0] if rows > 1 else 0.0
        np.testing.assert_allclose(found, slope, rtol=4 * np.finfo(dtype).eps + 1e-10, atol=1e-19)


@pytest.mark.parametrize("rows", [1, 3, 40, 100])
def test_describe_extremes(k, dtype, rng, rows):
    x = put(rng.integers(0, 18, (rows, 2 * k.width)) * rng.choice([1, np.pi]), dtype)  # with ties
    x[:, 1] = 4
    x[rows // 2, 2] = np.inf
    roots = np.sqrt(np.sort(x, axis=0)).astype(WIDE)
    for count in sorted({1, 2, 31, 32, 33, 64, 65, rows, rows + 5}):
        for name, part in (("valleys", roots[: max(1, count)]), ("peaks", roots[-count:])):
            # The bound of a sum of positive numbers one by one, with a root and a quotient.
            bound = (2 + len(part) / 2) * np.finfo(dtype).eps
            np.testing.assert_allclose(described(k, x, name, a=count), part.mean(axis=0), rtol=bound)


def test_describe_nothing_and_nan(k, dtype, rng):
    lanes, axis = k.width, np.linspace(1, 4000, 20)
    for i, name in enumerate(DESCRIPTORS):
        x = put(rng.random((20, lanes)), dtype)
        x[:, 2] = 0
        x[:, 3] = -0.0
        x[i, 5] = np.nan
        y = described(k, x, name, axis, 0.85)
        # Silence: the first position for rolloff, flat, else zero.
        silent = {"rolloff": 1.0, "flatness": 1.0, "crest": 1.0, "entropy": 1.0}.get(name, 0.0)
        np.testing.assert_allclose(y[2:4], silent, rtol=1e-6)
        assert np.flatnonzero(np.isnan(y)).tolist() == [5]
