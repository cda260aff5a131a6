from typing import Any

import numpy as np
from numpy.typing import NDArray

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
