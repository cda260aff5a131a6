"""Pitch, tuning and tonality: peaks of spectra, pitch classes in tune, and the tonal space."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.arrays.spectra import peaks
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.run import calls
from spectrograms._engine.threads import pool
from spectrograms.features.chroma import Chromagram, ChromaInfo, ChromaPlan, class_stages
from spectrograms.features.matrix import apply_stages
from spectrograms.params import (
    ChromaCqtParams,
    ChromaNorm,
    ChromaStftParams,
    SpectrogramParams,
    StftParams,
    parse_dtype,
)
from spectrograms.params.checking import as_count, as_float, require, require_above
from spectrograms.params.explaining import explained
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE
from spectrograms.plans.spectrogram import SpectrogramPlan

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# What the docstrings here have in common.
_documented = documented(
    transform="""n_fft : int
    Length of the transform, under a periodic Hann window; frames are centred, between zeros.
hop_size : int, optional
    Samples from one frame to the next; a quarter of `n_fft` by default.""",
    range="""f_min, f_max : float
    Range of the pitches in Hz.
threshold : float
    A peak counts above this share of the largest value of its frame.""",
)


# Frames whose spectra are kept while their peaks are looked for.
_BLOCK = 32


def _frames(n_fft, hop_size):
    n_fft = as_count("n_fft", n_fft)
    hop_size = max(1, n_fft // 4) if hop_size is None else hop_size
    return StftParams(n_fft, hop_size, "hann", periodic=True)


_chroma_plan: Any = lru_cache(maxsize=64)(ChromaPlan)


@lru_cache(maxsize=64)
def _spectra_plan(stft, sample_rate, amplitude, dtype):
    return SpectrogramPlan(SpectrogramParams(stft, sample_rate), None, amplitude, dtype=dtype)


def _spectra(samples, *configuration):
    """The spectrogram of a signal, written frame after frame, so that each stands in one place."""
    plan = _spectra_plan(*configuration)
    signal = as_signal(samples, EMPTY_FOR_FEATURE)
    bins, count = plan.output_shape(len(signal))
    rows = np.empty((count, bins), plan.dtype)
    plan.compute_into(samples, rows.T)
    return rows


def _among(stft, sample_rate, f_min, f_max, threshold):
    """First bin of a range of pitches, the one behind its last, and the threshold."""
    f_min, f_max = as_float("f_min", f_min), as_float("f_max", f_max)
    require(f_min >= 0.0, "f_min must be >= 0", f_min)
    require_above(f_min, f_max)
    threshold = as_float("threshold", threshold)
    require(0.0 <= threshold < math.inf, "threshold must be finite and >= 0", threshold)
    frequencies = np.arange(stft.n_fft // 2 + 1) * (sample_rate / stft.n_fft)
    first, stop = np.searchsorted(frequencies, (f_min, min(f_max, sample_rate / 2)))
    return int(first), int(stop), threshold


def _pitches(samples, stft, sample_rate, dtype, *among):
    """Shape of the spectra, and frames, bins, frequencies and heights of the peaks of their magnitudes.

    Spectra are kept for a block of frames only.
    """
    plan = _spectra_plan(stft, sample_rate, "power", dtype)
    among = _among(stft, sample_rate, *among)
    signal = as_signal(samples, EMPTY_FOR_FEATURE)
    n_bins, count = plan.output_shape(len(signal))
    starts = range(0, count, _BLOCK)
    found = [None] * len(starts)

    def work(start):
        rows = np.empty((min(_BLOCK, count - start), n_bins), plan.dtype)
        calls.compute_frames(plan._engine, signal, rows.T, start, EMPTY_FOR_FEATURE)
        found[start // _BLOCK] = peaks(rows, start, *among, True)

    pool.each([(work, (start,)) for start in starts], pool.resolve(None))
    frames, bins, shifts, heights = map(np.concatenate, zip(*found, strict=True))
    return (n_bins, count), frames, bins, (bins + shifts) * (sample_rate / stft.n_fft), heights


def _tuning(pitches, heights, classes, resolution):
    if len(pitches) == 0:
        return 0.0
    pitches = pitches[heights >= np.median(heights)]
    offsets = (classes * np.log2(pitches / 27.5)) % 1.0
    offsets[offsets >= 0.5] -= 1.0
    edges = np.linspace(-0.5, 0.5, math.ceil(1.0 / resolution) + 1)
    counts, _ = np.histogram(offsets, edges)
    return float(edges[np.argmax(counts)])


@explained
@_documented
def piptrack(
    samples: ArrayLike,
    sample_rate: float,
    *,
    n_fft: int = 2048,
    hop_size: int | None = None,
    f_min: float = 150.0,
    f_max: float = 4000.0,
    threshold: float = 0.1,
    dtype: DType = None,
) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Find the pitches of each frame: peaks of the magnitudes, by the parabola through three bins.

    %(signal)s
    %(transform)s
    %(range)s
    %(dtype)s

    Returns
    -------
    pitches : ndarray of float64 or float32, shape (n_fft // 2 + 1, n_frames)
        In Hz, at the bin of each peak, else 0.
    magnitudes : ndarray of the same dtype and shape
        Height of each parabola, else 0.

    %(bad_signal)s

    See Also
    --------
    estimate_tuning : How far these pitches stand from the notes.

    References
    ----------
    J. O. Smith, Sinusoidal peak interpolation, in Spectral Audio Signal Processing, 2011.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 443 * np.arange(22050) / 22050)
    >>> pitches, magnitudes = sg.piptrack(tone, 22050)
    >>> float(pitches[magnitudes[:, 20].argmax(), 20].round())
    443.0
    """
    sample_rate, stft = as_sample_rate(sample_rate), _frames(n_fft, hop_size)
    dtype, among = parse_dtype(dtype), (f_min, f_max, threshold)
    shape, frames, bins, found, heights = _pitches(samples, stft, sample_rate, dtype, *among)
    pitches, magnitudes = np.zeros(shape, dtype), np.zeros(shape, dtype)
    pitches[bins, frames] = found
    magnitudes[bins, frames] = heights
    return pitches, magnitudes


