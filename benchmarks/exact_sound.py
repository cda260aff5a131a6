"""More definitions in extended precision: numbers of a frame, filters in time, two ears, spectra of powers.

As in `exact.py`, nothing is shared with the package. What a definition takes beside the signal (a response,
the other ear) is made of the signal here, in its dtype, so that every package gets the same numbers.
"""

import numpy as np
from exact import HOP, LONG, PI, N, _bins, as_long, cosines_sines, frames, hann, magnitude, power, stft

TAPS = 255
N_FFT = 1000
GAMMATONE = (24, 100.0, 6000.0)  # filters, lowest and highest centre
LOUD = LONG("1e-10")  # what flatness and zero crossings take for silence


# --- descriptors: shape (1, F) ------------------------------------------------------------------------


def _ratio(above, below, silent=0):
    return np.where(below > 0, above / np.where(below > 0, below, 1), LONG(silent))[None]


def centroid(x, rate):
    """The mean frequency of magnitudes, in Hz; 0 of silence."""
    values = magnitude(x)
    return _ratio((_bins(rate)[:, None] * values).sum(axis=0), values.sum(axis=0))


def bandwidth(x, rate):
    values, middle = magnitude(x), centroid(x, rate)
    return np.sqrt(_ratio(((_bins(rate)[:, None] - middle) ** 2 * values).sum(axis=0), values.sum(axis=0)))


def rolloff(x, rate):
    """The first frequency up to which there are 85 % of the magnitudes."""
    sums = np.cumsum(magnitude(x), axis=0)
    reached = (sums >= LONG("0.85") * sums[-1]).argmax(axis=0)
    return (_bins(rate)[reached] * (sums[-1] > 0))[None]


def flatness(x, rate):
    values = np.maximum(power(x), LOUD)
    return (np.exp(np.log(values).mean(axis=0)) / values.mean(axis=0))[None]


def crest(x, rate):
    values = power(x)
    return _ratio(values.max(axis=0), values.mean(axis=0), 1)


def entropy(x, rate):
    values = power(x)
    total = values.sum(axis=0)
    shares = values / np.where(total > 0, total, 1)
    found = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=0) / np.log(LONG(len(values)))
    return np.where(total > 0, found, 1)[None]


def slope(x, rate):
    """Of the line of least squares through magnitudes of sum 1, over frequencies."""
    values, f = magnitude(x), _bins(rate)[:, None]
    total, apart = values.sum(axis=0), f - f.mean()
    shares = values / np.where(total > 0, total, 1)
    return ((apart * (shares - shares.mean(axis=0))).sum(axis=0) / (apart**2).sum())[None]


def rms(x, rate):
    return np.sqrt((frames(x) ** 2).mean(axis=1))[None]


def zero_crossings(x, rate):
    positive = frames(x) >= -LOUD
    return ((positive[:, 1:] != positive[:, :-1]).sum(axis=1) / LONG(N))[None]


# --- filters --------------------------------------------------------------------------------------------


def gammatone(x, rate):
    """Slaney's cascades of four sections over each frame under a Hann window, from rest; their RMS."""
    count, low, high = GAMMATONE
    centres = low + np.arange(count, dtype=LONG) * (LONG(high) - low) / (count - 1)
    width = LONG("1.019") * 2 * PI * (centres / LONG("9.26449") + LONG("24.7"))
    decay, angle = np.exp(-width / rate), 2 * PI * centres / rate
    one, two = -2 * decay * np.cos(angle), decay**2
    roots = [sign * np.sqrt(3 + other * LONG(2) ** LONG(1.5)) for other in (1, -1) for sign in (1, -1)]
    zeros = [-decay * (np.cos(angle) + root * np.sin(angle)) for root in roots]
    turn = np.cos(angle) - 1j * np.sin(angle)
    gain = np.abs(
        np.prod([1 + zero * turn for zero in zeros], axis=0) / (1 + one * turn + two * turn**2) ** 4
    )
    rows = np.lib.stride_tricks.sliding_window_view(as_long(x), N)[::HOP] * hann(N)
    shape = (len(rows), count)
    before = [[np.zeros(shape, LONG) for _ in range(2)] for _ in range(5)]  # of the input and four outputs
    total = np.zeros(shape, LONG)
    for column in rows.T:
        value = np.broadcast_to(column[:, None], shape)
        for section, zero in enumerate(zeros):
            last, out = before[section], before[section + 1]
            made = value + zero * last[0] - one * out[0] - two * out[1]
            before[section] = [value, last[0]]
            value = made
        before[4] = [value, before[4][0]]
        total += value**2
    return (np.sqrt(total / N) / gain).T


