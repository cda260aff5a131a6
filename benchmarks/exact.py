"""Features by their definitions in extended precision: what `accuracy.py` compares every package with.

`np.longdouble` has 64 bits of mantissa on x86-64 (eps 1.1e-19) and an exponent of 15 bits, so that powers of
subnormal samples are numbers, too. Nothing here is fast, and nothing is shared with the package.
Letters: x signal, N length of the transform, H hop, K = N // 2 + 1 bins, F frames.
"""

from functools import cache, lru_cache

import numpy as np

LONG = np.longdouble
PI = LONG("3.14159265358979323846264338327950288419716939937510")
N, HOP, FLOOR = 512, 160, LONG("1e-8")
N_MELS, N_MFCC, LIFTER = 80, 13, 22
N_BARKS = 24
CQT = (12, 2, 1000.0)  # bins per octave, octaves, lowest frequency
F_MIN = {"erb": 50.0, "loghz": 32.7, "octave": 400.0}
OCTAVE_MAX = 6000.0


def as_long(x):
    return np.asarray(x, LONG)


@cache
def hann(length):
    """Symmetric, as NumPy's."""
    n = np.arange(length, dtype=LONG)
    return LONG(0.5) - np.cos(2 * PI * n / (length - 1)) / 2 if length > 1 else np.ones(1, LONG)


