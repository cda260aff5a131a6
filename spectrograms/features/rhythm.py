"""Onsets: how much spectra rise from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.arrays.spectra import rises, row_maxima
from spectrograms.errors import InvalidInputError
from spectrograms.features.context import Context, ContextPlan, ContextStream
from spectrograms.features.onsets import OnsetInfo, OnsetStrength
from spectrograms.params import LogParams, MelParams, SpectrogramParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.explaining import explained
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.spectrogram import SpectrogramPlan

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from spectrograms.params.dtype import DType

# Levels of librosa end here: power 1e-10.
_LEVELS = LogParams(-100.0)
_plan_of: Any = lru_cache(maxsize=64)(SpectrogramPlan._from_info)


@documented()
class OnsetPlan(ContextPlan[OnsetStrength]):
    """Onset strength, or spectral flux, with everything built once.

    Parameters
    ----------
    %(params)s
    scale : MelParams or another, optional
        Rows of the spectra, as for :class:`SpectrogramPlan`.
    amplitude : {"db", "magnitude", "power"}
        What rises: levels for onset strength, magnitudes or power for spectral flux.
    db : LogParams, optional
        Floor of levels, -80 dB by default.
    %(dtype)s
    lag : int
        Frames from which to which a rise is measured.
    max_size : int
        A row rises from the largest of so many rows around it, so that vibrato is no onset.
    edges : sequence of int, optional
        Rows between which each of several bands lies; one of all rows by default.
    top_db : float, optional
        Levels are at least so many dB below the highest of the whole signal. A stream does not know it.

    %(out_of_range)s

    See Also
    --------
    onset_strength : That of librosa, in one call.
    tempogram, fourier_tempogram : What repeats in it.

    Notes
    -----
    ``o[t] = mean_k max(0, S[k, u] - max_j S[j, u - lag])`` over the rows k of a band, where j runs over
    `max_size` rows around k. With centred frames u is ``t - n_fft // (2 * hop_size)``, as a frame begins half
    its length before its time, else t; before the first u it is 0.

    References
    ----------
    S. Böck and G. Widmer, Maximum filter vibrato suppression for onset detection, DAFx 2013. S. Dixon, Onset
    detection revisited, DAFx 2006.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050)
    >>> flux = sg.OnsetPlan(params, amplitude="magnitude")
    >>> flux.compute(np.random.default_rng(0).standard_normal(22050)).shape
    (1, 44)
    """

    __slots__ = ()
    _info_class = OnsetInfo
    _result_class = OnsetStrength

    def __init__(
        self,
        params: SpectrogramParams,
        scale: Params | None = None,
        amplitude: str = "db",
        db: LogParams | None = None,
        dtype: DType = None,
        *,
        lag: int = 1,
        max_size: int = 1,
        edges: Sequence[int] | None = None,
        top_db: float | None = None,
    ) -> None:
        self._configure(OnsetInfo(params, scale, amplitude, db, lag, max_size, edges, top_db, dtype))

    def _source(self, info):
        return _plan_of(info.source)

    def _context(self, info):
        return Context(info.lag + 1, late=info.delay)

    def _whole(self, frames):
        top = self._info.top_db
        return frames if top is None else np.maximum(frames, frames.max() - frames.dtype.type(top))

    def _derive(self, frames, out):
        """Write the rises from the first to the last but `lag`, which are one frame fewer than `width`."""
        info = self._info
        before = frames
        if info.max_size > 1:
            before = np.empty_like(frames)
            row_maxima(frames, info.max_size, before)
        edges = np.array((0, len(frames)) if info.edges is None else info.edges, np.int64)
        found = np.empty(out.shape, out.dtype)
        rises(frames, before, info.lag, edges, found)
        out[...] = found

    def _check_local(self, what):
        if self._info.top_db is not None:
            raise InvalidInputError(
                f"top_db must be None for {what}, which does not know the highest level of the signal, got "
                f"{self._info.top_db:g}"
            )

    def stream(self) -> OnsetStream:  # type: ignore[override]
        """Start a stream: the same frames, from chunks as they arrive.

        Returns
        -------
        OnsetStream

        Raises
        ------
        InvalidInputError
            If the plan has a `top_db`.

        %(examples)s
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> noise, stream = np.random.default_rng(0).standard_normal(22050), plan.stream()
        %(same_in_pieces)s
        """
        self._check_local("a stream")
        return OnsetStream._of(self)

    def __repr__(self) -> str:
        return f"OnsetPlan({self._plan!r}, lag={self._info.lag})"


@documented()
class OnsetStream(ContextStream):
    """Frames of an :class:`OnsetPlan`, chunk by chunk; made by its ``stream()``.

    Side by side they are, bit for bit, what the plan computes for the whole signal.

    See Also
    --------
    OnsetPlan.stream : Makes it.

    %(examples)s
    >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
    >>> stream = plan.stream()
    >>> stream.push(np.zeros(22050)).shape, stream.flush().shape
    ((1, 43), (1, 1))
    """

    __slots__ = ()


@lru_cache(maxsize=64)
def _librosa_plan(n_fft, hop_size, sample_rate, n_mels, dtype, more):
    params = SpectrogramParams(StftParams(n_fft, hop_size, "hann", periodic=True), sample_rate)
    mel = MelParams(n_mels, 0.0, params.sample_rate / 2, "slaney")
    lag, max_size, edges, top_db = more
    return OnsetPlan(
        params, mel, "db", _LEVELS, dtype, lag=lag, max_size=max_size, edges=edges, top_db=top_db
    )  # fmt: skip


@explained
@documented()
def onset_strength(
    samples: ArrayLike,
    sample_rate: float,
    *,
    n_fft: int = 2048,
    hop_size: int = 512,
    n_mels: int = 128,
    lag: int = 1,
    max_size: int = 1,
    edges: Sequence[int] | None = None,
    top_db: float | None = 80.0,
    dtype: DType = None,
) -> OnsetStrength:
    """Compute how much the levels of mel bands rise from frame to frame.

    %(signal)s
    %(hann_frames)s
    n_mels : int
        Mel bands, of area 1, up to half the sample rate.
    lag, max_size, edges, top_db : int, int, sequence of int, float
        As for :class:`OnsetPlan`.
    %(dtype)s

    Returns
    -------
    OnsetStrength, shape (n_bands, n_frames)
        One row, or one for each band between `edges`.

    %(bad_signal)s

    See Also
    --------
    OnsetPlan : The definition; with other spectra, batches and streams.
    tempogram : What repeats in it.

    Notes
    -----
    These are the numbers of ``librosa.onset.onset_strength``, with `edges` those of ``onset_strength_multi``.

    %(examples)s
    >>> click = np.zeros(22050)
    >>> click[11025] = 1.0
    >>> onsets = sg.onset_strength(click, 22050)
    >>> round(onsets.times[onsets.data[0].argmax()], 1)
    0.5
    """
    edges = None if edges is None else tuple(edges)
    plan = _librosa_plan(
        n_fft,
        hop_size,
        as_sample_rate(sample_rate),
        n_mels,
        parse_dtype(dtype),
        (lag, max_size, edges, top_db),
    )
    return plan.compute(samples)
