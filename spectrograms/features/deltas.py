"""Changes of features over time, and frames put side by side."""

from __future__ import annotations

import math
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array, kept, narrowed, real
from spectrograms._common.limits import MAX_ORDER, MAX_REACH, MAX_VALUES, at_most, fits
from spectrograms.errors import InvalidInputError, shown
from spectrograms.params.checking import as_choice, as_count

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Names of SciPy's savgol_filter -> names of numpy.pad.
_PADDINGS = {"nearest": "edge", "mirror": "reflect", "constant": "constant", "wrap": "wrap"}


def _as_axis(axis, ndim):
    try:
        axis = index(axis)
    except TypeError as error:
        raise TypeError(f"{error}: axis must be an integer") from None
    if not -ndim <= axis < ndim:
        raise InvalidInputError(f"axis must be in {-ndim}..{ndim - 1}, got {shown(axis)}")
    return axis


def _as_features(features, axis):
    """Features as a float32 or float64 array with time last, at least one frame."""
    array = as_array(features, "features")
    if array.ndim == 0 or array.dtype.kind == "c":
        raise TypeError(f"features must be real and at least 1-D, got {array.dtype} of shape {array.shape}")
    array = np.moveaxis(real(array, "features", features), _as_axis(axis, array.ndim), -1)
    if array.shape[-1] == 0:
        raise InvalidInputError(f"features must have at least one frame, got shape {array.shape}")
    return array if array.dtype in (np.float32, np.float64) else narrowed(array, np.float64)


def _weighted(padded, weights):
    """Correlate the last axis with weights, which are odd or even about their middle; the valid part.

    Pairs of equal weight are taken together, from the outside in: every value comes out of the same sums,
    wherever it stands.
    """
    half = len(weights) // 2
    n = padded.shape[-1] - 2 * half
    sign = np.subtract if weights[0] == -weights[-1] else np.add
    out = padded[..., half : half + n] * padded.dtype.type(weights[half])
    pair = np.empty_like(out)
    for j in range(half, 0, -1):
        sign(padded[..., half + j : half + j + n], padded[..., half - j : half - j + n], out=pair)
        pair *= padded.dtype.type(weights[half + j])
        out += pair
    return out


def _savgol_weights(width, order):
    """Weights of the `order`-th derivative of the least-squares polynomial of that degree."""
    half = width // 2
    # With orthogonal polynomials, the derivative of the highest degree depends on the last coefficient only.
    positions = np.arange(-half, half + 1) / half
    q, r = np.linalg.qr(np.vander(positions, order + 1, increasing=True))
    weights = q[:, order] / r[order, order] * (math.factorial(order) / half**order)
    # Exactly odd or even, as the polynomial is.
    return (weights + (-1) ** order * weights[::-1]) / 2


