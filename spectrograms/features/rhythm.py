"""Onsets: how much spectra rise from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.arrays.spectra import rises, row_maxima
from spectrograms.errors import InvalidInputError
from spectrograms.features.onsets import OnsetInfo, OnsetStrength
from spectrograms.params import LogParams, MelParams, SpectrogramParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.explaining import explained
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.informed import InfoPlan
from spectrograms.plans.spectrogram import SpectrogramPlan

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType
    from spectrograms.plans.streaming import Stream

# Levels of librosa end here: power 1e-10.
_LEVELS = LogParams(-100.0)
_source: Any = lru_cache(maxsize=64)(SpectrogramPlan._from_info)


@documented()
class OnsetPlan(InfoPlan):
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

    __slots__ = ("_plan",)
    _info_class = OnsetInfo

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

    def _configure(self, info):
        self._info = info
        self._plan = _source(info.source)
        self._engine = self._plan._engine

    @property
    def params(self) -> SpectrogramParams:
        """SpectrogramParams of the spectra."""
        return self._info.params

    @property
    def n_bins(self) -> int:
        """Rows of a result."""
        return self._info._rows()

    def output_shape(self, signal_length: int) -> tuple[int, int]:
        """Shape (n_bins, n_frames) of the result for a signal of `signal_length` samples.

        %(plain_examples)s
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> plan.output_shape(22050)
        (1, 44)
        """
        return self.n_bins, self.frame_count(signal_length)

    def compute(self, samples: ArrayLike) -> OnsetStrength:
        """Compute the whole signal.

        Parameters
        ----------
        %(samples)s

        Returns
        -------
        OnsetStrength, shape (n_bins, n_frames)

        %(bad_samples)s

        %(examples)s
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> plan.compute(np.ones(22050)).shape
        (1, 44)
        """
        return self._result(self._plan.compute(samples).data)

    def compute_batch(self, signals: Any, *, num_threads: int | None = None) -> list[OnsetStrength]:
        """Compute many signals at once, their spectra on several threads.

        Parameters
        ----------
        signals : array_like, shape (n_signals, n_samples), or sequence of array_like
            As for ``compute_batch`` of a :class:`SpectrogramPlan`.
        num_threads : int, optional
            Largest number of threads; by default :func:`get_num_threads`.

        Returns
        -------
        list of OnsetStrength
            What :meth:`compute` gives for each signal alone, bit for bit.

        Raises
        ------
        TypeError, ValueError
            As ``compute_batch`` of a plan; nothing is computed then.

        %(examples)s
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> [each.shape for each in plan.compute_batch([np.ones(22050), np.ones(11025)])]
        [(1, 44), (1, 22)]
        """
        batch = self._plan.compute_batch(signals, num_threads=num_threads)
        if isinstance(batch, np.ndarray):
            if batch.ndim > 3:
                raise TypeError(f"signals must be 2-D, got {batch.ndim - 1} dimensions")
            return [self._result(each) for each in batch]
        return [self._result(each.data) for each in batch]

    def stream(self) -> OnsetStream:
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
        if self._info.top_db is not None:
            raise InvalidInputError(
                f"top_db must be None for a stream, which does not know the highest level of the signal, got "
                f"{self._info.top_db:g}"
            )
        return OnsetStream._of(self)

    def _result(self, levels):
        """The result of a whole spectrogram."""
        info = self._info
        if info.top_db is not None:
            levels = np.maximum(levels, levels.max() - levels.dtype.type(info.top_db))
        out = np.zeros((self.n_bins, levels.shape[1]), levels.dtype)
        found = self._rises(np.ascontiguousarray(levels))
        # Of more frames of delay than there are nothing is left.
        out[:, info.delay :] = found[:, : max(0, out.shape[1] - info.delay)]
        return OnsetStrength._from_array(out, info)

    def _rises(self, levels):
        """Rises to all frames but the first `lag`."""
        info = self._info
        rows, count = levels.shape
        before = levels
        if info.max_size > 1:
            before = np.empty_like(levels)
            row_maxima(levels, info.max_size, before)
        edges = np.array((0, rows) if info.edges is None else info.edges, np.int64)
        out = np.empty((self.n_bins, max(0, count - info.lag)), levels.dtype)
        rises(levels, before, info.lag, edges, out)
        return out

    def __repr__(self) -> str:
        return f"OnsetPlan({self._plan!r}, lag={self._info.lag})"


@documented()
class OnsetStream:
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

    __slots__ = ("_last", "_plan", "_stream", "_waiting")
    _plan: OnsetPlan
    _stream: Stream
    _last: NDArray[Any]
    _waiting: NDArray[Any]

    def __init__(self) -> None:
        raise TypeError("an OnsetStream is made by stream() of an OnsetPlan")

    @classmethod
    def _of(cls, plan):
        self = object.__new__(cls)
        self._plan, self._stream = plan, plan._plan.stream()
        self._begin()
        return self

    def _begin(self):
        plan = self._plan
        self._last = np.empty((plan._plan.n_bins, 0), plan.dtype)
        self._waiting = np.zeros((plan.n_bins, plan._info.delay), plan.dtype)

    def reset(self) -> None:
        """Forget everything and start with a new signal."""
        self._stream.reset()
        self._begin()

    def push(self, chunk: ArrayLike) -> NDArray[Any]:
        """Take the next samples; return the frames they complete.

        %(chunk)s

        Returns
        -------
        ndarray, shape (n_bins, m)

        %(after_flush)s
        TypeError
            If `chunk` is not 1-D.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> plan.stream().push(np.ones(5000)).shape
        (1, 9)
        """
        return self._take(self._stream.push(chunk))

    def flush(self) -> NDArray[Any]:
        """End the signal; return its remaining frames.

        Returns
        -------
        ndarray, shape (n_bins, m)

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> stream = plan.stream()
        >>> stream.push(np.ones(5000)).shape[1] + stream.flush().shape[1] == plan.frame_count(5000)
        True
        """
        return self._take(self._stream.flush())

    def _take(self, frames):
        levels = np.hstack((self._last, frames))
        ready = np.hstack((self._waiting, self._plan._rises(levels)))
        # Copies: what is lent would keep all of it.
        self._last = levels[:, max(0, levels.shape[1] - self._plan._info.lag) :].copy()
        self._waiting = ready[:, frames.shape[1] :].copy()
        return ready[:, : frames.shape[1]].copy()


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
