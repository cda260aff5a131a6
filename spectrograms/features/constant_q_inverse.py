"""From a constant-Q transform back to a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_ROUNDS, at_most
from spectrograms.errors import DimensionMismatchError, InvalidInputError
from spectrograms.features.constant_q import CqtResult, cqt
from spectrograms.params.checking import as_count, as_index, as_instance
from spectrograms.plans.multirate import octaves_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Residual of the normal equations, relative to their right side, at which another round changes nothing.
_ENOUGH = 1e-13


@documented()
def icqt(
    transform: CqtResult, *, n_samples: int | None = None, n_iter: int = 24
) -> NDArray[np.floating[Any]]:
    """Find the signal whose constant-Q transform comes closest to a given one.

    Parameters
    ----------
    transform : CqtResult, shape (n_bins, n_frames)
        Of ``CqtParams(method="multirate")``, with any `gamma`.
    n_samples : int, optional
        Length of the signal; by default ``(n_frames - 1) * hop_size``.
    n_iter : int, default 24
        Rounds at most, each a transform and its adjoint; fewer where nothing changes any more.

    Returns
    -------
    ndarray, shape (n_samples,)
        In the precision of the transform.

    Raises
    ------
    InvalidInputError
        If the transform has another `method`, is not finite, or `n_samples` gives another number of frames.
    DimensionMismatchError
        If it does not have all bins.
    TypeError
        If it is no CqtResult.

    See Also
    --------
    cqt : The transform.
    griffin_lim, compute_istft : Ways back from short-time transforms.

    Notes
    -----
    The smallest sum of squares of differences, each bin divided by the gain of its kernel, by conjugate
    gradients on the normal equations, from silence on. Of noise within the range of 7 octaves from 32.7 Hz at
    22.05 kHz, the error is -47 dB with 12 bins to the octave and a hop of 64 samples, -84 dB with 24 bins,
    but -14 and -50 dB at a hop of 128, and -3 and -5 dB at 512: where the hop is longer than half the
    shortest kernels, nothing has seen all that the highest bins would have to give back. What lies below the
    first bin or above the last is not found, either.

    References
    ----------
    C. Schörkhuber and A. Klapuri, Constant-Q transform toolbox for music processing, SMC 2010.

    %(examples)s
    >>> tone = np.hanning(11025) * np.sin(2 * np.pi * 440 * np.arange(11025) / 22050)
    >>> transform = sg.cqt(tone, 22050, sg.CqtParams(12, 3, 220.0, method="multirate"), 64)
    >>> found = sg.icqt(transform, n_samples=11025)
    >>> bool(abs(found - tone).max() < 1e-3)
    True
    """
    as_instance("transform", transform, CqtResult)
    params, rate, hop = transform.params, transform.sample_rate, transform.hop_size
    if params.method != "multirate":
        raise InvalidInputError(f"method of the transform must be 'multirate', got {params.method!r}")
    rounds = as_index("n_iter", n_iter)
    at_most("n_iter", rounds, MAX_ROUNDS)
    rows = np.asarray(transform.data).astype(np.complex128)
    count = rows.shape[1]
    length = max(1, (count - 1) * hop) if n_samples is None else as_count("n_samples", n_samples)
    if length // hop + 1 != count:
        raise InvalidInputError(f"n_samples must give {count} frames of hop {hop}, got {length}")
    if not np.isfinite(rows).all():
        raise InvalidInputError("transform must be finite")
    frequencies = np.array(params.frequencies())
    frequencies = frequencies[frequencies < rate / 2]
    if len(rows) != len(frequencies):
        raise DimensionMismatchError(len(frequencies), len(rows), "rows of the transform")
    bank = octaves_of(params, frequencies, rate, hop)
    weights = 1.0 / np.concatenate([_gains(level.bands) for level in bank.levels[::-1] if level.bands]) ** 2

    def normal(samples):
        return bank.back(weights[:, None] * cqt(samples, rate, params, hop, "float64").data, hop, length)

    found = np.zeros(length)
    residual = bank.back(weights[:, None] * rows, hop, length)
    direction, size = residual, residual @ residual
    least = _ENOUGH**2 * size
    for _ in range(rounds):
        if size <= least:
            break
        image = normal(direction)
        step = size / (direction @ image)
        found += step * direction
        residual = residual - step * image
        before, size = size, residual @ residual
        direction = residual + size / before * direction
    return found.astype(transform.data.real.dtype)


def _gains(bands):
    """What each kernel makes of a tone of its own frequency."""
    weights = bands.dense()
    return np.hypot(weights[0::2], weights[1::2]).sum(axis=1)
