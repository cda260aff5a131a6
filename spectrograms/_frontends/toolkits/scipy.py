"""scipy.signal: stft, spectrogram and ShortTimeFFT."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spectrograms._common.conventions import ANY_RANGE
from spectrograms._common.limits import MAX_FRAME, MAX_LENGTH, fits
from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import Decibels, PerRow, Phase
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import framed
from spectrograms._frontends.recipes.parameters import AnyWindow, Choice, Count, Flag, Number, at_most
from spectrograms._frontends.recipes.stages import Log
from spectrograms.errors import InvalidInputError

# SciPy's names of the extensions at both ends, which are half a segment long.
_BOUNDARIES = {"zeros": "zeros", "even": "reflect", "odd": "odd", "constant": "edge", None: "zeros"}
_DETREND = {False: None, "constant": "constant", "linear": "linear"}


def _segments(p, default_overlap):
    overlap = default_overlap if p.noverlap is None else p.noverlap
    if overlap >= p.nperseg:
        raise InvalidInputError(f"noverlap must be < nperseg={p.nperseg}, got {overlap}")
    n_fft = p.nperseg if p.nfft is None else p.nfft
    at_most("nperseg", p.nperseg, "nfft", n_fft)
    return n_fft, p.nperseg - overlap


def _scaled(window, kind, rate):
    """The window, divided by what SciPy divides the spectrum by."""
    if kind in ("psd", "density"):
        return window / math.sqrt(rate * np.square(window).sum())
    return window / window.sum()


def _values(p, steps=()):
    """Complex values as SciPy gives them, or the levels of their squares, which have no phase."""
    if p.db_floor is None:
        return {"power": None, "after": steps}
    return {"power": 2.0, "log": Log("dB", floor=10 ** (p.db_floor / 10)), "dtype": "float64"}


def _stft(rate, p):
    n_fft, hop = _segments(p, p.nperseg // 2)
    ends = 0 if p.boundary is None else p.nperseg // 2
    window = _scaled(windows.scipy(p.window, p.nperseg), p.scaling, rate)
    first = p.nperseg - 2 * ends - (hop - 1 if p.padded else 0)
    return {
        "sample_range": ANY_RANGE,
        **framed(n_fft, window, hop, left=ends, first=first, padding=_BOUNDARIES[p.boundary], reach=ends),
        "window_words": f"{windows.words(p.window)}, scaled for {p.scaling}",
        "min_samples": 1,
        "detrend": _DETREND[p.detrend],
        **_values(p),
    }


def _spectrogram(rate, p):
    n_fft, hop = _segments(p, p.nperseg // 8)
    # The window holds the factor 2 of the one-sided spectrum; bins without it are halved afterwards.
    window = _scaled(windows.scipy(p.window, p.nperseg), p.scaling, rate) * math.sqrt(2.0)
    fits("the transform", n_fft, MAX_FRAME)
    twice = np.full(n_fft // 2 + 1, 0.5)
    twice[1:] = 1.0
    if n_fft % 2 == 0:
        twice[-1] = 0.5
    return {
        "sample_range": ANY_RANGE,
        **framed(n_fft, window, hop),
        "window_words": f"{windows.words(p.window)}, scaled for {p.scaling}, one-sided",
        "min_samples": 1,
        "detrend": _DETREND[p.detrend],
        "after": (PerRow(divide=1.0 / twice), *(() if p.db_floor is None else (Decibels(p.db_floor),))),
    }


def _shorter(params, n):
    """For a signal that is shorter than a segment, SciPy makes the segment as long as the signal."""
    return {**params, "nperseg": n} if n < params["nperseg"] else None


def _short_time_fft(rate, p):
    n_fft = p.nperseg if p.mfft is None else p.mfft
    fits("mfft", n_fft, MAX_FRAME)
    at_most("nperseg", p.nperseg, "mfft", n_fft)
    if p.phase_shift is not None and abs(p.phase_shift) >= n_fft:
        raise InvalidInputError(
            f"phase_shift must be in -mfft < phase_shift < mfft={n_fft}, got {p.phase_shift}"
        )
    window = windows.scipy(p.window, p.nperseg, periodic=not p.sym)
    middle = p.nperseg // 2
    sounding = np.flatnonzero(window)
    if len(sounding) == 0:
        raise InvalidInputError(f"window must not be all zeros, got {p.window!r} of length {p.nperseg}")
    # The last slice whose non-zero part meets the signal, and the first one, by SciPy's rule.
    more = max(0, middle - 1 - int(sounding[0]))
    before = _slices_before(window, middle, p.hop)
    steps = ()
    if p.phase_shift is not None:
        # SciPy takes the shift modulo the length of the window, not of the transform.
        origin = (middle + p.phase_shift) % p.nperseg
        factors = np.exp(2j * np.pi * np.arange(n_fft // 2 + 1) * origin / n_fft)
        steps = (Phase(factors, f"phase about sample {origin} of the slice"),)
    if p.scale_to is not None:
        scaled = window / abs(window.sum()) if p.scale_to == "magnitude" else _scaled(window, "psd", rate)
    else:
        scaled = window
    return {
        "sample_range": ANY_RANGE,
        **framed(n_fft, scaled, p.hop, left=middle + before * p.hop, first=-more - before * p.hop),
        "window_words": f"{windows.words(p.window, periodic=not p.sym)}, scaled to {p.scale_to}",
        "min_samples": p.nperseg - middle,
        "min_samples_reason": "half a window",
        **_values(p, steps),
    }


def _slices_before(window, middle, hop):
    """Slices before the one that has the first sample in its middle."""
    before, start = 0, -middle
    while start - hop + len(window) > 0 and window[start - hop :].any():
        before, start = before + 1, start - hop
    return before


_WINDOW = AnyWindow("hann")
# Ours: levels in dB, 10 log10 of power, not below this one; SciPy's own numbers without it.
_DB_FLOOR = Number(None, low=-3000.0, later=True)
_DETREND_CHOICES: dict[str, Any] = {"options": (False, "constant", "linear")}
_SCIPY_STFT = {
    "window": _WINDOW,
    "nperseg": Count(256),
    "noverlap": Count(None, low=0),
    "nfft": Count(None),
    "detrend": Choice(False, **_DETREND_CHOICES),
    "boundary": Choice("zeros", options=("zeros", "even", "odd", "constant"), optional=True),
    "padded": Flag(True),
    "scaling": Choice("spectrum", options=("spectrum", "psd")),
    "db_floor": _DB_FLOOR,
}
_SCIPY_SPECTROGRAM = {
    "window": AnyWindow(["tukey", 0.25]),
    "nperseg": Count(256),
    "noverlap": Count(None, low=0),
    "nfft": Count(None),
    "detrend": Choice("constant", **_DETREND_CHOICES),
    "scaling": Choice("density", options=("density", "spectrum")),
    "db_floor": _DB_FLOOR,
}
_SCIPY_SHORTTIMEFFT = {
    "window": _WINDOW,
    "sym": Flag(False),
    "nperseg": Count(1, required=True),
    "hop": Count(1, required=True),
    "mfft": Count(None),
    "scale_to": Choice(None, options=("magnitude", "psd")),
    "phase_shift": Count(0, low=-MAX_LENGTH, optional=True),
    "db_floor": _DB_FLOOR,
}

_row = table(rate=None, layout="bins")
DEFINITIONS = (
    _row("scipy_stft", "scipy.signal.stft", _stft, _SCIPY_STFT, dtype="complex128", shorter=_shorter),
    _row(
        "scipy_spectrogram",
        "scipy.signal.spectrogram",
        _spectrogram,
        _SCIPY_SPECTROGRAM,
        dtype="float64",
        shorter=_shorter,
    ),
    _row(
        "scipy_shorttimefft",
        "scipy.signal.ShortTimeFFT.stft",
        _short_time_fft,
        _SCIPY_SHORTTIMEFFT,
        dtype="complex128",
    ),
)
