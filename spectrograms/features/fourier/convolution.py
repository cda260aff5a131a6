"""Convolution and deconvolution of signals by Fourier transform."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.memory.views import as_output, writable
from spectrograms._engine.transforms.overlap_save import OverlapSave
from spectrograms._engine.transforms.real import forward, inverse
from spectrograms.errors import InvalidInputError, number
from spectrograms.features.fourier.arrays import as_response, as_samples, as_vector
from spectrograms.params import parse_dtype
from spectrograms.params.checking import as_count, as_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


@documented()
def fft_convolve(a: ArrayLike, b: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Convolve two signals.

    Parameters
    ----------
    a, b : array_like, shape (n_a,) and (n_b,)
        Real numbers, not empty.
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_a + n_b - 1,)
        ``out[n] = sum_k a[k] b[n - k]``.

    Raises
    ------
    ValueError
        If one of them is empty.
    TypeError
        If one of them is not 1-D.
    MemoryError
        If the result is longer than 2**28.

    See Also
    --------
    OverlapSaveConvolver : Convolves a signal that comes in blocks.
    fft_deconvolve : The inverse.

    %(plain_examples)s
    >>> sg.fft_convolve([1.0, 2.0], [1.0, 0.0, -1.0]).round(12)
    array([ 1.,  2., -1., -2.])
    """
    single = parse_dtype(dtype) == "float32"
    a, b = as_vector("a", a), as_vector("b", b)
    length = len(a) + len(b) - 1
    n = _fast_length(length)
    transform = forward(single, n)
    spectrum = transform.compute(a)
    with np.errstate(all="ignore"):
        spectrum *= transform.compute(b)
    return inverse(single, n).compute(spectrum)[:length].copy()


