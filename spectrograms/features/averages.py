"""Long-term averages: means and percentiles of a spectrogram over stretches of time."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.loop.signals import one_dimensional, readable
from spectrograms.errors import InvalidInputError, number
from spectrograms.filterbanks.weighting import weights_in_db
from spectrograms.params import LogParams, SpectrogramParams
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_float, as_instance, require
from spectrograms.plans.spectrogram import SpectrogramPlan
from spectrograms.plans.units import unit_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Frames that are summed at once, in this order whatever the chunks they came in.
_BLOCK = 256
# Frames of a stretch whose percentiles are wanted are kept until its end: at most so many values.
_MOST_KEPT = 1 << 28


@documented()
class LongTermSpectrum:
    """Averages over stretches of time; made by :class:`LongTermAverage`.

    Attributes
    ----------
    mean : ndarray of float64, shape (n_bins, n_stretches)
        Mean of each row over the frames of each stretch.
    percentiles : dict of float to ndarray of float64, shape (n_bins, n_stretches)
        What was asked for; 50 is the median.
    n_frames : ndarray of int64, shape (n_stretches,)
        Frames of each stretch; the last may have fewer.
    times : ndarray of float64, shape (n_stretches,)
        Where each stretch begins, in seconds.
    frequencies : ndarray of float64, shape (n_bins,)
        In Hz.
    unit : str
        Of all values.

    See Also
    --------
    LongTermAverage : Makes it.
    welch : The mean over all frames in one call.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), 16000, scaling="density")
    >>> average = sg.LongTermAverage(sg.SpectrogramPlan(params), every=1.0)
    >>> average.push(np.random.default_rng(0).standard_normal(40000))
    >>> spectrum = average.finish()
    >>> spectrum
    LongTermSpectrum(3 stretches, 257 bins, V**2/Hz)
    >>> spectrum.to_db().mean.mean(axis=0).round()
    array([-39., -39., -39.])
    """

    mean: NDArray[np.float64]
    percentiles: dict[float, NDArray[np.float64]]
    n_frames: NDArray[np.int64]
    times: NDArray[np.float64]
    _plan: SpectrogramPlan
    _db: LogParams | None

    def __init__(self) -> None:
        raise TypeError("a LongTermSpectrum is made by LongTermAverage.finish()")

    @classmethod
    def _create(cls, **values):
        self = object.__new__(cls)
        vars(self).update(values)
        return self

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequency of each row in Hz."""
        return self._plan.frequencies

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return unit_of(self._plan.params, "power" if self._db is None else "db", self._db)

    def to_db(self, db: LogParams | None = None) -> LongTermSpectrum:
        """The same averages in decibels: levels of means, not means of levels.

        Parameters
        ----------
        db : LogParams, optional
            Floor, reference and weighting; -300 dB re 1 by default.

        Raises
        ------
        InvalidInputError
            If these are decibels already.

        %(examples)s
        >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000), None, "power")
        >>> average = sg.LongTermAverage(plan)
        >>> average.push(np.ones(16000))
        >>> average.finish().to_db().unit
        'dB'
        """
        if self._db is not None:
            raise InvalidInputError(f"unit must be that of power, got {self.unit!r}")
        db = LogParams(-300.0) if db is None else as_instance("db", db, LogParams)
        floor = 10 ** (db.floor_db / 10)

        gains: Any = 1.0
        if db.weighting != "none":
            gains = 10 ** (weights_in_db(self.frequencies, db.weighting)[:, None] / 10)

        def levels(values):
            power = values * (gains / db.reference**2)
            with np.errstate(invalid="ignore"):
                return 10 * np.log10(np.where(power < floor, floor, power))

        percentiles = {share: levels(values) for share, values in self.percentiles.items()}
        return self._create(
            **{**vars(self), "mean": levels(self.mean), "percentiles": percentiles, "_db": db}
        )

    def __repr__(self) -> str:
        n_bins, count = self.mean.shape
        return f"LongTermSpectrum({count} stretch{'es' * (count != 1)}, {n_bins} bins, {self.unit})"


