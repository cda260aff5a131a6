"""The computations of the engine, stated in NumPy as directly as in their definitions.

Nothing here is fast, and nothing is shared with the package: a result is right if it equals this.
Letters: x signal, w window, H hop, N length of the transform, K = N // 2 + 1 bins, F frames.
"""

import functools

import numpy as np

NUMPY_PAD = {"zeros": "constant", "reflect": "reflect", "edge": "edge"}


def frames(x, n_fft, hop, *, centre=True, pad_mode="zeros"):
    """Return the frames of a float64 signal as rows, shape (F, N)."""
    pad = n_fft // 2 if centre else 0
    x = np.pad(np.asarray(x, np.float64), pad, mode=NUMPY_PAD[pad_mode])
    x = np.pad(x, (0, max(0, n_fft - x.size)))
    return np.lib.stride_tricks.sliding_window_view(x, n_fft)[::hop]


def frame_count(n_samples, n_fft, hop, *, centre=True):
    """Return F by stepping from frame to frame."""
    padded = n_samples + (2 * (n_fft // 2) if centre else 0)
    count, start = 1, hop
    while start + n_fft <= padded:
        count, start = count + 1, start + hop
    return count


def embedded(window, n_fft):
    """Return a short window in the middle of N zeros."""
    at = (n_fft - len(window)) // 2
    return np.pad(window, (at, n_fft - len(window) - at))


@functools.lru_cache(maxsize=4)
def exponentials(n_fft):
    """Return the cosines and sines of the transform's matrix, each of shape (K, N)."""
    k, n = np.ogrid[: n_fft // 2 + 1, :n_fft]
    # k * n modulo N, so that the angle is exact for large products.
    angle = 2 * np.pi * (k * n % n_fft) / n_fft
    return np.cos(angle), np.sin(angle)


def stft(x, window, n_fft, hop, **options):
    """Return the complex spectra, shape (K, F), by one matrix of cosines and one of sines."""
    cosines, sines = exponentials(n_fft)
    windowed = (frames(x, n_fft, hop, **options) * embedded(window, n_fft)).T
    return cosines @ windowed - 1j * (sines @ windowed)


def istft(spectra, window, hop, n_fft):
    """Return the overlap-added frames, divided by the sum of squared windows, without trimming."""
    length = (spectra.shape[1] - 1) * hop + n_fft
    total, norm = np.zeros(length), np.zeros(length)
    for t, frame in enumerate(np.fft.irfft(spectra, n_fft, axis=0).T):
        total[t * hop : t * hop + n_fft] += frame * window
        norm[t * hop : t * hop + n_fft] += window**2
    return np.where(norm > 1e-10, total / np.where(norm > 1e-10, norm, 1), total)


# --- banks: (sample rate, N, parameters) -> weights of power, shape (bands, K) ----------------------------


def mel_bank(rate, n_fft, n_mels, f_min, f_max):
    """Triangles in Hz between points equally spaced on Slaney's mel scale."""

    def to_mel(f):
        return f * 3 / 200 if f < 1000 else 15 + 27 * np.log(f / 1000) / np.log(6.4)

    mel = np.linspace(to_mel(f_min), to_mel(f_max), n_mels + 2)
    points = np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))
    left, centre, right = points[:-2, None], points[1:-1, None], points[2:, None]
    f = np.arange(n_fft // 2 + 1) * rate / n_fft
    return np.clip(np.minimum((f - left) / (centre - left), (right - f) / (right - centre)), 0, 1)


def erb_bank(rate, n_fft, n_filters, f_min, f_max):
    """Squared magnitudes of fourth-order gammatones, centres equally spaced in Hz."""
    centres = np.linspace(f_min, f_max, n_filters)[:, None]
    width = 1.019 * 24.7 * (4.37 * centres / 1000 + 1)
    return (1 + ((np.arange(n_fft // 2 + 1) * rate / n_fft - centres) / width) ** 2) ** -4.0


def bark_bank(rate, n_fft, n_bands, f_min, f_max):
    """Triangles in Hz between points equally spaced on Traunmüller's Bark scale."""

    def to_bark(f):
        z = 26.81 / (1 + 1960 / f) - 0.53
        return z + 0.15 * (2 - z) if z < 2 else z + 0.22 * (z - 20.1) if z > 20.1 else z

    points = []
    for z in np.linspace(to_bark(f_min), to_bark(f_max), n_bands + 2):
        # The inverse by bisection: the scale rises everywhere.
        low, high = 1e-9, 1e6
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if to_bark(middle) < z else (low, middle)
        points.append(low)
    left, centre, right = (np.array(points)[i : i + n_bands, None] for i in range(3))
    f = np.arange(n_fft // 2 + 1) * rate / n_fft
    return np.clip(np.minimum((f - left) / (centre - left), (right - f) / (right - centre)), 0, 1)


def loghz_bank(rate, n_fft, n_bins, f_min, f_max):
    """Linear interpolation between neighbouring bins; the last bin also serves frequencies above it."""
    at = np.minimum(np.geomspace(f_min, f_max, n_bins) * n_fft / rate, n_fft // 2)
    return np.clip(1 - np.abs(at[:, None] - np.arange(n_fft // 2 + 1)), 0, 1)


def octave_bank(rate, n_fft, fraction, f_min, f_max):
    """Parts of the bins between edges a step of 10**(0.3 / fraction) apart; 1 kHz in the middle of a band."""
    step = 10 ** (0.3 / fraction)
    rows, middle = [], 1000.0
    while middle / step**0.5 > f_min:
        middle /= step
    while middle * step**0.5 <= f_min:
        middle *= step
    while middle / step**0.5 <= f_max:
        low, high = (middle * step**half * n_fft / rate for half in (-0.5, 0.5))
        bins = np.arange(n_fft // 2 + 1)
        rows.append(np.clip(np.minimum(bins + 0.5, high) - np.maximum(bins - 0.5, low), 0, None))
        middle *= step
    return np.array(rows)


def cqt_power(x, rate, n_fft, hop, per_octave, n_octaves, f_min, **options):
    """Power of a constant-Q transform: kernels at the end of raw frames, small coefficients cut."""
    q = 1 / (2 ** (1 / per_octave) - 1)
    rows = []
    for k in range(per_octave * n_octaves):
        f = f_min * 2 ** (k / per_octave)
        length = min(max(int(np.floor(q * rate / f + 0.5)), 1), n_fft)
        kernel = np.hanning(length) * np.exp(2j * np.pi * f * np.arange(length) / rate)
        kernel[np.abs(kernel) < 0.01 * np.abs(kernel).max()] = 0
        kernel /= np.linalg.norm(kernel)
        rows.append(np.abs(frames(x, n_fft, hop, **options)[:, n_fft - length :] @ kernel.conj()) ** 2)
    return np.array(rows)


# --- comparison ------------------------------------------------------------------------------------------

# Relative to the largest value: rounding of the arithmetic, with room for the longest sums tested.
TOLERANCE = {"float64": 1e-12, "float32": 2e-6}


def assert_close(actual, expected, dtype):
    """Assert equality within the rounding of `dtype`, relative to the largest expected value."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    peak = np.abs(expected).max()
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE[dtype] * peak)
