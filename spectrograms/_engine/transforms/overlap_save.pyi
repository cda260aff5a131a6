from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import disjoint_base

@disjoint_base
class OverlapSave:
    def __new__(cls, single: bool, response: NDArray[np.float64], block: int, n: int) -> Self: ...
    def reset(self) -> None: ...
    def run(self, samples: ArrayLike, out: NDArray[np.floating[Any]]) -> None: ...
