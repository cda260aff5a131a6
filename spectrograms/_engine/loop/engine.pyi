from collections.abc import Sequence
from typing import Any, Literal, Self, TypedDict

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

from spectrograms._engine.loop.frames import PADDINGS as PADDINGS

_Spectrum = Literal["power", "complex", "samples", "energy"]
_Energy = Literal["raw", "windowed"]
_Output = tuple[_Spectrum, Sequence[tuple[Any, ...]]]

class _Steps(TypedDict, total=False):
    gain: float
    dither: float
    remove_mean: bool
    remove_trend: bool
    energy: _Energy
    preemphasis: float

@disjoint_base
class Engine:
    def __new__(
        cls,
        single: bool,
        n_fft: int,
        hop: int,
        window: NDArray[np.float64] | None,
        *,
        window_at: int = 0,
        left: int = 0,
        padding: str = "zeros",
        reach: int | None = None,
        lead: int = 0,
        signal_preemphasis: float = 0.0,
        steps: _Steps | None = None,
        outputs: Sequence[_Output] = ...,
        pad: int = 0,
        short_frames: int = 1,
        block: int = 0,
        effort: Literal["estimate", "measure", "patient"] = "estimate",
    ) -> Self: ...
    @property
    def single(self) -> bool: ...
    @property
    def rows(self) -> int: ...
    def row_counts(self) -> list[int]: ...
    @property
    def hop(self) -> int: ...
    @property
    def latency(self) -> int: ...
    @property
    def back(self) -> int: ...
    @property
    def reach(self) -> int: ...
    @property
    def mirrors(self) -> bool: ...
    @property
    def block(self) -> int: ...
    @property
    def scratch(self) -> int: ...
    def frame_count(self, n_samples: int) -> int: ...
