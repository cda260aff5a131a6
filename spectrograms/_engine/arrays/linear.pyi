import numpy as np
from numpy.typing import ArrayLike, NDArray

def apply_dense(weights: ArrayLike, x: NDArray[np.float64]) -> NDArray[np.float64]: ...
