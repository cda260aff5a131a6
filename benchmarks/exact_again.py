"""Definitions in extended precision of what transforms spectra once more: cepstra, reassignment, modulation.

As in `exact.py`, nothing is shared with the package.
"""

import numpy as np
from exact import FLOOR, HOP, LONG, PI, N, _bins, as_long, cosines_sines, hann, mel_bank, power
from exact_music import classes, periodic

N_LFCC, N_FILTERS = 20, 40
N_MELS = 24  # of modulation spectra
SMOOTHING = 41
LEAST = LONG("1e-20")  # power of cepstra


def lfcc(x, rate):
    """The orthonormal DCT of levels of triangles at equal steps in Hz, none below -100 dB."""
    points = np.arange(N_FILTERS + 2, dtype=LONG) * rate / 2 / (N_FILTERS + 1)
    left, centre, right = points[:-2, None], points[1:-1, None], points[2:, None]
    rising, falling = (_bins(rate) - left) / (centre - left), (right - _bins(rate)) / (right - centre)
    bands = np.clip(np.minimum(rising, falling), 0, None) @ power(x)
    levels = 10 * np.log10(np.maximum(bands, LONG("1e-10")))
    q, b = np.ogrid[:N_LFCC, :N_FILTERS]
    matrix = np.cos(PI * (q * (2 * b + 1) % (4 * N_FILTERS)).astype(LONG) / (2 * N_FILTERS))
    scale = np.sqrt(np.where(q == 0, 1, 2) / LONG(N_FILTERS))
    return scale * (matrix @ levels)


def cepstrum(x, rate):
    """The inverse transform of the logarithms of magnitudes, up to half the length."""
    # The least normal number of float32 stands above what is wanted.
    least = max(LEAST, LONG(np.finfo(np.float32).smallest_normal)) if x.dtype == np.float32 else LEAST
    logs = np.log(np.maximum(power(x), least)) / 2
    weights = np.full((N // 2 + 1, 1), 2, LONG)
    weights[[0, -1]] = 1
    k = np.arange(N // 2 + 1)
    cosines = np.cos(2 * PI * (np.outer(k, k) % N).astype(LONG) / N)
    return cosines @ (weights * logs) / N


def power_cepstrum(x, rate):
    return (2 * cepstrum(x, rate)) ** 2


def _through(x, window):
    cosines, sines = cosines_sines(N)
    rows = (np.lib.stride_tricks.sliding_window_view(np.pad(as_long(x), N // 2), N)[::HOP] * window).T
    return cosines @ rows - 1j * (sines @ rows)


def _moved(x, window):
    """A spectrum through another window beside that through the plain one, and the magnitude of this."""
    plain = _through(x, periodic(N))
    size = np.abs(plain)
    return _through(x, window) * np.conj(plain) / np.where(size > 0, size, 1), size


def reassigned_frequencies(x, rate):
    """How far energy is from its bin, in Hz, times its magnitude."""
    window = periodic(N)
    slope = (np.roll(window, -1) - np.roll(window, 1)) / 2
    return -_moved(x, slope)[0].imag * rate / (2 * PI)


def reassigned_times(x, rate):
    """How far energy is from the time of its frame, in seconds, times its magnitude."""
    return _moved(x, periodic(N) * (np.arange(N, dtype=LONG) - LONG(N - 1) / 2))[0].real / rate


def cens(x, rate):
    """Shares of pitch classes, counted in quarters, under a Hann window, of unit length."""
    values = as_long(classes(x))
    total = values.sum(axis=0)
    values = values / np.where(total > 0, total, 1)
    counted = sum((values > LONG(step)) / LONG(4) for step in ("0.05", "0.1", "0.2", "0.4"))
    window = hann(SMOOTHING + 2)[1:-1]
    window = window / window.sum()
    half = SMOOTHING // 2
    padded = np.pad(counted, [(0, 0), (half, half)])
    smooth = np.lib.stride_tricks.sliding_window_view(padded, SMOOTHING, axis=1) @ window
    size = np.sqrt((smooth**2).sum(axis=0))
    return smooth / np.where(size > 0, size, 1)


def modulation(x, rate):
    """Magnitudes of the two-dimensional transform of mel bands without their means."""
    values = mel_bank(rate, N_MELS, True) @ power(x)
    values = values - values.mean()
    values = values - values.mean(axis=1, keepdims=True)
    values = values - values.mean(axis=0, keepdims=True)
    for axis, n in enumerate(values.shape):
        k = np.arange(n) - n // 2  # 0 in the middle
        angle = 2 * PI * (np.outer(k, np.arange(n)) % n).astype(LONG) / n
        values = np.moveaxis(np.tensordot(np.cos(angle) - 1j * np.sin(angle), values, (1, axis)), 0, axis)
    return np.abs(values)


def weighted_levels(x, rate):
    """Levels under the A curve of IEC 61672, whose poles are rounded as the standard gives them."""
    f = _bins(rate) ** 2
    poles = [LONG(each) for each in ("12194.217", "20.598997", "107.65265", "737.86223")]
    above = poles[0] ** 2 * f**2
    below = (f + poles[0] ** 2) * (f + poles[1] ** 2) * np.sqrt((f + poles[2] ** 2) * (f + poles[3] ** 2))
    with np.errstate(divide="ignore"):
        curve = np.maximum(20 * np.log10(above / below) + 2, -80)
    levels = 10 * np.log10(np.maximum(power(x), LONG("1e-30"))) + curve[:, None]
    return np.maximum(levels, 10 * np.log10(FLOOR))


FEATURES = {
    "LFCC": lfcc,
    "cepstrum": cepstrum,
    "power cepstrum": power_cepstrum,
    "reassigned frequencies": reassigned_frequencies,
    "reassigned times": reassigned_times,
    "smoothed pitch classes": cens,
    "modulation spectrum": modulation,
    "A-weighted levels": weighted_levels,
}
IN_DB = {"LFCC", "cepstrum", "power cepstrum", "A-weighted levels"}
