from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

from spectrograms._engine.transforms.real2d import Fft2

@disjoint_base
class Filter2d(Fft2):
    def __new__(cls, single: bool, rows: int, cols: int) -> Self: ...
    def backward(self, spectrum: NDArray[Any]) -> NDArray[np.floating[Any]]: ...
    def weighted(
        self, image: ArrayLike, inner: float, outer: float, gains: tuple[float, float, float]
    ) -> NDArray[np.floating[Any]]: ...
    def convolve(self, image: ArrayLike, kernel: ArrayLike) -> NDArray[np.floating[Any]]: ...

def filter_2d(single: bool, rows: int, cols: int) -> Filter2d: ...
