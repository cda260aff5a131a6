"""The DCT-II that turns log bands into cepstral coefficients, and the lifter that scales those.

::

    D[q, m] = s_q cos(pi q (m + 1/2) / n_inputs)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def dct_matrix(n_coefficients: int, n_inputs: int, norm: str | None = None) -> NDArray[np.float64]:
    """Build the first rows of a DCT-II.

    Parameters
    ----------
    n_coefficients, n_inputs : int
        Rows, at most `n_inputs`, and columns.
    norm : {None, "ortho", "scipy", "htk"}
        The factor s_q: 1; orthonormal (``sqrt(2 / n)``, and ``sqrt(1 / n)`` for q = 0); 2, which is SciPy's
        ``norm=None``; ``sqrt(2 / n)`` for every q.

    Returns
    -------
    ndarray, shape (n_coefficients, n_inputs), float64

    Raises
    ------
    InvalidInputError
        If there are more coefficients than inputs or `norm` is unknown.
    """
    if n_coefficients > n_inputs:
        raise InvalidInputError(f"n_mfcc must be <= n_mels={n_inputs}, got {n_coefficients}")
    q = np.arange(n_coefficients)[:, np.newaxis]
    matrix = np.cos(np.pi * q * (np.arange(n_inputs) + 0.5) / n_inputs)
    if norm is None:
        return matrix
    if norm == "scipy":
        return 2.0 * matrix
    if norm not in ("ortho", "htk"):
        raise InvalidInputError(f"norm must be None, 'ortho', 'scipy' or 'htk', got {norm!r}")
    matrix *= np.sqrt(2.0 / n_inputs)
    if norm == "ortho":
        matrix[:1] *= np.sqrt(0.5)
    return matrix


def lifter_weights(n_coefficients: int, lifter: float, first: int = 0) -> NDArray[np.float64]:
    """Return the factors ``1 + L/2 sin(pi (q + first) / L)`` of the coefficients, ones if the lifter L is 0.

    `first` is 0 in HTK and Kaldi, 1 in librosa.
    """
    # So small a lifter changes no factor, and would overflow as a divisor.
    if abs(lifter) < 2.0**-54:
        return np.ones(n_coefficients)
    return 1.0 + lifter / 2.0 * np.sin(np.pi * (np.arange(n_coefficients) + first) / lifter)
