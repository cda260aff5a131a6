"""How far the binaural cues of two stereo recordings differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms.errors import DimensionMismatchError
from spectrograms.features.spatial.binaural import compute_ilr_spectrogram, compute_itd_spectrogram

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType
    from spectrograms.params.spatial import ILRSpectrogramParams, ITDSpectrogramParams

__all__ = ["compute_ilr_spectrogram_diff", "compute_itd_spectrogram_diff"]

# Degrees per second of delay: a sound from the side is taken to arrive 0.86 ms earlier.
_DEGREES = 90 / 0.00086

_documented = documented(
    signals="""reference, test : sequence of two array_like, each of shape (n_samples,)
    Left and right channel; see :func:`compute_itd_spectrogram`.""",
    raises="""Raises
------
DimensionMismatchError
    If the signals have different numbers of frames.
ValueError, TypeError, InvalidInputError
    As :func:`compute_itd_spectrogram`.""",
)


@_documented
def compute_itd_spectrogram_diff(
    reference: Sequence[ArrayLike],
    test: Sequence[ArrayLike],
    params: ITDSpectrogramParams,
    dtype: DType = "float64",
) -> tuple[NDArray[np.floating[Any]], float, float]:
    """Compare the interaural time differences of two stereo signals.

    Parameters
    ----------
    %(signals)s
    params : ITDSpectrogramParams
        Transform and band.
    %(dtype)s

    Returns
    -------
    per_frame : ndarray, shape (n_frames,)
        Mean over the bins of the time difference in `test` less that in `reference`, in seconds.
    degrees : float
        Mean over the frames of its absolute value, as an angle: 0.86 ms are 90 degrees.
    median : float
        Median of the finite values of `per_frame`, in seconds; NaN if there is none.

    %(raises)s

    See Also
    --------
    compute_itd_spectrogram : The time differences of one signal.
    compute_ilr_spectrogram_diff : Compares level ratios.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16010)
    >>> params = sg.ITDSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
    >>> front, side = [noise[10:], noise[10:]], [noise[10:], noise[:-10]]
    >>> per_frame, degrees, median = sg.compute_itd_spectrogram_diff(front, side, params)
    >>> per_frame.shape, round(degrees), round(median * 44100)  # ten samples more
    ((63,), 24, 10)
    """
    difference = _difference(compute_itd_spectrogram, reference, test, params, dtype)
    per_frame = difference.sum(axis=0) / difference.dtype.type(difference.shape[0])
    wide = per_frame.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    median = float(np.median(finite)) if finite.size else float("nan")
    return per_frame, float(np.mean(np.abs(wide) * _DEGREES)), median


@_documented
def compute_ilr_spectrogram_diff(
    reference: Sequence[ArrayLike],
    test: Sequence[ArrayLike],
    params: ILRSpectrogramParams,
    dtype: DType = "float64",
) -> tuple[NDArray[np.floating[Any]], float]:
    """Compare the interaural level ratios of two stereo signals.

    Parameters
    ----------
    %(signals)s
    params : ILRSpectrogramParams
        Transform and band.
    %(dtype)s

    Returns
    -------
    per_frame : ndarray, shape (n_frames,)
        Mean over the bins of the ratio in `test` less that in `reference`; bins where either is NaN are left
        out, and a frame without any other is NaN.
    mean : float
        Mean of the absolute values of `per_frame` that are not NaN; NaN if there is none.

    %(raises)s

    See Also
    --------
    compute_ilr_spectrogram : The ratios of one signal.
    compute_itd_spectrogram_diff : Compares time differences.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> params = sg.ILRSpectrogramParams(sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 44100))
    >>> per_frame, mean = sg.compute_ilr_spectrogram_diff([noise, noise], [noise, 0.5 * noise], params)
    >>> per_frame.shape, round(mean, 2)
    ((63,), 0.5)
    """
    difference = _difference(compute_ilr_spectrogram, reference, test, params, dtype)
    known = ~np.isnan(difference)
    total = np.add.reduce(difference, axis=0, where=known)
    count = known.sum(axis=0)
    per_frame = np.full_like(total, np.nan)
    np.divide(total, count, out=per_frame, where=count > 0, casting="same_kind")
    present = per_frame[count > 0].astype(np.float64)
    return per_frame, float(np.mean(np.abs(present))) if present.size else float("nan")


def _difference(compute, reference, test, params, dtype):
    before = compute(reference, params, dtype)
    after = compute(test, params, dtype)
    if before.n_frames != after.n_frames:
        raise DimensionMismatchError(before.n_frames, after.n_frames, "frames of test")
    return after.data - before.data
