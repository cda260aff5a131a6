"""One-dimensional Fourier transforms of whole signals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array
from spectrograms._engine.transforms.real import Irfft, Rfft, forward, inverse
from spectrograms.features.fourier.arrays import (
    PLANNER,
    any_numbers,
    as_vector,
    complexes,
    empty,
    require_length,
)
from spectrograms.params import as_window, parse_dtype
from spectrograms.params.checking import as_count

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType
    from spectrograms.params.window import WindowType

# Windows up to this length are cached; making a longer one takes no longer than its transform.
_LONGEST_KEPT_WINDOW = 2**16


# What the docstrings here have in common.
_documented = documented(
    frame="""Parameters
----------
samples : array_like, shape (n_samples,)
    Real numbers, not empty.
n_fft : int
    Length of the transform, at least `n_samples`; zeros are appended.
window : WindowType, str or array_like, optional
    Window of `n_fft` samples: it spans the zeros too. None for no window.
%(working_dtype)s""",
)


@documented()
def compute_fft(
    samples: NDArray[Any] | Sequence[float], n_fft: int | None = None, dtype: DType = None
) -> NDArray[np.complexfloating[Any, Any]]:
    """Compute the Fourier transform of a real signal: the non-negative frequencies.

    Parameters
    ----------
    samples : array_like, shape (n_samples,)
        Real numbers, not empty.
    n_fft : int, optional
        Length of the transform, at least `n_samples`; zeros are appended. Default: `n_samples`.
    dtype : {"float64", "float32"}, optional
        Working precision, whatever the dtype of `samples`.

    Returns
    -------
    ndarray of complex128 or complex64, shape (n_fft // 2 + 1,)

    Raises
    ------
    ValueError
        If `samples` is empty or `n_fft` is 0.
    InvalidInputError
        If there are more than `n_fft` samples: nothing is ever cut off.
    TypeError
        If `samples` is not 1-D.
    MemoryError
        If `n_fft` exceeds 2**28.

    See Also
    --------
    compute_rfft : The absolute values, in spite of the name.
    compute_irfft : The inverse.

    Notes
    -----
    ``X[k] = sum_n x[n] exp(-2j pi k n / n_fft)``, not scaled: `numpy.fft.rfft`.

    References
    ----------
    M. Frigo and S. G. Johnson, The design and implementation of FFTW3, Proc. IEEE 93, 2005.

    %(plain_examples)s
    >>> sg.compute_fft([1.0, 0.0, 0.0, 0.0])
    array([1.+0.j, 1.-0.j, 1.+0.j])
    """
    if n_fft is None:
        if type(samples) is not np.ndarray or samples.ndim == 0:
            samples = _countable(samples)
        n_fft = len(samples)
    return _spectrum(forward, samples, n_fft, dtype)


@documented()
def compute_rfft(samples: ArrayLike, n_fft: int, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the absolute values of the Fourier transform of a real signal.

    The name promises complex numbers; those come from `compute_fft`.

    Parameters
    ----------
    samples : array_like, shape (n_samples,)
        Real numbers, not empty.
    n_fft : int
        Length of the transform, at least `n_samples`; zeros are appended.
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_fft // 2 + 1,)
        ``abs(X[k])``, without overflow in between.

    Raises
    ------
    ValueError, InvalidInputError, TypeError, MemoryError
        As `compute_fft`.

    See Also
    --------
    compute_fft : The complex numbers.
    compute_magnitude_spectrum : The same under a window.

    %(plain_examples)s
    >>> sg.compute_rfft([1.0, -1.0, 1.0, -1.0], 4)
    array([0., 0., 4.])
    """
    return np.abs(_spectrum(forward, samples, n_fft, dtype))


@documented()
def compute_irfft(spectrum: ArrayLike, n_fft: int, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Compute the real signal that has a given half spectrum.

    Parameters
    ----------
    spectrum : array_like of complex, shape (n_fft // 2 + 1,)
        The non-negative frequencies. Imaginary parts at frequency zero and, for even `n_fft`, at the Nyquist
        frequency are ignored.
    n_fft : int
        Length of the signal.
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_fft,)

    Raises
    ------
    ValueError
        If `spectrum` is empty or `n_fft` is 0.
    DimensionMismatchError
        If `spectrum` has another length.
    TypeError
        If `spectrum` is not 1-D.
    MemoryError
        If `n_fft` exceeds 2**28.

    See Also
    --------
    compute_fft : The transform that this inverts.

    Notes
    -----
    The inverse of `compute_fft`, with the factor ``1 / n_fft``: `numpy.fft.irfft`.

    %(plain_examples)s
    >>> sg.compute_irfft(sg.compute_fft([1.0, 2.0, 3.0]), 3).round(12)
    array([1., 2., 3.])
    """
    return _signal(inverse, spectrum, n_fft, dtype)


@_documented
def compute_power_spectrum(
    samples: ArrayLike, n_fft: int, window: WindowType | str | ArrayLike | None = None, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Compute the power spectrum of a real signal.

    %(frame)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_fft // 2 + 1,)
        ``re**2 + im**2``, divided neither by `n_fft` nor by the sum of the window.

    Raises
    ------
    ValueError, InvalidInputError, TypeError, MemoryError
        As `compute_fft`; also InvalidInputError if a custom window has another length than `n_fft`.

    See Also
    --------
    compute_magnitude_spectrum : Its root.
    rfftfreq : The frequencies of the bins.
    compute_linear_power_spectrogram : The same of every frame of a signal.

    Examples
    --------
    A tone of 1 kHz lies in bin ``1000 * n_fft / sample_rate``:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(512) / 16000)
    >>> power = sg.compute_power_spectrum(tone, 512, "hann")
    >>> power.shape, int(power.argmax())
    ((257,), 32)
    """
    return _spectrum(forward, samples, n_fft, dtype, window, power=True)


@_documented
def compute_magnitude_spectrum(
    samples: ArrayLike, n_fft: int, window: WindowType | str | ArrayLike | None = None, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Compute the magnitude spectrum of a real signal: the root of `compute_power_spectrum`.

    %(frame)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_fft // 2 + 1,)

    Raises
    ------
    ValueError, InvalidInputError, TypeError, MemoryError
        As `compute_power_spectrum`.

    See Also
    --------
    compute_power_spectrum : Its square.
    rfftfreq : The frequencies of the bins.

    Examples
    --------
    A cosine of amplitude 1 has magnitude ``n_fft / 2`` without a window:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> cosine = np.cos(2 * np.pi * np.arange(8) / 8)
    >>> sg.compute_magnitude_spectrum(cosine, 8).round(12)
    array([0., 4., 0., 0., 0.])
    """
    power = _spectrum(forward, samples, n_fft, dtype, window, power=True)
    return np.sqrt(power, out=power)


@documented(planner=PLANNER, size="length", shared="compute_fft", other="Fft2dPlanner", what="images")
class FftPlanner:
    """The one-dimensional transforms with plans of its own.

    %(planner)s
    fft_plan_cache_info : Counts the plans that all share.

    %(plain_examples)s
    >>> planner = sg.FftPlanner()
    >>> planner.irfft(planner.fft([1.0, 2.0, 3.0]), 3)
    array([1., 2., 3.])
    >>> planner.cache_info()
    (1, 1)
    """

    __slots__ = ("__weakref__", "_dtype", "_forward", "_inverse")

    def __init__(self, dtype: DType = None) -> None:
        self._dtype = parse_dtype(dtype)
        self._forward: dict[int, Rfft] = {}
        self._inverse: dict[int, Irfft] = {}

    @property
    def dtype(self) -> str:
        """str: working precision, ``"float32"`` or ``"float64"``."""
        return self._dtype

    def _forward_of(self, single, n):
        return self._forward.get(n) or self._forward.setdefault(n, Rfft(single, n))

    def _inverse_of(self, single, n):
        return self._inverse.get(n) or self._inverse.setdefault(n, Irfft(single, n))

    def fft(
        self, samples: NDArray[Any] | Sequence[float], n_fft: int | None = None
    ) -> NDArray[np.complexfloating[Any, Any]]:
        """Compute the half spectrum; see `compute_fft`.

        %(plain_examples)s
        >>> sg.FftPlanner().fft([1.0, 2.0, 3.0, 4.0]).real
        array([10., -2., -2.])
        """
        if n_fft is None:
            if type(samples) is not np.ndarray or samples.ndim == 0:
                samples = _countable(samples)
            n_fft = len(samples)
        return _spectrum(self._forward_of, samples, n_fft, self._dtype)

    def rfft(self, samples: ArrayLike, n_fft: int) -> NDArray[np.floating[Any]]:
        """Compute the absolute values of the half spectrum; see `compute_rfft`.

        %(plain_examples)s
        >>> sg.FftPlanner().rfft([1.0, -1.0], 2)
        array([0., 2.])
        """
        return np.abs(_spectrum(self._forward_of, samples, n_fft, self._dtype))

    def irfft(self, spectrum: ArrayLike, n_fft: int) -> NDArray[np.floating[Any]]:
        """Compute the signal of a half spectrum; see `compute_irfft`.

        %(plain_examples)s
        >>> sg.FftPlanner().irfft([4.0, 0.0, 0.0], 4)
        array([1., 1., 1., 1.])
        """
        return _signal(self._inverse_of, spectrum, n_fft, self._dtype)

    def power_spectrum(
        self, samples: ArrayLike, n_fft: int, window: WindowType | str | ArrayLike | None = None
    ) -> NDArray[np.floating[Any]]:
        """Compute the power spectrum; see `compute_power_spectrum`.

        %(plain_examples)s
        >>> sg.FftPlanner("float32").power_spectrum([1.0, -1.0], 2)
        array([0., 4.], dtype=float32)
        """
        return _spectrum(self._forward_of, samples, n_fft, self._dtype, window, power=True)

    def magnitude_spectrum(
        self, samples: ArrayLike, n_fft: int, window: WindowType | str | ArrayLike | None = None
    ) -> NDArray[np.floating[Any]]:
        """Compute the magnitude spectrum; see `compute_magnitude_spectrum`.

        %(plain_examples)s
        >>> sg.FftPlanner("float32").magnitude_spectrum([1.0, -1.0], 2)
        array([0., 2.], dtype=float32)
        """
        power = self.power_spectrum(samples, n_fft, window)
        return np.sqrt(power, out=power)

    def cache_info(self) -> tuple[int, int]:
        """Count the plans held.

        Returns
        -------
        tuple of (int, int)
            The numbers of forward and of inverse plans.

        %(plain_examples)s
        >>> planner = sg.FftPlanner()
        >>> spectrum = planner.fft([1.0, 2.0, 3.0, 4.0])
        >>> planner.cache_info()
        (1, 0)
        """
        return len(self._forward), len(self._inverse)

    def clear(self) -> None:
        """Drop all plans; they are made again when needed.

        %(plain_examples)s
        >>> planner = sg.FftPlanner()
        >>> spectrum = planner.fft([1.0, 2.0, 3.0, 4.0])
        >>> planner.clear()
        >>> planner.cache_info()
        (0, 0)
        """
        self._forward.clear()
        self._inverse.clear()

    def __repr__(self) -> str:
        return f"FftPlanner(dtype={self._dtype!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return FftPlanner, (self._dtype,)


def _countable(samples: ArrayLike) -> NDArray[Any]:
    """Samples as an array that has a length."""
    array = as_array(samples)
    if array.ndim == 0:
        raise TypeError("samples must be 1-D, got one number; a list of it is a signal")
    return array


def _spectrum(transform_of, samples, n_fft, dtype, window=None, power=False):
    n = as_count("n_fft", n_fft, zero="n_fft must be non-zero positive integer")
    single = parse_dtype(dtype) == "float32"
    if type(samples) is not np.ndarray:  # of an array the transform takes all that it needs at once
        samples = as_vector("samples", samples)
    transform = transform_of(single, n)
    table = None if window is None else _window_table(as_window(window), single, n)
    return transform.compute(samples, table, power)


def _window_table(window, single, n):
    return (_kept_window if n <= _LONGEST_KEPT_WINDOW else _make_window)(window, single, n)


def _make_window(window, single, n):
    return forward(single, n).prepare_window(window.make(n))


_kept_window = lru_cache(maxsize=32)(_make_window)


def _signal(transform_of, spectrum, n_fft, dtype):
    n = as_count("n_fft", n_fft, zero="n_fft must be non-zero positive integer")
    dtype = parse_dtype(dtype)
    spectrum = any_numbers("spectrum", spectrum, 1)
    if spectrum.size == 0:
        raise empty("spectrum")
    require_length("spectrum", spectrum, n // 2 + 1)
    # It knows the largest length: before anything is converted.
    transform = transform_of(dtype == "float32", n)
    return transform.compute(complexes(spectrum, dtype))
