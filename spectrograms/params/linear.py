"""A range of the bins of a transform."""

from __future__ import annotations

import math
from typing import Self

from spectrograms._common.documenting import documented
from spectrograms.params.base import Params
from spectrograms.params.checking import as_float, require, require_above


@documented()
class LinearParams(Params):
    """The bins of the transform from one frequency to another.

    Parameters
    ----------
    f_min, f_max : float
        The first and the last frequency in Hz, both included; 0 <= f_min < f_max.

    Raises
    ------
    InvalidInputError
        If a value is out of range. That f_max is at most half the sample rate, and that there is a bin, is
        checked when a plan is made.

    See Also
    --------
    SpectrogramPlan : Takes them as `scale`.
    Spectrogram.crop : Cuts them out of a result that has all bins.

    %(plain_examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> plan = sg.SpectrogramPlan(params, sg.LinearParams(2000.0, 2100.0))
    >>> plan.frequencies, plan.output_shape(16000)
    (array([2000.  , 2031.25, 2062.5 , 2093.75]), (4, 101))
    """

    f_min: float
    f_max: float

    def __new__(cls, f_min: float, f_max: float) -> Self:
        f_min, f_max = as_float("f_min", f_min), as_float("f_max", f_max)
        require(0.0 <= f_min < math.inf, "f_min must be >= 0 and finite", f_min)
        require_above(f_min, f_max)
        return cls._create(f_min, f_max)
