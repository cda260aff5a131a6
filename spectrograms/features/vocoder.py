"""The phase vocoder: sounds made longer or shorter at the same pitch."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array, contiguous, narrowed, numbers, real
from spectrograms._common.limits import MAX_VALUES, fits
from spectrograms._engine.arrays.recursions import stretch
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.memory.views import writable
from spectrograms._engine.threads import pool
from spectrograms.errors import InvalidInputError
from spectrograms.features.frame_streams import FrameStream
from spectrograms.features.stft_forward import StftPlan
from spectrograms.features.stft_inverse import IstftPlan
from spectrograms.params import SpectrogramParams, parse_dtype
from spectrograms.params.checking import as_float
from spectrograms.params.explaining import explained
from spectrograms.plans.base import EMPTY_FOR_FEATURE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# Bins of one piece of work, a multiple of what the kernel takes at once.
_PIECE = 64
# Numbers below which waking a thread does not pay.
_WORTH_SPLITTING = 2**15

_TEXTS = {
    "rate": "rate : float, > 0\n    How many times as fast: 2 for half as long.",
    "num_threads": "num_threads : int, optional\n    At most; by default :func:`get_num_threads`.",
    "references": """References
----------
J. L. Flanagan and R. M. Golden, Phase vocoder, Bell System Technical Journal 45, 1966. M. Dolson, The phase
vocoder: a tutorial, Computer Music Journal 10, 1986.""",
}


def _as_rate(value):
    rate = as_float("rate", value)
    if not 0.0 < rate < math.inf:
        raise InvalidInputError(f"rate must be finite and > 0, got {rate}")
    return rate


def _as_spectra(name, values):
    array = numbers(as_array(values, name), name, values)
    if array.ndim < 2:
        raise TypeError(f"{name} must have at least 2 dimensions, got shape {array.shape}")
    if array.shape[-1] == 0 or array.shape[-2] == 0:
        raise InvalidInputError(f"{name} must not be empty, got shape {array.shape}")
    single = array.dtype in (np.float32, np.complex64)
    return contiguous(narrowed(array, np.complex64 if single else np.complex128))


def _count(n_frames, rate):
    """Frames of the result; one for each multiple of the rate below the end."""
    count = math.ceil(n_frames / rate)
    fits("frames", count, MAX_VALUES, "frames")
    return count


def _stretched(spectrum, out, first, rate, before, phase, begun, num_threads):
    """Write frames first, first + 1, ... of the result from a spectrum that begins with frame `before`."""
    times = np.arange(first, first + out.shape[1]) * rate
    frames = times.astype(np.int64)
    shares = times - frames
    frames -= before
    rows, threads = len(spectrum), num_threads if out.size >= _WORTH_SPLITTING else 1
    # Where frames stand one after the other, each thread goes through them once.
    piece = _PIECE if out.flags.c_contiguous else max(_PIECE, -(-rows // threads))
    calls = [
        (stretch, (spectrum, out, at, min(at + piece, rows), frames, shares, phase, begun))
        for at in range(0, rows, piece)
    ]
    pool.each(calls, threads)


@lru_cache(maxsize=16)
def _plans(params, dtype):
    return StftPlan(params, dtype), IstftPlan(params, dtype)


@documented(**_TEXTS)
def phase_vocoder(
    stft: ArrayLike,
    rate: float,
    *,
    out: NDArray[Any] | None = None,
    num_threads: int | None = None,
) -> NDArray[np.complexfloating[Any, Any]]:
    """Make spectra of the same sound, but faster or slower.

    Parameters
    ----------
    stft : array_like of complex, shape (..., n_bins, n_frames)
        An StftResult, or any complex spectra of overlapping frames.
    %(rate)s
    out : ndarray, shape (..., n_bins, n_out), optional
        Where to write.
    %(num_threads)s

    Returns
    -------
    ndarray, shape (..., n_bins, ceil(n_frames / rate))
        Of dtype complex64 for complex64, else complex128.

    Raises
    ------
    InvalidInputError
        If there is no frame, or `rate` is out of range.
    TypeError
        If `stft` has fewer than 2 dimensions.

    See Also
    --------
    time_stretch : From samples to samples.
    PhaseVocoderStream : The same while frames arrive.

    Notes
    -----
    Frame t of the result lies at frame ``s = t * rate`` of `stft`. Its magnitude is interpolated between
    frames ``floor(s)`` and the next, silence following the last; its phase is that of frame t - 1 turned by
    as much as lies between these two there. Equal to `librosa.phase_vocoder`; turns are products of numbers
    of magnitude 1 here, while added angles lose a digit with each tenfold of frames.

    %(references)s

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann", periodic=True), 22050)
    >>> spectrum = sg.compute_stft(np.sin(0.2 * np.arange(22050)), params)
    >>> spectrum.shape, sg.phase_vocoder(spectrum, 2.0).shape
    ((513, 87), (513, 44))
    """
    rate = _as_rate(rate)
    threads = pool.resolve(num_threads)
    spectra = _as_spectra("stft", stft)
    shape = (*spectra.shape[:-1], _count(spectra.shape[-1], rate))
    target = np.empty(shape, spectra.dtype) if out is None else writable(out, shape, spectra.dtype)
    for place in np.ndindex(*shape[:-2]):
        made = wanted = target[place]
        if not (made.flags.c_contiguous and made.flags.aligned):
            made = np.empty(shape[-2:], spectra.dtype)
        phase = np.empty(shape[-2], spectra.dtype)
        _stretched(spectra[place], made, 0, rate, 0, phase, False, threads)
        if made is not wanted:
            wanted[:] = made
    return target if out is None else out


@explained
@documented(**_TEXTS)
def time_stretch(
    samples: ArrayLike,
    params: SpectrogramParams,
    rate: float,
    *,
    dtype: DType = "float64",
    out: NDArray[Any] | None = None,
    num_threads: int | None = None,
) -> NDArray[np.floating[Any]]:
    """Make signals faster or slower at the same pitch.

    Parameters
    ----------
    samples : array_like of real numbers, shape (..., n_samples)
        One signal or many of equal length.
    params : SpectrogramParams
        Of the transform there and back.
    %(rate)s
    %(dtype)s
    out : ndarray, shape (..., n_out), optional
        Where to write.
    %(num_threads)s

    Returns
    -------
    ndarray, shape (..., round(n_samples / rate))

    Raises
    ------
    InvalidInputError
        If there is no sample, or `rate` is out of range.
    TypeError
        If `samples` are not real, or `params` is of another class.

    See Also
    --------
    phase_vocoder : What it does to spectra.

    Notes
    -----
    Equal to `librosa.effects.time_stretch` with ``StftParams(2048, 512, "hann", periodic=True)``.

    %(references)s

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann", periodic=True), 22050)
    >>> slow = sg.time_stretch(np.sin(0.2 * np.arange(22050)), params, 0.5)
    >>> pitch = np.abs(np.fft.rfft(slow)).argmax() * 2 * np.pi / len(slow)  # radians per sample
    >>> slow.shape, round(float(pitch), 3)
    ((44100,), 0.2)
    """
    if not isinstance(params, SpectrogramParams):
        raise TypeError(f"params must be SpectrogramParams, got {type(params).__name__}")
    rate = _as_rate(rate)
    forward, back = _plans(params, parse_dtype(dtype))
    threads = pool.resolve(num_threads)
    signals = real(as_array(samples), "samples", samples)
    if signals.ndim == 0 or signals.size == 0:
        raise InvalidInputError(f"samples must not be empty, got shape {signals.shape}")
    length = round(signals.shape[-1] / rate)
    fits("samples", length, MAX_VALUES)
    shape = (*signals.shape[:-1], length)
    wanted = np.dtype(forward.dtype)
    target = np.empty(shape, wanted) if out is None else writable(out, shape, wanted)
    places = list(np.ndindex(*shape[:-1]))

    def work(place, threads):
        signal = as_signal(signals[place], EMPTY_FOR_FEATURE)
        # Frame after frame: so the transforms have them, and nothing is turned round on the way.
        bins, count = forward.output_shape(len(signal))
        phase = np.empty(bins, back._complex_dtype())
        spectrum = np.empty((count, bins), phase.dtype).T
        slower = np.empty((_count(count, rate), bins), phase.dtype).T
        forward.compute_into(signal, spectrum, num_threads=threads)
        _stretched(spectrum, slower, 0, rate, 0, phase, False, threads)
        target[place] = back.compute(slower, length=length)

    pool.each_item(work, places, threads)
    return target if out is None else out


@documented(**_TEXTS)
class PhaseVocoderStream(FrameStream):
    """A phase vocoder for frames that arrive one after the other.

    Parameters
    ----------
    %(rate)s

    Raises
    ------
    InvalidInputError
        If `rate` is out of range.

    See Also
    --------
    phase_vocoder : The same at once, with the same bytes.
    StftPlan.stream, IstftPlan.stream : What stands before and behind it.

    %(examples)s
    >>> stream = sg.PhaseVocoderStream(2.0)
    >>> frames = np.ones((257, 10), complex)
    >>> stream.push(frames).shape, stream.flush().shape
    ((257, 5), (257, 0))
    """

    __slots__ = ("_done", "_passed", "_phase", "_rate")

    def __init__(self, rate: float) -> None:
        self._rate = _as_rate(rate)
        self.reset()

    @property
    def rate(self) -> float:
        """How many times as fast."""
        return self._rate

    def reset(self) -> None:
        """Forget all frames."""
        self._begin()
        self._passed = 0  # frames before those that are kept
        self._done = 0
        self._phase: Any = None

    def push(self, frames: ArrayLike) -> NDArray[np.complexfloating[Any, Any]]:
        """Take the next frames, and return those of the result that are known now.

        Parameters
        ----------
        frames : array_like of complex, shape (n_bins, n_frames)
            Always of one dtype and number of bins.

        Returns
        -------
        ndarray, shape (n_bins, n_known)

        Raises
        ------
        InvalidInputError
            After :meth:`flush`; if there is another number of bins or dtype than before.

        %(examples)s
        >>> sg.PhaseVocoderStream(0.5).push(np.ones((3, 10))).shape
        (3, 18)
        """
        joined = self._joined(frames, _as_spectra)
        if self._kept is None:
            self._phase = np.empty(len(joined), joined.dtype)
        # A frame of the result needs the one before it and the next.
        return self._known(joined, _count(self._passed + joined.shape[1] - 1, self._rate))

    def flush(self) -> NDArray[np.complexfloating[Any, Any]]:
        """Return what silence after the last frame leaves; nothing can be pushed any more.

        Returns
        -------
        ndarray, shape (n_bins, n_left)

        %(examples)s
        >>> stream = sg.PhaseVocoderStream(0.5)
        >>> known = stream.push(np.ones((3, 10)))
        >>> stream.flush().shape
        (3, 2)
        """
        kept, self._flushed = self._kept, True
        if kept is None:
            return np.empty((0, 0), complex)
        self._kept = None
        return self._known(kept, _count(self._passed + kept.shape[1], self._rate))

    def _known(self, frames, count):
        made = np.empty((len(frames), max(0, count - self._done)), frames.dtype)
        if made.shape[1]:
            spectrum = np.ascontiguousarray(frames)
            _stretched(spectrum, made, self._done, self._rate, self._passed, self._phase, self._done > 0, 1)
            self._done += made.shape[1]
        # At high rates the next one may lie beyond what is here.
        drop = min(int(self._done * self._rate) - self._passed, frames.shape[1] - 1)
        self._kept, self._passed = frames[:, drop:].copy(), self._passed + drop
        return made
