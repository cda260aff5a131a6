"""Spectro-temporal modulation: how fast a spectrogram ripples over frequency and over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.results.frame_results import FrameArray
from spectrograms._engine.results.result import OwnedArray
from spectrograms.errors import DimensionMismatchError, InvalidInputError
from spectrograms.features.fourier.spectra2d import compute_fft2d
from spectrograms.params import parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_bool, as_choice, as_count, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.infos import Info

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.params.dtype import DType

__all__ = ["StmtfResult", "compute_stmtf"]

# Added to the standard deviation, so that a constant spectrogram stays finite.
_TINY = 1e-12
_SCALES = ("magnitude", "power")


class StmtfInfo(Info, Params):
    """What the axes of a `StmtfResult` mean.

    Parameters
    ----------
    params : parameter object
        That of the spectrogram.
    sample_rate : float
    hop_size : int
    n_frames : int
        Of the spectrogram; half a spectrum does not tell whether they were even.
    scale : str
    full : bool
    """

    params: Params
    sample_rate: float
    hop_size: int
    n_frames: int
    scale: str
    full: bool
    _kinds = ("StmtfResult",)

    def __new__(
        cls, params: Params, sample_rate: float, hop_size: int, n_frames: int, scale: str, full: bool
    ) -> Self:
        return cls._create(
            as_instance("params", params, Params),
            as_sample_rate(sample_rate),
            as_count("hop_size", hop_size),
            as_count("n_frames", n_frames),
            as_choice("scale", scale, _SCALES),
            as_bool("full", full),
        )

    def _check_shape(self, shape):
        # A spectrogram may have any number of rows.
        columns = self.n_frames if self.full else self.n_frames // 2 + 1
        if shape[1] != columns:
            raise DimensionMismatchError(columns, shape[1], "columns of the data")


@documented()
class StmtfResult(OwnedArray):
    """The modulation spectrum of a spectrogram.

    Shape (n_bins, n_frames) with modulation 0 in the middle, or (n_bins, n_frames // 2 + 1), the half that
    determines the other, with modulation 0 at the start.

    See Also
    --------
    compute_stmtf : Makes it.

    %(examples)s
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> modulation = sg.compute_stmtf(sg.compute_linear_magnitude_spectrogram(noise, params))
    >>> modulation.shape, modulation.full, modulation.scale
    ((257, 101), True, 'magnitude')
    >>> modulation.temporal_modulation[[0, 50, 100]].round(2)  # Hz, zero in the middle
    array([-49.5,   0. ,  49.5])
    """

    __slots__ = ()
    __module__ = "spectrograms"

    @property
    def spectral_modulation(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_bins,): modulation over frequency of every row, in cycles per bin."""
        cycles: NDArray[Any] = np.fft.fftfreq(self.shape[0])
        return np.fft.fftshift(cycles) if self.full else cycles

    @property
    def temporal_modulation(self) -> NDArray[np.float64]:
        """ndarray of float64: modulation over time of every column, in Hz."""
        info = self._info
        period = info.hop_size / info.sample_rate
        if self.full:
            return np.fft.fftshift(np.fft.fftfreq(info.n_frames, period))
        return np.fft.rfftfreq(info.n_frames, period)

    @property
    def scale(self) -> str:
        """str: what the values are: ``"magnitude"`` or ``"power"``."""
        return self._info.scale

    @property
    def full(self) -> bool:
        """bool: whether both halves of the spectrum are there, modulation 0 in the middle."""
        return self._info.full

    @property
    def params(self) -> Any:
        """The parameters of the spectrogram."""
        return self._info.params

    def _axes(self):
        return {
            "spectral_modulation": self.spectral_modulation,
            "temporal_modulation": self.temporal_modulation,
        }


@np.errstate(all="ignore")  # infinite values give NaN
def _centred(data, dtype, remove_mean, standardize):
    values = data.astype(dtype)
    if remove_mean:
        values -= values.mean(dtype=np.float64)
    if standardize:
        values /= values.std(dtype=np.float64) + _TINY
    if remove_mean:
        values -= values.mean(axis=1, keepdims=True, dtype=np.float64)
        values -= values.mean(axis=0, keepdims=True, dtype=np.float64)
    return values


def compute_stmtf(
    spectrogram: Any,
    remove_mean: bool = True,
    scale: str = "magnitude",
    full: bool = True,
    dtype: DType = None,
    *,
    standardize: bool = False,
) -> StmtfResult:
    """Compute the spectro-temporal modulation transfer function.

    Parameters
    ----------
    spectrogram : Spectrogram or another real result with frames
        Its sample rate and hop give the axis of temporal modulation.
    remove_mean : bool, default True
        Subtract the mean of everything, then that of each bin over time, then that of each frame over its
        bins: what is constant along an axis has no modulation and would hide the rest.
    scale : {"magnitude", "power"}
        Values of the result.
    full : bool, default True
        Both halves of the spectrum, sorted, or only the half of non-negative temporal modulation.
    dtype : {"float64", "float32"}, optional
        Precision of arithmetic and result.
    standardize : bool, default False
        Divide by the standard deviation of everything plus 1e-12.

    Returns
    -------
    StmtfResult, shape (n_bins, n_frames) or (n_bins, n_frames // 2 + 1)

    Raises
    ------
    TypeError
        If `spectrogram` is not a result with frames, or is complex.
    ValueError
        If `scale` or `dtype` is unknown.

    See Also
    --------
    compute_fft2d : The transform.
    compute_mel_db_spectrogram : One of the spectrograms that this takes.

    Notes
    -----
    ``|sum_kt S[k, t] exp(-2j pi (u k / n_bins + v t / n_frames))|``, without scaling.

    References
    ----------
    T. M. Elliott and F. E. Theunissen, The modulation transfer function for speech intelligibility, PLoS
    Computational Biology 5, 2009.

    Examples
    --------
    A tone whose level rises and falls four times a second:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> t = np.arange(32000) / 16000
    >>> sound = (1.0 + np.cos(2 * np.pi * 4 * t)) * np.sin(2 * np.pi * 1000 * t)
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann", centre=False), 16000)
    >>> spectrogram = sg.compute_linear_magnitude_spectrogram(sound, params)
    >>> modulation = sg.compute_stmtf(spectrogram, full=False)
    >>> modulation.shape
    (257, 99)
    >>> strongest = modulation.data.sum(axis=0).argmax()
    >>> round(float(modulation.temporal_modulation[strongest]))  # Hz
    4
    """
    if not isinstance(spectrogram, FrameArray):
        raise TypeError(f"spectrogram must be a result with frames, got {type(spectrogram).__name__}")
    if spectrogram.data.dtype.kind == "c":
        raise TypeError(f"spectrogram must be real, got {spectrogram.data.dtype}")
    remove_mean = as_bool("remove_mean", remove_mean)
    scale = as_choice("scale", scale, _SCALES)
    full = as_bool("full", full)
    standardize = as_bool("standardize", standardize)
    dtype = parse_dtype(dtype)
    if spectrogram.sample_rate is None or getattr(spectrogram, "hop_size", None) is None:
        raise InvalidInputError("spectrogram must have a sample rate and a hop, got None")
    info = StmtfInfo(
        spectrogram.params, spectrogram.sample_rate, spectrogram.hop_size, spectrogram.n_frames, scale, full
    )

    values = _centred(spectrogram.data, dtype, remove_mean, standardize)
    transform = compute_fft2d(values, dtype=dtype)
    spectrum = transform.shifted()[0] if full else transform.data
    with np.errstate(over="ignore"):
        modulation = (
            np.abs(spectrum) if scale == "magnitude" else np.square(spectrum.real) + np.square(spectrum.imag)
        )
    return StmtfResult._from_array(modulation, info)
