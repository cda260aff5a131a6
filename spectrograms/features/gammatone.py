"""Gammatone spectrograms in the time domain."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.run import calls
from spectrograms.errors import InvalidInputError, number
from spectrograms.features.fourier.arrays import as_nonempty_signal
from spectrograms.filterbanks.erb import erb_centres
from spectrograms.filterbanks.gammatone import gammatone_sections
from spectrograms.params import ErbParams, WindowType, parse_dtype
from spectrograms.params.checking import as_count, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.scales import log_stage

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType


@documented()
def gammatone_center_frequencies(erb_params: ErbParams) -> NDArray[np.float64]:
    """Return the centre frequencies of a gammatone filterbank.

    Parameters
    ----------
    erb_params : ErbParams
        Number, range and spacing of the filters.

    Returns
    -------
    ndarray of float64, shape (n_filters,)
        In Hz, lowest first.

    Raises
    ------
    InvalidInputError
        If there are more than 10000 filters, or f_max exceeds 1e12.

    See Also
    --------
    gammatone_iir_spectrogram : Computes the output of the filters.
    ErbParams : The filters.

    %(plain_examples)s
    >>> filters = sg.ErbParams(3, 100.0, 1000.0, spacing="erb_rate")
    >>> sg.gammatone_center_frequencies(filters).round()
    array([ 100.,  407., 1000.])
    """
    as_instance("erb_params", erb_params, ErbParams)
    return erb_centres(erb_params.n_filters, erb_params.f_min, erb_params.f_max, erb_params.spacing)


@lru_cache(maxsize=32)
def _engine(sample_rate, frame_size, hop_size, params):
    centres = gammatone_center_frequencies(params)
    nyquist = sample_rate / 2
    if centres[-1] > nyquist:
        raise InvalidInputError(
            f"centre frequencies must not exceed Nyquist={number(nyquist)}, got {number(centres[-1])}"
        )
    sections = gammatone_sections(centres, sample_rate)
    window = WindowType.hanning.make(frame_size)
    stages = [("resonators", window, sections), ("affine", 1 / frame_size, 0.0), ("root", 0.0)]
    if params.db_floor is not None:
        stages.append(log_stage(params.db_floor))
    return Engine(False, frame_size, hop_size, None, outputs=[("samples", stages)]), centres


@documented()
def gammatone_iir_spectrogram(
    samples: ArrayLike,
    sample_rate: float,
    frame_size: int,
    hop_size: int,
    erb_params: ErbParams,
    dtype: DType = None,
) -> tuple[NDArray[np.floating[Any]], NDArray[np.float64]]:
    """Compute a spectrogram with gammatone filters in the time domain.

    Parameters
    ----------
    samples : array_like, shape (n_samples,)
        One signal of real numbers, at least one frame long.
    %(sample_rate)s
    frame_size, hop_size : int
        Length of a frame and step between frames, in samples.
    erb_params : ErbParams
        Number, range and spacing of the filters. With `db_floor` the result is in dB.
    dtype : {"float64", "float32"}
        Precision of the result; the filters always run in float64.

    Returns
    -------
    matrix : ndarray, shape (n_filters, n_frames)
        Root mean square of each filter's output over each frame, or ``10 log10`` of it (sic: of an
        amplitude), not below `db_floor`.
    center_freqs : ndarray of float64, shape (n_filters,)
        In Hz, lowest first.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive, `frame_size` or `hop_size` is 0, the signal is empty
        or shorter than a frame, or a centre frequency exceeds half the sample rate.
    TypeError
        If `samples` is not 1-D.

    See Also
    --------
    compute_erb_db_spectrogram : Such filters by their frequency responses; much faster.
    GammatoneSource : The same as an object.

    Notes
    -----
    Frame t is samples ``t * hop_size .. t * hop_size + frame_size``, under a symmetric Hann window; there is
    no padding and samples that fill no frame are dropped. Filters start each frame from rest. Their gain is 1
    at the centre frequency.

    References
    ----------
    M. Slaney, An efficient implementation of the Patterson-Holdsworth auditory filter bank, Apple Technical
    Report 35, 1993.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 16000)
    >>> filters = sg.ErbParams(8, 250.0, 2000.0, spacing="erb_rate")
    >>> levels, centres = sg.gammatone_iir_spectrogram(tone, 16000, 512, 256, filters)
    >>> levels.shape
    (8, 30)
    >>> round(float(centres[levels[:, 10].argmax()]))  # the nearest, in Hz
    924
    """
    as_instance("erb_params", erb_params, ErbParams)
    sample_rate = as_sample_rate(sample_rate)
    frame_size = as_count("frame_size", frame_size)
    hop_size = as_count("hop_size", hop_size)
    dtype = parse_dtype(dtype)
    samples = as_nonempty_signal(samples)
    n_samples = len(samples)
    if n_samples < frame_size:
        raise InvalidInputError(f"samples must fill a frame of frame_size={frame_size}, got {n_samples}")
    # With a single frame the hop has no effect; a small one keeps the cache and the scratch memory small.
    hop_size = min(hop_size, n_samples)
    engine, centres = _engine(sample_rate, frame_size, hop_size, erb_params)
    matrix = np.empty((len(centres), engine.frame_count(n_samples)), dtype)
    calls.compute_into(engine, samples, matrix, "")
    return matrix, centres.copy()
