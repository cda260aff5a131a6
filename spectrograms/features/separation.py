"""Harmonic and percussive parts: what goes on in time, and what goes across the frequencies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array, contiguous, narrowed, numbers, real
from spectrograms._common.limits import MAX_REACH, at_most
from spectrograms._engine.arrays.medians import running_median, soft_mask
from spectrograms._engine.memory.views import writable
from spectrograms._engine.threads import pool
from spectrograms.errors import InvalidInputError
from spectrograms.features.frame_streams import FrameStream
from spectrograms.features.stft_forward import StftPlan
from spectrograms.features.stft_inverse import IstftPlan
from spectrograms.params import SpectrogramParams
from spectrograms.params.checking import as_bool, as_count, as_float
from spectrograms.params.explaining import explained

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# Rows or columns of one piece of work: a multiple of what the kernels take at once.
_PIECE = 64
# Numbers below which waking a thread does not pay.
_WORTH_SPLITTING = 2**15

_TEXTS = {
    "filters": """kernel_size : int or (int, int)
    Frames of the running median over time, which keeps what is harmonic, and bins of the one over
    frequencies, which keeps what is percussive.
power : float, > 0
    Exponent of the masks: 1 or 2 for soft ones, ``math.inf`` for 0 and 1.
margin : float or (float, float), >= 1
    How many times as strong as the other part the harmonic and the percussive one must be. Above 1 something
    is left over that is in neither.""",
    "num_threads": "num_threads : int, optional\n    At most; by default :func:`get_num_threads`.",
}


class _Filters:
    """What was asked for, checked."""

    def __init__(self, kernel_size, power, margin):
        self.kernel = _pair("kernel_size", kernel_size, as_count)
        for length in self.kernel:
            at_most("kernel_size", length, 2 * MAX_REACH)
        self.power = as_float("power", power)
        if not self.power > 0.0:
            raise InvalidInputError(f"power must be > 0, got {self.power}")
        self.margin = _pair("margin", margin, as_float)
        if not all(1.0 <= number < math.inf for number in self.margin):
            raise InvalidInputError(f"margin must be >= 1 and finite, got {margin}")
        self.silent = 0.5 if self.margin == (1.0, 1.0) else 0.0

    def masks(self, magnitude: NDArray[Any], num_threads: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The masks of magnitudes of shape (n_bins, n_frames)."""
        rows, columns = magnitude.shape
        medians = np.empty_like(magnitude), np.empty_like(magnitude)
        _each(
            [
                *_pieces(running_median, rows, magnitude, medians[0], self.kernel[0], False),
                *_pieces(running_median, columns, magnitude, medians[1], self.kernel[1], True),
            ],
            num_threads,
            magnitude.size,
        )
        masks = np.empty_like(magnitude), np.empty_like(magnitude)

        def mask(first, end):
            parts = [each[first:end] for each in (*medians, *masks)]
            for ours, theirs, made, margin in ((0, 1, 2, 0), (1, 0, 3, 1)):
                soft_mask(
                    parts[ours], parts[theirs], parts[made], self.margin[margin], self.power, self.silent
                )

        _each(
            [(mask, (at, min(at + _PIECE, rows))) for at in range(0, rows, _PIECE)],
            num_threads,
            masks[0].size,
        )
        return masks

    def parts(self, spectrum, num_threads, *, mask=False):
        """The masks of one matrix, or the matrix under them."""
        masks = self.masks(_magnitude(spectrum), num_threads)
        return masks if mask else tuple(spectrum * each for each in masks)


def _pair(name, value, convert):
    values = value if isinstance(value, (tuple, list)) else (value, value)
    if len(values) != 2:
        raise InvalidInputError(f"{name} must be a number or two, got {value}")
    return tuple(convert(name, each) for each in values)


def _pieces(function, n, x, out, length, over_rows):
    return [(function, (x, out, at, min(at + _PIECE, n), length, over_rows)) for at in range(0, n, _PIECE)]


def _each(calls, num_threads, size):
    pool.each(calls, num_threads if size >= _WORTH_SPLITTING else 1)


def _magnitude(spectrum):
    # Not -0.0, which a sorted window may hold on either side of 0.0.
    return np.abs(spectrum) if spectrum.dtype.kind == "c" else spectrum + spectrum.dtype.type(0)


def _as_spectra(name, values):
    """Float or complex matrices, native and contiguous, none negative, NaN or infinite."""
    array = numbers(as_array(values, name), name, values)
    if array.ndim < 2:
        raise TypeError(f"{name} must have at least 2 dimensions, got shape {array.shape}")
    if array.size == 0:
        raise InvalidInputError(f"{name} must not be empty, got shape {array.shape}")
    single = array.dtype in (np.float32, np.complex64)
    kinds = (np.complex64, np.complex128) if array.dtype.kind == "c" else (np.float32, np.float64)
    array = contiguous(narrowed(array, kinds[0 if single else 1]))
    if not np.isfinite(array).all():
        raise InvalidInputError(f"{name} must be finite everywhere")
    if array.dtype.kind == "f" and not (array >= 0).all():
        raise InvalidInputError(f"{name} must be >= 0 everywhere, or complex")
    return array


