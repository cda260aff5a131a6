"""The short-time Fourier transform of several channels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.threads import pool
from spectrograms.errors import DimensionMismatchError
from spectrograms.features.stft_forward import StftPlan
from spectrograms.plans.batch import check_array, compute_stack, sort_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.params import SpectrogramParams
    from spectrograms.params.dtype import DType


@documented()
def compute_stft_multichannel(samples: Any, params: SpectrogramParams, dtype: DType = None) -> NDArray[Any]:
    """Compute the short-time Fourier transform of every channel.

    Parameters
    ----------
    samples : array_like, shape (n_channels, n_samples), or sequence of array_like
        Channels of equal length.
    %(params)s
    %(complex_dtype)s

    Returns
    -------
    ndarray, shape (n_channels, n_fft // 2 + 1, n_frames)
        Channel c is, bit for bit, ``compute_stft(samples[c], params, dtype)``.

    Raises
    ------
    DimensionMismatchError
        If channels differ in length.
    TypeError
        If `samples` is neither an array of 2 dimensions nor a sequence of signals.
    ValueError
        If a channel is empty.

    See Also
    --------
    compute_stft : One channel.
    StftPlan.compute_batch : Signals of different lengths.

    %(examples)s
    >>> stereo = np.random.default_rng(0).standard_normal((2, 16000))
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> sg.compute_stft_multichannel(stereo, params).shape
    (2, 257, 101)
    """
    plan = StftPlan(params, dtype)
    samples = sort_out(samples)
    if isinstance(samples, list):
        samples = _stacked(samples)
    else:
        samples = check_array(samples)
        if samples.ndim != 2:
            raise TypeError(f"samples must be 2-D, got shape {samples.shape}")
    if len(samples) == 0:
        raise ValueError("samples must have at least one channel, got none")
    shape = len(samples), len(samples[0])
    return compute_stack(plan._engine, (plan,), samples, shape, pool.resolve(None))[0]


def _stacked(channels):
    """An array of channels, which stay where they are."""
    signals = np.empty(len(channels), object)
    for i, channel in enumerate(channels):
        signals[i] = as_signal(channel, f"channel {i} must not be empty")
        if len(signals[i]) != len(signals[0]):
            raise DimensionMismatchError(len(signals[0]), len(signals[i]), f"samples of channel {i}")
    return signals