def response(x):
    """Decaying noise, of the dtype of the signal."""
    decay = np.exp(-np.arange(TAPS) / 40)
    return (np.random.default_rng(7).standard_normal(TAPS) * decay).astype(x.dtype)


def part(x):
    return x[:8192]


def convolution(x, rate):
    return np.convolve(as_long(part(x)), as_long(response(x)))


def running_convolution(x, rate):
    return convolution(x, rate)[: len(part(x))]


def image(x):
    return x[:4096].reshape(64, 64)


def kernel(x):
    return response(x)[:35].reshape(7, 5)


def image_convolution(x, rate):
    """Periodic, the middle of the kernel over each element."""
    rows, columns = kernel(x).shape
    picture, weights = as_long(image(x)), as_long(kernel(x))
    return sum(
        weights[a, b] * np.roll(picture, (a - rows // 2, b - columns // 2), (0, 1))
        for a in range(rows)
        for b in range(columns)
    )


def fft(x, rate):
    cosines, sines = cosines_sines(N_FFT)
    samples = as_long(x)[:N_FFT]
    return cosines @ samples - 1j * (sines @ samples)


def imdct(x, rate):
    """Of the MDCT: the signal where two blocks cover it."""
    half = N // 2
    return as_long(x)[half : half * ((len(x) - N) // half + 1)]


# --- averages and slopes --------------------------------------------------------------------------------


def welch(x, rate):
    """One-sided power in a Hz, of frames without their mean, from the first sample on."""
    cosines, sines = cosines_sines(N)
    rows = np.lib.stride_tricks.sliding_window_view(as_long(x), N)[::HOP]
    rows = ((rows - rows.mean(axis=1, keepdims=True)) * hann(N)).T
    found = ((cosines @ rows) ** 2 + (sines @ rows) ** 2).mean(axis=1) / (rate * (hann(N) ** 2).sum())
    found[1:-1] *= 2
    return found


def table(x):
    """Samples taken for features: 20 rows over 300 frames."""
    return x[:6000].reshape(20, 300)


def delta(x, rate):
    """Slopes of the lines through nine values; at the ends those of the first and last nine."""
    steps = np.arange(-4, 5, dtype=LONG)
    rows = np.lib.stride_tricks.sliding_window_view(as_long(table(x)), 9, axis=1) @ steps / (steps**2).sum()
    return np.concatenate([rows[:, :1].repeat(4, 1), rows, rows[:, -1:].repeat(4, 1)], axis=1)


# --- two ears -------------------------------------------------------------------------------------------


def ears(x):
    """A signal on the left; on the right it is later and less, and something else is there, too."""
    late = np.concatenate([np.zeros(5, x.dtype), x[:-5]])
    return x, (late * x.dtype.type(0.5) + x[::-1] * x.dtype.type(0.25)).astype(x.dtype)


def _both(x, rate, low, high):
    width = LONG(rate) / N
    bins = slice(max(1, int(np.rint(low / width))), int(np.rint(high / width)))
    return [stft(ear)[bins] for ear in ears(x)], _bins(rate)[bins, None]


def _levels(x, rate):
    (left, right), _ = _both(x, rate, 1700.0, 4600.0)
    left, right = np.abs(left), np.abs(right)
    silent = (left == 0) | (right == 0)
    return np.where(silent, 1, left), np.where(silent, 1, right), np.where(silent, np.nan, 0)


def level_difference(x, rate):
    left, right, silent = _levels(x, rate)
    return 20 * np.log10(left / right) + silent


def level_ratio(x, rate):
    left, right, silent = _levels(x, rate)
    return np.where(left > right, 1 - right / left, left / right - 1) + silent


def phase_difference(x, rate):
    (left, right), _ = _both(x, rate, 50.0, 620.0)
    return np.angle(left) - np.angle(right)


def time_difference(x, rate):
    (left, right), f = _both(x, rate, 50.0, 620.0)
    turned = np.angle(left) - np.angle(right)
    return ((turned + PI) % (2 * PI) - PI) / (2 * PI * f)


FEATURES = {
    "centroid": centroid,
    "bandwidth": bandwidth,
    "rolloff": rolloff,
    "flatness": flatness,
    "crest": crest,
    "entropy": entropy,
    "slope": slope,
    "RMS": rms,
    "zero crossings": zero_crossings,
    "gammatone filters": gammatone,
    "power spectral density": welch,
    "delta": delta,
    "interaural level difference": level_difference,
    "interaural level ratio": level_ratio,
    "interaural phase difference": phase_difference,
    "interaural time difference": time_difference,
    "convolution": convolution,
    "convolution in blocks": running_convolution,
    "convolution of images": image_convolution,
    "FFT of 1000": fft,
    "inverse MDCT of the MDCT": imdct,
}
IN_DB = {"interaural level difference"}
