"""From features back to signals: phases for magnitudes, spectra for mel bands."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.intake import as_array, narrowed, real
from spectrograms._common.limits import MAX_ROUNDS, at_most
from spectrograms._engine.threads import pool
from spectrograms.errors import DimensionMismatchError, InvalidInputError
from spectrograms.features.fourier.arrays import generator
from spectrograms.features.stft_forward import StftPlan
from spectrograms.features.stft_inverse import IstftPlan
from spectrograms.params import MelParams, SpectrogramParams
from spectrograms.params.checking import as_float, as_index
from spectrograms.plans.findings import say
from spectrograms.plans.scales import bank_stage, scale_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def griffin_lim(
    magnitude: ArrayLike,
    params: SpectrogramParams,
    *,
    n_iter: int = 32,
    momentum: float = 0.99,
    length: int | None = None,
    seed: int = 0,
    num_threads: int | None = None,
) -> NDArray[np.float64]:
    """Find a signal with a given magnitude spectrogram.

    Parameters
    ----------
    magnitude : array_like, shape (..., n_fft // 2 + 1, n_frames)
        Not negative. Each matrix gives the signal that it gives alone.
    params : SpectrogramParams
        Those of the transform that made it.
    n_iter : int
        Iterations.
    momentum : float
        0 for the original algorithm, up to 1 for the fast one.
    length : int, optional
        Number of samples to return.
    seed : int
        >= 0, of the random phases at the start.
    num_threads : int, optional
        For more than one matrix, at most; by default :func:`get_num_threads`.

    Returns
    -------
    ndarray of float64, shape (..., n_samples)

    Raises
    ------
    DimensionMismatchError
        If there is another number of rows than ``n_fft // 2 + 1``.
    InvalidInputError
        If a value is negative or not finite, there is no frame, or `momentum` is not in 0..1.
    TypeError
        If `magnitude` has fewer than 2 dimensions, or `params` is not SpectrogramParams.

    Warns
    -----
    SpectrogramWarning
        At the first call with such `params`, if there are samples that no window covers.

    See Also
    --------
    invert_mel : From mel bands to what this function wants.
    compute_istft : Where the phase is known.

    References
    ----------
    D. W. Griffin and J. S. Lim, Signal estimation from modified short-time Fourier transform, IEEE Trans.
    ASSP 32, 1984. N. Perraudin, P. Balazs and P. L. Søndergaard, A fast Griffin-Lim algorithm, WASPAA 2013.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann", periodic=True), 16000)
    >>> magnitude = sg.compute_linear_magnitude_spectrogram(np.sin(0.1 * np.arange(4000)), params)
    >>> signal = sg.griffin_lim(magnitude.data, params, length=4000)
    >>> signal.shape
    (4000,)
    >>> again = sg.compute_linear_magnitude_spectrogram(signal, params)
    >>> error = np.linalg.norm(again.data - magnitude.data) / np.linalg.norm(magnitude.data)
    >>> bool(error < 0.1)
    True
    """
    _check_params(params)
    forward, back = _plans(params)
    values = as_array(magnitude, "magnitude")
    if values.ndim < 3:
        matrices = [_matrix("magnitude", magnitude, back.n_bins)]
    else:
        # Checked before any is computed.
        values = real(values, "magnitude", magnitude)
        places = np.ndindex(*values.shape[:-2])
        matrices = [_matrix("magnitude", values[place], back.n_bins) for place in places]
    n_iter = as_index("n_iter", n_iter)
    at_most("n_iter", n_iter, MAX_ROUNDS)
    momentum = as_float("momentum", momentum)
    if not 0.0 <= momentum <= 1.0:
        raise InvalidInputError(f"momentum must be in 0..1, got {momentum}")
    threads = pool.resolve(num_threads)
    start = generator(seed).random(matrices[0][0].shape) if matrices else None
    signals: list[Any] = [None] * len(matrices)

    def find(i):
        wanted, size = matrices[i]
        with np.errstate(all="ignore"):
            phases = np.exp(2j * np.pi * start)
            before = np.zeros_like(phases)
            for _ in range(n_iter):
                now = forward.compute(back.compute(wanted * phases)).data[:, : wanted.shape[1]]
                phases = now - momentum / (1.0 + momentum) * before
                phases /= np.abs(phases) + np.finfo(np.float64).tiny
                before = now
            signals[i] = np.ldexp(back.compute(wanted * phases, length=length), size)

    pool.each([(find, (i,)) for i in range(len(matrices))], threads)
    if values.ndim < 3:
        return signals[0]
    if not signals:
        raise InvalidInputError(f"magnitude must not be empty, got shape {values.shape}")
    return np.stack(signals).reshape(*values.shape[:-2], -1)


def invert_mel(
    mel_power: ArrayLike, params: SpectrogramParams, mel: MelParams, *, n_iter: int = 200
) -> NDArray[np.float64]:
    """Find a power spectrogram, nowhere negative, whose mel bands come closest to given ones.

    Parameters
    ----------
    mel_power : array_like, shape (n_mels, n_frames)
        Power in mel bands, not dB.
    params : SpectrogramParams
        Those of the spectrogram.
    mel : MelParams
        The bands.
    n_iter : int
        Iterations.

    Returns
    -------
    ndarray of float64, shape (n_fft // 2 + 1, n_frames)
        For :func:`griffin_lim`, take the square root.

    Raises
    ------
    DimensionMismatchError
        If there is another number of rows than ``n_mels``.
    InvalidInputError
        If a value is negative or not finite, or there is no frame.
    TypeError
        If `mel_power` is not 2-D, or a parameter object is of another class.

    Warns
    -----
    SpectrogramWarning
        At the first call with such bands, if some of them hold no bin.

    See Also
    --------
    griffin_lim : Finds a signal for the magnitudes.
    compute_mel_power_spectrogram : What this inverts.

    Notes
    -----
    Minimises ``|W X - M|**2`` over ``X >= 0`` by accelerated projected gradients with restarts, from the
    clipped pseudo-inverse on.

    References
    ----------
    A. Beck and M. Teboulle, A fast iterative shrinkage-thresholding algorithm for linear inverse problems,
    SIAM J. Imaging Sciences 2, 2009. B. O'Donoghue and E. Candès, Adaptive restart for accelerated gradient
    schemes, Foundations of Computational Mathematics 15, 2015.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> mel = sg.MelParams(40, 0.0, 8000.0)
    >>> noise = np.random.default_rng(0).standard_normal(4000)
    >>> bands = sg.compute_mel_power_spectrogram(noise, params, mel)
    >>> power = sg.invert_mel(bands.data, params, mel)
    >>> power.shape, bool((power >= 0.0).all())
    ((257, 26), True)
    """
    _check_params(params)
    if not isinstance(mel, MelParams):
        raise TypeError(f"mel must be MelParams, got {type(mel).__name__}")
    weights, inverse, whitened = _inverted(params, mel)
    target, size = _matrix("mel_power", mel_power, len(weights))
    n_iter = as_index("n_iter", n_iter)
    at_most("n_iter", n_iter, MAX_ROUNDS)
    with np.errstate(all="ignore"):
        x = np.maximum(inverse @ target, 0.0)
        # Whitened bands converge fast where the target can be met exactly, as for bands of any real spectrum.
        # The bands themselves then decide how to miss what cannot be met.
        towards, right = whitened
        x = _descend(x, right, towards @ target, n_iter // 2)
        return np.ldexp(_descend(x, weights, target, n_iter - n_iter // 2), size)


@lru_cache(maxsize=16)
def _plans(params):
    return StftPlan(params), IstftPlan(params)


# Only a few are kept, because each matrix is as large as a whole bank.
@lru_cache(maxsize=2)
def _inverted(params, mel):
    """The weights of mel bands, their pseudo-inverse, and what makes them orthonormal."""
    scale = scale_of(mel)
    bands = scale.bank(params, mel)
    say(scale.findings(params, mel, [bank_stage(bands)]))
    weights = bands.dense()
    left, values, right = np.linalg.svd(weights, full_matrices=False)
    kept = values > 1e-10 * values[0]
    return weights, np.linalg.pinv(weights), ((left[:, kept] / values[kept]).T, right[kept])


def _descend(x, weights, target, n_iter):
    """Reduce ``|W X - M|**2`` over ``X >= 0``, frame by frame."""
    step = 1.0 / np.linalg.norm(weights, 2) ** 2
    ahead, t = x, np.ones(target.shape[1])
    for _ in range(n_iter):
        gradient = weights.T @ (weights @ ahead - target)
        following = np.maximum(ahead - step * gradient, 0.0)
        # Momentum that leads uphill is dropped.
        t[np.einsum("kt,kt->t", gradient, following - x) > 0.0] = 1.0
        t_next = (1.0 + np.sqrt(1.0 + 4.0 * t * t)) / 2.0
        ahead = following + (t - 1.0) / t_next * (following - x)
        x, t = following, t_next
    return x


def _check_params(params):
    if not isinstance(params, SpectrogramParams):
        raise TypeError(f"params must be SpectrogramParams, got {type(params).__name__}")


def _matrix(name, values, rows):
    matrix = narrowed(real(as_array(values, name), name, values), np.float64)
    if matrix.ndim != 2:
        raise TypeError(f"{name} must be 2-D, got shape {matrix.shape}")
    if matrix.shape[0] != rows:
        raise DimensionMismatchError(rows, matrix.shape[0], f"rows of {name}")
    if matrix.shape[1] == 0:
        raise InvalidInputError(f"{name} must have a frame, got shape {matrix.shape}")
    if not (matrix >= 0.0).all():
        raise InvalidInputError(f"{name} must be >= 0 everywhere")
    if not np.isfinite(matrix).all():
        raise InvalidInputError(f"{name} must be finite everywhere")
    # Both inversions scale with their input, so the exponent can be taken out to avoid overflow on the way.
    size = int(np.frexp(matrix.max())[1])
    return np.ldexp(matrix, -size), size
