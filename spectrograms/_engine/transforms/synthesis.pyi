from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

LEAST_NORM: Final = 1e-10

@disjoint_base
class Synthesis:
    def __new__(
        cls,
        single: bool,
        n_fft: int,
        hop: int,
        window: NDArray[np.float64],
        effort: str = "estimate",
    ) -> Self: ...
    @property
    def single(self) -> bool: ...
    @property
    def n(self) -> int: ...
    @property
    def hop(self) -> int: ...
    @property
    def unbroken(self) -> bool: ...

@disjoint_base
class OverlapAdd:
    def __new__(cls, synthesis: Synthesis) -> Self: ...
    @property
    def taken(self) -> int: ...
    def add(self, matrix: NDArray[Any], out: NDArray[Any], first: int) -> None: ...
    def end(self, out: NDArray[Any], first: int) -> None: ...
