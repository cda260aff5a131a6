"""The phase vocoder's kernel against NumPy."""

import numpy as np

from ...support.kernels import aligned, at, put


def test_stretch(k, dtype, rng):
    x = put(rng.standard_normal((6, 2 * k.width)), dtype)
    x[2, :8] = 0
    frames = np.array([0, 0, 3, 1, 2, 4], np.int64)
    shares = rng.random(6)
    phase, y = aligned(2 * k.width, dtype), aligned((6, 2 * k.width), dtype)
    angles = rng.random(k.width) * 6
    phase[: k.width], phase[k.width :] = np.cos(angles), np.sin(angles)
    k.stretch(at(x), at(frames), at(shares), 6, at(phase), at(y))
    z = x[:, ::2].astype(float) + 1j * x[:, 1::2]
    for made, first, share in zip(y, frames, shares, strict=True):
        magnitude = (1 - share) * np.abs(z[first]) + share * np.abs(z[first + 1])
        expected = magnitude * np.exp(1j * angles)
        assert np.abs(made[::2] + 1j * made[1::2] - expected).max() < 100 * np.finfo(dtype).eps
        angles = angles + np.angle(z[first + 1]) - np.angle(z[first])
    turned = phase[: k.width] + 1j * phase[k.width :]
    assert np.abs(turned - np.exp(1j * angles)).max() < 100 * np.finfo(dtype).eps
