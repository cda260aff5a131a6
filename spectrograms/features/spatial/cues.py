"""Arithmetic of the binaural cues: from the spectra of both ears to differences, block by block.

Each function takes the spectra of the left and the right ear, their energies ``re**2 + im**2`` and the info
of the result, and returns an array of the same shape. NaN in gives NaN out: no mask hides it.

Phase of a bin without energy is 0, as is then the difference of two silent ears; their levels have no ratio,
which is NaN.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Spectrum: TypeAlias = NDArray[np.complexfloating[Any, Any]]
    _Values: TypeAlias = NDArray[np.floating[Any]]


def energy(spectrum: _Spectrum) -> _Values:
    """Squared absolute values, in the precision of the spectrum."""
    values = np.square(spectrum.real)
    values += np.square(spectrum.imag)
    return values


def phase(spectrum: _Spectrum, energies: _Values) -> _Values:
    """Phase angles from -pi to pi."""
    angles = np.arctan2(spectrum.imag, spectrum.real)
    np.copyto(angles, 0.0, where=energies == 0)
    return angles


def wrap(angles: _Values) -> _Values:
    """Bring differences of two phases to the range from -pi on and below pi, in place."""
    # Multiplying by masks is several times faster than where=, and leaves values in range as they are.
    turn = angles.dtype.type(2 * math.pi)
    angles -= turn * (angles >= math.pi)
    angles += turn * (angles < -math.pi)
    return angles


def phase_difference(
    left: _Spectrum, right: _Spectrum, energy_left: _Values, energy_right: _Values, info: Any
) -> _Values:
    """Radians by which the left ear leads, wrapped if the parameters say so."""
    difference = phase(left, energy_left)
    difference -= phase(right, energy_right)
    return wrap(difference) if info.params.wrapped else difference


def time_difference(
    left: _Spectrum, right: _Spectrum, energy_left: _Values, energy_right: _Values, info: Any
) -> _Values:
    """Seconds by which the left ear leads: the wrapped phase over the angular frequency of the bin."""
    difference = phase(left, energy_left)
    difference -= phase(right, energy_right)
    angular = (2 * math.pi) * info.frequencies[:, np.newaxis]
    wrap(difference)
    difference /= angular.astype(difference.dtype)
    power = float(info.params.magphase_power)
    if power > 1:
        # The only effect of the exponent is to silence what underflows.
        magnitude = np.sqrt(energy_left) ** power + np.sqrt(energy_right) ** power
        np.copyto(difference, 0.0, where=magnitude == 0)
    return difference


def level_difference(
    left: _Spectrum, right: _Spectrum, energy_left: _Values, energy_right: _Values, info: Any
) -> _Values:
    """Decibels by which the left ear is louder, NaN where an ear is silent."""
    levels = np.sqrt(energy_right)
    levels /= np.sqrt(energy_left)
    np.log10(levels, out=levels)
    levels *= -20.0
    np.copyto(levels, np.nan, where=(energy_left == 0) | (energy_right == 0))
    return levels


def level_ratio(
    left: _Spectrum, right: _Spectrum, energy_left: _Values, energy_right: _Values, info: Any
) -> _Values:
    """How much louder one ear is, from -1 (all right) to 1 (all left), NaN where an ear is silent."""
    loudness = np.sqrt(energy_left), np.sqrt(energy_right)
    quieter = np.minimum(*loudness)
    ratio = quieter / np.maximum(*loudness)
    np.subtract(1.0, ratio, out=ratio)
    ratio = np.where(loudness[1] >= loudness[0], -ratio, ratio)
    np.copyto(ratio, np.nan, where=quieter == 0)
    return ratio
