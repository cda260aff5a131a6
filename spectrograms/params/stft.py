"""Framing, sample rate and dB floor: what every spectrogram has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_RATE, at_most
from spectrograms.errors import InvalidInputError
from spectrograms.params.base import Params
from spectrograms.params.checking import (
    CENTRE,
    as_bool,
    as_centre,
    as_choice,
    as_count,
    as_float,
    as_instance,
    format_number,
    require,
)
from spectrograms.params.window import WindowType, as_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from spectrograms.params.checking import NotGiven

PAD_MODES = ("zeros", "reflect", "edge")


@documented()
class StftParams(Params):
    """Framing and window of a short-time Fourier transform.

    Parameters
    ----------
    n_fft : int
        Length of the transform in samples, >= 1.
    hop_size : int
        Samples from one frame to the next, 1..n_fft.
    window : WindowType, str or array_like
        Window of `win_length` samples.
    centre : bool, default True
        Pad ``n_fft // 2`` samples on both sides, so that frame i is centred on sample ``i * hop_size``. May
        also be spelled `center`.
    win_length : int, optional
        Length of the window, 1..n_fft, default `n_fft`; a shorter window sits in the middle of the frame,
        with ``(n_fft - win_length) // 2`` zeros before it.
    pad_mode : {"zeros", "reflect", "edge"}, default "zeros"
        What centring pads with: zeros, the mirrored signal (without repeating the edge sample), or the edge
        sample.
    periodic : bool, default False
        Use the periodic window, not the symmetric one.

    Raises
    ------
    InvalidInputError
        If a value is out of range or a custom window has another length than `win_length`.

    See Also
    --------
    SpectrogramParams : Adds the sample rate.
    WindowType : The windows.

    %(plain_examples)s
    >>> sg.StftParams(512, 160, "hann")
    StftParams(n_fft=512, hop_size=160, window=Hanning, centre=true)

    A window shorter than the transform, as 25 ms at 16 kHz in frames of 512 samples:

    >>> stft = sg.StftParams(512, 160, "hamming", win_length=400)
    >>> stft.win_length, stft.window
    (400, Hamming)
    """

    n_fft: int
    hop_size: int
    window: WindowType
    centre: bool
    win_length: int
    pad_mode: str
    periodic: bool
    _shown = ("n_fft", "hop_size", "window", "centre")

    def __new__(
        cls,
        n_fft: int,
        hop_size: int,
        window: WindowType | str | ArrayLike,
        centre: bool | NotGiven = CENTRE,
        *,
        win_length: int | None = None,
        pad_mode: str = "zeros",
        periodic: bool = False,
        center: bool | NotGiven = CENTRE,
    ) -> Self:
        n_fft = as_count("n_fft", n_fft)
        hop_size = as_count("hop_size", hop_size)
        window = as_window(window)
        centre = as_centre(centre, center)
        win_length = n_fft if win_length is None else as_count("win_length", win_length)
        pad_mode = as_choice("pad_mode", pad_mode, PAD_MODES)
        periodic = as_bool("periodic", periodic)
        if hop_size > n_fft:
            raise InvalidInputError(f"hop_size must be <= n_fft={n_fft}, got {hop_size}")
        if win_length > n_fft:
            raise InvalidInputError(f"win_length must be <= n_fft={n_fft}, got {win_length}")
        if window.size is not None and window.size != win_length:
            length = "n_fft" if win_length == n_fft else "win_length"
            raise InvalidInputError(f"Custom window size ({window.size}) must match {length} ({win_length})")
        return cls._create(n_fft, hop_size, window, centre, win_length, pad_mode, periodic)

    def _default(self, name):
        return self.n_fft if name == "win_length" else super()._default(name)

    @property
    def center(self) -> bool:
        """The other spelling of `centre`."""
        return self.centre


@documented()
class SpectrogramParams(Params):
    """Framing and sample rate of a spectrogram.

    Parameters
    ----------
    stft : StftParams
        Framing and window.
    sample_rate : float
        Samples per second, > 0 and at most 1e12.

    Raises
    ------
    InvalidInputError
        If the sample rate is out of range.

    See Also
    --------
    StftParams : The framing alone.
    compute_mel_db_spectrogram, SpectrogramPlan : Take these parameters.

    %(plain_examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(400, 160, "hann"), 16000)
    >>> params.stft.hop_size / params.sample_rate  # seconds from frame to frame
    0.01
    """

    stft: StftParams
    sample_rate: float

    def __new__(cls, stft: StftParams, sample_rate: float) -> Self:
        return cls._create(as_instance("stft", stft, StftParams), as_sample_rate(sample_rate))

    @classmethod
    def speech_default(cls, sample_rate: float) -> Self:
        """Return 512-sample Hann frames every 160 samples, centred, at `sample_rate` in Hz.

        %(plain_examples)s
        >>> sg.SpectrogramParams.speech_default(16000).stft
        StftParams(n_fft=512, hop_size=160, window=Hanning, centre=true)
        """
        return cls(StftParams(512, 160, WindowType.hanning), sample_rate)

    @classmethod
    def music_default(cls, sample_rate: float) -> Self:
        """Return 2048-sample Hann frames every 512 samples, centred, at `sample_rate` in Hz.

        %(plain_examples)s
        >>> sg.SpectrogramParams.music_default(44100).stft
        StftParams(n_fft=2048, hop_size=512, window=Hanning, centre=true)
        """
        return cls(StftParams(2048, 512, WindowType.hanning), sample_rate)

    def __repr__(self) -> str:
        rate = format_number(self.sample_rate)
        return (
            f"SpectrogramParams(sample_rate={rate}, n_fft={self.stft.n_fft}, hop_size={self.stft.hop_size})"
        )


@documented()
class LogParams(Params):
    """Floor of a decibel scale.

    Parameters
    ----------
    floor_db : float
        Smallest value of the output in dB re 1, in plans at most 3000; power below ``10**(floor_db / 10)`` is
        raised to it. A floor below the smallest number of the precision has no effect.

    Raises
    ------
    InvalidInputError
        If the floor is not finite.

    See Also
    --------
    compute_mel_db_spectrogram, SpectrogramPlan : Take such a floor.
    power_to_db : Converts values that were computed before.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> silence = np.zeros(16000)
    >>> float(sg.compute_linear_db_spectrogram(silence, params, sg.LogParams(-60.0)).data.max())
    -60.0
    """

    floor_db: float

    def __new__(cls, floor_db: float) -> Self:
        floor_db = as_float("floor_db", floor_db)
        require(math.isfinite(floor_db), "floor_db must be finite", floor_db)
        return cls._create(floor_db)


def as_sample_rate(value: Any) -> float:
    """Convert a sample rate in Hz, finite, > 0 and at most `MAX_RATE`."""
    value = as_float("sample_rate", value)
    require(0.0 < value < math.inf, "sample_rate_hz must be finite and > 0", value)
    at_most("sample_rate", value, MAX_RATE)
    return value
