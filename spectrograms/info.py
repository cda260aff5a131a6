"""What the numbers of a result mean: one immutable object per plan, shared by its results."""

from functools import lru_cache

import numpy as np

from spectrograms.params import LogParams, SpectrogramParams
from spectrograms.params.base import Params
from spectrograms.scales import scale_of

_UNITS = {"power": "power", "magnitude": "amplitude", "db": "dB"}


@lru_cache(maxsize=64)
def _axis(info):
    axis = np.array(info._frequency_axis(), np.float64)
    axis.flags.writeable = False
    return axis


class Info:
    """Base of the infos: axes from the parameters of the short-time transform."""

    __slots__ = ()

    @property
    def sample_rate(self):
        """Samples per second."""
        return self.params.sample_rate

    @property
    def hop_size(self):
        """Samples from one frame to the next."""
        return self.params.stft.hop_size

    @property
    def frequencies(self):
        """Frequency of each row in Hz, a read-only ndarray of float64."""
        return _axis(self)

    def times(self, n_frames):
        """Time of each frame in seconds: ``i * (hop_size / sample_rate)``, ndarray of float64."""
        return np.arange(n_frames) * (self.hop_size / self.sample_rate)


class SpectrogramInfo(Info, Params):
    """Scale, amplitude and axes of the spectrograms of one plan.

    Parameters
    ----------
    params : SpectrogramParams
    scale_params : parameter object or None
    amplitude : str
    db : LogParams or None
    dtype : str
    """

    _fields = ("params", "scale_params", "amplitude", "db", "dtype")
    __slots__ = _fields
    params: SpectrogramParams
    scale_params: Params | None
    amplitude: str
    db: LogParams | None
    dtype: str

    def __new__(cls, params, scale_params, amplitude, db, dtype):
        return cls._create(params=params, scale_params=scale_params, amplitude=amplitude, db=db, dtype=dtype)

    @property
    def scale(self):
        """Name of the scale of the rows."""
        return scale_of(self.scale_params).name

    @property
    def unit(self):
        """Unit of the values."""
        return _UNITS[self.amplitude]

    def _frequency_axis(self):
        return scale_of(self.scale_params).frequencies(self.params, self.scale_params)


class StftInfo(Info, Params):
    """Parameters and axes of the complex spectra of one plan.

    Parameters
    ----------
    params : SpectrogramParams
    dtype : str
    """

    _fields = ("params", "dtype")
    __slots__ = _fields
    params: SpectrogramParams
    dtype: str

    scale = "linear"
    amplitude = "complex"
    unit = "amplitude"

    def __new__(cls, params, dtype):
        return cls._create(params=params, dtype=dtype)

    def _frequency_axis(self):
        stft = self.params.stft
        # Not the product with sample_rate / n_fft of the other axes: the last bit differs, as it does in
        # the reference.
        return np.arange(stft.n_fft // 2 + 1) * self.params.sample_rate / stft.n_fft
