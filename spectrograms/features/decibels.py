"""Decibels: conversion of whole arrays to and from power and amplitude."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array, contiguous, narrowed, numbers, real
from spectrograms._engine.arrays.arrays import scaled_log, within
from spectrograms.filterbanks.weighting import LEAST, WEIGHTINGS, weights_in_db
from spectrograms.params.checking import as_choice, as_float, require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_PER_NEPER = 10 / math.log(10)
_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


# What the docstrings here have in common.
_documented = documented(
    top_db="""top_db : float or None
    Raise values further than this below the largest one to that limit.""",
    mcfee="""References
----------
B. McFee et al., librosa: audio and music signal analysis in Python, SciPy 2015.""",
    decibels="""Parameters
----------
S_db : array_like of real numbers, any shape
    Decibels; also a result of this package.""",
    inverted="""Returns
-------
ndarray, shape of `S_db`
    Of dtype float32 for float32, else float64; a scalar for a scalar.

Raises
------
TypeError
    If `S_db` is not real, or `ref` is not a number.""",
)


def _as_numbers(name, values):
    array = as_array(values, name)
    if array.dtype.kind in "UmM":
        raise TypeError(f"{name} must be numbers, got {array.dtype}")
    return numbers(array, name, values)


def _as_real(name, values):
    """Values as contiguous, aligned float32 or float64; anything else becomes float64."""
    values = _as_numbers(name, values)
    dtype = values.dtype
    if dtype is _DOUBLE or dtype is _SINGLE:
        flags = values.flags
        return values if flags.c_contiguous and flags.aligned else values.copy()
    if dtype.kind == "c":
        raise TypeError(f"{name} must be real, got {dtype}: take the absolute value first")
    with np.errstate(all="ignore"):  # what is wider may be infinite now
        return contiguous(values, _SINGLE if dtype == _SINGLE and dtype.isnative else _DOUBLE)


def _magnitude(values):
    if values.dtype.kind != "c":
        return np.abs(values)
    with np.errstate(all="ignore"):
        return np.abs(values)


def _reference(ref, values):
    """The absolute value of `ref`, a number or a function of the values, which gets a view of its own."""
    return abs(as_float("ref", ref(values.view()) if callable(ref) else ref))


def _to_db(values, factor, ref, amin, top_db):
    amin = as_float("amin", amin)
    require(0.0 < amin < math.inf, "amin must be finite and > 0", amin)
    if top_db is not None:
        top_db = as_float("top_db", top_db)
        require(top_db >= 0, "top_db must be >= 0 or None", top_db)
    ref = _reference(ref, values)
    decibels = scaled_log(values, factor, amin, ref)
    if top_db is not None and top_db != math.inf and values.size:
        # All float32 numbers lie closer together than this.
        top_db = min(top_db, 1e30)
        # fmax, so that a single NaN does not make every value NaN.
        np.maximum(decibels, np.fmax.reduce(decibels, axis=None) - top_db, out=decibels)
    return decibels[()]


def _from_db(decibels, factor, ref):
    values = _as_real("S_db", decibels)
    # Powers of these numbers are neither infinite nor subnormal. Checking a short array takes less time than
    # switching off NumPy's warnings.
    if 1e-5 <= abs(ref) <= 1e5 and within(values, 300.0 if values.dtype is _SINGLE else 3000.0):
        powers = np.power(10.0, values * factor)
        return powers if ref == 1 else ref * powers
    with np.errstate(all="ignore"):
        return ref * np.power(10.0, values * factor)


@_documented
def power_to_db(
    S: ArrayLike,
    ref: float | Callable[[NDArray[Any]], Any] = 1.0,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> Any:
    """Convert power to decibels, ``10 log10(S / ref)``.

    Parameters
    ----------
    S : array_like of real numbers, any shape
        Power; also a result of this package.
    ref : float or callable
        Power of 0 dB, or a function of `S` that returns it, such as `numpy.max`.
    amin : float
        Smaller values of `S` and `ref` count as this.
    %(top_db)s

    Returns
    -------
    ndarray, shape of `S`
        Of dtype float32 for float32, else float64; a scalar for a scalar. NaN stays NaN, and does not affect
        the other values.

    Raises
    ------
    InvalidInputError
        If ``amin <= 0`` or ``top_db < 0``.
    TypeError
        If `S` is complex, or an argument is not a number.

    See Also
    --------
    amplitude_to_db : Of amplitudes.
    db_to_power : The inverse.
    compute_linear_db_spectrogram : Spectrograms that are in decibels from the start.

    Notes
    -----
    Definition and defaults are those of ``librosa.power_to_db``.

    %(mcfee)s

    %(examples)s
    >>> power = np.array([1.0, 0.1, 1e-12])
    >>> sg.power_to_db(power)  # nothing lies more than 80 dB below the largest
    array([  0., -10., -80.])
    >>> sg.power_to_db(power, top_db=None)  # `amin` counts instead of what is smaller
    array([   0.,  -10., -100.])
    >>> sg.power_to_db([2.0, 1.0], ref=np.max).round(2)
    array([ 0.  , -3.01])
    """
    return _to_db(_as_real("S", S), _PER_NEPER, ref, amin, top_db)


@_documented
def amplitude_to_db(
    S: ArrayLike,
    ref: float | Callable[[NDArray[Any]], Any] = 1.0,
    amin: float = 1e-5,
    top_db: float | None = 80.0,
) -> Any:
    """Convert amplitude to decibels, ``20 log10(|S| / ref)``.

    Parameters
    ----------
    S : array_like, any shape
        Amplitude, real or complex; also a result of this package.
    ref : float or callable
        Amplitude of 0 dB, or a function of ``|S|`` that returns it, such as `numpy.max`.
    amin : float
        Smaller values of ``|S|`` and `ref` count as this.
    %(top_db)s

    Returns
    -------
    ndarray, shape of `S`
        Of dtype float32 for float32 and complex64, else float64; a scalar for a scalar. NaN stays NaN, and
        does not affect the other values.

    Raises
    ------
    InvalidInputError
        If ``amin <= 0`` or ``top_db < 0``.
    TypeError
        If an argument is not a number.

    See Also
    --------
    power_to_db : Of power.
    db_to_amplitude : The inverse.

    Notes
    -----
    Definition and defaults are those of ``librosa.amplitude_to_db``.

    %(mcfee)s

    %(plain_examples)s
    >>> sg.amplitude_to_db([1.0, 0.5, 0.0]).round(2)
    array([  0.  ,  -6.02, -80.  ])
    """
    return _to_db(_as_real("S", _magnitude(_as_numbers("S", S))), 2 * _PER_NEPER, ref, amin, top_db)


@_documented
def db_to_power(S_db: ArrayLike, ref: float = 1.0) -> Any:
    """Convert decibels to power, ``ref * 10**(S_db / 10)``: the inverse of `power_to_db`.

    %(decibels)s
    ref : float
        Power of 0 dB.

    %(inverted)s

    See Also
    --------
    power_to_db : The inverse.
    db_to_amplitude : Of amplitudes.

    %(plain_examples)s
    >>> sg.db_to_power([0.0, -3.0, -10.0]).round(3)
    array([1.   , 0.501, 0.1  ])
    """
    return _from_db(S_db, 0.1, as_float("ref", ref))


@_documented
def db_to_amplitude(S_db: ArrayLike, ref: float = 1.0) -> Any:
    """Convert decibels to amplitude, ``ref * 10**(S_db / 20)``: the inverse of `amplitude_to_db`.

    %(decibels)s
    ref : float
        Amplitude of 0 dB.

    %(inverted)s

    See Also
    --------
    amplitude_to_db : The inverse.
    db_to_power : Of power.

    %(plain_examples)s
    >>> sg.db_to_amplitude([0.0, -6.0, -20.0]).round(3)
    array([1.   , 0.501, 0.1  ])
    """
    return _from_db(S_db, 0.05, as_float("ref", ref))


@documented()
def frequency_weighting(
    frequencies: ArrayLike, kind: str = "A", *, min_db: float | None = LEAST
) -> NDArray[np.float64]:
    """Weigh frequencies as sound level meters do.

    Parameters
    ----------
    frequencies : array_like of real numbers, any shape
        In Hz, not negative.
    kind : {"A", "B", "C", "D"}
        The curve: A for quiet sounds, B for louder ones, C for loud ones, D for noise of aircraft.
    min_db : float or None
        Least value of the result.

    Returns
    -------
    ndarray of float64, shape of `frequencies`
        In dB, to be added to levels; nearly 0 at 1 kHz.

    Raises
    ------
    InvalidInputError
        If there is no such curve, or a frequency is negative or NaN.

    See Also
    --------
    LogParams : Levels with a weighting, computed at once.

    Notes
    -----
    The transfer functions of the standards: poles at 20.6, 107.7, 737.9 and 12194 Hz for A; at 20.6, 158.5
    and 12194 Hz for B; at 20.6 and 12194 Hz for C. Equal to `librosa.A_weighting` and its kin.

    References
    ----------
    IEC 61672-1:2013, Electroacoustics - Sound level meters. IEC 60537:1976, Frequency weighting for the
    measurement of aircraft noise (D-weighting), withdrawn.

    %(examples)s
    >>> sg.frequency_weighting([31.5, 1000.0, 8000.0]).round(1)
    array([-39.5,   0. ,  -1.1])
    """
    kind = as_choice("kind", kind, WEIGHTINGS)
    least = -math.inf if min_db is None else as_float("min_db", min_db)
    require(not math.isnan(least), "min_db must be a number", least)
    values = narrowed(real(as_array(frequencies, "frequencies"), "frequencies", frequencies), np.float64)
    require(
        bool((values >= 0.0).all()), "frequencies must be >= 0 everywhere", float(np.min(values, initial=0.0))
    )
    return weights_in_db(values, kind, least)
