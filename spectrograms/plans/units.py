"""Units: what makes the numbers of a spectrum those of a measurement, and how they are called.

All of it is one factor for every sample, which the window takes along, and another for the two bins that have
no negative frequency beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.errors import InvalidInputError, number
from spectrograms.filterbanks import Bands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.params import LogParams, SpectrogramParams, StftParams

# How much of the power of a bin is that of its negative frequency.
_DOUBLED = {"density": 2.0, "spectrum": 2.0, "magnitude": 4.0, "dBFS": 4.0}
_WORDS = {
    "density": "one-sided power spectral density",
    "spectrum": "mean square of a sine",
    "magnitude": "square of the amplitude of a sine",
    "dBFS": "re a sine of full scale",
}
_PREFIXES = {-6: "u", -9: "n", -12: "p", -3: "m", 3: "k"}
_PLAIN = ("none", 1.0, "none")


def factors_of(params: SpectrogramParams | None) -> tuple[str, float, str]:
    """What two plans must have in common to share a transform."""
    return _PLAIN if params is None else (params.scaling, params.calibration, params.detrend)


def is_measured(params: SpectrogramParams | None) -> bool:
    """Whether numbers are not those of the transform as it is."""
    return factors_of(params) != _PLAIN


def window_gain(params: SpectrogramParams | None, window: NDArray[np.float64], one_sided: bool) -> float:
    """By how much the window of a transform is multiplied.

    Parameters
    ----------
    params : SpectrogramParams or None
        None asks for nothing.
    window : ndarray of float64
    one_sided : bool
        Whether bins stand for their negative frequencies, too.

    Raises
    ------
    InvalidInputError
        If the window has no gain that could be made up for.
    """
    if params is None:
        return 1.0
    gain = params.calibration
    if params.scaling == "none":
        return gain
    of_noise = params.scaling == "density"
    unscaled = params.sample_rate * float(window @ window) if of_noise else float(window.sum()) ** 2
    # A window that sums up to next to nothing would blow rounding errors up.
    if not unscaled > (1e-12 * float(np.abs(window).sum())) ** 2:
        raise InvalidInputError(
            f"scaling={params.scaling!r} must be 'none' with a window that sums up to "
            f"{number(float(window.sum()))}"
        )
    return gain * math.sqrt((_DOUBLED[params.scaling] if one_sided else 1.0) / unscaled)


def bins_of_a_sine(stft: StftParams) -> float:
    """Over how many bins the power of a sine is spread, in multiples of that of the highest one."""
    return stft.enbw * stft.n_fft / stft.win_length


def edge_stages(params: SpectrogramParams | None) -> list[tuple[Any, ...]]:
    """The stage after the power of the bins that takes the doubling back where there is nothing to double."""
    if params is None or params.scaling == "none":
        return []
    return [("edges", 1 / _DOUBLED[params.scaling])]


def weighting_stages(db: LogParams | None, axis: Callable[..., Any], *given: Any) -> list[tuple[Any, ...]]:
    """The stage that weighs the power of rows at the frequencies ``axis(*given)``: a band for each row."""
    if db is None or db.weighting == "none":
        return []
    from spectrograms.filterbanks.weighting import weights_in_db

    factors = 10 ** (weights_in_db(np.asarray(axis(*given), np.float64), db.weighting) / 10)
    bands = Bands.from_rows([(row, [factor]) for row, factor in enumerate(factors)], len(factors))
    return [("bank", bands.starts, bands.lengths, bands.offsets, bands.values)]


def unit_of(params: SpectrogramParams | None, amplitude: str, db: LogParams | None = None) -> str:
    """What to write beside values.

    Parameters
    ----------
    params : SpectrogramParams or None
    amplitude : {"power", "magnitude", "db", "complex"}
    db : LogParams, optional
        Of values in dB.
    """
    plain = {"power": "power", "db": _level(db)}.get(amplitude, "amplitude")
    reference = 1.0 if db is None else db.reference
    if params is None or params.scaling == "none":
        return plain if reference == 1.0 else f"{plain} re {number(reference)}"
    unit = params.unit or ("FS" if params.scaling == "dBFS" else "V")
    density = params.scaling == "density"
    if amplitude == "db":
        level = _level(db)
        if params.scaling == "dBFS" and reference == 1.0:
            return level.replace("dB", "dBFS")
        measure = _measure(reference, unit)
        return f"{level} re ({measure})**2/Hz" if density else f"{level} re {measure}"
    if amplitude == "power":
        return f"{unit}**2/Hz" if density else f"{unit}**2"
    return f"{unit}/sqrt(Hz)" if density else unit


def _measure(reference, unit):
    """A reference with its unit, as people write it: 20 uPa."""
    for power, prefix in _PREFIXES.items():
        mantissa = float(f"{reference / 10.0**power:.12g}")
        if 1 <= mantissa < 1000 and unit.isalpha():
            return f"{number(mantissa)} {prefix}{unit}"
    return f"{number(reference)} {unit}"


def decibels(db: LogParams) -> str:
    """The words for decibels."""
    return _level(db) if db.reference == 1.0 else f"{_level(db)} re {number(db.reference)}"


def _level(db):
    """Decibels as meters write them: dB(A)."""
    return "dB" if db is None or db.weighting == "none" else f"dB({db.weighting})"


def words(params: SpectrogramParams | None) -> dict[str, str]:
    """The conventions of units; none where numbers have no unit."""
    if params is None:
        return {}
    said = {}
    if params.scaling != "none":
        said["scaling"] = f"{params.scaling}: {_WORDS[params.scaling]}"
    if params.detrend != "none":
        said["detrend"] = params.detrend
    if (params.scaling != "none" or params.calibration != 1.0) and params.scaling != "dBFS":
        said["calibration"] = f"a sample of 1.0 is {number(params.calibration)} {params.unit or 'V'}"
    return said
