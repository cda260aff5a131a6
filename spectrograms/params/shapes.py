"""Windows that SciPy has by name: formulas of symmetric windows of any length.

Each function takes the length n > 1 and the parameters of the shape. Sources: F. J. Harris, On the use of
windows for harmonic analysis with the discrete Fourier transform, Proc. IEEE 66, 1978; A. H. Nuttall, Some
windows with very good sidelobe behavior, IEEE Trans. ASSP 29, 1981; Y. H. Ha and J. A. Pearce, A new window
and comparison to standard windows, IEEE Trans. ASSP 37, 1989; the flat top is that of MATLAB's `flattopwin`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from spectrograms.errors import InvalidInputError, number


class Shape(NamedTuple):
    """A formula, and what it takes.

    Attributes
    ----------
    formula : callable
        Called with the length and the parameters; ndarray of float64.
    names : tuple of str
        Its parameters.
    defaults : tuple of float
        Of the last of them.
    """

    formula: Callable[..., Any]
    names: tuple[str, ...] = ()
    defaults: tuple[float, ...] = ()


def _position(n):
    """From -1 at the first point to 1 at the last."""
    return (2.0 * np.arange(n) - (n - 1)) / (n - 1)


def _cosines(*coefficients):
    """A sum of cosines with alternating signs."""

    def formula(n):
        angle = 2.0 * np.pi * np.arange(n) / (n - 1)
        terms = ((-1) ** k * a * np.cos(k * angle) for k, a in enumerate(coefficients))
        return sum(terms, np.zeros(n))

    return formula


def _general_hamming(n, alpha):
    return _cosines(alpha, 1.0 - alpha)(n)


def _barthann(n):
    away = np.abs(_position(n) / 2)
    return 0.62 - 0.48 * away + 0.38 * np.cos(2.0 * np.pi * away)


def _bohman(n):
    away = np.abs(_position(n))
    window = (1.0 - away) * np.cos(np.pi * away) + np.sin(np.pi * away) / np.pi
    window[[0, -1]] = 0.0
    return window


def _triang(n):
    # Its zeros lie a point outside for odd lengths, half a point for even ones.
    half = (n + 1) / 2 if n % 2 else n / 2
    return 1.0 - np.abs(np.arange(n) - (n - 1) / 2) / half


def _cosine(n):
    return np.sin(np.pi * (np.arange(n) + 0.5) / n)


def _parzen(n):
    away = np.abs(np.arange(n) - (n - 1) / 2) / (n / 2)
    inner = 1.0 - 6.0 * away**2 * (1.0 - away)
    return np.where(away <= (n - 1) / 4 / (n / 2), inner, 2.0 * (1.0 - away) ** 3)


def _tukey(n, alpha):
    if alpha <= 0.0:
        return np.ones(n)
    edge = np.minimum(alpha, 1.0) * (n - 1) / 2
    from_edge = (n - 1) / 2 - np.abs(np.arange(n) - (n - 1) / 2)
    return np.where(from_edge >= edge, 1.0, 0.5 - 0.5 * np.cos(np.pi * np.minimum(from_edge / edge, 1.0)))


def _exponential(n, tau):
    return np.exp(-np.abs(np.arange(n) - (n - 1) / 2) / tau)


def _general_gaussian(n, power, width):
    return np.exp(-0.5 * np.abs((np.arange(n) - (n - 1) / 2) / width) ** (2.0 * power))


SHAPES = {
    "barthann": Shape(_barthann),
    "bartlett": Shape(lambda n: 1.0 - np.abs(_position(n))),
    "blackmanharris": Shape(_cosines(0.35875, 0.48829, 0.14128, 0.01168)),
    "bohman": Shape(_bohman),
    "cosine": Shape(_cosine),
    "exponential": Shape(_exponential, ("tau",), (1.0,)),
    "flattop": Shape(_cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368)),
    "general_gaussian": Shape(_general_gaussian, ("power", "width")),
    "general_hamming": Shape(_general_hamming, ("alpha",)),
    "lanczos": Shape(lambda n: np.sinc(_position(n))),
    "nuttall": Shape(_cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411)),
    "parzen": Shape(_parzen),
    "triang": Shape(_triang),
    "tukey": Shape(_tukey, ("alpha",), (0.5,)),
}
#: Other names of the same shapes.
SPELLINGS = {
    "blackharr": "blackmanharris", "bman": "bohman", "flat": "flattop", "halfcosine": "cosine",
    "nutt": "nuttall", "par": "parzen", "tuk": "tukey", "sinc": "lanczos", "triangle": "triang",
}  # fmt: skip
# What SciPy computes by algorithms of its own.
_OTHERS = ("chebwin", "dpss", "kaiser_bessel_derived", "taylor")


def parameters_of(name: str, given: tuple[float, ...]) -> tuple[float, ...]:
    """The parameters of a shape, with defaults where they are left out.

    Raises
    ------
    InvalidInputError
        If there is no such shape, there are too few or too many, or one is no width of a window.
    """
    if name not in SHAPES:
        if name in _OTHERS:
            raise InvalidInputError(
                f"window {name!r} must be computed by SciPy: give the array of scipy.signal.get_window"
            )
        raise InvalidInputError(f"window must be one of {', '.join(SHAPES)}, got {name!r}")
    _, names, defaults = SHAPES[name]
    missing = len(names) - len(given)
    if missing < 0 or missing > len(defaults):
        takes = ", ".join(names) or "no parameter"
        raise InvalidInputError(f"window {name!r} takes {takes}, got {len(given)}")
    values = (*given, *defaults[len(defaults) - missing :])
    for word, value in zip(names, values, strict=True):
        if not (np.isfinite(value) and (value > 0 or word == "alpha")):
            raise InvalidInputError(f"{word} of window {name!r} must be finite and > 0, got {number(value)}")
    return values


@np.errstate(all="ignore")  # an infinite beta gives NaN
def kaiser(j: Any, span: int, beta: float) -> Any:
    """A Kaiser window at the points j of 0..span."""
    # r = sqrt(1 - ((j - m) / m)^2) and 1 - r, both without cancellation.
    r = np.sqrt(4.0 * j * (span - j)) / span
    deviation = (2.0 * j - span) / span
    return np.exp(-beta * deviation**2 / (1.0 + r)) * (_scaled_i0(beta * r) / _scaled_i0(np.float64(beta)))


def _scaled_i0(x):
    """Compute ``exp(-x) I0(x)`` for x >= 0 to a few units in the last place, without overflow.

    Below 40: ``I0(x) = (1/pi) integral_0^pi exp(x cos t) dt`` by the midpoint rule, whose error for this
    periodic integrand is I_64(x), below 1e-24 of the result. From 40 on the asymptotic series, whose terms
    fall below 2^-53 before they grow again. Abramowitz and Stegun, Handbook of Mathematical Functions, 1964,
    9.6.16 and 9.7.1.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        nodes = np.sin((np.arange(32) + 0.5) * (np.pi / 64)) ** 2
        below = sum(np.exp(-2.0 * node * x) for node in nodes) / 32
        term = above = np.ones_like(x)
        for k in range(1, 17):
            term = term * ((2 * k - 1) ** 2 / (8.0 * k) / x)
            above = above + term
        return np.where(x < 40.0, below, above / np.sqrt(2.0 * np.pi * x))
