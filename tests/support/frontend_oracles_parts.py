"""What the functions of `frontend_oracles` share: scales, filters, windows, frames, transforms."""

import math

import numpy as np

EPS32 = 2.0**-23


def hz_to_mel(f, scale):
    f = np.asarray(f, float)
    if scale == "htk":
        return 2595 * np.log10(1 + f / 700)
    if scale == "kaldi":
        return 1127 * np.log(1 + f / 700)
    return np.where(f < 1000, 3 * f / 200, 15 + 27 * np.log(np.maximum(f, 1) / 1000) / np.log(6.4))


def mel_to_hz(m, scale):
    m = np.asarray(m, float)
    if scale == "htk":
        return 700 * (10 ** (m / 2595) - 1)
    if scale == "kaldi":
        return 700 * (np.exp(m / 1127) - 1)
    return np.where(m < 15, 200 * m / 3, 1000 * np.exp(np.log(6.4) * (m - 15) / 27))


def triangles(points, grid):
    weights = np.zeros((len(points) - 2, len(grid)))
    for i, (a, b, c) in enumerate(zip(points, points[1:], points[2:], strict=False)):
        weights[i] = np.maximum(0, np.minimum((grid - a) / (b - a), (c - grid) / (c - b)))
    return weights


def mel_matrix(count, low, high, grid, scale, norm=None, domain="hz"):
    points = np.linspace(hz_to_mel(low, scale), hz_to_mel(high, scale), count + 2)
    hz = mel_to_hz(points, scale)
    weights = triangles(hz, grid) if domain == "hz" else triangles(points, hz_to_mel(grid, scale))
    if norm == "slaney":
        weights *= (2 / (hz[2:] - hz[:-2]))[:, None]
    elif norm is not None:
        sizes = np.linalg.norm(weights, ord=math.inf if norm == "inf" else norm, axis=1, keepdims=True)
        weights = np.divide(weights, sizes, out=np.zeros_like(weights), where=sizes > 0)
    return weights


def cosine_window(name, n, periodic):
    angle = 2 * np.pi * np.arange(n) / max(1, n if periodic else n - 1)
    if n == 1:
        return np.ones(1)
    return {
        "hann": lambda: 0.5 - 0.5 * np.cos(angle),
        "hamming": lambda: 0.54 - 0.46 * np.cos(angle),
        "blackman": lambda: 0.42 - 0.5 * np.cos(angle) + 0.08 * np.cos(2 * angle),
        "bartlett": lambda: np.bartlett(n + 1)[:n] if periodic else np.bartlett(n),
        "rectangular": lambda: np.ones(n),
    }[name]()


def cut(x, width, hop, count=None):
    """Frames as rows."""
    if count is None:
        count = 1 + (len(x) - width) // hop if len(x) >= width else 0
    return np.array([x[t * hop : t * hop + width] for t in range(count)]).reshape(count, width)


def centred_stft(x, n_fft, hop, window, center=True, mode="reflect", **more):
    """Bins as rows; the window in the middle of n_fft."""
    at = (n_fft - len(window)) // 2
    padded = np.zeros(n_fft)
    padded[at : at + len(window)] = window
    if center:
        x = np.pad(x, n_fft // 2, mode=mode, **more)
    return np.fft.rfft(cut(x, n_fft, hop) * padded, axis=1).T


def dct(count, n, norm):
    matrix = np.cos(np.pi * np.outer(np.arange(count), np.arange(n) + 0.5) / n)
    if norm is None:
        return 2 * matrix
    matrix *= math.sqrt(2 / n)
    if norm == "ortho":
        matrix[0] /= math.sqrt(2)
    return matrix


def db(power, amin=1e-10, top=None, factor=10):
    values = factor * np.log10(np.maximum(power, amin))
    return values if top is None else np.maximum(values, values.max() - top)


def bins(rate, n_fft):
    return np.arange(n_fft // 2 + 1) * rate / n_fft


def power_of_two(n):
    return 2 ** math.ceil(math.log2(n))