@documented()
class LongTermAverage:
    """Average a spectrogram over stretches of time, from samples of any length in constant memory.

    Parameters
    ----------
    plan : SpectrogramPlan
        Of power; decibels are taken of averages, by :meth:`LongTermSpectrum.to_db`.
    every : float, optional
        Seconds of a stretch, at least one frame; without it all is one. A frame belongs to the stretch in
        which its time lies.
    percentiles : sequence of float
        Also wanted, 0..100: of 50, half of the frames are below (the median). The frames of a stretch are
        kept for them until its end, so that they need `every` for signals beyond memory.

    Raises
    ------
    InvalidInputError
        If a value is out of range, or the plan is not of power.

    See Also
    --------
    audio_blocks : Gives a file of any length as chunks to push.
    welch : The mean over all frames in one call.
    SpectrogramPlan.stream : The frames themselves.

    Notes
    -----
    Frames are summed in float64, in blocks of 256 from the start of each stretch, so that not a bit depends
    on the chunks. Percentiles are interpolated linearly between two frames, as NumPy's are.

    References
    ----------
    N. D. Merchant et al., Measuring acoustic habitats, Methods in Ecology and Evolution 6, 2015.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), 16000, scaling="density")
    >>> average = sg.LongTermAverage(sg.SpectrogramPlan(params), every=0.5, percentiles=(5, 50, 95))
    >>> for chunk in np.split(np.random.default_rng(0).standard_normal(16000), 10):
    ...     average.push(chunk)
    >>> spectrum = average.finish()
    >>> spectrum.times, spectrum.percentiles[50].shape
    (array([0. , 0.5]), (257, 2))
    """

    def __init__(
        self, plan: SpectrogramPlan, every: float | None = None, percentiles: Sequence[float] = ()
    ) -> None:
        as_instance("plan", plan, SpectrogramPlan)
        if plan.amplitude != "power":
            raise InvalidInputError(f"amplitude of the plan must be 'power', got {plan.amplitude!r}")
        self._plan, hop = plan, plan.hop_seconds
        self._hop = plan.params.stft.hop_size
        if every is not None:
            every = as_float("every", every)
            require(hop <= every < math.inf, f"every must be at least one frame, {number(hop)} s", every)
        self._every = every
        self._shares = tuple(as_float("percentiles", share) for share in percentiles)
        for share in self._shares:
            require(0.0 <= share <= 100.0, "percentiles must be in 0..100", share)
        self._lock = threading.Lock()
        self._reset()

    def reset(self) -> None:
        """Forget everything and start with a new signal.

        %(examples)s
        >>> average = sg.LongTermAverage(sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000)))
        >>> average.push(np.ones(8000))
        >>> average.reset()
        >>> average.push(np.ones(16000))
        >>> average.finish().n_frames
        array([101])
        """
        with self._lock:
            self._reset()

    def push(self, samples: ArrayLike) -> None:
        """Take the next samples of the signal.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            As for ``push`` of a stream; any number of them.

        %(examples)s
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), 8000)
        >>> average = sg.LongTermAverage(sg.SpectrogramPlan(params, None, "power"))
        >>> average.push(np.ones(8000))
        >>> average.push(np.ones(100))
        """
        given = readable(one_dimensional(samples), samples)
        # In pieces, so that frames of a long chunk are not all there at once.
        piece = _BLOCK * self._hop
        with self._lock:
            for first in range(0, len(given), piece):
                self._take(self._stream.push(given[first : first + piece]))

    def extend(self, chunks: Iterable[ArrayLike]) -> None:
        """Take chunks one after the other, such as those of :func:`audio_blocks`.

        Examples
        --------
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), 8000)
        >>> average = sg.LongTermAverage(sg.SpectrogramPlan(params, None, "power"))
        >>> average.extend(sg.audio_blocks("recordings/second.wav", 8000))
        >>> average.finish().mean.shape
        (257, 1)
        """
        for chunk in chunks:
            self.push(chunk)

    def finish(self) -> LongTermSpectrum:
        """End the signal, and start with a new one.

        Returns
        -------
        LongTermSpectrum

        Raises
        ------
        InvalidInputError
            If there were no samples.

        %(examples)s
        >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000), None, "power")
        >>> average = sg.LongTermAverage(plan, every=0.5)
        >>> average.push(np.ones(16000))
        >>> average.finish().times
        array([0. , 0.5, 1. ])
        """
        with self._lock:
            if not self._stream.samples_seen:
                raise InvalidInputError("finish before a sample was pushed: there is nothing to average")
            self._take(self._stream.flush())
            if self._count:
                self._close()
            means, counts, values = zip(*self._done, strict=True)
            self._reset()
        percentiles = {
            share: np.stack([each[k] for each in values], axis=1) for k, share in enumerate(self._shares)
        }
        times = np.arange(len(counts)) * (self._every or 0.0)
        return LongTermSpectrum._create(
            mean=np.stack(means, axis=1), percentiles=percentiles, n_frames=np.array(counts), times=times,
            _plan=self._plan, _db=None,
        )  # fmt: skip

    def _reset(self):
        self._stream = self._plan.stream()
        self._taken = 0  # frames of all stretches
        self._done = []
        self._begin()

    def _begin(self):
        """Start a stretch."""
        self._count, self._sum = 0, np.zeros(self._plan.n_bins)
        # Frames that are not summed yet, and those of the stretch that percentiles need.
        self._waiting, self._kept = [], []

    def _take(self, frames):
        """Deal frames out to stretches."""
        while frames.shape[1]:
            while self._taken >= self._end():
                self._close()
            room = min(self._end() - self._taken, _BLOCK - self._count % _BLOCK, frames.shape[1])
            self._add(frames[:, :room])
            frames = frames[:, room:]

    def _end(self):
        """The first frame of the next stretch."""
        if self._every is None:
            return math.inf
        # A frame at the very start of a stretch belongs to it, whatever the rounding.
        return math.ceil((len(self._done) + 1) * (self._every / self._plan.hop_seconds) * (1 - 1e-12))

    def _add(self, frames):
        """Take frames that lie in one block of one stretch."""
        self._waiting.append(frames)
        self._count += frames.shape[1]
        self._taken += frames.shape[1]
        if self._shares:
            if self._count * len(frames) > _MOST_KEPT:
                most = _MOST_KEPT // len(frames)
                raise InvalidInputError(f"percentiles need stretches of at most {most} frames: give every=")
            self._kept.append(frames)
        if self._count % _BLOCK == 0:
            self._sum_up()

    def _sum_up(self):
        if self._waiting:
            self._sum += np.sum(_joined(self._waiting), axis=1, dtype=np.float64)
        self._waiting = []

    def _close(self):
        """End a stretch."""
        self._sum_up()
        values = None
        if self._shares:
            values = np.percentile(_joined(self._kept).astype(np.float64), self._shares, axis=1)
        self._done.append((self._sum / self._count, self._count, values))
        self._begin()