@documented()
def fft_deconvolve(
    numerator: ArrayLike, denominator: ArrayLike, regularization: float = 0.0, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Undo a convolution by division of spectra.

    Parameters
    ----------
    numerator : array_like, shape (n_numerator,)
        The convolved signal.
    denominator : array_like, shape (n_denominator,)
        The response it was convolved with.
    regularization : float, default 0.0
        Added to the squared spectrum of the denominator, relative to its largest value: keeps frequencies
        that the denominator hardly has from being blown up. Finite, at least 0.
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32
        ``n_numerator - n_denominator + 1`` samples, or `n_numerator` if the denominator is longer.

    Raises
    ------
    ValueError
        If one of them is empty.
    InvalidInputError
        If `regularization` is negative or not finite.
    TypeError
        If one of them is not 1-D.
    MemoryError
        If one of them is longer than 2**28.

    See Also
    --------
    fft_convolve : What this undoes.

    Notes
    -----
    ``Q[k] = Y[k] conj(D[k]) / (|D[k]|**2 + regularization max_k |D[k]|**2)``, 0 where the divisor is 0. The
    division is circular, over the smallest power of two that holds both.

    References
    ----------
    O. Kirkeby, P. A. Nelson, H. Hamada and F. Orduna-Bustamante, Fast deconvolution of multichannel systems
    using regularization, IEEE Trans. Speech and Audio Processing 6, 1998.

    %(plain_examples)s
    >>> blurred = sg.fft_convolve([1.0, 2.0, 3.0], [1.0, 0.5])
    >>> sg.fft_deconvolve(blurred, [1.0, 0.5]).round(12)
    array([1., 2., 3.])
    """
    single = parse_dtype(dtype) == "float32"
    numerator, denominator = as_vector("numerator", numerator), as_vector("denominator", denominator)
    regularization = as_float("regularization", regularization)
    if not (regularization >= 0 and math.isfinite(regularization)):
        raise InvalidInputError(f"regularization must be >= 0 and finite, got {number(regularization)}")
    longer, shorter = len(numerator), len(denominator)
    n = next_power_of_two(max(longer, shorter))
    transform = forward(single, n)
    quotient = transform.compute(numerator)
    divisor = transform.compute(denominator)
    with np.errstate(all="ignore"):
        power = divisor.real**2 + divisor.imag**2
        power += power.dtype.type(regularization) * power.max()
        quotient *= divisor.conj()
        silent = power == 0
        power[silent] = 1
        quotient /= power
        quotient[silent] = 0
    length = longer - shorter + 1 if longer >= shorter else longer
    return inverse(single, n).compute(quotient)[:length].copy()


@documented()
class OverlapSaveConvolver:
    """Convolves a signal that comes in blocks with a fixed impulse response.

    As many samples come out as go in, without delay: output sample n is ``sum_k ir[k] x[n - k]``, the signal
    being zero before it began. A convolver is one running signal; calls from several threads take turns.

    Parameters
    ----------
    ir : array_like, shape (n_taps,)
        Impulse response, real, not empty.
    block : int
        Samples of a block, at least 1.
    %(working_dtype)s

    Raises
    ------
    InvalidInputError
        If `ir` is empty.
    ValueError
        If `block` is 0.
    MemoryError
        If ``block + n_taps`` exceeds 2**28.

    See Also
    --------
    fft_convolve : Convolves whole signals.

    %(examples)s
    >>> convolver = sg.OverlapSaveConvolver([1.0, 0.5], 4)
    >>> convolver.process_block(np.ones(4)).round(12)
    array([1. , 1.5, 1.5, 1.5])
    >>> convolver.flush().round(12)
    array([0.5])
    """

    __slots__ = ("__weakref__", "_block", "_dtype", "_engine", "_fft_size", "_taps")

    def __init__(self, ir: ArrayLike, block: int, dtype: DType = None) -> None:
        self._dtype = parse_dtype(dtype)
        self._block = as_count("block", block)
        ir = as_response(ir)
        self._taps = len(ir)
        self._fft_size = next_power_of_two(self._block + self._taps - 1)
        self._engine = OverlapSave(self._dtype == "float32", ir, self._block, self._fft_size)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(
            "an OverlapSaveConvolver is in the middle of a signal and cannot be pickled or copied: make "
            "another one"
        )

    @property
    def block_size(self) -> int:
        """int: samples of a block."""
        return self._block

    @property
    def fft_size(self) -> int:
        """int: length of the transforms, the smallest power of two that is at least block + taps - 1."""
        return self._fft_size

    @property
    def dtype(self) -> str:
        """str: working precision, ``"float32"`` or ``"float64"``."""
        return self._dtype

    def process_block(
        self, input: ArrayLike, output: NDArray[Any] | None = None
    ) -> NDArray[np.floating[Any]]:
        """Convolve the next block.

        Parameters
        ----------
        input : array_like, shape (block_size,)
            Real numbers.
        output : ndarray, shape (block_size,), optional
            Where to write: writable, of the dtype of the convolver. May be `input`.

        Returns
        -------
        ndarray, shape (block_size,)
            `output`, if given.

        Raises
        ------
        InvalidInputError
            If `input` or `output` has another length.
        TypeError
            If `output` is not a 1-D ndarray of the right dtype.
        ValueError
            If `output` cannot be written to.

        %(plain_examples)s
        >>> convolver = sg.OverlapSaveConvolver([0.0, 1.0], 2)  # a delay of one sample
        >>> convolver.process_block([1.0, 2.0]).round(12), convolver.process_block([3.0, 4.0]).round(12)
        (array([0., 1.]), array([2., 3.]))
        """
        samples = as_samples("input", input)
        given = len(samples)
        target = None if output is None else as_output(output, "output")
        if given != self._block or (target is not None and target.size != given):
            raise InvalidInputError(
                f"process_block expects input and output of length {self._block} "
                f"(got {given} and {given if target is None else target.size})"
            )
        if target is None or output is None:
            output = target = np.empty(given, self._dtype)
        else:
            target = writable(target, (given,), np.dtype(self._dtype), "output")
        self._engine.run(samples, target)
        return output

    def process(self, signal: ArrayLike) -> NDArray[np.floating[Any]]:
        """Convolve the next samples, however many.

        Parameters
        ----------
        signal : array_like, shape (n_samples,)
            Real numbers; may be empty.

        Returns
        -------
        ndarray, shape (n_samples,)

        %(plain_examples)s
        >>> convolver = sg.OverlapSaveConvolver([1.0, 0.5], 4)
        >>> convolver.process([1.0, 0.0]).round(12), convolver.process([2.0]).round(12)
        (array([1. , 0.5]), array([2.]))
        """
        samples = as_samples("signal", signal)
        out = np.empty(len(samples), self._dtype)
        if len(samples):
            self._engine.run(samples, out)
        return out

    def flush(self) -> NDArray[np.floating[Any]]:
        """Return the tail, ``n_taps - 1`` samples, and forget the signal.

        Returns
        -------
        ndarray, shape (n_taps - 1,)
            What the impulse response adds after the last sample.

        %(plain_examples)s
        >>> convolver = sg.OverlapSaveConvolver([1.0, 0.5, 0.25], 2)
        >>> convolver.process_block([0.0, 1.0]).round(12), convolver.flush().round(12)
        (array([0., 1.]), array([0.5 , 0.25]))
        """
        tail = self.process(np.zeros(self._taps - 1))
        self._engine.reset()
        return tail

    def reset(self) -> None:
        """Forget the signal so far.

        %(plain_examples)s
        >>> convolver = sg.OverlapSaveConvolver([1.0, 0.5], 2)
        >>> first = convolver.process_block([1.0, 1.0])
        >>> convolver.reset()
        >>> convolver.process_block([0.0, 0.0])
        array([0., 0.])
        """
        self._engine.reset()

    def __repr__(self) -> str:
        return f"OverlapSaveConvolver(taps={self._taps}, block={self._block}, dtype={self._dtype!r})"


def next_power_of_two(n: int) -> int:
    """Return the smallest power of two that is at least n >= 1."""
    return 1 << (n - 1).bit_length()


def _fast_length(n):
    """Return the smallest even length of at least n that is a power of two times 1, 3, 5, 9 or 15."""
    lengths = (m * max(2, next_power_of_two(-(-n // m))) for m in (1, 3, 5, 9, 15))
    return min(lengths)
