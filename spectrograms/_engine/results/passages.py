"""Bounds on an axis: which of its points lie between."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np

from spectrograms.errors import InvalidInputError, shown


def as_seconds(name: str, bound: Any, start: float | dt.datetime) -> Any:
    """A bound in seconds as it is, a datetime as the seconds from `start`.

    Raises
    ------
    TypeError
        If only one of both is a datetime, or if one of them has no time zone.
    """
    if not isinstance(bound, dt.datetime):
        return bound
    if not isinstance(start, dt.datetime):
        raise TypeError(f"{name} must be in seconds, as start is no datetime, got {bound}")
    try:
        return (bound - start).total_seconds()
    except TypeError:  # of one with a time zone and one without
        raise TypeError(f"{name} must have a time zone if start has, and none if not, got {bound}") from None


def passage(name: str, unit: str, axis: Any, low: Any, high: Any, slack: float) -> tuple[int, int]:
    """Find the points of an ascending axis from `low` to `high`, both included.

    Parameters
    ----------
    name, unit : str
        Of the bounds, for errors.
    axis : ndarray of float64
    low, high : float or None
        None is beyond the end.
    slack : float
        How far a point may lie outside of the bounds.

    Returns
    -------
    first, count : int

    Raises
    ------
    InvalidInputError
        If there is no such point, or nothing to compare with.
    TypeError
        If a bound is no number.
    """
    if low is None and high is None:
        return 0, len(axis)
    if np.isnan(axis).any():
        raise InvalidInputError(f"{name}0 and {name}1 must be None where frames have no times")
    bounds = []
    for bound, end, place in ((low, -math.inf, "0"), (high, math.inf, "1")):
        try:
            value = end if bound is None or isinstance(bound, str) else float(bound)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if isinstance(bound, (str, bytes)) or math.isnan(value):
            raise TypeError(f"{name}{place} must be a number of {unit}, got {shown(bound)}")
        bounds.append(value)
    first = int(np.searchsorted(axis, bounds[0] - slack, "left"))
    end = int(np.searchsorted(axis, bounds[1] + slack, "right"))
    if first >= end:
        asked = " to ".join("the end" if math.isinf(bound) else f"{bound:g}" for bound in bounds)
        covered = f"{axis[0]:g} to {axis[-1]:g} {unit}" if len(axis) else "nothing"
        raise InvalidInputError(f"{name}0 and {name}1 must have a point between, got {asked} of {covered}")
    return first, end - first