@explained
@_documented
def estimate_tuning(
    samples: ArrayLike,
    sample_rate: float,
    *,
    n_fft: int = 2048,
    hop_size: int | None = None,
    resolution: float = 0.01,
    bins_per_octave: int = 12,
    f_min: float = 150.0,
    f_max: float = 4000.0,
    threshold: float = 0.1,
) -> float:
    """Estimate how far the notes of a signal stand above those of A4 = 440 Hz.

    %(signal)s
    %(transform)s
    resolution : float
        Step of the result, within 0.0001..1.
    bins_per_octave : int
        Notes of an octave.
    %(range)s

    Returns
    -------
    float
        In notes, from -0.5 to 0.5: what most pitches of :func:`piptrack` that are louder than their median
        have in common; 0 if there are none.

    %(bad_signal)s

    See Also
    --------
    chroma_stft : Tunes its classes by it.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 440 * 2 ** (0.2 / 12) * np.arange(22050) / 22050)
    >>> abs(sg.estimate_tuning(tone, 22050) - 0.2) < 0.03
    True
    """
    sample_rate, stft = as_sample_rate(sample_rate), _frames(n_fft, hop_size)
    resolution = as_float("resolution", resolution)
    require(1e-4 <= resolution <= 1.0, "resolution must be in 0.0001..1", resolution)
    classes = as_count("bins_per_octave", bins_per_octave)
    among = f_min, f_max, threshold
    *_, pitches, heights = _pitches(samples, stft, sample_rate, "float64", *among)
    return _tuning(pitches, heights, classes, resolution)