@np.errstate(all="ignore")
@documented()
def delta(
    features: ArrayLike, width: int = 9, order: int = 1, mode: str = "interp", *, axis: int = -1
) -> NDArray[Any]:
    """Compute the local slope of features, or a higher derivative, by a Savitzky-Golay filter.

    Parameters
    ----------
    features : array_like of real numbers, shape (..., n_frames)
        Also a result of this package.
    width : int
        Frames that the polynomial is fitted to, odd and >= 3.
    order : int
        Order of the derivative and degree of the polynomial, ``1..width - 1``.
    mode : {"interp", "nearest", "mirror", "constant", "wrap"}
        At both ends: the derivative of the polynomial of the last `width` frames, or frames beyond the end
        that repeat the last one, mirror the others, are zero, or go on at the other end.
    axis : int
        The axis of time.

    Returns
    -------
    ndarray, shape of `features`
        Of dtype float32 for float32, else float64.

    Raises
    ------
    InvalidInputError
        If `width` is even, below 3, or with ``mode="interp"`` above the number of frames; if `order` is out
        of range; if there are no frames.
    TypeError
        If `features` is not real.

    See Also
    --------
    add_deltas : Appends differences, as Kaldi does.
    stack_frames : Joins neighbouring frames.

    Notes
    -----
    Equal to ``librosa.feature.delta``: `order` is degree and derivative at once. For order 1 the result is
    ``sum_j j x[t + j] / sum_j j**2``.

    References
    ----------
    A. Savitzky and M. J. E. Golay, Smoothing and differentiation of data by simplified least squares
    procedures, Analytical Chemistry 36, 1964.

    %(examples)s
    >>> ramp = 2.0 * np.arange(12.0)[None, :]  # one feature that rises by 2 in each frame
    >>> sg.delta(ramp).round(12)[0, :4]
    array([2., 2., 2., 2.])
    """
    width = as_count("width", width)
    order = as_count("order", order)
    mode = as_choice("mode", mode, ("interp", *_PADDINGS))
    array = _as_features(features, axis)
    n = array.shape[-1]
    if width < 3 or width % 2 == 0:
        raise InvalidInputError(f"width must be odd and >= 3, got {width}")
    if order >= width:
        raise InvalidInputError(f"order must be in 1..width-1={width - 1}, got {order}")
    at_most("width", width, 2 * MAX_REACH + 1)
    at_most("order", order, MAX_ORDER)
    if mode == "interp" and width > n:
        raise InvalidInputError(
            f"width must be at most the {n} frames there are in mode 'interp', got {width}"
        )
    weights = _savgol_weights(width, order)
    ends = [(0, 0)] * (array.ndim - 1) + [(width // 2, width // 2)]
    if mode == "interp":
        # The highest derivative of a polynomial is the same everywhere.
        slope = np.pad(_weighted(array, weights), ends, "edge")
    else:
        padding: Any = _PADDINGS[mode]
        slope = _weighted(np.pad(array, ends, padding), weights)
    return np.ascontiguousarray(np.moveaxis(slope, -1, axis))


@np.errstate(all="ignore")
@documented()
def add_deltas(features: ArrayLike, order: int = 2, window: int = 2, *, axis: int = -1) -> NDArray[Any]:
    """Append to features their first, second, ... differences, as Kaldi's ``add-deltas`` does.

    Parameters
    ----------
    features : array_like of real numbers, shape (n_features, n_frames)
        Also a result of this package.
    order : int
        How many differences.
    window : int
        Frames on each side that a difference looks at, >= 1; order k looks at ``k * window``.
    axis : int
        The axis of time; features stand on the other.

    Returns
    -------
    ndarray, shape ((order + 1) * n_features, n_frames), or transposed
        The features, then their first differences, and so on. float32 for float32, else float64.

    Raises
    ------
    InvalidInputError
        If `order` or `window` is 0, they reach beyond 2**16 frames, or there are no frames.
    TypeError
        If `features` is not real and 2-D.

    See Also
    --------
    delta : Slopes alone, as librosa computes them.
    stack_frames : Joins neighbouring frames.

    Notes
    -----
    ``d1[t] = sum_j j x[t + j] / sum_j j**2`` over ``j = -window..window``; weights of higher orders are those
    of the lower convolved with these. Frames beyond the ends repeat the last one.

    References
    ----------
    D. Povey et al., The Kaldi speech recognition toolkit, ASRU 2011.

    %(examples)s
    >>> mfcc = np.random.default_rng(0).standard_normal((13, 100))
    >>> sg.add_deltas(mfcc).shape
    (39, 100)
    >>> sg.add_deltas([[0.0, 1.0, 2.0, 3.0, 4.0]], order=1)[1]
    array([0.5, 0.8, 1. , 0.8, 0.5])
    """
    order = as_count("order", order)
    window = as_count("window", window)
    if order * window > MAX_REACH:
        raise InvalidInputError(f"order * window must be at most {MAX_REACH} frames, got {order} * {window}")
    array = as_array(features, "features")
    if array.ndim != 2:
        raise TypeError(f"features must be 2-D, got shape {array.shape}")
    array = _as_features(array, axis)
    rows, n = array.shape
    steps = np.arange(-window, window + 1)
    base = steps / np.sum(steps**2)
    out = np.empty(((order + 1) * rows, n), array.dtype)
    out[:rows] = array
    reach = order * window
    padded = np.pad(array, [(0, 0), (reach, reach)], "edge")
    # The weights are meant to be applied forward, and convolving does just that.
    weights = np.ones(1)
    for k in range(1, order + 1):
        weights = np.convolve(weights, base)
        spare = reach - k * window
        out[k * rows : (k + 1) * rows] = _weighted(padded[:, spare : padded.shape[1] - spare], weights)
    return np.ascontiguousarray(np.moveaxis(out, -1, axis))


@documented()
def stack_frames(features: ArrayLike, n: int, stride: int | None = None, *, axis: int = -1) -> NDArray[Any]:
    """Put `n` consecutive frames on top of each other.

    Parameters
    ----------
    features : array_like, shape (n_features, n_frames)
        Also a result of this package.
    n : int
        Frames of a stack.
    stride : int, optional
        Frames from one stack to the next; `n` by default.
    axis : int
        The axis of time; features stand on the other.

    Returns
    -------
    ndarray, shape (n * n_features, (n_frames - n) // stride + 1), or transposed
        The features of the first frame of each stack, then those of the second, and so on. Frames that fill
        no stack are dropped; with fewer than `n` there is no stack.

    Raises
    ------
    InvalidInputError
        If `n` or `stride` is 0.
    TypeError
        If `features` is not 2-D.
    MemoryError
        If a stack has more than 2**56 features.

    See Also
    --------
    add_deltas : Appends differences.

    %(examples)s
    >>> sg.stack_frames(np.arange(8.0).reshape(2, 4), 2)
    array([[0., 2.],
           [4., 6.],
           [1., 3.],
           [5., 7.]])
    """
    n = as_count("n", n)
    stride = n if stride is None else as_count("stride", stride)
    array = kept(as_array(features, "features"), "features", features)
    if array.ndim != 2:
        raise TypeError(f"features must be 2-D, got shape {array.shape}")
    axis = _as_axis(axis, 2)
    array = np.moveaxis(array, axis, -1)
    rows, frames = array.shape
    fits("n * n_features", n * rows, MAX_VALUES, "values")
    stacks = (frames - n) // stride + 1 if frames >= n else 0
    out = np.empty((n * rows, stacks), array.dtype)
    for i in range(n if stacks else 0):
        out[i * rows : (i + 1) * rows] = array[:, i : i + (stacks - 1) * stride + 1 : stride]
    return np.ascontiguousarray(np.moveaxis(out, -1, axis))
