"""Reassigned spectrograms: the energy of each bin where it is, not in the middle of bin and frame."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.features.framed import FramedInfo, FramedPlan
from spectrograms.params import StftParams, WindowType, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_bool, as_choice, as_count, as_float, as_instance, require
from spectrograms.params.explaining import explained
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import EMPTY_FOR_FEATURE
from spectrograms.plans.geometry import FrameGeometry, window_of
from spectrograms.plans.infos import EFFORTS, frame_words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

# What the docstrings here have in common.
_documented = documented(
    options="""ref_power : float, default 1e-6
    Bins of less power than this have no place; >= 0.
fill_nan : bool, default False
    Give them the middle of bin and frame, not NaN.
clip : bool, default True
    Put frequencies below 0 or above half the sample rate, and times before 0, at these ends.""",
)


@documented()
class ReassignedSpectrogram(FrameArray):
    """Where the energy of a signal is: frequency, time and magnitude of each bin of each frame.

    The array has three rows for each bin, shape ``(3 * n_bins, n_frames)``: all frequencies, then all times,
    then all magnitudes. :attr:`parts` has them one by one.

    See Also
    --------
    reassigned_spectrogram, ReassignedPlan : Make it.

    %(examples)s
    >>> tone = np.sin(2 * np.pi * 1010 * np.arange(22050) / 22050)
    >>> frequencies, times, magnitudes = sg.reassigned_spectrogram(tone, 22050).parts
    >>> loudest = magnitudes[:, 20].argmax()
    >>> round(float(frequencies[loudest, 20]))  # the bins lie at 1001 and 1012 Hz
    1010
    """

    __slots__ = ()
    __module__ = "spectrograms"

    @property
    def parts(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """tuple of three ndarrays, shape (n_bins, n_frames): frequencies in Hz, times in s, magnitudes."""
        bins = self.shape[0] // 3
        return self.data[:bins], self.data[bins : 2 * bins], self.data[2 * bins :]

    @property
    def reassigned_frequencies(self) -> NDArray[Any]:
        """ndarray, shape (n_bins, n_frames): where the energy is, in Hz; a view."""
        return self.parts[0]

    @property
    def reassigned_times(self) -> NDArray[Any]:
        """ndarray, shape (n_bins, n_frames): when the energy is, in seconds from the first sample; a view."""
        return self.parts[1]

    @property
    def magnitudes(self) -> NDArray[Any]:
        """ndarray, shape (n_bins, n_frames): magnitude of the spectrum; a view."""
        return self.parts[2]


class ReassignedInfo(FramedInfo, Params):
    """Parameters of the reassigned spectrograms of one plan.

    Parameters
    ----------
    stft : StftParams
    sample_rate : float
    ref_power : float
    fill_nan, clip : bool
    dtype : str
    effort : str
    """

    stft: StftParams
    sample_rate: float
    ref_power: float
    fill_nan: bool
    clip: bool
    dtype: str
    effort: str

    scale = "reassigned"
    amplitude = "reassigned"
    unit = ""
    _kinds = ("ReassignedSpectrogram",)

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        ref_power: float,
        fill_nan: bool,
        clip: bool,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        ref_power = as_float("ref_power", ref_power)
        require(0.0 <= ref_power < math.inf, "ref_power must be finite and >= 0", ref_power)
        return cls._create(
            as_instance("stft_params", stft, StftParams),
            as_sample_rate(sample_rate),
            ref_power,
            as_bool("fill_nan", fill_nan),
            as_bool("clip", clip),
            parse_dtype(dtype),
            as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return 3 * (self.stft.n_fft // 2 + 1)

    @property
    def params(self) -> StftParams:
        """StftParams: reassignment has no others that its results depend on."""
        return self.stft

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        least = f"bins of less power than {self.ref_power:g} " + ("in place" if self.fill_nan else "NaN")
        words = f"reassigned frequencies, times and magnitudes, {least}"
        return frame_words(self, spectrum=words, clip="to the axes" if self.clip else "nothing")


def _windows(stft):
    """The window of the whole frame, its derivative by differences of neighbours, and times time."""
    n = stft.n_fft
    window = FrameGeometry.of(stft).placed(window_of(stft))
    slope = (np.roll(window, -1) - np.roll(window, 1)) / 2
    return np.stack([window, slope, window * (np.arange(n) - (n - 1) / 2)])


@_documented
class ReassignedPlan(FramedPlan[ReassignedSpectrogram]):
    """Reassigned spectrograms with everything built once.

    Parameters
    ----------
    %(frames)s
    %(dtype)s
    %(options)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If `ref_power` is negative or not finite, or the sample rate not finite and positive.

    See Also
    --------
    reassigned_spectrogram : Makes and uses it in one call, and clips times at the end of the signal.
    StftPlan : The spectra themselves.

    Notes
    -----
    With the spectrum ``S[k, t]`` through the window w, ``D[k, t]`` through its derivative, which is
    ``(w[n + 1] - w[n - 1]) / 2``, and ``T[k, t]`` through ``(n - (n_fft - 1) / 2) w[n]``::

        frequency = k sample_rate / n_fft - Im(D / S) sample_rate / (2 pi)
        time      = t hop_size / sample_rate + Re(T / S) / sample_rate

    where the time of a frame is its middle, also of frames that are not centred. Magnitudes are ``|S|``. A
    stream does not know the end of its signal: `clip` leaves times beyond it. In float32 times of long
    signals are as coarse as numbers of 24 bits are.

    References
    ----------
    P. Flandrin, F. Auger and E. Chassande-Mottin, Time-frequency reassignment: from principles to algorithms,
    in Applications in Time-Frequency Signal Processing, CRC Press, 2003. B. McFee et al., librosa: audio and
    music signal analysis in Python, SciPy 2015, whose numbers these are.

    %(examples)s
    >>> plan = sg.ReassignedPlan(sg.StftParams(512, 160, "hann", periodic=True), 16000)
    >>> result = plan.compute(np.random.default_rng(0).standard_normal(16000))
    >>> result.shape, result.magnitudes.shape
    ((771, 101), (257, 101))
    """

    __slots__ = ()
    _info_class = ReassignedInfo
    _result_class = ReassignedSpectrogram

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        dtype: DType = None,
        *,
        ref_power: float = 1e-6,
        fill_nan: bool = False,
        clip: bool = True,
        effort: str = "estimate",
    ) -> None:
        self._configure(
            ReassignedInfo(stft_params, sample_rate, ref_power, fill_nan, clip, dtype, effort=effort)
        )

    @classmethod
    def _output(cls, info):
        stft, rate = info.stft, info.sample_rate
        middle = 0 if stft.centre else stft.n_fft // 2
        limits = (0.0, rate / 2, 0.0) if info.clip else (-math.inf, math.inf, -math.inf)
        least = math.sqrt(info.ref_power)
        return "reassigned", [("reassign", _windows(stft), rate, middle, least, info.fill_nan, limits)]

    def __repr__(self) -> str:
        info = self._info
        return (
            f"ReassignedPlan({info.stft}, sample_rate={info.sample_rate:g}, dtype={self.dtype!r}, "
            f"ref_power={info.ref_power:g}, fill_nan={info.fill_nan}, clip={info.clip})"
        )


_plan: Any = lru_cache(maxsize=64)(ReassignedPlan._from_info)


@explained
@_documented
def reassigned_spectrogram(
    samples: ArrayLike,
    sample_rate: float,
    *,
    n_fft: int = 2048,
    hop_size: int | None = None,
    win_length: int | None = None,
    window: WindowType | str | ArrayLike = "hann",
    centre: bool = True,
    pad_mode: str = "zeros",
    ref_power: float = 1e-6,
    fill_nan: bool = False,
    clip: bool = True,
    dtype: DType = None,
) -> ReassignedSpectrogram:
    """Compute where the energy of each bin of each frame is.

    Parameters
    ----------
    %(samples)s
    %(sample_rate)s
    n_fft : int
        Length of the transform.
    hop_size : int, optional
        Samples from one frame to the next; a quarter of `win_length` by default.
    win_length : int, optional
        Length of the window, in the middle of the transform; `n_fft` by default.
    window : WindowType, str or array_like
        Its shape, periodic.
    centre : bool
        Whether the middle of frame t is sample ``t * hop_size``.
    pad_mode : {"zeros", "reflect", "edge"}
        What lies beyond the ends where frames are centred.
    %(options)s With it times after the last sample are the end of the signal.
    %(dtype)s

    Returns
    -------
    ReassignedSpectrogram, shape (3 * (n_fft // 2 + 1), n_frames)
        Its `parts` are frequencies, times and magnitudes.

    Raises
    ------
    InvalidInputError
        If a value is out of range.
    ValueError
        If `samples` is empty.

    See Also
    --------
    ReassignedPlan : The definition; with batches and streams.
    compute_stft : Complex spectra.

    Notes
    -----
    These are the numbers of ``librosa.reassigned_spectrogram``, whose `reassign_frequencies` and
    `reassign_times` have no counterpart: what is not wanted is not used.

    %(examples)s
    >>> chirp = np.sin(2 * np.pi * (500 * np.arange(16000) / 16000 + 500) * np.arange(16000) / 16000)
    >>> frequencies, times, magnitudes = sg.reassigned_spectrogram(chirp, 16000, n_fft=512).parts
    >>> loud = magnitudes > 20
    >>> error = frequencies[loud] - (500 + 1000 * times[loud])  # from the line of the chirp, in Hz
    >>> bool(np.median(abs(error)) < 0.5)
    True
    """
    n_fft = as_count("n_fft", n_fft)
    length = n_fft if win_length is None else as_count("win_length", win_length)
    hop_size = max(1, length // 4) if hop_size is None else hop_size
    stft = StftParams(n_fft, hop_size, window, centre, win_length=length, pad_mode=pad_mode, periodic=True)
    info = ReassignedInfo(stft, sample_rate, ref_power, fill_nan, clip, dtype)
    result = _plan(info)._compute(samples, EMPTY_FOR_FEATURE)
    if info.clip:
        # As a plan does not know it. A NaN stays one.
        end = len(as_signal(samples, EMPTY_FOR_FEATURE)) / info.sample_rate
        np.minimum(result.reassigned_times, result.data.dtype.type(end), out=result.reassigned_times)
    return result
