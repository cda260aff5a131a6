"""Windows as toolkits define them, by name; those that are not defined here come from SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.conventions import window_words
from spectrograms._common.extras import require
from spectrograms._common.limits import MAX_FRAME, fits
from spectrograms.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _cosines(constant, *weights):
    def make(n, divisor):
        angle = 2.0 * np.pi * np.arange(n) / divisor
        total = constant
        with np.errstate(over="ignore", invalid="ignore"):  # the user's weights may be of any size
            for i, weight in enumerate(weights, 1):
                total = total + (-1) ** i * weight * np.cos(i * angle)
        return total

    return make


def _povey(n, divisor):
    return _cosines(0.5, 0.5)(n, divisor) ** 0.85


def _sine(n, divisor):
    return np.sin(np.pi * np.arange(n) / divisor)


def _bartlett(n, divisor):
    return 1.0 - np.abs(2.0 * np.arange(n) / divisor - 1.0)


def _tukey(n, divisor, alpha=0.5):
    if alpha <= 0:
        return np.ones(n)
    j = np.arange(n)
    edge = np.minimum(j, divisor - j) * 2.0 / (min(alpha, 1.0) * divisor)
    return np.where(edge < 1.0, 0.5 - 0.5 * np.cos(np.pi * edge), 1.0)


def _check_length(n):
    fits("the window", n, MAX_FRAME)


_OWN = {
    "hann": _cosines(0.5, 0.5),
    "hamming": _cosines(0.54, 0.46),
    "blackman": _cosines(0.42, 0.5, 0.08),
    "rectangular": lambda n, divisor: np.ones(n),
    "bartlett": _bartlett,
    "povey": _povey,
    "sine": _sine,
    "tukey": _tukey,
}
_ALIASES = {
    "hann": ("hanning", "han"),
    "hamming": ("hamm", "ham"),
    "rectangular": ("boxcar", "box", "ones", "rect"),
    "blackman": ("black", "blk"),
    "bartlett": ("bart", "brt"),
    "tukey": ("tuk",),
}
_SCIPY_NAMES = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}


def make(name: str, n: int, *, periodic: bool = True, parameters: Sequence[Any] = ()) -> NDArray[np.float64]:
    """Compute one of the windows defined here.

    Parameters
    ----------
    name : str
    n : int
        Length.
    periodic : bool
        Whether the angle is divided by n, instead of by n - 1.

    Returns
    -------
    ndarray, shape (n,), float64
    """
    _check_length(n)
    if n == 1:
        return np.ones(1)
    return _OWN[name](n, n if periodic else n - 1, *parameters)


def words(spec: Any, *, periodic: bool = True) -> str:
    """A window that :func:`scipy` takes, in words."""
    given: list[Any] = [spec] if isinstance(spec, str) else list(spec)
    name, *parameters = given
    return window_words(_SCIPY_NAMES.get(name, name), periodic=periodic, parameters=parameters)


def kaldi(name: str, n: int, blackman_coeff: float) -> NDArray[np.float64]:
    """A window of Kaldi; all are symmetric except the ``"hann"`` of kaldi-native-fbank."""
    _check_length(n)
    if name == "blackman" and n > 1:
        return _cosines(blackman_coeff, 0.5, 0.5 - blackman_coeff)(n, n - 1)
    return make({"hanning": "hann"}.get(name, name), n, periodic=name == "hann")


def scipy(spec: Any, n: int, *, periodic: bool = True) -> NDArray[np.float64]:
    """A window by any name that ``scipy.signal.get_window`` takes, or [name, parameter, ...].

    Raises
    ------
    ImportError
        If the window is not defined here and SciPy is not installed.
    InvalidInputError
        If SciPy does not know the window either.
    """
    _check_length(n)
    name, *parameters = [spec] if isinstance(spec, str) else spec
    own = _SCIPY_NAMES.get(name, name)
    if own in _OWN and own not in ("povey", "rectangular", "sine") and (own == "tukey" or not parameters):
        return make(own, n, periodic=periodic, parameters=parameters)
    if own == "rectangular" and not parameters:
        return np.ones(n)
    signal = require("scipy.signal", f"the window {name!r}")
    try:
        with np.errstate(all="ignore"):
            made = signal.get_window((name, *parameters) if parameters else name, n, fftbins=periodic)
    except (ValueError, TypeError) as error:
        raise InvalidInputError(
            f"window must be one that SciPy knows, got {shown(spec)}: {shown(str(error))[1:-1]}"
        ) from None
    if not np.isfinite(made).all():
        raise InvalidInputError(f"window must be finite, got {shown(spec)} of length {n}")
    return made