@cache
def cosines_sines(n):
    """The matrix of the real transform, each of shape (K, N); angles are reduced before they are rounded."""
    k, m = np.ogrid[: n // 2 + 1, :n]
    angle = 2 * PI * (k * m % n).astype(LONG) / n
    return np.cos(angle), np.sin(angle)


def frames(x):
    """Centred frames as rows, with zeros beyond the ends, shape (F, N)."""
    padded = np.pad(as_long(x), N // 2)
    return np.lib.stride_tricks.sliding_window_view(padded, N)[::HOP]


def stft(x, rate=None):
    """Of the last two signals it is remembered, as most definitions begin with it."""
    return _stft(x.tobytes(), x.dtype.str)


@lru_cache(maxsize=2)
def _stft(samples, dtype):
    cosines, sines = cosines_sines(N)
    rows = (frames(np.frombuffer(samples, dtype)) * hann(N)).T
    return cosines @ rows - 1j * (sines @ rows)


def power(x, rate=None):
    spectra = stft(x)
    return spectra.real**2 + spectra.imag**2


def magnitude(x, rate=None):
    return np.sqrt(power(x))


def decibels(values):
    return 10 * np.log10(np.maximum(values, FLOOR))


# --- banks: weights of power, shape (bands, K) ---------------------------------------------------------


def _bins(rate):
    return np.arange(N // 2 + 1, dtype=LONG) * rate / N


@cache
def mel_bank(rate, n_mels, area):
    """Triangles between points equally spaced on Slaney's scale; with `area`, of unit area in Hz."""
    knee = LONG(1000)
    top = 15 + 27 * np.log(rate / LONG(2) / knee) / np.log(LONG("6.4"))
    mel = np.arange(n_mels + 2, dtype=LONG) * top / (n_mels + 1)
    points = np.where(mel < 15, mel * 200 / 3, knee * LONG("6.4") ** ((mel - 15) / 27))
    left, centre, right = points[:-2, None], points[1:-1, None], points[2:, None]
    rising, falling = (_bins(rate) - left) / (centre - left), (right - _bins(rate)) / (right - centre)
    bank = np.clip(np.minimum(rising, falling), 0, None)
    return bank * (2 / (right - left)) if area else bank


@cache
def bark_bank(rate):
    """Triangles between points equally spaced on Traunmüller's scale, with both its corrections."""

    def to_bark(f):
        z = LONG("26.81") * f / (1960 + f) - LONG("0.53")
        return z + LONG("0.15") * np.maximum(2 - z, 0) + LONG("0.22") * np.maximum(z - LONG("20.1"), 0)

    def to_hz(z):
        low, high = (z - LONG("0.3")) / LONG("0.85"), (z + LONG("4.422")) / LONG("1.22")
        z = np.where(z < 2, low, np.where(z > LONG("20.1"), high, z))
        return 1960 * (z + LONG("0.53")) / (LONG("26.28") - z)

    low, high = to_bark(LONG(0)), to_bark(LONG(rate) / 2)
    points = to_hz(low + np.arange(N_BARKS + 2, dtype=LONG) * (high - low) / (N_BARKS + 1))
    left, centre, right = points[:-2, None], points[1:-1, None], points[2:, None]
    rising, falling = (_bins(rate) - left) / (centre - left), (right - _bins(rate)) / (right - centre)
    return np.clip(np.minimum(rising, falling), 0, None)


@cache
def erb_bank(rate):
    """Squared magnitudes of fourth-order gammatones, 64 centres equally spaced in Hz."""
    low = LONG(F_MIN["erb"])
    centres = (low + np.arange(64, dtype=LONG) * (LONG(rate) / 2 - low) / 63)[:, None]
    width = LONG("1.019") * LONG("24.7") * (LONG("4.37") * centres / 1000 + 1)
    return (1 + ((_bins(rate) - centres) / width) ** 2) ** LONG(-4)


@cache
def loghz_bank(rate):
    """Linear interpolation between neighbouring bins at 84 frequencies in geometric progression."""
    low, high = LONG(F_MIN["loghz"]), LONG(rate) / 4
    at = low * (high / low) ** (np.arange(84, dtype=LONG) / 83) * N / rate
    return np.clip(1 - np.abs(at[:, None] - np.arange(N // 2 + 1)), 0, 1)


@cache
def chroma_bank(rate):
    """Gaussians of one semitone round the pitch circle, rows of sum 1."""
    f = _bins(rate)
    bank = np.zeros((12, N // 2 + 1), LONG)
    inside = (f >= LONG(32.7)) & (f <= 4186)
    inside[0] = False
    steps = (69 + 12 * np.log2(f[inside] / 440)) % 12
    distance = np.abs(steps - np.arange(12)[:, None])
    bank[:, inside] = np.exp(-(np.minimum(distance, 12 - distance) ** 2) / 2)
    return bank / bank.sum(axis=1, keepdims=True)


def mel_power(x, rate):
    return mel_bank(rate, N_MELS, True) @ power(x)


def mel_db(x, rate):
    return decibels(mel_power(x, rate))


def bark_power(x, rate):
    return bark_bank(rate) @ power(x)


def erb_power(x, rate):
    return erb_bank(rate) @ power(x)


def loghz_power(x, rate):
    return loghz_bank(rate) @ power(x)


def linear_db(x, rate):
    return decibels(power(x))


def mfcc(x, rate):
    bands = decibels(mel_bank(rate, 40, False) @ power(x))
    q, b = np.ogrid[:N_MFCC, :40]
    matrix = np.cos(PI * (q * (2 * b + 1) % 160).astype(LONG) / 80)
    lifter = 1 + LIFTER / LONG(2) * np.sin(PI * np.arange(N_MFCC, dtype=LONG) / LIFTER)
    return lifter[:, None] * (matrix @ bands)


def chroma(x, rate):
    values = chroma_bank(rate) @ magnitude(x)
    size = np.sqrt((values**2).sum(axis=0))
    return values / np.where(size > 0, size, 1)


def cqt_power(x, rate):
    """Kernels at the end of raw frames, small coefficients cut, of unit norm."""
    per_octave, octaves, low = CQT
    q = 1 / (LONG(2) ** (1 / LONG(per_octave)) - 1)
    found, rows = frames(x), []
    for k in range(per_octave * octaves):
        f = LONG(low) * LONG(2) ** (LONG(k) / per_octave)
        if f >= rate / 2:
            break
        length = min(max(int(np.floor(q * rate / f + LONG(0.5))), 1), N)
        window = np.where(hann(length) < LONG("0.01") * hann(length).max(), 0, hann(length))
        angle = 2 * PI * ((f * np.arange(length)) % LONG(rate)) / rate
        part = found[:, N - length :]
        size = (window**2).sum()
        rows.append(((part @ (window * np.cos(angle))) ** 2 + (part @ (window * np.sin(angle))) ** 2) / size)
    return np.array(rows)


def octave_power(x, rate):
    """Parts of the bins between the edges of third octaves, 1 kHz in the middle of one."""
    step = LONG(10) ** LONG("0.1")
    rows, bins = [], np.arange(N // 2 + 1, dtype=LONG)
    for number in range(-30, 30):
        middle = 1000 * step**number
        if middle * np.sqrt(step) > F_MIN["octave"] and middle / np.sqrt(step) <= OCTAVE_MAX:
            low, high = middle / np.sqrt(step) * N / rate, middle * np.sqrt(step) * N / rate
            rows.append(np.clip(np.minimum(bins + 0.5, high) - np.maximum(bins - 0.5, low), 0, None))
    return np.array(rows) @ power(x)


def istft(x, rate):
    """The inverse of the transform is the signal, as far as frames reach."""
    return as_long(x)[: HOP * (len(x) // HOP)]


def mdct(x, rate):
    """Blocks of 512 samples, half of them apart, under a sine window; shape (256, blocks)."""
    half = N // 2
    window = np.sin(PI * (2 * np.arange(N, dtype=LONG) + 1) / (2 * N))
    blocks = np.lib.stride_tricks.sliding_window_view(as_long(x), N)[::half]
    m, k = np.arange(N), np.arange(half)[:, None]
    steps = (2 * m + 1 + half) * (2 * k + 1) % (8 * half)
    return np.cos(PI * steps.astype(LONG) / (4 * half)) @ (blocks * window).T


def fft2d(x, rate):
    """Of the first 64 times 64 samples; the half that a real transform has."""
    image = as_long(x)[:4096].reshape(64, 64)
    cosines, sines = cosines_sines(64)
    real, imaginary = image @ cosines.T, -(image @ sines.T)
    k, m = np.ogrid[:64, :64]
    angle = 2 * PI * (k * m % 64).astype(LONG) / 64
    c, s = np.cos(angle), np.sin(angle)
    return (c @ real + s @ imaginary) + 1j * (c @ imaginary - s @ real)


FEATURES = {
    "STFT": stft,
    "inverse STFT of the STFT": istft,
    "power": power,
    "magnitude": magnitude,
    "power, dB": linear_db,
    "mel power": mel_power,
    "mel, dB": mel_db,
    "Bark power": bark_power,
    "ERB power": erb_power,
    "log-frequency power": loghz_power,
    "octave power": octave_power,
    "constant-Q power": cqt_power,
    "MFCC": mfcc,
    "chroma": chroma,
    "MDCT": mdct,
    "2-D FFT, 64 x 64": fft2d,
}
#: Their errors are differences, in dB or in coefficients of dB; all others are relative to the largest value.
IN_DB = {"power, dB", "mel, dB", "MFCC"}
