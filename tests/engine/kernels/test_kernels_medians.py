"""Running medians and soft masks against NumPy."""

import numpy as np

from ...support.kernels import WIDE, aligned, at, put
from ...support.together import together


@together("length", [1, 2, 3, 8, 31])
@together("n_rows", [1, 7, 40])
def test_running_rank(k, dtype, length, n_rows, rng):
    lanes = 2 * k.width
    x = put(rng.random((n_rows + length - 1, lanes)).round(1), dtype)
    x[0, 0] = np.inf
    y, window = aligned((n_rows, lanes), dtype), aligned((length, k.width), dtype)
    for rank in {0, length // 2, length - 1}:
        k.running_rank(at(x), lanes, n_rows, length, rank, at(window), at(y), lanes, lanes)
        windows = np.lib.stride_tricks.sliding_window_view(x, length, axis=0)
        assert np.array_equal(y, np.sort(windows, axis=-1)[..., rank])


@together("power", [1.0, 2.0, 0.6, np.inf])
@together("margin", [1.0, 3.5])
def test_soft_mask(k, dtype, power, margin, rng):
    x, other = put(rng.random(75), dtype), put(rng.random(75), dtype)
    x[:4], other[:4] = [0, 0, 1, np.finfo(dtype).max / 8], [0, 1, 0, np.finfo(dtype).max / 8]
    mask = aligned(75, dtype)
    k.soft_mask(at(x), at(other), at(mask), 75, margin, power, 0.25)
    a, b = x.astype(WIDE), other.astype(WIDE) * margin
    if power == np.inf:
        assert np.array_equal(mask, a > b)
        return
    larger = np.maximum(a, b)
    larger[0] = 1
    p, q = (a / larger) ** power, (b / larger) ** power
    q[0] = 1
    expected = p / (p + q)
    expected[0] = 0.25
    assert (np.abs(mask - expected) <= 20 * np.finfo(dtype).eps).all()
