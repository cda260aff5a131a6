"""What the numbers of a result mean: one immutable object per plan, shared by its results.

Plans, results, dicts, files and pickles all come to an info sooner or later, so every info checks its fields,
like a parameter object: there is no other door. `Info.check_result` says whether an array can be what it
describes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.limits import MAX_CQT_BINS, MAX_TABLE, at_most, fits
from spectrograms._common.plain import as_dict
from spectrograms.errors import DimensionMismatchError, InvalidInputError
from spectrograms.params import (
    ChromaParams,
    CqtParams,
    LogParams,
    MelParams,
    MfccParams,
    SpectrogramParams,
    StftParams,
    parse_dtype,
)
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_count, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.scales import AMPLITUDES, DEFAULT_FLOOR, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.params.dtype import DType

#: How long FFTW may look for the fastest transform; more than "estimate" measures, and rounds differently.
EFFORTS = ("estimate", "measure", "patient")
_COMPLEX = {"float32": "complex64", "float64": "complex128"}
_UNITS = {"power": "power", "magnitude": "amplitude", "db": "dB"}
#: Descriptors and their units.
DESCRIPTORS = {
    "centroid": "Hz",
    "bandwidth": "Hz",
    "rolloff": "Hz",
    "flatness": "",
    "rms": "amplitude",
    "zcr": "per sample",
}


@lru_cache(maxsize=64)
def _axis(info):
    axis = np.array(info._frequency_axis(), np.float64)
    axis.flags.writeable = False
    return axis


def _frame_words(info, *, window=None, **more):
    """The conventions of frames, window and result, with more words for what lies between."""
    stft = info.stft
    pad = stft.n_fft // 2 if stft.centre else 0
    at = (stft.n_fft - stft.win_length) // 2
    shape = [value for value in (stft.window.beta, stft.window.std) if value is not None]
    named = conventions.window_words(stft.window.name, periodic=stft.periodic, parameters=shape)
    if stft.window.name == "custom":
        named = f"custom coefficients {conventions.digest(stft.window.coefficients)}"
    return conventions.words(
        rate=info.sample_rate, hop=stft.hop_size, window=window or named, window_length=stft.win_length,
        n_fft=stft.n_fft, window_at=at, left=pad - at, edges=stft.pad_mode if pad else "nothing added",
        **{"bands": conventions.fft_bins(stft.n_fft // 2 + 1), "dtype": info.dtype, **more},
    )  # fmt: skip


def _decibel_words(db):
    return conventions.log_words("dB", floor=10 ** (db.floor_db / 10))


def _known_framing(stft, sample_rate):
    """Check frames and sample rate, each None where it is unknown; frames have no times without a rate."""
    if stft is not None and sample_rate is None:
        raise InvalidInputError("sample_rate must be known where the frames are, got None")
    return (
        None if stft is None else as_instance("stft_params", stft, StftParams),
        None if sample_rate is None else as_sample_rate(sample_rate),
    )


class Info:
    """Base of the infos: axes from the parameters of the short-time transform, ``stft``.

    A class says which results it may describe in ``_kinds``, whether they are complex, and how many ``_rows``
    they have.
    """

    __slots__ = ()
    _kinds: ClassVar[tuple[str, ...]]
    _complex = False
    params: Any

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build an info from what `to_dict` returned; errors as of ``Params.from_dict``."""
        # Files of earlier versions say where the class was defined.
        data = {name: value for name, value in as_dict("data", data).items() if name != "module"}
        return super().from_dict(data)  # type: ignore[misc]

    def check_result(self, kind: str, shape: tuple[int, ...], dtype: Any) -> None:
        """Refuse an array that cannot be a result of this info.

        Parameters
        ----------
        kind : str
            The class of the result, as `registry.RESULTS` calls it.
        shape : tuple of int
        dtype : numpy.dtype

        Raises
        ------
        InvalidInputError
            If results of that kind have another info, the array is not 2-D, or its dtype another.
        DimensionMismatchError
            If it has another number of rows.
        """
        if kind not in self._kinds:
            raise InvalidInputError(f"info of a {kind} must be of another type, got {type(self).__name__}")
        if len(shape) != 2:
            raise InvalidInputError(f"data of a {kind} must be 2-D, got shape {shape}")
        precision = getattr(self, "dtype", None) or np.zeros(0, dtype).real.dtype.name
        expected = _COMPLEX[precision] if self._complex else precision
        if np.dtype(dtype) != expected:
            raise InvalidInputError(f"data of this {kind} must have dtype {expected}, got {dtype}")
        self._check_shape(shape)

    def _check_shape(self, shape):
        if shape[0] != self._rows():
            raise DimensionMismatchError(self._rows(), shape[0], "rows of the data")

    def _rows(self):
        """Rows of a result."""
        raise NotImplementedError(f"{type(self).__name__} must say how many rows its results have")

    def to_dict(self) -> dict[str, Any]:
        """The info as plain data; see ``Params.to_dict``. Where `effort` is the default it is left out."""
        data: dict[str, Any] = super().to_dict()  # type: ignore[misc]
        if data.get("effort") == "estimate":
            del data["effort"]
        return data

    @property
    def stft(self) -> Any:
        """StftParams of the frames."""
        return self.params.stft

    @property
    def sample_rate(self) -> Any:
        """Samples per second."""
        return self.params.sample_rate

    @property
    def hop_size(self) -> int:
        """Samples from one frame to the next."""
        return self.stft.hop_size

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequency of each row in Hz, a read-only ndarray of float64."""
        return _axis(self)

    def times(self, n_frames: int) -> NDArray[np.float64]:
        """Time of each frame in seconds: ``i * (hop_size / sample_rate)``, ndarray of float64.

        A MemoryError for more than 2**28 frames.
        """
        fits("n_frames", n_frames, MAX_TABLE, "frames")
        with np.errstate(invalid="ignore"):  # a hop of infinite seconds
            return np.arange(n_frames, dtype=np.float64) * (self.hop_size / self.sample_rate)


def as_spectrogram_params(params: Any) -> SpectrogramParams:
    """Accept SpectrogramParams, by the words of the reference."""
    if not isinstance(params, SpectrogramParams):
        raise TypeError(f"params must be SpectrogramParams, got {type(params).__name__}")
    return params


class SpectrogramInfo(Info, Params):
    """Scale, amplitude and axes of the spectrograms of one plan.

    Parameters
    ----------
    params : SpectrogramParams
    scale_params : parameter object or None
    amplitude : str
    db : LogParams or None
    dtype : str
    effort : str
    """

    _fields = ("params", "scale_params", "amplitude", "db", "dtype", "effort")
    __slots__ = _fields
    params: SpectrogramParams
    scale_params: Params | None
    amplitude: str
    db: LogParams | None
    dtype: str
    effort: str
    _kinds = ("Spectrogram",)

    def __new__(
        cls,
        params: SpectrogramParams,
        scale_params: Params | None,
        amplitude: str,
        db: LogParams | None,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        params = as_spectrogram_params(params)
        amplitude = as_choice("amplitude", amplitude, AMPLITUDES)
        if db is not None and not isinstance(db, LogParams):
            raise TypeError(f"db must be LogParams or None, got {type(db).__name__}")
        if amplitude == "db" and db is None:
            db = DEFAULT_FLOOR
        scale_of(scale_params)
        return cls._create(
            params=params,
            scale_params=scale_params,
            amplitude=amplitude,
            db=db if amplitude == "db" else None,
            dtype=parse_dtype(dtype),
            effort=as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return scale_of(self.scale_params).count(self.params, self.scale_params)

    @property
    def scale(self) -> str:
        """Name of the scale of the rows."""
        return scale_of(self.scale_params).name

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return _UNITS[self.amplitude]

    def conventions(self) -> dict[str, str]:
        """What the plan does, in words."""
        words = {"spectrum": "power", **scale_of(self.scale_params).words(self.params, self.scale_params)}
        if self.amplitude == "magnitude":
            words |= {"spectrum": "magnitude"} if self.scale_params is None else {"root": "square root"}
        if self.db is not None:
            words["log"] = _decibel_words(self.db)
        return _frame_words(self, **words)

    def _frequency_axis(self):
        return scale_of(self.scale_params).frequencies(self.params, self.scale_params)


class StftInfo(Info, Params):
    """Parameters and axes of the complex spectra of one plan.

    Parameters
    ----------
    spectrogram_params : SpectrogramParams
    dtype : str
    effort : str
    """

    _fields = ("spectrogram_params", "dtype", "effort")
    __slots__ = _fields
    spectrogram_params: SpectrogramParams
    dtype: str
    effort: str

    scale = "linear"
    amplitude = "complex"
    unit = "amplitude"
    _kinds = ("StftResult",)
    _complex = True

    def __new__(
        cls, spectrogram_params: SpectrogramParams, dtype: DType, *, effort: str = "estimate"
    ) -> Self:
        return cls._create(
            spectrogram_params=as_spectrogram_params(spectrogram_params),
            dtype=parse_dtype(dtype),
            effort=as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return self.stft.n_fft // 2 + 1

    @property
    def params(self) -> Any:
        """StftParams: what a result of this kind calls its parameters."""
        return self.spectrogram_params.stft

    @property
    def stft(self) -> StftParams:
        """StftParams of the frames."""
        return self.params

    @property
    def sample_rate(self) -> float:
        """Samples per second."""
        return self.spectrogram_params.sample_rate

    def conventions(self) -> dict[str, str]:
        """What the plan does, in words."""
        return _frame_words(self, spectrum="complex", dtype=_COMPLEX[self.dtype])

    def _frequency_axis(self):
        n_fft = self.stft.n_fft
        # Not the product with sample_rate / n_fft of the other axes: the last bit differs, as it does in
        # the reference.
        return np.arange(n_fft // 2 + 1) * self.sample_rate / n_fft


class _Framed(Info):
    """Info of features whose own parameters do not know the frames they were made from.

    ``stft`` and ``sample_rate`` are None where the features were made from a bare array.
    """

    __slots__ = ()
    scale: str

    @property
    def hop_size(self) -> int:
        """Samples from one frame to the next."""
        if self.stft is None:
            raise AttributeError("hop_size is unknown: the features were made from a bare array")
        return self.stft.hop_size

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Rows of these features have no frequency: an AttributeError."""
        raise AttributeError(f"rows of scale {self.scale!r} have no frequencies")

    def times(self, n_frames: int) -> NDArray[np.float64]:
        """Time of each frame in seconds, ndarray of float64; NaN where it is unknown."""
        fits("n_frames", n_frames, MAX_TABLE, "frames")
        return np.full(n_frames, np.nan) if self.stft is None else super().times(n_frames)


