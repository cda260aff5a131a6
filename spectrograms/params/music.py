"""Pitch classes and contrast of spectra, as music researchers define them."""

from __future__ import annotations

import math
from typing import Self

from spectrograms._common.documenting import documented
from spectrograms._common.limits import at_most
from spectrograms.errors import InvalidInputError
from spectrograms.params.base import Params
from spectrograms.params.checking import as_bool, as_count, as_float, require
from spectrograms.params.norms import ChromaNorm, as_norm
from spectrograms.params.scales import CqtParams

# More classes than this of an octave, or bands of a spectrum, no transform tells apart.
_MOST = 4096


@documented()
class ChromaStftParams(Params):
    """Power of the bins gathered into pitch classes, as librosa's `chroma_stft` does it.

    Parameters
    ----------
    n_chroma : int, default 12
        Classes of an octave.
    tuning : float, default 0.0
        Where the classes stand, in classes above A4 = 440 Hz; see :func:`estimate_tuning`.
    norm : ChromaNorm, {"none", "l1", "l2", "max"} or None
        Scaling of each frame; None means ``ChromaNorm.max``.
    octave_centre, octave_width : float, default 5.0 and 2.0, keyword-only
        Which octave weighs most, counted from 27.5 Hz, and the standard deviation of the weights in octaves;
        an infinite width weighs all alike.
    base_c : bool, default True, keyword-only
        Whether the first class is C, else A.

    %(out_of_range)s

    See Also
    --------
    ChromaPlan, chroma_stft : Take these parameters, and make them.
    ChromaParams : The other definition, of the package that this one replaces.

    %(plain_examples)s
    >>> sg.ChromaStftParams(24, norm="l2")
    ChromaStftParams(n_chroma=24, tuning=0, norm='l2')
    """

    n_chroma: int
    tuning: float
    norm: ChromaNorm
    octave_centre: float
    octave_width: float
    base_c: bool

    def __new__(
        cls,
        n_chroma: int = 12,
        tuning: float = 0.0,
        norm: ChromaNorm | str | None = None,
        *,
        octave_centre: float = 5.0,
        octave_width: float = 2.0,
        base_c: bool = True,
    ) -> Self:
        n_chroma = as_count("n_chroma", n_chroma)
        at_most("n_chroma", n_chroma, _MOST)
        tuning = as_float("tuning", tuning)
        require(abs(tuning) <= _MOST, f"tuning must be in -{_MOST}..{_MOST}", tuning)
        octave_centre = as_float("octave_centre", octave_centre)
        require(math.isfinite(octave_centre), "octave_centre must be finite", octave_centre)
        octave_width = as_float("octave_width", octave_width)
        require(octave_width > 0.0, "octave_width must be > 0", octave_width)
        norm = as_norm(ChromaNorm, norm, ChromaNorm.max)
        return cls._create(n_chroma, tuning, norm, octave_centre, octave_width, as_bool("base_c", base_c))


@documented()
class ChromaCqtParams(Params):
    """Magnitudes of a constant-Q transform folded into pitch classes, as librosa's `chroma_cqt` does it.

    Parameters
    ----------
    n_chroma : int, default 12
        Classes of an octave.
    tuning : float, default 0.0
        Offset of the bins of the transform, in bins.
    norm : ChromaNorm, {"none", "l1", "l2", "max"} or None
        Scaling of each frame; None means ``ChromaNorm.max``.
    f_min : float, default 32.70319566257483, keyword-only
        Frequency of the lowest bin in Hz before it is tuned, by default C1; > 0.
    n_octaves : int, default 7, keyword-only
        Of the transform.
    bins_per_octave : int, default 36, keyword-only
        Of the transform, a multiple of `n_chroma`.

    %(out_of_range)s

    See Also
    --------
    ChromaPlan, chroma_cqt : Take these parameters, and make them.
    ChromaStftParams : From the bins of a Fourier transform, in which low notes are wide.

    %(plain_examples)s
    >>> sg.ChromaCqtParams(24, bins_per_octave=48).cqt.num_bins
    336
    """

    n_chroma: int
    tuning: float
    norm: ChromaNorm
    f_min: float
    n_octaves: int
    bins_per_octave: int

    def __new__(
        cls,
        n_chroma: int = 12,
        tuning: float = 0.0,
        norm: ChromaNorm | str | None = None,
        *,
        f_min: float = 32.70319566257483,
        n_octaves: int = 7,
        bins_per_octave: int = 36,
    ) -> Self:
        n_chroma = as_count("n_chroma", n_chroma)
        bins_per_octave = as_count("bins_per_octave", bins_per_octave)
        if bins_per_octave % n_chroma:
            raise InvalidInputError(
                f"bins_per_octave must be a multiple of n_chroma={n_chroma}, got {bins_per_octave}"
            )
        tuning = as_float("tuning", tuning)
        require(abs(tuning) <= _MOST, f"tuning must be in -{_MOST}..{_MOST}", tuning)
        norm = as_norm(ChromaNorm, norm, ChromaNorm.max)
        f_min = as_float("f_min", f_min)
        require(0.0 < f_min < math.inf, "f_min must be finite and > 0", f_min)
        self = cls._create(n_chroma, tuning, norm, f_min, as_count("n_octaves", n_octaves), bins_per_octave)
        self.cqt  # noqa: B018 - checks what it has limits for
        return self

    @property
    def cqt(self) -> CqtParams:
        """CqtParams of the transform, tuned."""
        f_min = self.f_min * 2.0 ** (self.tuning / self.bins_per_octave)
        return CqtParams(self.bins_per_octave, self.n_octaves, f_min, method="multirate")


@documented()
class ContrastParams(Params):
    """Spectral contrast: how far the peaks of each octave stand above its valleys.

    Parameters
    ----------
    f_min : float, default 200.0
        Upper edge of the lowest band in Hz, > 0; each band above it is an octave.
    n_bands : int, default 6
        Octaves above `f_min`. The last reaches up to half the sample rate.
    quantile : float, default 0.02
        Which share of the bins of a band its peaks and its valleys are, within 0..1, at least one bin.
    linear : bool, default False, keyword-only
        Difference of the magnitudes, instead of that of their levels in dB.

    %(out_of_range)s

    See Also
    --------
    ContrastPlan, spectral_contrast : Take these parameters, and make them.

    %(plain_examples)s
    >>> sg.ContrastParams(n_bands=4)
    ContrastParams(f_min=200, n_bands=4, quantile=0.02)
    """

    f_min: float
    n_bands: int
    quantile: float
    linear: bool

    def __new__(
        cls,
        f_min: float = 200.0,
        n_bands: int = 6,
        quantile: float = 0.02,
        *,
        linear: bool = False,
    ) -> Self:
        f_min = as_float("f_min", f_min)
        require(0.0 < f_min < math.inf, "f_min must be finite and > 0", f_min)
        n_bands = as_count("n_bands", n_bands)
        at_most("n_bands", n_bands, 64)
        quantile = as_float("quantile", quantile)
        require(0.0 < quantile < 1.0, "quantile must be in 0..1, without both", quantile)
        return cls._create(f_min, n_bands, quantile, as_bool("linear", linear))