def _targets(out, shape, dtype):
    if out is None:
        return np.empty(shape, dtype), np.empty(shape, dtype)
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        raise TypeError(f"out must be two arrays, got {type(out).__name__}")
    return tuple(writable(each, shape, np.dtype(dtype)) for each in out)


@documented(**_TEXTS)
def hpss(
    spectrogram: ArrayLike,
    kernel_size: int | tuple[int, int] = 31,
    *,
    power: float = 2.0,
    margin: float | tuple[float, float] = 1.0,
    mask: bool = False,
    out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    num_threads: int | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Split spectrograms into a harmonic and a percussive part.

    Parameters
    ----------
    spectrogram : array_like, shape (..., n_bins, n_frames)
        An StftResult, complex spectra, magnitudes or powers, finite. Each matrix is split by itself.
    %(filters)s
    mask : bool
        Return the masks instead of the parts.
    out : (ndarray, ndarray), optional
        Where to write; of the shape and dtype of the results.
    %(num_threads)s

    Returns
    -------
    harmonic : ndarray, shape (..., n_bins, n_frames)
        Of the precision of `spectrogram`, complex if it is, unless it is a mask.
    percussive : ndarray, shape (..., n_bins, n_frames)
        The same.

    Raises
    ------
    InvalidInputError
        If a value is negative or not finite, there is none, or a parameter is out of range.
    TypeError
        If `spectrogram` has fewer than 2 dimensions.

    See Also
    --------
    separate : The same from samples to samples.
    HpssStream : The same while frames arrive.

    Notes
    -----
    With the running medians H over time and P over frequencies, mirrored at the ends, the harmonic mask is
    ``H**power / (H**power + (margin * P)**power)`` and the percussive one the same with H and P exchanged.
    Where both medians are 0, the masks are 1/2 with a margin of 1, else 0. Equal to
    ``librosa.decompose.hpss``. A window of even length has its upper median, and reaches one further back.

    References
    ----------
    D. Fitzgerald, Harmonic/percussive separation using median filtering, DAFx 2010. J. Driedger, M. Müller
    and S. Disch, Extending harmonic-percussive separation of audio signals, ISMIR 2014.

    Examples
    --------
    A tone is a line along the frames, a click one across the bins:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> magnitude = np.full((100, 100), 1e-3)
    >>> magnitude[20], magnitude[:, 60] = 1.0, 2.0
    >>> harmonic, percussive = sg.hpss(magnitude)
    >>> harmonic[20, 5].round(3), percussive[80, 60].round(3)
    (np.float64(1.0), np.float64(2.0))
    """
    filters = _Filters(kernel_size, power, margin)
    mask = as_bool("mask", mask)
    threads = pool.resolve(num_threads)
    spectra = _as_spectra("spectrogram", spectrogram)
    dtype = spectra.real.dtype if mask else spectra.dtype
    targets = _targets(out, spectra.shape, dtype)
    items = spectra.reshape(-1, *spectra.shape[-2:])

    def work(i, threads):
        place = np.unravel_index(i, spectra.shape[:-2])
        for target, part in zip(targets, filters.parts(items[i], threads, mask=mask), strict=True):
            target[place] = part

    pool.each_item(work, range(len(items)), threads)
    return targets if out is None else out


@explained
@documented(**_TEXTS)
def separate(
    samples: ArrayLike,
    params: SpectrogramParams,
    kernel_size: int | tuple[int, int] = 31,
    *,
    power: float = 2.0,
    margin: float | tuple[float, float] = 1.0,
    dtype: DType = "float64",
    out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    num_threads: int | None = None,
) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Split signals into a harmonic and a percussive part.

    Parameters
    ----------
    samples : array_like of real numbers, shape (..., n_samples)
        One signal or many of equal length.
    params : SpectrogramParams
        Of the transform there and back.
    %(filters)s
    %(dtype)s
    out : (ndarray, ndarray), optional
        Where to write.
    %(num_threads)s

    Returns
    -------
    harmonic : ndarray, shape (..., n_samples)
    percussive : ndarray, shape (..., n_samples)
        With a margin of 1 both add up to `samples`.

    Raises
    ------
    InvalidInputError
        If there is no sample, one is not finite, or a parameter is out of range.
    TypeError
        If `samples` are not real, or `params` is of another class.

    See Also
    --------
    hpss : The same for spectrograms; has the formula.

    Notes
    -----
    Equal to ``librosa.effects.hpss`` with ``params`` of ``StftParams(2048, 512, "hann", periodic=True)``.

    References
    ----------
    D. Fitzgerald, Harmonic/percussive separation using median filtering, DAFx 2010.

    %(examples)s
    >>> sound = np.sin(0.3 * np.arange(22050))
    >>> sound[11000] += 5.0
    >>> params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann", periodic=True), 22050)
    >>> tone, click = sg.separate(sound, params)
    >>> int(click.argmax()), bool(np.abs(tone).max() < 1.1), np.allclose(tone + click, sound)
    (11000, True, True)
    """
    if not isinstance(params, SpectrogramParams):
        raise TypeError(f"params must be SpectrogramParams, got {type(params).__name__}")
    filters = _Filters(kernel_size, power, margin)
    forward, back = StftPlan(params, dtype), IstftPlan(params, dtype)
    threads = pool.resolve(num_threads)
    signals = real(as_array(samples), "samples", samples)
    if signals.ndim == 0 or signals.size == 0:
        raise InvalidInputError(f"samples must not be empty, got shape {signals.shape}")
    targets = _targets(out, signals.shape, np.dtype(forward.dtype))
    length = signals.shape[-1]
    items = signals.reshape(-1, length)

    def work(i, threads):
        place = np.unravel_index(i, signals.shape[:-1])
        spectrum = _as_spectra("samples", forward.compute(items[i]).data)
        for target, part in zip(targets, filters.parts(spectrum, threads), strict=True):
            target[place] = back.compute(part, length=length)

    pool.each_item(work, range(len(items)), threads)
    return targets if out is None else out


@documented(**_TEXTS)
class HpssStream(FrameStream):
    """Harmonic and percussive parts of frames that arrive one after the other.

    Parameters
    ----------
    %(filters)s
    mask : bool
        Return the masks instead of the parts.

    Raises
    ------
    InvalidInputError
        If a parameter is out of range.

    See Also
    --------
    hpss : The same at once; has the formula.
    StftPlan.stream : Gives such frames.

    Notes
    -----
    A frame is known when half a window of frames after it is: `latency` frames. The parts are, bit for bit,
    those of :func:`hpss`.

    %(examples)s
    >>> frames = np.random.default_rng(0).random((65, 200))
    >>> stream = sg.HpssStream(17)
    >>> parts = [stream.push(frames[:, at : at + 10]) for at in range(0, 200, 10)] + [stream.flush()]
    >>> harmonic = np.concatenate([part[0] for part in parts], axis=1)
    >>> np.array_equal(harmonic, sg.hpss(frames, 17)[0]), stream.latency
    (True, 8)
    """

    __slots__ = ("_before", "_filters", "_mask")

    def __init__(
        self,
        kernel_size: int | tuple[int, int] = 31,
        *,
        power: float = 2.0,
        margin: float | tuple[float, float] = 1.0,
        mask: bool = False,
    ) -> None:
        self._filters = _Filters(kernel_size, power, margin)
        self._mask = as_bool("mask", mask)
        self.reset()

    @property
    def latency(self) -> int:
        """Frames that must follow one before it is known."""
        length = self._filters.kernel[0]
        return length - 1 - length // 2

    def reset(self) -> None:
        """Forget all frames.

        %(examples)s
        >>> stream = sg.HpssStream(31)
        >>> frames = stream.push(np.ones((257, 10)))
        >>> stream.reset()  # the next frame is the first of another sound
        """
        self._begin()
        self._before = 0  # of the frames that are kept, how many are out already

    def push(self, frames: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Take the next frames, and return the parts of those that are known now.

        Parameters
        ----------
        frames : array_like, shape (n_bins, n_frames)
            As for :func:`hpss`; always of one dtype and number of bins.

        Returns
        -------
        harmonic : ndarray, shape (n_bins, n_known)
        percussive : ndarray, shape (n_bins, n_known)

        Raises
        ------
        InvalidInputError
            After :meth:`flush`; if there is another number of bins or dtype than before.

        %(examples)s
        >>> sg.HpssStream(5).push(np.ones((3, 10)))[0].shape
        (3, 8)
        """
        joined = self._joined(frames, _as_spectra)
        return self._known(joined, joined.shape[1] - self.latency)

    def flush(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the parts of the last frames; nothing can be pushed any more.

        Returns
        -------
        harmonic : ndarray, shape (n_bins, n_left)
        percussive : ndarray, shape (n_bins, n_left)

        %(examples)s
        >>> stream = sg.HpssStream(5)
        >>> known = stream.push(np.ones((3, 10)))
        >>> stream.flush()[0].shape
        (3, 2)
        """
        if self._flushed or self._kept is None:
            self._flushed = True
            return np.empty((0, 0)), np.empty((0, 0))
        self._flushed = True
        return self._known(self._kept, self._kept.shape[1])

    def _known(self, frames, end):
        """The parts of the frames up to `end`; of those, as many are kept as a window reaches back."""
        first, end = self._before, max(self._before, end)
        dtype = frames.real.dtype if self._mask else frames.dtype
        made = np.empty((2, len(frames), end - first), dtype)
        if end > first:
            parts = self._filters.parts(np.ascontiguousarray(frames), 1, mask=self._mask)
            for target, part in zip(made, parts, strict=True):
                target[:] = part[:, first:end]
        drop = max(0, end - self._filters.kernel[0])
        self._kept, self._before = frames[:, drop:].copy(), end - drop
        return made[0], made[1]
