"""Framing, sample rate and dB floor: what every spectrogram has."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Self

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_RATE, at_most
from spectrograms.errors import InvalidInputError, shown
from spectrograms.params.base import Params, as_text
from spectrograms.params.checking import (
    CENTRE,
    as_bool,
    as_centre,
    as_choice,
    as_count,
    as_float,
    as_instance,
    require,
)
from spectrograms.params.window import WindowType, as_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from spectrograms.params.checking import NotGiven

PAD_MODES = ("zeros", "reflect", "edge")
SCALINGS = ("none", "density", "spectrum", "magnitude", "dBFS")
_UNIT = re.compile(r"[^\s]{1,16}")


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
        What centring pads with: zeros (also called "constant"), the mirrored signal (without repeating the
        edge sample), or the edge sample.
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

    Notes
    -----
    Long windows tell tones apart that are close in frequency, short ones events that are close in time; no
    window does both. 2048 samples at 22.05 or 44.1 kHz suit music, 400 to 512 at 16 kHz speech, and Hann's
    window nearly everything. A smaller hop gives more frames, no finer frequencies; a quarter of the window
    lets the transform be inverted after changes, a half is enough for averages. Transforms of 2, 3 and 5 as
    factors are fast, powers of two fastest. Streams pad like whole signals where frames are centred, and wait
    for the half frame.

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
        pad_mode = as_choice("pad_mode", pad_mode, PAD_MODES, {"constant": "zeros"})
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

    @property
    def coherent_gain(self) -> float:
        """Mean of the window: what is left of the amplitude of a sine in the transform.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.StftParams(512, 256, "hann", periodic=True).coherent_gain
        0.5
        """
        window = self.window.make(self.win_length, periodic=self.periodic)
        return float(window.sum() / len(window))

    @property
    def enbw(self) -> float:
        """Equivalent noise bandwidth of the window in units of ``sample_rate / win_length`` Hz.

        References
        ----------
        F. J. Harris, On the use of windows for harmonic analysis with the discrete Fourier transform,
        Proc. IEEE 66, 1978.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.StftParams(512, 256, "hann", periodic=True).enbw
        1.5
        """
        window = self.window.make(self.win_length, periodic=self.periodic)
        return float(len(window) * (window**2).sum() / window.sum() ** 2)


@documented()
class SpectrogramParams(Params):
    """Framing and sample rate of a spectrogram.

    Parameters
    ----------
    stft : StftParams
        Framing and window.
    sample_rate : float
        Samples per second, > 0 and at most 1e12.
    scaling : {"none", "density", "spectrum", "magnitude", "dBFS"}, keyword-only
        What power of a bin is: the sum of squares of the transform as it is; one-sided power spectral
        density, in units**2/Hz; mean square of a sine, in units**2, whose root is RMS; square of the
        amplitude of a sine, so that magnitude is its peak; or the last, re a sine of full scale.
    calibration : float, keyword-only
        Units for a sample of 1.0, > 0: with 2.5 and ``unit="Pa"`` a sine of full scale has an amplitude of
        2.5 Pa.
    unit : str, keyword-only
        What the samples measure, for labels, ``"V"`` by default.
    detrend : {"none", "constant"}, keyword-only
        Whether the mean of each frame is taken off before the window, as in SciPy's `welch`.

    Raises
    ------
    InvalidInputError
        If a value is out of range, there is a unit without a scaling, or ``"dBFS"`` with a calibration or a
        unit.

    See Also
    --------
    StftParams : The framing alone; its `coherent_gain` and `enbw` are those of the window.
    LogParams : The reference of decibels.
    compute_mel_db_spectrogram, SpectrogramPlan : Take these parameters.

    Notes
    -----
    With the window w, the transform X and the rate fs, density is ``2 |X|**2 / (fs sum(w**2))``, spectrum
    ``2 |X|**2 / sum(w)**2`` and magnitude squared ``4 |X|**2 / sum(w)**2``; 0 Hz and Nyquist have no negative
    frequency beside them and go without the 2 or 4. Complex spectra always do, so that they can be inverted.
    Bands of a scale sum what they weigh.

    References
    ----------
    G. Heinzel, A. Ruediger and R. Schilling, Spectrum and spectral density estimation by the discrete Fourier
    transform, Max-Planck-Institut fuer Gravitationsphysik, 2002.

    %(plain_examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(400, 160, "hann"), 16000)
    >>> params.stft.hop_size / params.sample_rate  # seconds from frame to frame
    0.01

    A sine of amplitude 0.5 has a magnitude of 0.5, -6 dB re full scale:

    >>> import numpy as np
    >>> sine = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> stft = sg.StftParams(512, 256, "hann", periodic=True)
    >>> params = sg.SpectrogramParams(stft, 16000, scaling="dBFS")
    >>> spectrogram = sg.compute_linear_db_spectrogram(sine, params)
    >>> round(float(spectrogram.data[32, 20]), 6), spectrogram.unit
    (-6.0206, 'dBFS')
    """

    stft: StftParams
    sample_rate: float
    scaling: str
    calibration: float
    unit: str | None
    detrend: str
    _later = ("scaling", "calibration", "unit", "detrend")

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        *,
        scaling: str = "none",
        calibration: float = 1.0,
        unit: str | None = None,
        detrend: str = "none",
    ) -> Self:
        stft = as_instance("stft", stft, StftParams)
        sample_rate = as_sample_rate(sample_rate)
        scaling = as_choice("scaling", scaling, SCALINGS)
        calibration = as_positive("calibration", calibration)
        if unit is not None and not (isinstance(unit, str) and _UNIT.fullmatch(unit)):
            raise InvalidInputError(f"unit must be 1 to 16 characters without spaces, got {shown(unit)}")
        if unit is not None and scaling == "none":
            raise InvalidInputError(f"unit={unit!r} needs a scaling: the transform as it is has no unit")
        if scaling == "dBFS" and (calibration != 1.0 or unit is not None):
            given = "calibration" if calibration != 1.0 else "unit"
            raise InvalidInputError(f'scaling="dBFS" is relative to full scale and takes no {given}')
        detrend = as_choice("detrend", detrend, ("none", "constant"))
        return cls._create(stft, sample_rate, scaling, calibration, unit, detrend)

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
        stft, values = self.stft, {name: getattr(self, name) for name in self._later}
        given = {name: value for name, value in values.items() if value != self._default(name)}
        values = {"sample_rate": self.sample_rate, "n_fft": stft.n_fft, "hop_size": stft.hop_size, **given}
        texts = (f"{name}={as_text(value)}" for name, value in values.items())
        return f"SpectrogramParams({', '.join(texts)})"


#: Curves of sound level meters; `filterbanks.weighting` has them.
WEIGHTINGS = ("none", "A", "B", "C", "D")


@documented()
class LogParams(Params):
    """Floor of a decibel scale.

    Parameters
    ----------
    floor_db : float
        Smallest value of the output in dB re 1, in plans at most 3000; power below ``10**(floor_db / 10)`` is
        raised to it. A floor below the smallest number of the precision has no effect.
    reference : float, keyword-only
        Amplitude that is 0 dB, > 0, in the unit of the samples: 20e-6 for dB re 20 uPa of sound in air. The
        floor counts from there.
    weighting : {"none", "A", "B", "C", "D"}, keyword-only
        Curve of sound level meters that is added to the levels, at the frequency of each row and nowhere less
        than -80 dB; the floor is that of the sum. See :func:`frequency_weighting`.

    Raises
    ------
    InvalidInputError
        If the floor is not finite, the reference out of range, or the weighting unknown.

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
    reference: float
    weighting: str
    _later = ("reference", "weighting")

    def __new__(cls, floor_db: float, *, reference: float = 1.0, weighting: str = "none") -> Self:
        floor_db = as_float("floor_db", floor_db)
        require(math.isfinite(floor_db), "floor_db must be finite", floor_db)
        weighting = as_choice("weighting", weighting, WEIGHTINGS)
        return cls._create(floor_db, as_positive("reference", reference), weighting)


def as_positive(name: str, value: Any) -> float:
    """Convert a factor between units, within 1e-30..1e30, where its square is a number of any precision."""
    value = as_float(name, value)
    require(1e-30 <= value <= 1e30, f"{name} must be in 1e-30..1e30", value)
    return value


def as_sample_rate(value: Any) -> float:
    """Convert a sample rate in Hz, finite, > 0 and at most `MAX_RATE`."""
    value = as_float("sample_rate", value)
    require(0.0 < value < math.inf, "sample_rate_hz must be finite and > 0", value)
    at_most("sample_rate", value, MAX_RATE)
    return value
