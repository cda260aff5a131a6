"""What the numbers of a result mean: one immutable object per plan, shared by its results.

Plans, results, dicts, files and pickles all come to an info sooner or later, so every info checks its fields,
like a parameter object. `Info.check_result` says whether an array can be what it describes. The info of a
feature stands beside the feature.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.plain import as_dict
from spectrograms.errors import DimensionMismatchError, InvalidInputError
from spectrograms.params import LogParams, SpectrogramParams
from spectrograms.params.dtype import COMPLEX
from spectrograms.plans import units
from spectrograms.plans.geometry import FrameGeometry, frame_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How long FFTW may look for the fastest transform; more than "estimate" measures, and rounds differently.
EFFORTS = ("estimate", "measure", "patient")


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
    def stft(self) -> Any:
        """StftParams of the frames."""
        return self.params.stft

    @property
    def sample_rate(self) -> Any:
        """Samples per second."""
        return self.params.sample_rate

    @property
    def measured(self) -> SpectrogramParams | None:
        """What says the units of the spectra; None where they have none."""
        return self.params if isinstance(self.params, SpectrogramParams) else None

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
        with np.errstate(invalid="ignore"):  # a hop of infinite seconds
            return self._seconds(frame_numbers(n_frames))

    def _seconds(self, frames):
        return frames * (self.hop_size / self.sample_rate)
