"""Bark bands."""

from __future__ import annotations

from typing import Self

from spectrograms._common.documenting import documented
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_count, as_float, require, require_above

BARK_FORMULAS = ("traunmuller", "schroeder", "wang")


@documented()
class BarkParams(Params):
    """Triangular bands at equal steps of the Bark scale.

    Parameters
    ----------
    n_bands : int
        Number of bands, >= 1.
    %(band_edges)s
    formula : {"traunmuller", "schroeder", "wang"}, default "traunmuller"
        Bark scale; see Notes.

    %(bad_range)s

    See Also
    --------
    compute_bark_db_spectrogram : Computes a spectrogram in these bands.
    MelParams, ErbParams : Other scales of hearing.

    Notes
    -----
    Traunmüller's scale is ``z = 26.81 f / (1960 + f) - 0.53`` Bark, plus ``0.15 (2 - z)`` where z is below 2
    and ``0.22 (z - 20.1)`` where it is above 20.1. Schroeder's is ``7 arsinh(f / 650)`` and that of Wang,
    Sekey and Gersho ``6 arsinh(f / 600)``. Edges and peaks of the triangles are equally spaced in Bark, their
    sides straight in Hz, their peaks 1.

    References
    ----------
    H. Traunmüller, Analytical expressions for the tonotopic sensory scale, JASA 88, 1990. M. R. Schroeder et
    al., Optimizing digital speech coders by exploiting masking properties of the human ear, JASA 66, 1979.
    S. Wang, A. Sekey and A. Gersho, An objective measure for predicting subjective quality of speech coders,
    IEEE J. Sel. Areas Commun. 10, 1992.

    %(plain_examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> plan = sg.SpectrogramPlan(params, sg.BarkParams(21, 0.0, 8000.0))
    >>> plan.frequencies[[0, 9, 20]].round()  # the lowest, a middle and the highest peak, in Hz
    array([  87., 1182., 6695.])
    """

    n_bands: int
    f_min: float
    f_max: float
    formula: str

    def __new__(cls, n_bands: int, f_min: float, f_max: float, *, formula: str = "traunmuller") -> Self:
        n_bands = as_count("n_bands", n_bands)
        f_min, f_max = as_float("f_min", f_min), as_float("f_max", f_max)
        formula = as_choice("formula", formula, BARK_FORMULAS)
        require(f_min >= 0.0, "f_min must be >= 0", f_min)
        require_above(f_min, f_max)
        return cls._create(n_bands, f_min, f_max, formula)
