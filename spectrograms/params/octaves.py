"""Octave bands and their fractions."""

from __future__ import annotations

from typing import Self

from spectrograms._common.documenting import documented
from spectrograms.params.base import Params
from spectrograms.params.checking import as_count, as_float, require, require_above


@documented()
class OctaveParams(Params):
    """Octave bands, or fractions of them, of equal ratio.

    Parameters
    ----------
    fraction : int
        Bands of an octave, 1..96: 1 for octave bands, 3 for third-octave bands.
    f_min, f_max : float
        In the first and in the last band, in Hz; nominal frequencies such as 31.5 will do. 0 < f_min < f_max.

    Raises
    ------
    InvalidInputError
        If a value is out of range. That the last band ends below half the sample rate is checked when a plan
        is made.

    See Also
    --------
    compute_octave_db_spectrogram : Computes levels in these bands.
    SpectrogramParams : Its `scaling` makes levels of them.

    Notes
    -----
    Middles are ``1000 * 10**(0.3 * k / fraction)`` Hz, for even fractions with ``k + 1/2``, and edges half a
    step beside them. With ``scaling="spectrum"`` and its relatives a band holds the mean square of what is
    in it, of sines and of noise alike, whatever the window; with ``"density"`` its mean density. Bands that
    are narrower than a bin take their part of it: a larger `n_fft` resolves them.

    References
    ----------
    IEC 61260-1:2014, Octave-band and fractional-octave-band filters, part 1: specifications.

    %(plain_examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(4096, 2048, "hann"), 16000, scaling="spectrum")
    >>> sg.SpectrogramPlan(params, sg.OctaveParams(1, 63.0, 4000.0)).frequencies.round(1)
    array([  63.1,  125.9,  251.2,  501.2, 1000. , 1995.3, 3981.1])
    """

    fraction: int
    f_min: float
    f_max: float

    def __new__(cls, fraction: int, f_min: float, f_max: float) -> Self:
        fraction = as_count("fraction", fraction)
        require(fraction <= 96, "fraction must be in 1..96", fraction)
        f_min, f_max = as_float("f_min", f_min), as_float("f_max", f_max)
        require(f_min >= 1e-9, "f_min must be >= 1e-9", f_min)
        require_above(f_min, f_max)
        require(f_max <= 1e12, "f_max must be <= 1e12", f_max)
        return cls._create(fraction, f_min, f_max)
