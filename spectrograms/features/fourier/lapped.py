"""The modified discrete cosine transform: lapped blocks of real coefficients that add up to the signal."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_VALUES
from spectrograms._engine.transforms.lapped import Mdct
from spectrograms.errors import InvalidInputError
from spectrograms.features.fourier.arrays import as_real, as_vector
from spectrograms.params import MdctParams, parse_dtype
from spectrograms.params.checking import as_bool, as_index, as_instance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


# What the docstrings here have in common.
_documented = documented(
    princen="""References
----------
J. P. Princen, A. W. Johnson, A. B. Bradley, Subband/transform coding using filter bank designs based on
time domain aliasing cancellation, Proc. ICASSP, 1987.""",
)


@_documented
def mdct(
    samples: ArrayLike, params: MdctParams, dtype: DType = None, *, pad: bool = False
) -> NDArray[np.floating[Any]]:
    """Compute the modified discrete cosine transform.

    Parameters
    ----------
    samples : array_like, shape (n_samples,)
        Real numbers; at least ``params.window_size``, with `pad` at least one.
    params : MdctParams
        Block length ``W = 2 N``, hop and window.
    dtype : {"float64", "float32"}, optional
        Working precision, whatever the dtype of `samples`.
    pad : bool, default False
        Put N zeros before the signal and at least N after it, so that every sample is covered as often as
        those in the middle and ``imdct(..., padded=True)`` gives all of them back. Without it, the first and
        last N samples are covered once only, and samples after the last whole block not at all.

    Returns
    -------
    ndarray of float64 or float32, shape (N, n_blocks)
        ``n_blocks`` is ``(n_samples - W) // hop_size + 1``, with `pad` ``ceil(n_samples / hop_size) + 1``.

    Raises
    ------
    ValueError
        If `samples` is empty.
    InvalidInputError
        If there are fewer samples than a block has.
    TypeError
        If `samples` is not 1-D or `params` is not MdctParams.

    See Also
    --------
    imdct : The inverse.
    MdctParams : The blocks.

    Notes
    -----
    ``C[k, f] = sum_n w[n] x[f hop_size + n] cos(pi (2n + 1 + N) (2k + 1) / (4N))``, not scaled;
    ``sqrt(2 / N) C`` is orthonormal with the sine window and a hop of N.

    %(princen)s

    %(examples)s
    >>> params = sg.MdctParams.sine_window(8)
    >>> x = np.arange(10.0)
    >>> np.allclose(sg.imdct(sg.mdct(x, params, pad=True), params, 10, padded=True), x)
    True
    """
    as_instance("params", params, MdctParams)
    dtype = parse_dtype(dtype)
    pad = as_bool("pad", pad)
    samples = as_vector("samples", samples)
    length, size, hop = len(samples), params.window_size, params.hop_size
    if pad:
        left, count = size // 2, -(-length // hop) + 1
    elif length < size:
        raise InvalidInputError(f"Invalid input: samples length ({length}) must be >= window_size ({size})")
    else:
        left, count = 0, (length - size) // hop + 1
    return _transform(params, dtype).forward(samples, left, count)


@_documented
def imdct(
    coefficients: ArrayLike,
    params: MdctParams,
    original_length: int | None = None,
    dtype: DType = None,
    *,
    padded: bool = False,
) -> NDArray[np.floating[Any]]:
    """Invert the modified discrete cosine transform by overlap-add.

    Parameters
    ----------
    coefficients : array_like, shape (N, n_blocks)
        As `mdct` gives them.
    params : MdctParams
        Those of the analysis.
    original_length : int, optional
        Number of samples to return. Without `padded` it only cuts: the result is never longer than the blocks
        reach. With it the result has exactly this length, zeros where the blocks do not reach.
    %(working_dtype)s
    padded : bool, default False
        Whether the coefficients come from ``mdct(..., pad=True)``: drop the N samples that were put before
        the signal, and those after it.

    Returns
    -------
    ndarray of float64 or float32, shape (n_samples,)
        ``hop_size * (n_blocks - 1) + window_size`` samples unless `original_length` says less, two times N
        fewer with `padded`. Empty without blocks.

    Raises
    ------
    InvalidInputError
        If there is another number of rows than N.
    TypeError
        If `coefficients` is not 2-D or `params` is not MdctParams.
    MemoryError
        If a block is longer than 2**28, or the result does not fit in memory.

    See Also
    --------
    mdct : The transform that this inverts.
    MdctParams.sine_window : Blocks that give the signal back.

    Notes
    -----
    ``out[f hop_size + m] += w[m] (2 / N) sum_k C[k, f] cos(pi (2m + 1 + N) (2k + 1) / (4N))``. This is the
    signal where ``w[n]**2 + w[n + N]**2 = 1`` and the hop is N, as with `MdctParams.sine_window`, except for
    N samples at either end, which one block alone covers. Nothing is divided by the sum of the windows.

    %(princen)s

    %(examples)s
    >>> x = np.sin(np.arange(1000.0))
    >>> params = sg.MdctParams.sine_window(64)
    >>> back = sg.imdct(sg.mdct(x, params, pad=True), params, len(x), padded=True)
    >>> float(abs(back - x).max()) < 1e-12
    True
    """
    as_instance("params", params, MdctParams)
    wanted = None if original_length is None else as_index("original_length", original_length)
    dtype = parse_dtype(dtype)
    padded = as_bool("padded", padded)
    matrix = as_real("coefficients", coefficients, 2, dtype)
    rows, count = matrix.shape
    if rows != params.n_coefficients:
        raise InvalidInputError(
            f"Invalid input: coefficients has {rows} rows "
            f"but params.n_coefficients() = {params.n_coefficients}"
        )
    total = (count - 1) * params.hop_size + params.window_size if count else 0
    _require_room(total)
    skip = 0
    if padded:
        skip, total = rows, max(0, total - 2 * rows)
        total = total if wanted is None else wanted
        _require_room(total)
    elif wanted is not None:
        total = min(total, wanted)
    return _transform(params, dtype).backward(matrix, skip, total)


def _require_room(n_samples):
    if n_samples > MAX_VALUES:
        raise MemoryError(f"{n_samples} samples do not fit in memory")


@lru_cache(maxsize=32)
def _transform(params, dtype):
    window = params.window.make(params.window_size)
    return Mdct(dtype == "float32", params.hop_size, window)
