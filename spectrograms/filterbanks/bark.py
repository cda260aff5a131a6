"""Triangular filterbanks at equal steps of a Bark scale.

The triangles are those of `mel`, between other points.

References
----------
Traunmüller, "Analytical expressions for the tonotopic sensory scale", JASA 88, 1990.
Schroeder, Atal and Hall, "Optimizing digital speech coders by exploiting masking properties of the human
ear", JASA 66, 1979.
Wang, Sekey and Gersho, "An objective measure for predicting subjective quality of speech coders", IEEE J.
Sel. Areas Commun. 10, 1992.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.limits import MAX_RATE, at_most
from spectrograms.filterbanks.grid import check_band_count, check_banded, fft_frequencies
from spectrograms.filterbanks.mel import triangle_bands

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.filterbanks.bands import Bands

# Scale -> factor and frequency of ``a * arsinh(f / b)``.
_ARSINH = {"schroeder": (7.0, 650.0), "wang": (6.0, 600.0)}


def hz_to_bark(frequencies: ArrayLike, formula: str = "traunmuller") -> Any:
    """Convert Hz (scalar or ndarray) to Bark by ``"traunmuller"``, ``"schroeder"`` or ``"wang"``."""
    f = np.asarray(frequencies, dtype=np.float64)
    if formula in _ARSINH:
        factor, corner = _ARSINH[formula]
        return factor * np.arcsinh(f / corner)
    z = 26.81 * f / (1960.0 + f) - 0.53
    return z + 0.15 * np.maximum(2.0 - z, 0.0) + 0.22 * np.maximum(z - 20.1, 0.0)


def bark_to_hz(barks: ArrayLike, formula: str = "traunmuller") -> Any:
    """Convert Bark (scalar or ndarray) to Hz; the inverse of `hz_to_bark`."""
    z = np.asarray(barks, dtype=np.float64)
    if formula in _ARSINH:
        factor, corner = _ARSINH[formula]
        return corner * np.sinh(z / factor)
    z = np.where(z < 2.0, (z - 0.3) / 0.85, np.where(z > 20.1, (z + 4.422) / 1.22, z))
    return 1960.0 * (z + 0.53) / (26.28 - z)


def _points(n_bands, f_min, f_max, formula):
    check_band_count("n_bands", n_bands)
    at_most("f_max", f_max, MAX_RATE)
    low, high = hz_to_bark([f_min, f_max], formula)
    return bark_to_hz(np.linspace(low, high, n_bands + 2), formula)


def bark_centres(n_bands: int, f_min: float, f_max: float, formula: str) -> NDArray[np.float64]:
    """Return the peaks of the bands of `bark_bands` in Hz, ndarray of float64; f_max is at most 1e12."""
    return _points(n_bands, f_min, f_max, formula)[1:-1]


def bark_bands(
    n_bands: int, f_min: float, f_max: float, sample_rate: float, n_fft: int, *, formula: str
) -> Bands:
    """Build a Bark filterbank over the bins of a real FFT.

    Parameters
    ----------
    n_bands : int
        1..10000.
    f_min, f_max : float
        Lower edge of the first band and upper edge of the last, in Hz.
    sample_rate : float
    n_fft : int
    formula : {"traunmuller", "schroeder", "wang"}

    Returns
    -------
    Bands
        `n_bands` rows over ``n_fft // 2 + 1`` bins. Bands between two bins are empty.

    Raises
    ------
    InvalidInputError
        If f_max exceeds half the sample rate or there are too many bands.
    """
    check_banded("n_bands", n_bands, f_max, sample_rate)
    return triangle_bands(_points(n_bands, f_min, f_max, formula), fft_frequencies(sample_rate, n_fft))
