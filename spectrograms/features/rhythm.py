"""Onsets: how much spectra rise from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.arrays.spectra import rises, row_maxima
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.memory.views import writable
from spectrograms._engine.run import calls
from spectrograms._engine.threads import pool
from spectrograms.errors import InvalidInputError
from spectrograms.features.onsets import OnsetInfo, OnsetStrength
from spectrograms.params import LogParams, MelParams, SpectrogramParams, StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_index
from spectrograms.params.explaining import explained
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY, Plan
from spectrograms.plans.batch import Batch, aligned_array, apart, check_array, flat, refused_out, sort_out
from spectrograms.plans.spectrogram import SpectrogramPlan

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType
    from spectrograms.plans.streaming import Stream

# Levels of librosa end here: power 1e-10.
_LEVELS = LogParams(-100.0)
_source: Any = lru_cache(maxsize=64)(SpectrogramPlan._from_info)


@documented()
class OnsetPlan(Plan[OnsetStrength]):
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

    def _compute(self, samples, empty):
        levels = self._plan._compute(samples, empty)
        rises = np.empty((self.n_bins, levels.shape[1]), self._numpy_dtype())
        self._rise(levels.data, rises)
        info = self._info.starting(levels.start) if levels.start else self._info
        return OnsetStrength._from_array(rises, info)

    def compute_into(
        self, samples: ArrayLike, out: NDArray[Any], *, num_threads: int | None = None
    ) -> NDArray[Any]:
        """Compute the whole signal into an existing array, as that of :class:`SpectrogramPlan`.

        Parameters
        ----------
        %(samples)s
        out : ndarray, shape (n_bins, n_frames)
            Writable, of the plan's exact dtype, any strides.
        num_threads : int, optional
            Largest number of threads; by default :func:`get_num_threads`.

        Returns
        -------
        ndarray
            `out` itself.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> out = np.empty(plan.output_shape(22050))
        >>> plan.compute_into(np.ones(22050), out) is out
        True
        """
        signal = as_signal(samples, EMPTY)
        array = writable(out, self.output_shape(len(signal)), self._numpy_dtype())
        self._fill(signal, array, pool.resolve(num_threads))
        return out

    def compute_frame_into(self, samples: ArrayLike, frame_idx: int, out: NDArray[Any]) -> NDArray[Any]:
        """Compute one frame into an array: that of :meth:`compute`, from the two spectra that it compares.

        Parameters
        ----------
        %(samples)s
        frame_idx : int
            Any index from 0.
        out : ndarray, shape (n_bins,)
            Array to write to, of the dtype of the results.

        Returns
        -------
        ndarray
            `out`.

        Raises
        ------
        InvalidInputError
            If the plan has a `top_db`, which one frame does not know.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.OnsetPlan(sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050))
        >>> noise = np.random.default_rng(0).standard_normal(22050)
        >>> np.array_equal(plan.compute_frame(noise, 20), plan.compute(noise)[:, 20])
        True
        """
        self._check_free("one frame")
        first = as_index("frame_idx", frame_idx) - self._info.delay
        signal = as_signal(samples, EMPTY)
        array = writable(out, (self.n_bins,), self._numpy_dtype())
        array[:] = 0
        if first >= 0:
            of = first, first + self._info.lag
            pair = np.stack([self._plan.compute_frame(signal, frame) for frame in of], axis=1)
            array[:] = self._rises(pair, 1)[:, 0]
        return out

    def _compute_all(self, signals, num_threads, out):
        threads = pool.resolve(num_threads)
        signals = sort_out(signals)
        if isinstance(signals, list):
            if out is not None:
                raise refused_out()
            lengths = calls.frame_counts(calls.attach_all(self._engine, signals))
            batch = Batch._empty(lengths, self.dtype, self.n_bins)
            self._fill_all([as_signal(each, EMPTY) for each in signals], list(batch), threads)
            return batch._holding(OnsetStrength, self._info)
        signals = check_array(signals)
        shape = (*signals.shape[:-1], *self.output_shape(signals.shape[-1]))
        dtype = self._numpy_dtype()
        array = aligned_array(shape, dtype) if out is None else writable(out, shape, dtype)
        self._fill_all(flat(apart(signals, [array]), 1), flat(array, 2), threads)
        return array if out is None else out

    def _fill_all(self, signals, outs, threads):
        def work(place, threads):
            self._fill(signals[place], outs[place], threads)

        pool.each_item(work, range(len(signals)), threads)

    def _fill(self, signal, out, threads):
        levels = np.empty((self._plan.n_bins, out.shape[1]), self._numpy_dtype())
        self._plan.compute_into(signal, levels, num_threads=threads)
        self._rise(levels, out)

    def _check_free(self, what):
        """Refuse a `top_db` where the whole signal is not known."""
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
        self._check_free("a stream")
        return OnsetStream._of(self)

    def _rise(self, levels, out):
        """Write the result of a whole spectrogram, which may be changed."""
        info = self._info
        if info.top_db is not None:
            levels = np.maximum(levels, levels.max() - levels.dtype.type(info.top_db))
        # Of more frames of delay than there are nothing is left.
        count = max(0, out.shape[1] - info.delay)
        out[:, : out.shape[1] - count] = 0
        out[:, out.shape[1] - count :] = self._rises(np.ascontiguousarray(levels), info.lag)[:, :count]

    def _rises(self, levels, lag):
        """Rises to all frames but the first `lag`."""
        info = self._info
        rows, count = levels.shape
        before = levels
        if info.max_size > 1:
            before = np.empty_like(levels)
            row_maxima(levels, info.max_size, before)
        edges = np.array((0, rows) if info.edges is None else info.edges, np.int64)
        out = np.empty((self.n_bins, max(0, count - lag)), levels.dtype)
        rises(levels, before, lag, edges, out)
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
        ready = np.hstack((self._waiting, self._plan._rises(levels, self._plan._info.lag)))
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
