"""What the numbers of a result mean: one immutable object per plan, shared by its results.

Plans, results, dicts, files and pickles all come to an info sooner or later, so every info checks its fields,
like a parameter object. `Info.check_result` says whether an array can be what it describes. The info of a
feature stands beside the feature.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.limits import fits
from spectrograms._common.plain import as_dict
from spectrograms._engine.results.storage import load_info
from spectrograms.errors import DimensionMismatchError, InvalidInputError, shown
from spectrograms.params import LogParams, SpectrogramParams
from spectrograms.params.base import Params
from spectrograms.params.checking import as_float, as_index, require
from spectrograms.params.dtype import COMPLEX
from spectrograms.plans import units
from spectrograms.plans.geometry import FrameGeometry, frame_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How long FFTW may look for the fastest transform; more than "estimate" measures, and rounds differently.
EFFORTS = ("estimate", "measure", "patient")

# Of a result that may be cut: more than any has, and an axis of 128 MB.
_MOST_ROWS = 1 << 24


@lru_cache(maxsize=64)
def _axis(info):
    axis = np.array(info._frequency_axis(), np.float64)
    axis.flags.writeable = False
    return axis


def frame_words(info: Any, *, window: str | None = None, **more: Any) -> dict[str, str]:
    """The conventions of frames, window and result, with more words for what lies between."""
    stft = info.stft
    shape = [value for value in (stft.window.beta, stft.window.std) if value is not None]
    shape += stft.window.parameters
    named = conventions.window_words(stft.window.name, periodic=stft.periodic, parameters=shape)
    if stft.window.name == "custom":
        named = f"custom coefficients {conventions.digest(stft.window.coefficients)}"
    bands = conventions.fft_bins(stft.n_fft // 2 + 1)
    frames = FrameGeometry.of(stft).words()
    more = {"bands": bands, "dtype": info.dtype, **more}
    said = conventions.words(rate=info.sample_rate, window=window or named, **frames, **more)
    return said | units.words(info.measured)


def decibel_words(db: LogParams) -> str:
    """The convention of values in dB."""
    return conventions.log_words(units.decibels(db), floor=10 ** (db.floor_db / 10))


class Info:
    """Base of the infos: axes from the parameters of the short-time transform, ``stft``.

    A class says which results it may describe in ``_kinds``, whether they are complex, and how many ``_rows``
    they have.
    """

    __slots__ = ()
    _kinds: ClassVar[tuple[str, ...]]
    _later: ClassVar[tuple[str, ...]] = ("effort",)
    _complex = False
    params: Any

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build an info from what `to_dict` returned; errors as for ``Params.from_dict``."""
        # Files of earlier versions also say where the class was defined.
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
        expected = COMPLEX[precision] if self._complex else precision
        if np.dtype(dtype) != expected:
            raise InvalidInputError(f"data of this {kind} must have dtype {expected}, got {dtype}")
        self._check_shape(shape)

    def _check_shape(self, shape):
        if shape[0] != self._rows():
            raise DimensionMismatchError(self._rows(), shape[0], "rows of the data")

    def _rows(self):
        """Rows of a result."""
        raise NotImplementedError(f"{type(self).__name__} must say how many rows its results have")

    @property
    def _framing(self):
        """What says the frames and their sample rate, and the units of the spectra if they have any."""
        return self.params

    @property
    def stft(self) -> Any:
        """StftParams of the frames."""
        return self._framing.stft

    @property
    def sample_rate(self) -> Any:
        """Samples per second."""
        return self._framing.sample_rate

    @property
    def measured(self) -> SpectrogramParams | None:
        """What says the units of the spectra; None where they have none."""
        framing = self._framing
        return framing if isinstance(framing, SpectrogramParams) else None

    @property
    def start(self) -> float | str:
        """When the first sample is, in seconds."""
        return 0.0

    @property
    def hop_size(self) -> int:
        """Samples from one frame to the next."""
        return self.stft.hop_size

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequency of each row in Hz, a read-only ndarray of float64."""
        return _axis(self)

    def times(self, n_frames: int, first: int = 0) -> NDArray[np.float64]:
        """Time of each frame from `first` on in seconds: ``i * (hop_size / sample_rate)``, as float64.

        A MemoryError for more than 2**28 frames.
        """
        with np.errstate(invalid="ignore"):  # a hop of infinite seconds
            return self._seconds(frame_numbers(n_frames) + first)

    def excerpt(self, first_frame: int, first_row: int = 0, n_rows: int | None = None) -> ExcerptInfo:
        """The info of a part of a result, from a frame and a row on."""
        return ExcerptInfo(self, first_row=first_row, n_rows=n_rows, first_frame=first_frame)

    def starting(self, start: float | dt.datetime) -> ExcerptInfo:
        """The info of a result whose first sample is at another time."""
        return ExcerptInfo(self, start=start)

    def _seconds(self, frames):
        return frames * (self.hop_size / self.sample_rate)


class ExcerptInfo(Info, Params):
    """What the numbers of a part of a result mean, or of one whose signal begins at another time.

    Whatever is not said here is that of the whole.

    Parameters
    ----------
    info : Info
        Of the whole result.
    first_row, n_rows : int
        Which of its rows; `n_rows` None for all of them.
    first_frame : int
        The frame that comes first here.
    start : float or str
        When the first sample is, in seconds; a datetime, or its ISO text, in whose seconds times count.
    """

    info: Info
    first_row: int
    n_rows: int | None
    first_frame: int
    start: float | str
    _later = ()

    def __new__(
        cls,
        info: Info,
        *,
        first_row: int = 0,
        n_rows: int | None = None,
        first_frame: int = 0,
        start: float | str | dt.datetime = 0.0,
    ) -> Self:
        if not isinstance(info, Info) or isinstance(info, ExcerptInfo):
            raise TypeError(f"info must be that of a whole result, got {shown(info)}")
        first_row, first_frame = as_index("first_row", first_row), as_index("first_frame", first_frame)
        if n_rows is not None:
            n_rows = as_index("n_rows", n_rows)
            whole = info._rows()
            # Their axis is made whole, however small the part.
            fits("rows of the whole", whole, _MOST_ROWS, "rows")
            require(0 < n_rows <= whole - first_row, f"n_rows must be in 1..{whole - first_row}", n_rows)
        return cls._create(info, first_row, n_rows, first_frame, _as_start(start))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in self._fields:
            raise AttributeError(f"{type(self).__name__} has no {name}")
        return getattr(self.info, name)

    # The class above has these of its own.
    @property
    def _framing(self):
        return self.info

    @property
    def measured(self) -> SpectrogramParams | None:
        return self.info.measured

    @property
    def hop_size(self) -> int:
        return self.info.hop_size

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build it from what `to_dict` returned; errors as for ``Params.from_dict``."""
        data = as_dict("data", data)
        inner = as_dict("info", data.get("info"))
        kind = inner.get("type")
        if isinstance(kind, str) and kind == cls.__name__:
            raise InvalidInputError("info must be that of a whole result, got one of a part")
        return super().from_dict({**data, "info": load_info(inner)})

    @property
    def clock(self) -> dt.datetime | None:
        """When the first sample is, as a time of day; None where that is not known."""
        return dt.datetime.fromisoformat(self.start) if isinstance(self.start, str) else None

    def excerpt(self, first_frame: int, first_row: int = 0, n_rows: int | None = None) -> ExcerptInfo:
        """A part of the part."""
        return self._replace(
            first_frame=self.first_frame + first_frame,
            first_row=self.first_row + first_row,
            n_rows=self.n_rows if n_rows is None else n_rows,
        )

    def starting(self, start: float | dt.datetime) -> ExcerptInfo:
        """The same part at another time."""
        return self._replace(start=start)

    def check_result(self, kind: str, shape: tuple[int, ...], dtype: Any) -> None:
        """Refuse an array that cannot be this part of a result; errors as for a whole one."""
        if self.n_rows is None:
            return self.info.check_result(kind, shape, dtype)
        if shape[:1] != (self.n_rows,):
            raise DimensionMismatchError(self.n_rows, shape[0] if shape else 0, "rows of the data")
        return self.info.check_result(kind, (self.info._rows(), *shape[1:]), dtype)

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequency of each row in Hz, a read-only ndarray of float64."""
        end = None if self.n_rows is None else self.first_row + self.n_rows
        return self.info.frequencies[self.first_row : end]

    def times(self, n_frames: int, first: int = 0) -> NDArray[np.float64]:
        """Time of each frame in seconds, as of the whole result."""
        times = self.info.times(n_frames, self.first_frame + first)
        return times if isinstance(self.start, str) or not self.start else times + self.start

    def said(self, n_frames: int) -> str:
        """This part in words, for the repr of a result."""
        times = self.times(n_frames)
        words = f", {times[0]:.6g} to {times[-1]:.6g} s" if n_frames else ""
        if isinstance(self.start, str):
            words += f" from {self.start}"
        if self.n_rows is not None:
            words += f", {self.frequencies[0]:.6g} to {self.frequencies[-1]:.6g} Hz"
        return words


def _as_start(start):
    """A start in seconds, or as the text of a datetime."""
    if isinstance(start, str):
        try:
            start = dt.datetime.fromisoformat(start)
        except ValueError:
            raise InvalidInputError(f"start must be a time in ISO 8601, got {shown(start)}") from None
    if isinstance(start, dt.datetime):
        return start.isoformat()
    start = as_float("start", start)
    require(abs(start) <= 1e15, "start must be at most 1e15 s from 0", start)
    return start
