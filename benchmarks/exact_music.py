"""Definitions of music in extended precision: constant Q, pitch classes, contrast, rhythm, parts, stretching.

As in `exact.py`, nothing is shared with the package. Windows are periodic, as those of the definitions are.
"""

from itertools import pairwise

import numpy as np
from exact import CQT, HOP, LONG, PI, N, _bins, as_long, cosines_sines, hann, mel_bank
from exact_sound import table

SLOW = (12, 3, 500.0)  # bins per octave, octaves, lowest frequency of the transform with rates by octave
BANDS, LOWEST = 4, 200.0  # of contrast
ONSET_MELS = 40
WIN = 100  # values of a tempogram's frame
RATE_OF_STRETCH = 1.25
TOP, LEAST = 80, LONG("1e-10")
PCEN = {"gain": 0.98, "bias": 2.0, "power": 0.5, "time_constant": 0.4, "eps": 1e-6}


def periodic(length):
    return hann(length + 1)[:-1]


def spectra(x):
    cosines, sines = cosines_sines(N)
    rows = (np.lib.stride_tricks.sliding_window_view(np.pad(as_long(x), N // 2), N)[::HOP] * periodic(N)).T
    return cosines @ rows - 1j * (sines @ rows)


def energy(x):
    found = spectra(x)
    return found.real**2 + found.imag**2


def levels(values, least=LEAST, top=TOP):
    """In dB, none more than `top` below the highest."""
    found = 10 * np.log10(np.maximum(values, least))
    return np.maximum(found, found.max() - top)


def by_largest(values):
    """Columns over their largest magnitude, those of zeros as they are."""
    most = np.abs(values).max(axis=0)
    return values / np.where(most > 0, most, 1)


# --- constant Q -----------------------------------------------------------------------------------------


def constant_q(x, rate):
    """Kernels at the end of frames of 16384 samples, small coefficients cut, of unit norm."""
    per_octave, octaves, low = CQT
    q = 1 / (LONG(2) ** (1 / LONG(per_octave)) - 1)
    length = min(len(x), 16384)
    found = np.lib.stride_tricks.sliding_window_view(as_long(x), length)[::HOP]
    rows = []
    for k in range(per_octave * octaves):
        f = LONG(low) * LONG(2) ** (LONG(k) / per_octave)
        if f >= rate / 2:
            break
        size = min(max(int(np.floor(q * rate / f + LONG(0.5))), 1), length)
        window = np.where(hann(size) < LONG("0.01") * hann(size).max(), 0, hann(size))
        angle = 2 * PI * ((f * np.arange(size)) % LONG(rate)) / rate
        end = found[:, length - size :]
        real, imaginary = end @ (window * np.cos(angle)), -(end @ (window * np.sin(angle)))
        rows.append((real + 1j * imaginary) / np.sqrt((window**2).sum()))
    return np.array(rows)


def constant_q_by_octave(x, rate):
    """What halving the rate stands for: kernels of full length at the rate of the signal."""
    per_octave, octaves, low = SLOW
    r = LONG(2) ** (1 / LONG(per_octave))
    q, rows = (r**2 + 1) / (r**2 - 1), []
    frames = len(x) // HOP + 1
    for k in range(per_octave * octaves):
        f = LONG(low) * LONG(2) ** (LONG(k) / per_octave)
        # The rate whose kernels these are says how long they are, and where their middle is.
        step = 2 ** (octaves - 1 - k // per_octave)
        length = q * rate / f
        half = int(np.ceil(length / step / 2))
        count = (half + int(np.floor(length / step / 2))) * step
        n = half * step - np.arange(count)
        window = LONG(0.5) - np.cos(2 * PI * np.arange(count, dtype=LONG) / count) / 2
        angle = 2 * PI * ((f * n) % LONG(rate)) / rate
        padded = np.pad(as_long(x), count)
        at = padded[(np.arange(frames) * HOP + count)[:, None] + n]
        scale = np.sqrt(length) / window.sum()
        rows.append(scale * (at @ (window * np.cos(angle)) - 1j * (at @ (window * np.sin(angle)))))
    return np.array(rows)


# --- pitch classes ----------------------------------------------------------------------------------------


def chroma_stft(x, rate):
    """Ellis's Gaussians over the powers, twelve classes from C on, A4 at 440 Hz."""
    places = 12 * np.log2(_bins(rate)[1:] / LONG(27.5))
    places = np.concatenate([[places[0] - 18], places])
    # One bin more than there are gives the last its width.
    after = 12 * np.log2(LONG(rate) * (N // 2 + 1) / N / LONG(27.5))
    widths = np.maximum(np.diff(np.append(places, after)), 1)
    distance = (places - np.arange(12)[:, None] + 6) % 12 - 6
    weights = np.exp(-2 * (distance / widths) ** 2)
    weights = weights / np.sqrt((weights**2).sum(axis=0)) * np.exp(-(((places / 12 - 5) / 2) ** 2) / 2)
    return by_largest(np.roll(weights, -3, axis=0) @ energy(x))


def classes(x):
    """Samples taken for pitch classes."""
    return np.abs(x[:3600]).reshape(12, 300)


def tonnetz(x, rate):
    values = as_long(classes(x))
    total = values.sum(axis=0)
    values = values / np.where(total > 0, total, 1)
    steps, sizes = np.array([7, 7, 9, 9, 4, 4]), [1, 1, 1, 1, LONG(0.5), LONG(0.5)]
    # In twelfths of pi, with half a pi less for the sines.
    turns = np.outer(2 * steps, np.arange(12)) - 6 * (np.arange(6)[:, None] % 2 == 0)
    return np.array(sizes)[:, None] * np.cos(PI * (turns % 24).astype(LONG) / 12) @ values


# --- contrast, rhythm ---------------------------------------------------------------------------------------


def contrast(x, rate):
    """Mean of the largest 2 % of the magnitudes of each octave, over that of the smallest, in dB."""
    values, f = np.sqrt(energy(x)), _bins(rate)
    edges = np.concatenate([[0], LONG(LOWEST) * 2 ** np.arange(BANDS + 1)])
    peaks, valleys = [], []
    for band, (low, high) in enumerate(pairwise(edges)):
        inside = np.flatnonzero((f >= low) & (f <= high))
        first, last = inside[0] - (band > 0), inside[-1] + 1
        if band == BANDS:
            last = len(f)
        count = max(1, int(np.rint(0.02 * (last - first))))
        ranked = np.sort(values[first : last - (band < BANDS)], axis=0)
        valleys.append(ranked[:count].mean(axis=0))
        peaks.append(ranked[-count:].mean(axis=0))
    return levels(np.array(peaks)) - levels(np.array(valleys))


def onset_strength(x, rate):
    """Mean rise of the levels of mel bands, moved by half a frame."""
    found = levels(mel_bank(rate, ONSET_MELS, True) @ energy(x))
    rises = np.maximum(0, np.diff(found, axis=1)).mean(axis=0)
    count = found.shape[1]
    return np.concatenate([np.zeros(1 + N // (2 * HOP), LONG), rises])[None, :count]


def onsets(x):
    """Samples taken for onset strength."""
    return np.abs(x[:6400:16])


def tempogram(x, rate):
    values = as_long(onsets(x))
    slope = np.arange(WIN // 2, dtype=LONG) / (WIN // 2)
    padded = np.concatenate([slope * values[0], values, slope[::-1] * values[-1]])
    rows = np.lib.stride_tricks.sliding_window_view(padded, WIN)[: len(values)] * periodic(WIN)
    return by_largest(np.array([(rows[:, : WIN - lag] * rows[:, lag:]).sum(axis=1) for lag in range(WIN)]))


def fourier_tempogram(x, rate):
    cosines, sines = cosines_sines(WIN)
    padded = np.pad(as_long(onsets(x)), WIN // 2)
    rows = (np.lib.stride_tricks.sliding_window_view(padded, WIN) * periodic(WIN)).T
    return cosines @ rows - 1j * (sines @ rows)


# --- parts, stretching, automatic gain --------------------------------------------------------------------


def magnitudes(x):
    """Of the spectra, of the dtype of the signal: what is split, the same for every package."""
    return np.sqrt(energy(x)).astype(x.dtype)


def _medians(values, axis, length=31):
    ends = [(0, 0), (0, 0)]
    ends[axis] = (length // 2, length // 2)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, ends, "symmetric"), length, axis)
    return np.partition(windows, length // 2, axis=-1)[..., length // 2]


def harmonic_and_percussive(x, rate):
    values = magnitudes(x)
    harmonic, percussive = as_long(_medians(values, 1)) ** 2, as_long(_medians(values, 0)) ** 2
    both = harmonic + percussive
    mask = np.where(both > 0, harmonic / np.where(both > 0, both, 1), LONG(0.5))
    return np.concatenate([mask * values, (1 - mask) * values])


def time_stretch(x, rate):
    """The phase vocoder: magnitudes between neighbouring frames, phases that go on as they went there."""
    found = spectra(x)
    found = np.concatenate([found, np.zeros((len(found), 2), found.dtype)], axis=1)
    places = np.arange(0, found.shape[1] - 2, LONG(RATE_OF_STRETCH))
    phase, rows = np.angle(found[:, 0]), []
    for place in places:
        at = int(place)
        part = place - at
        now, after = found[:, at], found[:, at + 1]
        rows.append(((1 - part) * np.abs(now) + part * np.abs(after)) * (np.cos(phase) + 1j * np.sin(phase)))
        phase = phase + np.angle(after) - np.angle(now)
    return overlap_add(np.array(rows).T, round(len(x) / RATE_OF_STRETCH))


def overlap_add(found, length):
    """The inverse of centred frames, over the sum of their squared windows, with zeros behind."""
    cosines, sines = cosines_sines(N)
    twice = np.full((N // 2 + 1, 1), 2, LONG)
    twice[[0, -1]] = 1
    rows = (cosines.T @ (twice * found.real) - sines.T @ (twice * found.imag)).T / N
    total = np.zeros((len(rows) - 1) * HOP + N, LONG)
    weight = np.zeros_like(total)
    for t, row in enumerate(rows):
        total[t * HOP : t * HOP + N] += row * periodic(N)
        weight[t * HOP : t * HOP + N] += periodic(N) ** 2
    made = total / np.where(weight > LEAST, weight, 1)
    return np.pad(made, (0, length + N))[N // 2 :][:length]


def energies(x):
    """Squared samples taken for powers of 20 bands."""
    return table(x) ** 2


def pcen(x, rate):
    values = as_long(energies(x))
    constant = LONG(PCEN["time_constant"]) * rate / HOP
    share = (np.sqrt(1 + 4 * constant**2) - 1) / (2 * constant**2)
    mean, rows = np.ones(len(values), LONG), []
    bias, gain = LONG(PCEN["bias"]), LONG(PCEN["gain"])
    for column in values.T:
        mean = (1 - share) * mean + share * column
        rows.append(np.sqrt(column / (LONG(PCEN["eps"]) + mean) ** gain + bias) - np.sqrt(bias))
    return np.array(rows).T


FEATURES = {
    "constant Q": constant_q,
    "constant Q, a rate for each octave": constant_q_by_octave,
    "chroma of powers": chroma_stft,
    "tonal space": tonnetz,
    "spectral contrast": contrast,
    "onset strength": onset_strength,
    "tempogram": tempogram,
    "Fourier tempogram": fourier_tempogram,
    "harmonic and percussive parts": harmonic_and_percussive,
    "time stretching": time_stretch,
    "PCEN": pcen,
}
IN_DB = {"spectral contrast", "onset strength"}
