"""Matrices of frames as arguments, and the engine over the columns of a finished spectrogram."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.intake import as_array, numbers, real
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms._engine.run import calls
from spectrograms.errors import DimensionMismatchError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params import ChromaNorm
    from spectrograms.params.stft import StftParams


def as_matrix(name: str, values: Any) -> NDArray[Any]:
    """Return real values of shape (rows, frames) as a 2-D ndarray.

    Raises
    ------
    TypeError
        If they are complex or not 2-D.
    ValueError
        If there are no frames.
    """
    matrix = as_array(values, name)
    if matrix.ndim != 2:
        raise TypeError(f"{name} must be 2-D, (rows, frames), got shape {matrix.shape}")
    matrix = real(matrix, name, values)
    if matrix.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {matrix.shape}")
    return matrix


def as_spectra(stft_matrix: ArrayLike, n_bins: int) -> NDArray[Any]:
    """Check one matrix of spectra; any dtype and layout.

    Raises
    ------
    TypeError
        If it is not 2-D.
    DimensionMismatchError
        If it has another number of rows.
    """
    matrix = as_array(stft_matrix, "stft_matrix")
    if matrix.ndim != 2:
        raise TypeError(f"stft_matrix must be 2-D, got shape {matrix.shape}")
    if matrix.shape[0] != n_bins:
        raise DimensionMismatchError(n_bins, matrix.shape[0], "rows of stft_matrix")
    return numbers(matrix, "stft_matrix", stft_matrix)


def framing(values: Any) -> tuple[StftParams | None, float | None]:
    """Return StftParams and sample rate of a result of this package; None and None of anything else."""
    if not isinstance(values, FrameArray):
        return None, None
    return getattr(values._info, "stft", None), getattr(values._info, "sample_rate", None)


def apply_stages(matrix: NDArray[Any], result: Any, info: Any, make: Callable[..., Any], *given: Any) -> Any:
    """Run the stages that ``make(*given)`` gives of the block loop over the columns of a matrix.

    The engine is kept for the next matrix of as many rows; arguments are hashable.

    Written frame after frame the matrix is a signal, and each column one of its frames: so values come out
    of the same instructions as in a plan that computes the spectrogram too, equal to the last bit.
    """
    engine = _engine(info.dtype == "float32", matrix.shape[0], make, *given)
    return calls.compute(engine, result, info, "", matrix.T.reshape(-1))


@lru_cache(maxsize=64)
def _engine(single, rows, make, *given):
    return Engine(single, rows, rows, None, outputs=[("samples", make(*given))])


def scaled(values: NDArray[np.float64], norm: ChromaNorm) -> NDArray[np.float64]:
    """Divide each frame by its norm if that is above 0."""
    order = {"l1": 1, "l2": 2, "max": np.inf}.get(norm.name)
    if order is None:
        return values
    with np.errstate(all="ignore"):
        sizes = np.linalg.norm(values, order, axis=0)
        return values / np.where(sizes > 0.0, sizes, np.where(np.isnan(sizes), np.nan, 1.0))
