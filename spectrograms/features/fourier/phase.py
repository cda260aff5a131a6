"""Magnitude and phase: how they come apart, and the phase that belongs to a magnitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.transforms.real import forward, inverse
from spectrograms.errors import InvalidInputError
from spectrograms.features.fourier.arrays import as_complex, as_response
from spectrograms.features.fourier.convolution import next_power_of_two
from spectrograms.params import parse_dtype
from spectrograms.params.checking import as_count, as_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# Relative to the largest power; keeps the logarithm finite where the spectrum is zero.
_LEAST_POWER = 1e-20
_SILENCE = 1e-300


@documented()
def magphase(
    stft: ArrayLike, power: float = 1, dtype: DType = None
) -> tuple[NDArray[np.floating[Any]], NDArray[np.complexfloating[Any, Any]]]:
    """Split a complex spectrogram into magnitudes and phase factors.

    Parameters
    ----------
    stft : StftResult or array_like of complex, shape (n_bins, n_frames)
        The complex spectrogram.
    power : int, default 1
        Exponent of the magnitudes, at least 1.
    %(working_dtype)s

    Returns
    -------
    magnitude : ndarray of float64 or float32, shape (n_bins, n_frames)
        ``sqrt(re**2 + im**2) ** power``.
    phase : ndarray of complex128 or complex64, shape (n_bins, n_frames)
        Numbers of absolute value 1, so that ``magnitude ** (1 / power) * phase`` is the spectrogram; 1 where
        ``re**2 + im**2`` is 0.

    Raises
    ------
    ValueError
        If `power` is 0.
    TypeError
        If `stft` is not 2-D or `power` is not an integer.

    See Also
    --------
    compute_stft : Gives complex spectrograms.
    griffin_lim : Finds a phase for magnitudes.

    %(plain_examples)s
    >>> magnitude, phase = sg.magphase([[3 + 4j, 0]])
    >>> magnitude, phase
    (array([[5., 0.]]), array([[0.6+0.8j, 1. +0.j ]]))
    """
    power = as_count("power", power)
    values = as_complex("stft", stft, 2, parse_dtype(dtype))
    with np.errstate(all="ignore"):
        squares = values.real**2 + values.imag**2
        magnitude = np.sqrt(squares, out=squares)
        silent = magnitude == 0
        phase: NDArray[Any] = values / np.where(silent, 1, magnitude)
        phase[silent] = 1
        # NumPy's integers end at 2**63.
        return magnitude ** (power if power < 2**31 else float(power)) if power > 1 else magnitude, phase


@documented()
def minimum_phase(ir: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Give an impulse response minimum phase, at its own length.

    Parameters
    ----------
    ir : array_like, shape (n,)
        Impulse response, real, not empty.
    %(rounded_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n,)

    Raises
    ------
    InvalidInputError
        If `ir` is empty.
    TypeError
        If `ir` is not 1-D.
    MemoryError
        If `ir` is longer than 2**25.

    See Also
    --------
    minimum_phase_with : The same with length and oversampling chosen; has the formula.

    Examples
    --------
    A response that is late keeps its magnitude and comes at once:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> late = np.array([0.0, 0.0, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0])
    >>> sg.minimum_phase(late).round(2)[:2]
    array([1. , 0.5])
    """
    ir = as_response(ir)
    return minimum_phase_with(ir, len(ir), 8, dtype)


@documented()
def minimum_phase_with(
    ir: ArrayLike, out_len: int, oversample: int, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Give an impulse response minimum phase: the same magnitude at every frequency, as early as possible.

    Parameters
    ----------
    ir : array_like, shape (n,)
        Impulse response, real, not empty.
    out_len : int
        Samples wanted, at least 1.
    oversample : int
        Length of the transform in terms of n; 0 means 1. The cepstrum of a response with deep notches is
        long, and what does not fit into the transform comes back as error.
    %(rounded_dtype)s

    Returns
    -------
    ndarray of float64 or float32
        `out_len` samples, or as many as the transform has, if these are fewer.

    Raises
    ------
    InvalidInputError
        If `ir` is empty or `out_len` is 0.
    TypeError
        If `ir` is not 1-D.
    MemoryError
        If the transform is longer than 2**28.

    See Also
    --------
    minimum_phase : The same at its own length.

    Notes
    -----
    Homomorphic: the real cepstrum ``c = ifft(log |H|)``, made causal by doubling its first half and dropping
    the second, is the cepstrum of the result. The magnitude is all that counts, so the sign of `ir` is lost.

    References
    ----------
    A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, 3rd ed., 2010, ch. 13.

    %(plain_examples)s
    >>> sg.minimum_phase_with([0.5, 1.0], 2, 16).round(3)
    array([1. , 0.5])
    """
    dtype = parse_dtype(dtype)
    ir = as_response(ir)
    out_len = as_index("out_len", out_len)
    if out_len == 0:
        raise InvalidInputError("out_len must be >= 1, got 0")
    n = next_power_of_two(len(ir) * max(as_index("oversample", oversample), 1))
    transform, back = forward(False, n), inverse(False, n)

    with np.errstate(all="ignore"):
        response = transform.compute(ir)
        power = response.real**2 + response.imag**2
        loudest = power.max()
        power += _LEAST_POWER * loudest if loudest != 0 else _SILENCE
        # The logarithm of a magnitude is even, so is its transform, and both are real.
        cepstrum = back.compute(0.5 * np.log(power) + 0j)
        cepstrum[1 : n // 2] *= 2
        cepstrum[n // 2 + 1 :] = 0
        causal = back.compute(np.exp(transform.compute(cepstrum)))
        return causal[:out_len].astype(dtype)
