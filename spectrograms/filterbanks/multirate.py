"""A constant-Q bank whose octaves have sample rates of their own, and the filter between the rates.

The octave of the highest bins has the rate of the signal or, where even these are low, that rate over a power
of two. Each further one has half the rate of the one before, as long as the hop is a whole number of samples
there. At the rate s of its octave, bin k has, of samples n around the time of a frame::

    l = q s / (f_k + gamma q)              from its bandwidth, f_k / q + gamma
    g[n] = w[c - n] exp(2 pi i f_k n / s)  n = c - L + 1 .. c,  c = ceil(l / 2),  L = c + floor(l / 2)

with the periodic window w of length L.

References
----------
Schörkhuber and Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010.
Schörkhuber, Klapuri, Holighaus and Dörfler, "A Matlab toolbox for efficient perfect reconstruction
time-frequency transforms with log-frequency resolution", AES 53, 2014.
Vaidyanathan and Nguyen, "A trick for the design of FIR half-band filters", IEEE Trans. CAS 34, 1987.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.errors import InvalidInputError, number
from spectrograms.filterbanks.bands import Bands

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Longest kernel in samples of its own rate.
MAX_LENGTH = 2**20
# What the filter leaves of frequencies that would fold into those of the kernels, and its ripple there.
_ATTENUATION_DB = 140.0
# Kernels are wanted whole up to so many bandwidths above their frequency, at most up to this part of the
# rate.
_SKIRT = 3.0
_HIGHEST = 0.475
# Products of the adjoint at once. OpenBLAS wakes its threads for more, and they spin longer than they work.
_AT_ONCE = 250_000


@dataclass(frozen=True, eq=False, slots=True)
class Level:
    """The kernels of one rate.

    Attributes
    ----------
    halvings : int
        The rate is that of the signal over ``2**halvings``.
    bins : slice
        Which bins they are.
    left : int
        Samples before the time of a frame at which `bands` begin.
    bands : Bands
        Rows 2i and 2i + 1: real and imaginary part of a conjugated kernel. None where the rate only leads to
        the next.
    """

    halvings: int
    bins: slice
    left: int
    bands: Bands | None


@dataclass(frozen=True, eq=False, slots=True)
class Multirate:
    """The filter between two rates, by its coefficients at odd distances, and the kernels of all rates."""

    taps: NDArray[np.float64]
    levels: tuple[Level, ...]

    def stage(self) -> tuple[Any, ...]:
        """The stage of the engine."""
        rates: list[tuple[Any, ...]] = []
        for level in self.levels:
            bands = level.bands
            if bands is None:
                rates.append((0, 0, 0, (), (), (), ()))
            else:
                rates.append((
                    level.left, bands.n_inputs, 2 * level.bins.start,
                    bands.starts, bands.lengths, bands.offsets, bands.values,
                ))  # fmt: skip
        return ("octaves", self.taps, tuple(rates))

    def back(self, rows: NDArray[np.complex128], hop: int, n_samples: int) -> NDArray[np.float64]:
        """The adjoint: every kernel at the time of every frame, times its number there, added up.

        Parameters
        ----------
        rows : ndarray, shape (n_bins, n_frames)
        hop, n_samples : int
            In samples of the signal.

        Returns
        -------
        ndarray, shape (n_samples,)
        """
        reach = 2 * len(self.taps) - 1
        odd = np.concatenate((self.taps, self.taps[::-1]))
        # From the lowest rate up. `before` is how many samples there are before the time of the first frame.
        lower, before = np.zeros(0), 0
        for level in reversed(self.levels):
            step, bands = hop >> level.halvings, level.bands
            own = np.zeros(0) if bands is None else _spread(bands.dense(), rows[level.bins], step)
            own_before = level.left if bands else 0
            up, up_before = np.zeros(0), 0
            if lower.size:
                # Every second coefficient of the filter is zero, but for the middle.
                up, up_before = np.zeros(2 * (lower.size + reach) - 1), 2 * before + reach
                up[::2] = np.convolve(lower, odd)
                up[reach : reach + 2 * lower.size : 2] = 0.5 * lower
            before = max(own_before, up_before)
            lower = np.zeros(before + max(own.size - own_before, up.size - up_before))
            lower[before - up_before :][: up.size] += up
            lower[before - own_before :][: own.size] += own
        samples = np.zeros(n_samples)
        found = lower[before : before + n_samples]
        samples[: found.size] = found
        return samples


def _spread(weights, rows, step):
    """Kernels times their numbers, `step` samples from frame to frame, added up."""
    length, count = weights.shape[1], rows.shape[1]
    pieces = -(-length // step)
    total = np.zeros((count + pieces - 1, step))
    together = max(16, _AT_ONCE // (weights.size // 2))
    for first in range(0, count, together):
        some = rows[:, first : first + together]
        frames = np.zeros((some.shape[1], pieces * step))
        np.matmul(some.real.T, weights[0::2], out=frames[:, :length])
        frames[:, :length] += some.imag.T @ weights[1::2]
        for i in range(pieces):
            total[first + i :][: len(frames)] += frames[:, i * step : (i + 1) * step]
    return total.ravel()


def multirate_lengths(
    frequencies: NDArray[np.float64], q_factor: float, gamma: float, sample_rate: float
) -> NDArray[np.float64]:
    """Length of each kernel in samples of a rate, not rounded: ``sample_rate / (f / q_factor + gamma)``."""
    with np.errstate(over="ignore"):
        return q_factor * sample_rate / (np.asarray(frequencies) + gamma * q_factor)


def multirate(
    frequencies: NDArray[np.float64],
    bins_per_octave: int,
    q_factor: float,
    sample_rate: float,
    hop: int,
    *,
    window: Callable[[int], NDArray[np.float64]],
    gamma: float = 0.0,
    normalize: bool = True,
) -> Multirate:
    """Build the bank of a signal and a hop.

    Parameters
    ----------
    frequencies : array_like, shape (n_bins,)
        In Hz, ascending.
    bins_per_octave : int
        Bins that share a rate.
    q_factor, gamma : float
        A bin has the bandwidth ``f / q_factor + gamma`` in Hz.
    sample_rate : float
    hop : int
        In samples of the signal.
    window : callable
        ``window(n)`` returns the periodic window of length n.
    normalize : bool, default True
        Scale each kernel to the sum ``sqrt(l)`` of its magnitudes, l its length at the rate of the signal.
        Without it a kernel has the height of the window, times the samples of the signal that stand for one
        of its own.

    Raises
    ------
    InvalidInputError
        If there is no frequency, one is not below half the sample rate, or a kernel is longer than 2**20
        samples.
    """
    frequencies = np.asarray(frequencies, dtype=np.float64)
    if frequencies.size == 0:
        raise InvalidInputError("frequencies must not be empty")
    if not frequencies[-1] < sample_rate / 2:
        raise InvalidInputError(
            f"CQT maximum frequency must be below Nyquist frequency={sample_rate / 2:g}, "
            f"got {frequencies[-1]:g}"
        )
    with np.errstate(over="ignore"):  # a q_factor next to nothing
        bandwidths = np.minimum(frequencies / q_factor + gamma, 1e3 * sample_rate)
    n_octaves = -(-len(frequencies) // bins_per_octave)
    shape = window(1000)
    spread = len(shape) * np.sum(shape**2) / np.sum(np.abs(shape)) ** 2
    first = _early(np.max(frequencies + spread / 2 * bandwidths), sample_rate, hop, n_octaves)
    halvings = np.array([min(first + octave, _halves(hop)) for octave in range(n_octaves)])
    levels = []
    for level in range(halvings[-1] + 1):
        octaves = np.flatnonzero(halvings == level)
        if octaves.size == 0:
            levels.append(Level(level, slice(0, 0), 0, None))
            continue
        low = max(0, len(frequencies) - (int(octaves[-1]) + 1) * bins_per_octave)
        bins = slice(low, len(frequencies) - int(octaves[0]) * bins_per_octave)
        levels.append(_level(
            level, bins, frequencies[bins], q_factor, gamma, sample_rate, window, normalize
        ))  # fmt: skip
    # Of the output's rate: what kernels look at, one level down or further.
    highest = [
        (frequencies[level.bins] + _SKIRT * bandwidths[level.bins]).max() / (sample_rate / 2**level.halvings)
        for level in levels
        if level.halvings > 0 and level.bands is not None
    ]
    return Multirate(half_band(min(_HIGHEST, max(highest, default=0.0))), tuple(levels))


def spectral_kernels(
    frequencies: NDArray[np.float64],
    q_factor: float,
    sample_rate: float,
    hop: int,
    *,
    window: Callable[[int], NDArray[np.float64]],
    gamma: float = 0.0,
) -> tuple[int, NDArray[np.float64]]:
    """Magnitudes of the spectra of kernels, for those of a short-time transform with a Hann window.

    Returns
    -------
    n_fft : int
        Length of the transform: a power of two, at least two hops.
    weights : ndarray of float64, shape (n_bins, n_fft // 2 + 1)
    """
    lengths = multirate_lengths(frequencies, q_factor, gamma, sample_rate)
    n_fft = 2 ** max(math.ceil(math.log2(lengths.max())), 1 + math.ceil(math.log2(hop)))
    bands = _level(
        0, slice(0, len(frequencies)), frequencies, q_factor, gamma, sample_rate, window, True
    ).bands
    rows = bands.dense()
    spectra = np.abs(np.fft.fft(rows[0::2] - 1j * rows[1::2], n_fft, axis=1))[:, : n_fft // 2 + 1]
    # Kernels have the sum of a root of their length here, and of their length over n_fft there.
    return n_fft, spectra * (np.sqrt(lengths) / n_fft**1.5)[:, None]


def half_band(highest: float) -> NDArray[np.float64]:
    """Coefficients of a symmetric filter that halves the rate, at distances 2 K - 1, ..., 3, 1 from its
    middle.

    Parameters
    ----------
    highest : float
        What passes, up to this part of the lower rate, less than one half. The rest, as far as it would fold
        into that, is 140 dB below.
    """
    # A sinc under a Kaiser window. The band in between is symmetric about a quarter of the upper rate.
    width = 0.5 - highest
    beta = 0.1102 * (_ATTENUATION_DB - 8.7)
    half = max(2, math.ceil(((_ATTENUATION_DB - 8.0) / (2.285 * 2.0 * math.pi * width) + 2.0) / 4.0))
    distances = np.arange(2 * half - 1, 0, -2)
    taps = 0.5 * np.sinc(distances / 2) * np.i0(beta * np.sqrt(1 - (distances / (2 * half)) ** 2))
    return taps * (0.25 / taps.sum())


def _halves(hop):
    """How often a hop can be halved."""
    return (hop & -hop).bit_length() - 1


def _early(cutoff, sample_rate, hop, n_octaves):
    """Halvings before the octave of the highest bins: it keeps an octave of room, and the hop stays whole."""
    room = math.ceil(math.log2(sample_rate / 2 / cutoff)) - 2
    return max(0, min(room, _halves(hop) - n_octaves + 1))


def _level(level, bins, frequencies, q_factor, gamma, sample_rate, window, normalize):
    """The kernels of bins that share a rate."""
    rate = sample_rate / 2**level
    lengths = multirate_lengths(frequencies, q_factor, gamma, rate)
    longest = float(lengths.max())
    if longest > MAX_LENGTH:
        raise InvalidInputError(
            f"kernels must be at most {MAX_LENGTH} samples long at {rate:g} Hz, got {number(longest)} for "
            f"{frequencies[0]:g} Hz; a higher f_min, a smaller q_factor or a hop_size with more factors of "
            "two would help"
        )
    behind = np.ceil(lengths / 2).astype(np.int64)
    counts = behind + np.floor(lengths / 2).astype(np.int64)
    left = max(0, int((counts - 1 - behind).max()))
    rows = []
    for frequency, length, end, count in zip(
        frequencies, lengths, behind.tolist(), counts.tolist(), strict=True
    ):
        shape = window(count)
        size = np.sum(np.abs(shape))
        if not normalize:
            shape = shape * 2.0**level
        elif size > 0.0:
            shape = shape * (math.sqrt(length * 2**level) / size)
        times = np.arange(end - count + 1, end + 1)
        phase = (2.0 * np.pi * frequency / rate) * times
        shape = shape[::-1]
        rows.append((left + int(times[0]), shape * np.cos(phase)))
        rows.append((left + int(times[0]), shape * -np.sin(phase)))
    return Level(level, bins, left, Bands.from_rows(rows, left + int(behind.max()) + 1))