@explained
@_documented
def chroma_stft(
    samples: ArrayLike,
    sample_rate: float,
    *,
    n_fft: int = 2048,
    hop_size: int = 512,
    n_chroma: int = 12,
    tuning: float | None = None,
    norm: ChromaNorm | str | None = None,
    dtype: DType = None,
) -> Chromagram:
    """Compute pitch classes from the power of the bins, in tune with the signal.

    %(signal)s
    %(hann_frames)s
    n_chroma : int
        Classes of an octave.
    tuning : float, optional
        Offset of the classes from A4 = 440 Hz, in classes; estimated from the same spectra by default.
    norm : ChromaNorm or its name, optional
        Scaling of each frame, by its largest value by default.
    %(dtype)s

    Returns
    -------
    Chromagram, shape (n_chroma, n_frames)
        The first row is C. Its ``params`` say the tuning: a :class:`ChromaPlan` of them computes the same
        bytes, in batches and streams, too.

    %(bad_signal)s

    See Also
    --------
    ChromaStftParams : More options.
    chroma_cqt : From a constant-Q transform, in which low notes are as narrow as others.
    compute_chromagram : The other definition.
    tonnetz : From pitch classes.

    Notes
    -----
    These are the numbers of ``librosa.feature.chroma_stft``, with weights in float64.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 445 * np.arange(22050) / 22050)
    >>> chroma = sg.chroma_stft(tone, 22050)
    >>> chroma.shape, chroma.labels[chroma.data[:, 20].argmax()]
    ((12, 44), 'A')
    >>> chroma.params.tuning > 0.1  # sharp
    True
    """
    sample_rate, dtype = as_sample_rate(sample_rate), parse_dtype(dtype)
    stft = StftParams(n_fft, hop_size, "hann", periodic=True)
    if tuning is not None:
        params = ChromaStftParams(n_chroma, tuning, norm)
        return _chroma_plan(stft, sample_rate, params, dtype)._compute(samples, EMPTY_FOR_FEATURE)
    params = ChromaStftParams(n_chroma, norm=norm)
    rows = _spectra(samples, stft, sample_rate, "power", dtype)
    # Spectra are made once, for the tuning and for the classes.
    among = _among(stft, sample_rate, 150.0, 4000.0, 0.1)
    _, bins, shifts, heights = peaks(rows, 0, *among, False)
    tuning = _tuning((bins + shifts) * (sample_rate / n_fft), heights, params.n_chroma, 0.01)
    info = ChromaInfo(stft, sample_rate, params._replace(tuning=tuning), dtype)
    return apply_stages(rows.T, Chromagram, info, class_stages, sample_rate, stft.n_fft, info.params)


@explained
@_documented
def chroma_cqt(
    samples: ArrayLike,
    sample_rate: float,
    *,
    hop_size: int = 512,
    n_chroma: int = 12,
    tuning: float | None = None,
    norm: ChromaNorm | str | None = None,
    n_octaves: int = 7,
    bins_per_octave: int = 36,
    dtype: DType = None,
) -> Chromagram:
    """Compute pitch classes from the magnitudes of a constant-Q transform, in tune with the signal.

    %(signal)s
    hop_size : int
        Samples from one frame to the next.
    n_chroma : int
        Classes of an octave.
    tuning : float, optional
        Offset of the bins of the transform, in bins; estimated by default.
    norm : ChromaNorm or its name, optional
        Scaling of each frame, by its largest value by default.
    n_octaves, bins_per_octave : int
        Of the transform, from C1 on; bins are a multiple of `n_chroma`.
    %(dtype)s

    Returns
    -------
    Chromagram, shape (n_chroma, n_frames)
        The first row is C. A :class:`ChromaPlan` of its ``params`` computes the same bytes, in batches and
        streams, too.

    %(bad_signal)s

    See Also
    --------
    ChromaCqtParams : More options.
    chroma_stft : From the bins of a Fourier transform.
    cens, tonnetz : From pitch classes.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 110 * np.arange(22050) / 22050)
    >>> chroma = sg.chroma_cqt(tone, 22050)
    >>> chroma.shape, chroma.labels[chroma.data[:, 20].argmax()]
    ((12, 44), 'A')
    """
    sample_rate, dtype = as_sample_rate(sample_rate), parse_dtype(dtype)
    if tuning is None:
        tuning = estimate_tuning(samples, sample_rate, bins_per_octave=bins_per_octave)
    params = ChromaCqtParams(n_chroma, tuning, norm, n_octaves=n_octaves, bins_per_octave=bins_per_octave)
    stft = StftParams(max(2048, as_count("hop_size", hop_size)), hop_size, "hann", periodic=True)
    return _chroma_plan(stft, sample_rate, params, dtype)._compute(samples, EMPTY_FOR_FEATURE)