class MfccInfo(_Framed, Params):
    """Parameters of the coefficients of one plan.

    Parameters
    ----------
    stft : StftParams or None
    sample_rate : float or None
    n_mels : int
    params : MfccParams
    dtype : str
    effort : str
    """

    _fields = ("stft", "sample_rate", "n_mels", "params", "dtype", "effort")
    __slots__ = _fields
    stft: StftParams | None
    sample_rate: float | None
    n_mels: int
    params: MfccParams
    dtype: str
    effort: str

    scale = "mfcc"
    amplitude = "cepstrum"
    unit = ""
    _kinds = ("Mfcc",)

    def __new__(
        cls,
        stft: StftParams | None,
        sample_rate: float | None,
        n_mels: int,
        params: MfccParams,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft, sample_rate = _known_framing(stft, sample_rate)
        params = as_instance("mfcc_params", params, MfccParams)
        n_mels = as_count("n_mels", n_mels, zero="n_mels must be a positive integer")
        return cls._create(
            stft=stft,
            sample_rate=sample_rate,
            n_mels=n_mels,
            params=params,
            dtype=parse_dtype(dtype),
            effort=as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        params = self.params
        # A single coefficient is kept, or nothing would be left.
        return params.n_mfcc if params.include_c0 or params.n_mfcc == 1 else params.n_mfcc - 1

    def conventions(self) -> dict[str, str]:
        """What the plan does, in words."""
        rows = self.params
        # As the plan has them: all of the range, peaks of 1, the usual floor.
        stft: Any = self.stft
        rate: Any = self.sample_rate
        mel = MelParams(self.n_mels, 0.0, rate / 2)
        more = "" if rows.include_c0 or rows.n_mfcc == 1 else ", coefficient 0 left out"
        cepstrum = conventions.cepstrum_words(
            rows.n_mfcc, norm=rows.dct_norm or "none", lifter=rows.lifter, more=more
        )
        words = scale_of(mel).words(SpectrogramParams(stft, rate), mel)
        return _frame_words(
            self, spectrum="power", **words, log=_decibel_words(DEFAULT_FLOOR), cepstrum=cepstrum
        )


class ChromaInfo(_Framed, Params):
    """Parameters of the pitch classes of one plan.

    Parameters
    ----------
    stft : StftParams or None
    sample_rate : float or None
    params : ChromaParams
    dtype : str
    effort : str
    """

    _fields = ("stft", "sample_rate", "params", "dtype", "effort")
    __slots__ = _fields
    stft: StftParams | None
    sample_rate: float | None
    params: ChromaParams
    dtype: str
    effort: str

    scale = "chroma"
    amplitude = "magnitude"
    unit = "amplitude"
    _kinds = ("Chromagram",)

    def __new__(
        cls,
        stft: StftParams | None,
        sample_rate: float | None,
        params: ChromaParams,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft, sample_rate = _known_framing(stft, sample_rate)
        params = as_instance("chroma_params", params, ChromaParams)
        return cls._create(
            stft=stft,
            sample_rate=sample_rate,
            params=params,
            dtype=parse_dtype(dtype),
            effort=as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return 12

    def conventions(self) -> dict[str, str]:
        """What the plan does, in words."""
        p = self.params
        bands = conventions.other_bands(
            12, p.f_min, p.f_max, f"pitch classes, A4 at {conventions.number(p.tuning)} Hz"
        )
        bands["filter norm"] = f"{p.norm.name} of each frame"
        return _frame_words(self, spectrum="magnitude", bands=bands)


class DescriptorInfo(_Framed, Params):
    """What one number per frame means.

    Parameters
    ----------
    stft : StftParams
    sample_rate : float
    name : str
    unit : str
    dtype : str
    effort : str
    """

    _fields = ("stft", "sample_rate", "name", "unit", "dtype", "effort")
    __slots__ = _fields
    stft: StftParams
    sample_rate: float
    name: str
    unit: str
    dtype: str
    effort: str

    amplitude = "descriptor"
    _kinds = ("Descriptor",)

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        name: str,
        unit: str,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft = as_instance("stft_params", stft, StftParams)
        name = as_choice("name", name, tuple(DESCRIPTORS))
        return cls._create(
            stft=stft,
            sample_rate=as_sample_rate(sample_rate),
            name=name,
            unit=as_choice("unit", unit, (DESCRIPTORS[name],)),
            dtype=parse_dtype(dtype),
            effort=as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return 1

    @property
    def scale(self) -> str:  # type: ignore[override]
        """Name of the descriptor."""
        return self.name

    @property
    def params(self) -> StftParams:
        """StftParams: a descriptor has none of its own."""
        return self.stft

    def conventions(self) -> dict[str, str]:
        """What the plan does, in words."""
        return _frame_words(self, spectrum=f"its {self.name}", bands={"bands": "1"})


class CqtInfo(Info, Params):
    """Parameters and axes of a complex constant-Q transform.

    Parameters
    ----------
    params : CqtParams
    sample_rate : float
    hop_size : int
    n_bins : int
        Bins below half the sample rate.
    dtype : str
    """

    _fields = ("params", "sample_rate", "hop_size", "n_bins", "dtype")
    __slots__ = _fields
    params: CqtParams
    sample_rate: float
    hop_size: int
    n_bins: int
    dtype: str

    scale = "cqt"
    amplitude = "complex"
    unit = "amplitude"
    _kinds = ("CqtResult",)
    _complex = True

    def __new__(cls, params: CqtParams, sample_rate: float, hop_size: int, n_bins: int, dtype: DType) -> Self:
        params = as_instance("params", params, CqtParams)
        sample_rate = as_sample_rate(sample_rate)
        hop_size = as_count("hop_size", hop_size)
        n_bins = as_count("n_bins", n_bins)
        at_most("num_bins", params.num_bins, MAX_CQT_BINS)
        if n_bins > params.num_bins:
            raise InvalidInputError(f"n_bins must be <= num_bins={params.num_bins}, got {n_bins}")
        return cls._create(
            params=params, sample_rate=sample_rate, hop_size=hop_size, n_bins=n_bins, dtype=parse_dtype(dtype)
        )

    def _rows(self):
        return self.n_bins

    def _frequency_axis(self):
        return scale_of(self.params).frequencies(None, self.params)[: self.n_bins]
