"""Features whose own parameters do not say which frames they are made from: their infos and plans do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from spectrograms._engine.results.frame_results import FrameArray
from spectrograms.errors import InvalidInputError
from spectrograms.params import StftParams
from spectrograms.params.checking import as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.base import Plan
from spectrograms.plans.infos import Info

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Result = TypeVar("_Result")


def known_framing(stft: Any, sample_rate: Any) -> tuple[StftParams | None, float | None]:
    """Check frames and sample rate, each None where it is unknown; frames have no times without a rate."""
    if stft is not None and sample_rate is None:
        raise InvalidInputError("sample_rate must be known where the frames are, got None")
    return (
        None if stft is None else as_instance("stft_params", stft, StftParams),
        None if sample_rate is None else as_sample_rate(sample_rate),
    )


class MeasuredArray(FrameArray):
    """Base of results whose values have a unit."""

    __slots__ = ()

    @property
    def unit(self) -> str:
        """str: unit of the values."""
        return self._info.unit


class FramedInfo(Info):
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

    def _seconds(self, frames):
        # Times are NaN where they are unknown.
        return np.full_like(frames, np.nan) if self.stft is None else super()._seconds(frames)


class FramedPlan(Plan[_Result]):
    """Base of the plans of such features, which take the frames as an argument."""

    __slots__ = ()

    @property
    def stft_params(self) -> StftParams:
        """StftParams of the frames."""
        return self._info.stft