def _joined(parts):
    return parts[0] if len(parts) == 1 else np.hstack(parts)


@documented()
def welch(
    samples: ArrayLike, params: SpectrogramParams, scale: Params | None = None, *, average: str = "mean"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimate a power spectrum by the average over frames (Welch's method).

    Parameters
    ----------
    samples : array_like, shape (n_samples,)
        One signal.
    params : SpectrogramParams
        Frames, `scaling` (``"density"`` for a power spectral density) and `detrend`.
    scale : MelParams, OctaveParams or another, optional
        What the rows are; None for the FFT bins themselves.
    average : {"mean", "median"}, keyword-only
        The median is divided by its bias for noise, as in SciPy.

    Returns
    -------
    frequencies : ndarray of float64, shape (n_bins,)
        In Hz.
    power : ndarray of float64, shape (n_bins,)
        In the unit that `params` say.

    Raises
    ------
    InvalidInputError
        If there are no samples, or `average` is another word.

    See Also
    --------
    LongTermAverage : Averages of stretches, and of signals that do not fit into memory.

    Notes
    -----
    With ``centre=False``, ``detrend="constant"`` and a periodic window these are the numbers of
    ``scipy.signal.welch``. The bias of the median over n frames is ``1 + sum_k (1 / (2k + 1) - 1 / 2k)`` for
    ``k = 1..(n - 1) / 2``.

    How much frames should overlap depends on the window: with Hann's, half a frame uses nearly all of the
    signal; narrower windows need more. Without overlap and window this is Bartlett's method, with a single
    frame a periodogram. Spectra are one-sided, with the power of negative frequencies added. ``"spectrum"``
    over ``"density"`` is ``sample_rate sum(w**2) / sum(w)**2``, the noise bandwidth in Hz: noise is read from
    the one, sines from the other. `win_length` below `n_fft` interpolates by zeros.

    References
    ----------
    P. Welch, The use of the fast Fourier transform for the estimation of power spectra, IEEE Trans. Audio
    Electroacoust. 15, 1967. M. S. Bartlett, Periodogram analysis and continuous spectra, Biometrika 37, 1950.
    B. Allen et al., FINDCHIRP, Physical Review D 85, 2012, appendix B, for the bias.

    %(examples)s
    >>> stft = sg.StftParams(512, 256, "hann", False, periodic=True)
    >>> params = sg.SpectrogramParams(stft, 16000, scaling="density", detrend="constant")
    >>> frequencies, density = sg.welch(np.random.default_rng(0).standard_normal(160000), params)
    >>> frequencies[:3], round(float(density.mean() * 8000), 2)  # noise of power 1 up to 8 kHz
    (array([ 0.  , 31.25, 62.5 ]), 1.0)

    A sine of 2 V RMS, from the peak of the spectrum; and what a click does to the mean of the noise around
    it, but not to the median:

    >>> sine = 2 * np.sqrt(2) * np.sin(2 * np.pi * 1000 * np.arange(160000) / 16000)
    >>> noisy = sine + 0.01 * np.random.default_rng(0).standard_normal(160000)
    >>> _, spectrum = sg.welch(noisy, sg.SpectrogramParams(stft, 16000, scaling="spectrum"))
    >>> round(float(np.sqrt(spectrum.max())), 3)
    2.0
    >>> noisy[80000] += 50.0
    >>> mean, median = (sg.welch(noisy, params, average=how)[1][100] for how in ("mean", "median"))
    >>> bool(mean > 10 * median)
    True
    """
    as_choice("average", average, ("mean", "median"))
    plan = SpectrogramPlan(params, scale)
    gathered = LongTermAverage(plan, percentiles=(50.0,) if average == "median" else ())
    gathered.push(samples)
    spectrum = gathered.finish()
    if average == "mean":
        return plan.frequencies, spectrum.mean[:, 0]
    return plan.frequencies, spectrum.percentiles[50.0][:, 0] / _bias(int(spectrum.n_frames[0]))


def _bias(n):
    """Of the median of n values with an exponential distribution, against their mean."""
    twice = 2.0 * np.arange(1, (n - 1) // 2 + 1)
    return 1.0 + float(np.sum(1.0 / (twice + 1) - 1.0 / twice))
