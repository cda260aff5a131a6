"""Cepstral coefficients and chroma."""

from __future__ import annotations

import math
from typing import Self

from spectrograms._common.documenting import documented
from spectrograms.params.base import Params
from spectrograms.params.checking import (
    as_bool,
    as_choice,
    as_count,
    as_float,
    as_index,
    require,
    require_above,
)
from spectrograms.params.norms import ChromaNorm, as_norm


@documented()
class MfccParams(Params):
    """Mel-frequency cepstral coefficients.

    Parameters
    ----------
    n_mfcc : int, default 13
        Number of coefficients, >= 1, counting coefficient 0.
    dct_norm : {None, "ortho"}, default None
        Plain cosines, or the orthonormal DCT-II.
    lifter : int, default 22
        Length L of the sinusoidal lifter ``1 + L/2 sin(pi q / L)``; 0 means none. It raises the higher
        coefficients, with L from ``2 n_mfcc`` on all the way, and the longer it is the more evenly. Beyond
        coefficient L the factor falls below 1 and, for L > 2, turns negative.
    include_c0 : bool, default True
        Keep coefficient 0; without it there are ``n_mfcc - 1`` rows (one, if n_mfcc is 1).

    Raises
    ------
    InvalidInputError
        If a value is out of range. That n_mfcc is at most n_mels is checked when a plan is made.

    See Also
    --------
    compute_mfcc, MfccPlan : Take these parameters.
    mfcc_from_log_mel : The coefficients of given bands.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> without_c0 = sg.MfccParams(13, include_c0=False)
    >>> sg.compute_mfcc(noise, sg.StftParams(512, 160, "hann"), 16000, 40, without_c0).shape
    (12, 101)
    """

    n_mfcc: int
    dct_norm: str | None
    lifter: int
    include_c0: bool

    def __new__(
        cls, n_mfcc: int = 13, *, dct_norm: str | None = None, lifter: int = 22, include_c0: bool = True
    ) -> Self:
        n_mfcc = as_count("n_mfcc", n_mfcc, zero="n_mfcc must be a positive integer")
        if dct_norm is not None:
            dct_norm = as_choice("dct_norm", dct_norm, ("ortho",))
        return cls._create(n_mfcc, dct_norm, as_index("lifter", lifter), as_bool("include_c0", include_c0))

    @classmethod
    def speech_standard(cls) -> Self:
        """Return 13 coefficients.

        %(plain_examples)s
        >>> sg.MfccParams.speech_standard().n_mfcc
        13
        """
        return cls(13)


@documented()
class LfccParams(Params):
    """Linear-frequency cepstral coefficients.

    Parameters
    ----------
    n_lfcc : int, default 40
        Number of coefficients, 1..n_filters.
    n_filters : int, default 128
        Number of triangles at equal steps in Hz.
    f_min, f_max : float, optional
        Lower edge of the first triangle and upper edge of the last, in Hz; 0 <= f_min < f_max. The upper one
        is half the sample rate by default.
    dct_norm : {"ortho", None}, default "ortho"
        The orthonormal DCT-II, or plain cosines.
    lifter : int, default 0
        Length L of the sinusoidal lifter ``1 + L/2 sin(pi q / L)``; 0 means none.
    floor_db : float, default -100.0
        Level in dB that bands are not below, finite.

    Raises
    ------
    InvalidInputError
        If a value is out of range. That f_max is at most half the sample rate is checked when a plan is made.

    See Also
    --------
    compute_lfcc, LfccPlan : Take these parameters.
    MfccParams : Coefficients of mel bands.

    %(plain_examples)s
    >>> sg.LfccParams(20, 60)
    LfccParams(n_lfcc=20, n_filters=60, f_min=0, f_max=None)
    """

    n_lfcc: int
    n_filters: int
    f_min: float
    f_max: float | None
    dct_norm: str | None
    lifter: int
    floor_db: float

    def __new__(
        cls,
        n_lfcc: int = 40,
        n_filters: int = 128,
        f_min: float = 0.0,
        f_max: float | None = None,
        *,
        dct_norm: str | None = "ortho",
        lifter: int = 0,
        floor_db: float = -100.0,
    ) -> Self:
        n_lfcc, n_filters = as_count("n_lfcc", n_lfcc), as_count("n_filters", n_filters)
        f_min, floor_db = as_float("f_min", f_min), as_float("floor_db", floor_db)
        require(n_lfcc <= n_filters, f"n_lfcc must be <= n_filters={n_filters}", n_lfcc)
        require(0.0 <= f_min < math.inf, "f_min must be finite and >= 0", f_min)
        require(math.isfinite(floor_db), "floor_db must be finite", floor_db)
        if f_max is not None:
            f_max = as_float("f_max", f_max)
            require_above(f_min, f_max)
        if dct_norm is not None:
            dct_norm = as_choice("dct_norm", dct_norm, ("ortho",))
        return cls._create(n_lfcc, n_filters, f_min, f_max, dct_norm, as_index("lifter", lifter), floor_db)


@documented()
class ChromaParams(Params):
    """Chromagram: spectral magnitude gathered into the twelve pitch classes.

    Parameters
    ----------
    tuning : float, default 440.0
        Frequency of A4 in Hz, finite and > 0.
    f_min, f_max : float, default 32.7 and 4186.0
        Range of the bins that count, in Hz; 0 < f_min < f_max, f_min finite. f_max may be infinite.
    norm : ChromaNorm, {"none", "l1", "l2", "max"} or None
        Scaling of each frame; None means ``ChromaNorm.l2``.

    %(out_of_range)s

    See Also
    --------
    ChromaNorm : The scalings of a frame.
    compute_chromagram, ChromaPlan : Take these parameters.

    %(plain_examples)s
    >>> sg.ChromaParams(tuning=442.0, norm="max")
    ChromaParams(tuning=442, f_min=32.7, f_max=4186, norm='max')
    """

    tuning: float
    f_min: float
    f_max: float
    norm: ChromaNorm

    def __new__(
        cls,
        tuning: float = 440.0,
        f_min: float = 32.7,
        f_max: float = 4186.0,
        norm: ChromaNorm | str | None = None,
    ) -> Self:
        tuning = as_float("tuning", tuning)
        f_min = as_float("f_min", f_min)
        f_max = as_float("f_max", f_max)
        norm = as_norm(ChromaNorm, norm, ChromaNorm.l2)
        require(0.0 < tuning < math.inf, "tuning must be finite and > 0", tuning)
        require(0.0 < f_min < math.inf, "f_min must be finite and > 0", f_min)
        require_above(f_min, f_max)
        return cls._create(tuning, f_min, f_max, norm)

    @classmethod
    def music_standard(cls) -> Self:
        """Return the defaults.

        %(plain_examples)s
        >>> sg.ChromaParams.music_standard() == sg.ChromaParams()
        True
        """
        return cls()
