"""Triangular filterbanks: equally spaced on a mel scale, or in Hz.

``n + 2`` points at equal steps from f_min to f_max; triangle i rises from point i to i + 1, then falls::

    W[i, k] = max(0, min((f_k - p_i) / (p_{i+1} - p_i), (p_{i+2} - f_k) / (p_{i+2} - p_{i+1})))

References
----------
Slaney, "Auditory Toolbox", Interval Research Technical Report 1998-010, 1998 (scale and area normalisation).
O'Shaughnessy, "Speech Communication: Human and Machine", 1987, p. 150 (``2595 log10(1 + f / 700)``, as in
HTK).
Povey et al., "The Kaldi speech recognition toolkit", ASRU 2011 (``1127 ln(1 + f / 700)``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.errors import InvalidInputError
from spectrograms.filterbanks.bands import Bands, Spans
from spectrograms.filterbanks.grid import check_band_count, check_f_max, fft_frequencies

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Slaney's scale: 3 mel per 200 Hz up to 1 kHz (15 mel), from there on 27 mel per factor of 6.4.
_HZ_PER_MEL = 200.0 / 3.0
_KNEE_HZ = 1000.0
_KNEE_MEL = 15.0
_LOG_STEP = np.log(6.4) / 27.0

FORMULAS = ("slaney", "htk", "kaldi")


def hz_to_mel(frequencies: ArrayLike, formula: str = "slaney") -> Any:
    """Convert Hz (scalar or ndarray) to mel by the formula ``"slaney"``, ``"htk"`` or ``"kaldi"``."""
    _check_formula(formula)
    f = np.asarray(frequencies, dtype=np.float64)
    if formula == "htk":
        return 2595.0 * np.log10(1.0 + f / 700.0)
    if formula == "kaldi":
        return 1127.0 * np.log(1.0 + f / 700.0)
    above = _KNEE_MEL + np.log(np.maximum(f, _KNEE_HZ) / _KNEE_HZ) / _LOG_STEP
    return np.where(f < _KNEE_HZ, f / _HZ_PER_MEL, above)


def mel_to_hz(mels: ArrayLike, formula: str = "slaney") -> Any:
    """Convert mel (scalar or ndarray) to Hz; the inverse of `hz_to_mel`."""
    _check_formula(formula)
    m = np.asarray(mels, dtype=np.float64)
    if formula == "htk":
        return 700.0 * (10.0 ** (m / 2595.0) - 1.0)
    if formula == "kaldi":
        return 700.0 * (np.exp(m / 1127.0) - 1.0)
    return np.where(m < _KNEE_MEL, m * _HZ_PER_MEL, _KNEE_HZ * np.exp(_LOG_STEP * (m - _KNEE_MEL)))


def mel_centres(n_mels: int, f_min: float, f_max: float, formula: str = "slaney") -> NDArray[np.float64]:
    """Return the centre frequencies of the bands in Hz.

    Parameters
    ----------
    n_mels : int
    f_min, f_max : float
        Lower edge of the first band and upper edge of the last, in Hz.
    formula : {"slaney", "htk", "kaldi"}

    Returns
    -------
    ndarray, shape (n_mels,), float64
    """
    check_band_count("n_mels", n_mels)
    return mel_to_hz(_mel_points(n_mels, f_min, f_max, formula), formula)[1:-1]


def mel_bands(
    n_mels: int,
    f_min: float,
    f_max: float,
    sample_rate: float,
    n_fft: int,
    *,
    formula: str = "slaney",
    norm: str | float = "none",
    domain: str = "hz",
    drop: float = 1e-10,
    bin_frequencies: ArrayLike | None = None,
) -> Bands:
    """Build a mel filterbank over the bins of a real FFT.

    Parameters
    ----------
    n_mels : int
        Number of bands, at most 10000.
    f_min, f_max : float
        Lower edge of the first band and upper edge of the last, in Hz.
    sample_rate : float
    n_fft : int
    formula : {"slaney", "htk", "kaldi"}
        Mel scale.
    norm : {"none", "slaney", "l1", "l2"} or float
        Peak 1; area 1 (in Hz); sum of weights 1; Euclidean norm 1; or p-norm 1 for a number p.
    domain : {"hz", "mel"}
        Axis on which the sides of the triangles are straight.
    drop : float, default 1e-10
        Weights not above this are left out, before normalisation.
    bin_frequencies : array_like, shape (n_fft // 2 + 1,), optional
        Increasing frequencies in Hz to use in place of ``k * sample_rate / n_fft``.

    Returns
    -------
    Bands
        ``n_mels`` rows over ``n_fft // 2 + 1`` bins. Bands between two bins are empty.

    Raises
    ------
    InvalidInputError
        If f_max exceeds half the sample rate, there are too many bands or an option is unknown.
    """
    check_f_max(f_max, sample_rate, "mel f_max must be <= Nyquist={nyquist}, got {f_max}")
    check_band_count("n_mels", n_mels)
    points = _mel_points(n_mels, f_min, f_max, formula)
    edges = mel_to_hz(points, formula)
    grid = _grid(sample_rate, n_fft, bin_frequencies)
    if domain == "hz":
        spans, weights = _triangles(edges, grid)
    elif domain == "mel":
        spans, weights = _triangles(points, hz_to_mel(grid, formula))
    else:
        raise InvalidInputError(f"domain must be 'hz' or 'mel', got {domain!r}")
    weights[weights <= drop] = 0.0
    scale = _row_scale(norm, spans.rows, weights, edges)
    if scale is not None:
        weights *= scale.take(spans.rows)
    return spans.bands(weights, len(grid))


def linear_triangles(
    n_filters: int,
    f_min: float,
    f_max: float,
    sample_rate: float,
    n_fft: int,
    *,
    drop: float = 0.0,
    bin_frequencies: ArrayLike | None = None,
) -> Bands:
    """Build triangles at equal steps in Hz, peak 1, as linear-frequency cepstra use them.

    Parameters are those of `mel_bands`.

    Returns
    -------
    Bands
        ``n_filters`` rows over ``n_fft // 2 + 1`` bins.
    """
    check_f_max(f_max, sample_rate, "f_max={f_max} exceeds Nyquist={nyquist}")
    check_band_count("n_filters", n_filters)
    grid = _grid(sample_rate, n_fft, bin_frequencies)
    return triangle_bands(np.linspace(f_min, f_max, n_filters + 2), grid, drop)


def triangle_bands(points: NDArray[np.float64], grid: NDArray[np.float64], drop: float = 0.0) -> Bands:
    """Build triangles, peak 1, over bins at given frequencies.

    Parameters
    ----------
    points : ndarray, shape (n_bands + 2,)
        Increasing; triangle i rises from point i to i + 1, then falls.
    grid : ndarray, shape (n_inputs,)
    drop : float
        Weights not above this are left out.

    Returns
    -------
    Bands
        ``n_bands`` rows over ``n_inputs`` bins.
    """
    spans, weights = _triangles(points, grid)
    weights[weights <= drop] = 0.0
    return spans.bands(weights, len(grid))


def _mel_points(n_mels, f_min, f_max, formula):
    low, high = hz_to_mel(f_min, formula), hz_to_mel(f_max, formula)
    return low + np.arange(n_mels + 2) * ((high - low) / (n_mels + 1))


def _grid(sample_rate, n_fft, bin_frequencies):
    if bin_frequencies is None:
        return fft_frequencies(sample_rate, n_fft)
    return np.asarray(bin_frequencies, dtype=np.float64)


def _triangles(points, grid):
    """Evaluate the triangles where they are positive: spans of the bins inside, and the weight of each."""
    left, peak, right = points[:-2], points[1:-1], points[2:]
    starts = grid.searchsorted(left, "right")
    lengths = grid.searchsorted(right, "left") - starts
    lengths[(lengths < 0) | (peak <= left) | (right <= peak)] = 0
    spans = Spans(starts, lengths)
    rows = spans.rows
    f = grid.take(spans.columns)
    up = (f - left.take(rows)) / (peak - left).take(rows)
    down = (right.take(rows) - f) / (right - peak).take(rows)
    return spans, np.minimum(up, down)


def _row_scale(norm, rows, weights, edges):
    if norm == "none":
        return None
    if norm == "slaney":
        size = (edges[2:] - edges[:-2]) / 2.0
    else:
        p = {"l1": 1.0, "l2": 2.0}.get(norm, norm)
        if isinstance(p, str) or not p > 0.0:
            raise InvalidInputError(
                f"norm must be 'none', 'slaney', 'l1', 'l2' or a number > 0, got {norm!r}"
            )
        if p == np.inf:
            size = np.zeros(len(edges) - 2)
            np.maximum.at(size, rows, weights)
        else:
            size = np.bincount(rows, weights**p, minlength=len(edges) - 2) ** (1.0 / p)
    return np.divide(1.0, size, out=np.zeros_like(size), where=size > 0.0)


def _check_formula(formula):
    if formula not in FORMULAS:
        raise InvalidInputError(f"formula must be 'slaney', 'htk' or 'kaldi', got {formula!r}")
