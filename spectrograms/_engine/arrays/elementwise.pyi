from typing import Any

import numpy as np
from numpy.typing import NDArray

def scaled_log(
    values: NDArray[np.floating[Any]], factor: float, floor: float, reference: float
) -> NDArray[np.floating[Any]]: ...
def within(values: NDArray[np.floating[Any]], limit: float) -> bool: ...
