"""How loud frequencies are to people: the weightings of sound level meters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The curves, by their names in the standards.
WEIGHTINGS = ("A", "B", "C", "D")
#: dB below which no weight falls, unless a caller asks for another.
LEAST = -80.0

# dB that make 1 kHz 0 dB, the exponent of f, and poles in Hz with their orders in f**2 + pole**2.
_CURVES: dict[str, Any] = {
    "A": (2.0, 4, ((12194.217, 2), (20.598997, 2), (107.65265, 1), (737.86223, 1))),
    "B": (0.17, 3, ((12194.217, 2), (20.598997, 2), (158.48932, 1))),
    "C": (0.062, 2, ((12194.217, 2), (20.598997, 2))),
}
# The curve for noise of aircraft has pairs of complex zeros and poles as well: (c**2 - f**2)**2 + (d f)**2.
_D_GAIN, _D_ZEROS, _D_POLES, _D_REAL = 8.3046305e-3, (1018.7, 1039.6), (3136.5, 3424.0), (282.7, 1160.0)


def _pair(squares, centre, width):
    return np.log10((centre**2 - squares) ** 2 + width**2 * squares)


def weights_in_db(frequencies: NDArray[np.float64], kind: str, least: float = LEAST) -> NDArray[np.float64]:
    """The weight of each frequency in Hz, none below `least`; `kind` is one of `WEIGHTINGS`."""
    squares = frequencies**2
    # log10 of 0 Hz is -inf, and its weight the least.
    with np.errstate(divide="ignore"):
        if kind == "D":
            sum_ = np.log10(squares) + _pair(squares, *_D_ZEROS) - _pair(squares, *_D_POLES)
            sum_ -= sum(np.log10(squares + pole**2) for pole in _D_REAL)
            weights = 10.0 * sum_ - 40.0 * np.log10(_D_GAIN)
        else:
            offset, order, poles = _CURVES[kind]
            # The first pole, of order 2, makes low frequencies as strong as those between.
            weights = offset + 40.0 * np.log10(poles[0][0]) + 10.0 * order * np.log10(squares)
            weights -= 10.0 * sum(order * np.log10(squares + pole**2) for pole, order in poles)
    return np.maximum(weights, least)
