"""Per-channel energy normalisation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, overload

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array, contiguous, narrowed, real
from spectrograms._engine.arrays.recursions import running_mean
from spectrograms.errors import DimensionMismatchError, InvalidInputError
from spectrograms.params.checking import as_bool, as_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@overload
def pcen(
    energies: ArrayLike,
    sample_rate: float,
    hop_size: int,
    *,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.4,
    eps: float = 1e-6,
    zi: ArrayLike | None = None,
    return_zf: Literal[False] = False,
) -> NDArray[np.float64]: ...
@overload
def pcen(
    energies: ArrayLike,
    sample_rate: float,
    hop_size: int,
    *,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.4,
    eps: float = 1e-6,
    zi: ArrayLike | None = None,
    return_zf: Literal[True],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
@np.errstate(all="ignore")
@documented()
def pcen(
    energies: ArrayLike,
    sample_rate: float,
    hop_size: int,
    *,
    gain: float = 0.98,
    bias: float = 2.0,
    power: float = 0.5,
    time_constant: float = 0.4,
    eps: float = 1e-6,
    zi: ArrayLike | None = None,
    return_zf: bool = False,
) -> NDArray[np.float64] | tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Divide each band by its own running mean, then compress.

    Parameters
    ----------
    energies : array_like, shape (..., n_bins, n_frames)
        Magnitude or power, not negative.
    %(sample_rate)s
    hop_size : int
        Samples from one frame to the next.
    gain : float, >= 0
        How much of the running mean is taken away.
    bias : float, >= 0
        Added before the compression, so that quiet frames stay quiet.
    power : float, >= 0
        Exponent of the compression; 0 for the logarithm.
    time_constant : float, > 0
        Time constant of the running mean, in seconds.
    eps : float, > 0
        Added to the running mean, so that silence is not divided by zero.
    zi : array_like, shape (..., n_bins, 1), optional
        State to begin with, as the call for the frames before returned it.
    return_zf : bool
        Return the state after the last frame as well: a stream in pieces has the bytes of the whole.

    Returns
    -------
    ndarray of float64, of the shape of `energies`
        With `return_zf` a tuple of it and the state, an ndarray of float64 of shape (..., n_bins, 1).

    Raises
    ------
    InvalidInputError
        If a parameter is out of range or a value is negative.
    TypeError
        If `energies` has fewer than 2 dimensions.
    DimensionMismatchError
        If `zi` is not of the shape (..., n_bins, 1).

    See Also
    --------
    power_to_db : The usual compression.
    compute_mel_power_spectrogram : Energies to normalise.

    Notes
    -----
    ``M[t] = (1 - s) M[t-1] + s E[t]`` with ``M[-1] = 1``, ``s = (sqrt(1 + 4 T**2) - 1) / (2 T**2)`` and T the
    time constant in frames; the result is ``(E / (eps + M)**gain + bias)**power - bias**power``, as
    `librosa.pcen` computes it. The state is ``(1 - s) M``, as in `scipy.signal.lfilter`.

    References
    ----------
    Y. Wang et al., Trainable frontend for robust and far-field keyword spotting, ICASSP 2017. V. Lostanlen et
    al., Per-channel energy normalization: why and how, IEEE Signal Processing Letters 26, 2019.

    Examples
    --------
    One band is a thousand times as strong as the other; hardly anything of that is left:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> energies = np.ones((2, 200)) * [[1.0], [1e3]]
    >>> sg.pcen(energies, 16000, 160)[:, -1].round(2)
    array([0.32, 0.36])

    In pieces, as frames arrive:

    >>> first, state = sg.pcen(energies[:, :120], 16000, 160, return_zf=True)
    >>> rest = sg.pcen(energies[:, 120:], 16000, 160, zi=state)
    >>> np.array_equal(np.hstack([first, rest]), sg.pcen(energies, 16000, 160))
    True
    """
    values = narrowed(real(as_array(energies, "energies"), "energies", energies), np.float64)
    if values.ndim < 2:
        raise TypeError(f"energies must have at least 2 dimensions, got shape {values.shape}")
    if not (values >= 0.0).all():
        raise InvalidInputError("energies must be >= 0 everywhere")
    if not np.isfinite(values).all():
        raise InvalidInputError("energies must be finite everywhere")
    return_zf = as_bool("return_zf", return_zf)
    numbers = {"gain": gain, "bias": bias, "power": power}
    gain, bias, power = (_number(name, number, 0.0) for name, number in numbers.items())
    eps = _number("eps", eps, math.ulp(0.0))
    seconds = _number("time_constant", time_constant, math.ulp(0.0))
    rate = _number("sample_rate", sample_rate, math.ulp(0.0))
    hop = _number("hop_size", hop_size, math.ulp(0.0))
    frames = seconds * rate / hop
    # Equal to the formula below, without a difference of close numbers or a division by zero.
    smoothing = 2.0 / (math.hypot(1.0, 2.0 * frames) + 1.0)
    kept = 1.0 - smoothing
    state = np.full((*values.shape[:-1], 1), kept) if zi is None else _state(zi, values.shape)
    mean = np.empty(values.shape)
    rows = max(1, state.size), values.shape[-1]
    if mean.size:
        running_mean(contiguous(values).reshape(rows), mean.reshape(rows), state.reshape(-1), smoothing)
    ratio = mean / eps
    logs = np.where(np.isinf(ratio), np.log(mean), math.log(eps) + np.log1p(ratio))
    divided = np.exp(-gain * logs) * values
    compressed = _compressed(divided, bias, power)
    return (compressed, state) if return_zf else compressed


def _state(zi, shape):
    state = narrowed(real(as_array(zi, "zi"), "zi", zi), np.float64)
    wanted = (*shape[:-1], 1)
    if state.shape != wanted:
        raise DimensionMismatchError(wanted, state.shape, "shape of zi")
    if not (np.isfinite(state) & (state >= 0.0)).all():
        raise InvalidInputError("zi must be finite and >= 0 everywhere")
    return np.array(state, order="C")


def _compressed(divided, bias, power):
    if power == 0.0:
        return np.log1p(divided)
    if bias == 0.0:
        return divided**power
    return bias**power * np.expm1(power * np.log1p(divided / bias))


def _number(name, value, low):
    value = as_float(name, value)
    if not low <= value < math.inf:
        raise InvalidInputError(f"{name} must be {'> 0' if low else '>= 0'}, got {value}")
    return value
