from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

def moments(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]: ...
def scaled_log(
    values: NDArray[np.floating[Any]], factor: float, floor: float, reference: float
) -> NDArray[np.floating[Any]]: ...
def within(values: NDArray[np.floating[Any]], limit: float) -> bool: ...
def apply_dense(weights: ArrayLike, x: NDArray[np.float64]) -> NDArray[np.float64]: ...
def normalize(
    x: NDArray[np.floating[Any]],
    out: NDArray[np.floating[Any]],
    *,
    per_row: bool,
    ddof: int,
    inside: float,
    outside: float,
    subtract: bool,
    divide: bool,
) -> None: ...
def gaussians(first: int, count: int) -> NDArray[np.float64]: ...
