"""Test signals made from a seed, the same on every machine and NumPy version.

Noise comes from the splitmix64 integer hash of the sample index (Steele, Lea and Flood, OOPSLA 2014),
so it does not depend on NumPy's random generators; everything else is arithmetic and ``sin``.
"""

import numpy as np


def hashed(n, seed):
    """Return `n` pseudo-random uint64 values."""
    with np.errstate(over="ignore"):
        z = (np.arange(1, n + 1, dtype=np.uint64) + np.uint64(seed * 1_000_003)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def noise(n, seed):
    """Return `n` uniform float64 values in [-1, 1)."""
    return (hashed(n, seed) >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0


def complex_noise(rows, columns, seed, n_fft):
    """Return a random half spectrum (rows, columns) whose first and, for even `n_fft`, last row is real."""
    re, im = noise(2 * rows * columns, seed).reshape(2, rows, columns)
    im = im.copy()
    im[0] = 0.0
    if n_fft % 2 == 0:
        im[-1] = 0.0
    return re + 1j * im


def signal(kind, n, seed):
    """Return the signal `kind` of `n` float64 samples.

    Frequencies are in cycles per sample, so a kind means the same at every sample rate.
    """
    t = np.arange(n, dtype=np.float64)
    if kind == "noise":
        return noise(n, seed)
    if kind == "tones":  # 80 dB between the strongest and the weakest part
        return (
            np.sin(0.3 * t)
            + 0.1 * np.sin(1.1 * t + 0.5)
            + 1e-3 * np.sin(2.3 * t + seed)
            + 1e-4 * noise(n, seed)
        )
    if kind == "chirp":
        return 0.7 * np.sin(0.02 * t + 2e-4 * t * t) + 1e-2 * noise(n, seed)
    if kind == "speech":  # decaying harmonics, syllables, breath
        voice = sum(np.sin(0.055 * h * t + h) / h**1.5 for h in range(1, 24))
        return voice * (0.55 + 0.45 * np.sin(7e-4 * t)) + 3e-3 * noise(n, seed)
    if kind == "impulse":
        x = 1e-5 * noise(n, seed)
        x[n // 2] += 1.0
        return x
    if kind == "quiet":
        return 1e-4 * np.sin(0.7 * t) + 1e-6 * noise(n, seed)
    if kind == "loud":
        return 3e3 * noise(n, seed) + 1e4
    if kind == "silence":
        return np.zeros(n)
    raise ValueError(f"unknown signal kind {kind!r}")


def coefficients(n, seed=1):
    """Return a smooth, asymmetric custom window of length `n`."""
    t = (np.arange(n, dtype=np.float64) + 0.5) / n
    return np.sin(np.pi * t) * (1.0 + 0.3 * t) + 0.01 * noise(n, seed)


def image(rows, columns, seed):
    """Return a smooth image with some noise, shape (rows, columns)."""
    r = np.arange(rows, dtype=np.float64)[:, None]
    c = np.arange(columns, dtype=np.float64)
    return (
        np.sin(0.2 * r + 0.05 * c)
        + 0.3 * np.sin(0.9 * c)
        + 0.2 * noise(rows * columns, seed).reshape(rows, columns)
    )
