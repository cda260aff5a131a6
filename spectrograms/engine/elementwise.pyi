from typing import Any

import numpy as np
from numpy.typing import NDArray

def scaled_log(
    values: NDArray[np.floating[Any]], factor: float, floor: float, offset: float
) -> NDArray[np.floating[Any]]: ...
