"""The phase vocoder's kernel against NumPy."""

import numpy as np
import pytest

from ...support.kernels import aligned, at, put


@pytest.mark.parametrize("spare", [0, 1, 3])
def test_stretch(k, dtype, rng, spare):
    n = 2 * k.width + min(spare, k.width - 1)
    places = 3 * k.width
    x = put(rng.standard_normal((6, 2 * n)), dtype)
    x[2, :8] = 0
    frames = [0, 0, 3, 1, 2, 4]
    shares = rng.random(6)
    phase, y = aligned((3, 2, k.width), dtype), aligned(2 * n, dtype)
    angles = rng.random(n) * 6
    whole = np.zeros(places)
    whole[:n] = angles
    phase[:, 0], phase[:, 1] = np.cos(whole).reshape(3, -1), np.sin(whole).reshape(3, -1)
    z = x[:, ::2].astype(float) + 1j * x[:, 1::2]
    least = 100 * np.finfo(dtype).eps
    for first, share in zip(frames, shares, strict=True):
        k.stretch(at(x[first]), at(x[first + 1]), share, n, at(phase), at(y))
        magnitude = (1 - share) * np.abs(z[first]) + share * np.abs(z[first + 1])
        expected = magnitude * np.exp(1j * angles)
        assert np.abs(y[::2] + 1j * y[1::2] - expected).max() < least
        angles = angles + np.angle(z[first + 1]) - np.angle(z[first])
    turned = (phase[:, 0] + 1j * phase[:, 1]).reshape(-1)[:n]
    assert np.abs(turned - np.exp(1j * angles)).max() < least
