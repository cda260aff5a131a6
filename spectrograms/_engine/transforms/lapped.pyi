from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

from spectrograms._engine.fourier.fft import MAX_LENGTH as MAX_LENGTH

@disjoint_base
class Mdct:
    def __new__(cls, single: bool, hop: int, window: NDArray[np.float64]) -> Self: ...
    @property
    def single(self) -> bool: ...
    @property
    def n(self) -> int: ...
    def forward(self, samples: ArrayLike, left: int, count: int) -> NDArray[np.floating[Any]]: ...
    def backward(self, matrix: NDArray[Any], skip: int, length: int) -> NDArray[np.floating[Any]]: ...
