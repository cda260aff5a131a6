"""Image operations by Fourier transform. All boundaries are periodic: images are taken to repeat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_TABLE, fits
from spectrograms._engine.transforms.filter2d import filter_2d
from spectrograms.errors import InvalidInputError, number
from spectrograms.features.fourier.arrays import as_image
from spectrograms.params import parse_dtype
from spectrograms.params.checking import as_count, as_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# Larger kernels are refused before anything is built.

_EDGE_CUTOFF = 0.1
_SHARPEN_CUTOFF = 0.2


# What the docstrings here have in common.
_documented = documented(
    image="""image : array_like, shape (n_rows, n_cols)
    Real numbers.""",
    circle="""Parameters
----------
%(image)s
cutoff_fraction : float
    Radius in 0..1; 1 is the Nyquist frequency of the shorter axis. At 0 it holds the mean alone.
%(filtered)s""",
    filtered="""%(working_dtype)s

Returns
-------
ndarray of float64 or float32, shape (n_rows, n_cols)
    NaN throughout if a number of the image is not finite.""",
)


@documented()
def gaussian_kernel_2d(size: int, sigma: float, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Make a Gaussian kernel whose values sum to 1.

    Parameters
    ----------
    size : int
        Rows and columns, odd.
    sigma : float
        Standard deviation in pixels, finite, > 0.
    %(rounded_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (size, size)
        Proportional to ``exp(-(di**2 + dj**2) / (2 sigma**2))``, di and dj counted from the middle.

    Raises
    ------
    ValueError
        If `size` is 0.
    InvalidInputError
        If `size` is even, or `sigma` not positive or not finite.
    MemoryError
        If `size` exceeds 2**14.

    See Also
    --------
    convolve_fft : Applies it.

    %(plain_examples)s
    >>> sg.gaussian_kernel_2d(3, 1.0).round(3)
    array([[0.075, 0.124, 0.075],
           [0.124, 0.204, 0.124],
           [0.075, 0.124, 0.075]])
    """
    size = as_count("size", size, zero="size must be a non-zero odd integer")
    sigma = as_float("sigma", sigma)
    dtype = parse_dtype(dtype)
    if size % 2 == 0:
        raise InvalidInputError(f"kernel size must be odd and > 0, got {size}")
    if not (sigma > 0 and math.isfinite(sigma)):
        raise InvalidInputError(f"sigma must be > 0 and finite, got {number(sigma)}")
    fits("size", size, math.isqrt(MAX_TABLE), "rows")
    with np.errstate(over="ignore", under="ignore"):
        profile = np.exp(-0.5 * ((np.arange(size) - size // 2) / sigma) ** 2)
        profile /= profile.sum()
        return np.outer(profile, profile).astype(dtype, copy=False)


@_documented
def convolve_fft(image: ArrayLike, kernel: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Convolve an image with a kernel, periodically.

    Parameters
    ----------
    %(image)s
    kernel : array_like, shape (r, c)
        Real numbers; ``1 <= r <= n_rows`` and ``1 <= c <= n_cols``. Element ``(r // 2, c // 2)`` is the
        centre.
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_rows, n_cols)
        ``out[i, j] = sum_ab kernel[a, b] image[i - a + r // 2, j - b + c // 2]``, indices wrapped around:
        a true convolution, `scipy.ndimage.convolve` with ``mode="wrap"``.

    Raises
    ------
    InvalidInputError
        If image or kernel are empty, or the kernel is larger than the image in either direction.
    TypeError
        If one of them is not 2-D.

    See Also
    --------
    gaussian_kernel_2d : A kernel that blurs.
    fft_convolve : Convolves signals.

    %(examples)s
    >>> image = np.zeros((4, 4))
    >>> image[0, 0] = 1.0
    >>> kernel = [[0.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 0.0]]
    >>> sg.convolve_fft(image, kernel).round(12)[0]
    array([2., 1., 0., 0.])
    """
    dtype = parse_dtype(dtype)
    image = as_image("image", image)
    kernel = as_image("kernel", kernel, "kernel")
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise InvalidInputError(
            f"kernel dimensions must not exceed image dimensions {image.shape}, got {kernel.shape}"
        )
    return filter_2d(dtype == "float32", *image.shape).convolve(image, kernel)


@_documented
def lowpass_filter(
    image: ArrayLike, cutoff_fraction: float, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Keep the low spatial frequencies of an image.

    %(circle)s

    Raises
    ------
    InvalidInputError
        If `cutoff_fraction` is outside 0..1 or NaN, or the image is empty.
    TypeError
        If `image` is not 2-D.

    See Also
    --------
    highpass_filter : What this takes away.
    bandpass_filter : Keeps what lies between two circles.

    Notes
    -----
    An ideal filter: with ``i`` and ``j`` the frequencies along columns and rows in cycles per image, those
    with ``i**2 + j**2 <= r**2``, ``r = cutoff_fraction * (min(n_rows, n_cols) // 2)``, stay as they are, all
    others become zero. Its hard edge rings.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., 2018, ch. 4.

    %(examples)s
    >>> checks = np.indices((4, 4)).sum(axis=0) % 2.0  # 0 and 1, side by side
    >>> sg.lowpass_filter(checks, 0.5).round(12)[0]
    array([0.5, 0.5, 0.5, 0.5])
    """
    radius = _as_cutoff("cutoff_fraction", cutoff_fraction, "cutoff_fraction")
    return _weighted(image, radius, radius, (1.0, 0.0, 0.0), dtype)


@_documented
def highpass_filter(
    image: ArrayLike, cutoff_fraction: float, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Keep the high spatial frequencies of an image: what `lowpass_filter` takes away.

    %(circle)s

    Raises
    ------
    InvalidInputError, TypeError
        As `lowpass_filter`.

    See Also
    --------
    lowpass_filter : What this takes away.
    detect_edges_fft : The same with a fixed cutoff.

    %(examples)s
    >>> image = np.random.default_rng(0).standard_normal((8, 8))
    >>> low, high = sg.lowpass_filter(image, 0.5), sg.highpass_filter(image, 0.5)
    >>> np.allclose(low + high, image)
    True
    """
    radius = _as_cutoff("cutoff_fraction", cutoff_fraction, "cutoff_fraction")
    return _weighted(image, radius, radius, (0.0, 1.0, 1.0), dtype)


@_documented
def bandpass_filter(
    image: ArrayLike, low_cutoff: float, high_cutoff: float, dtype: DType = None
) -> NDArray[np.floating[Any]]:
    """Keep a band of spatial frequencies of an image.

    Parameters
    ----------
    %(image)s
    low_cutoff, high_cutoff : float
        Radii in 0..1, ``low_cutoff < high_cutoff``; 1 is the Nyquist frequency of the shorter axis. The lower
        circle itself is removed, the upper one kept; the mean is always removed.
    %(filtered)s

    Raises
    ------
    InvalidInputError
        If a cutoff is outside 0..1 or NaN, the lower one not below the upper, or the image empty.
    TypeError
        If `image` is not 2-D.

    See Also
    --------
    lowpass_filter, highpass_filter : With one circle.

    %(examples)s
    >>> x = 2 * np.pi * np.arange(32) / 32
    >>> image = np.ones((32, 1)) * (1.0 + np.cos(2 * x) + np.cos(12 * x))
    >>> np.allclose(sg.bandpass_filter(image, 0.05, 0.5), np.ones((32, 1)) * np.cos(2 * x))
    True
    """
    low = _as_cutoff("low_cutoff", low_cutoff, "cutoff fractions")
    high = _as_cutoff("high_cutoff", high_cutoff, "cutoff fractions")
    if not low < high:
        raise InvalidInputError(
            f"high_cutoff must be greater than low_cutoff={number(low)}, got {number(high)}"
        )
    return _weighted(image, low, high, (0.0, 1.0, 0.0), dtype)


@_documented
def detect_edges_fft(image: ArrayLike, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Bring out the edges of an image: `highpass_filter` with a cutoff of 0.1.

    Parameters
    ----------
    %(image)s
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_rows, n_cols)

    Raises
    ------
    InvalidInputError
        If the image is empty.
    TypeError
        If `image` is not 2-D.

    See Also
    --------
    highpass_filter : With a cutoff to choose.

    %(examples)s
    >>> image = np.zeros((32, 32))
    >>> image[:, 16:] = 1.0  # an edge between columns 15 and 16, and one where the image wraps
    >>> sorted(abs(sg.detect_edges_fft(image))[0].argsort()[-4:].tolist())
    [0, 15, 16, 31]
    """
    return highpass_filter(image, _EDGE_CUTOFF, dtype)


@_documented
def sharpen_fft(image: ArrayLike, amount: float, dtype: DType = None) -> NDArray[np.floating[Any]]:
    """Sharpen an image by adding its high spatial frequencies once more.

    Parameters
    ----------
    %(image)s
    amount : float
        At least 0.
    %(working_dtype)s

    Returns
    -------
    ndarray of float64 or float32, shape (n_rows, n_cols)
        ``image + amount * highpass_filter(image, 0.2)``; NaN throughout if `amount` or a number of the image
        is not finite.

    Raises
    ------
    InvalidInputError
        If `amount` is negative, or the image empty.
    TypeError
        If `image` is not 2-D.

    See Also
    --------
    highpass_filter : What is added.

    %(examples)s
    >>> image = np.random.default_rng(0).standard_normal((16, 16))
    >>> sharp = sg.sharpen_fft(image, 1.5)
    >>> np.allclose(sharp, image + 1.5 * sg.highpass_filter(image, 0.2))
    True
    """
    amount = as_float("amount", amount)
    if amount < 0:
        raise InvalidInputError(f"amount must be >= 0, got {number(amount)}")
    # NaN and infinity must reach the frequencies that are kept, too.
    kept, raised = 1.0 + 0.0 * amount, 1.0 + amount
    return _weighted(image, _SHARPEN_CUTOFF, _SHARPEN_CUTOFF, (kept, raised, raised), dtype)


def _as_cutoff(name, value, subject):
    value = as_float(name, value)
    if not 0 <= value <= 1:
        raise InvalidInputError(f"{subject} must be between 0.0 and 1.0, got {name}={number(value)}")
    return value


def _weighted(image, inner, outer, gains, dtype):
    dtype = parse_dtype(dtype)
    image = as_image("image", image)
    nyquist = min(image.shape) // 2
    transform = filter_2d(dtype == "float32", *image.shape)
    return transform.weighted(image, nyquist * inner, nyquist * outer, gains)
