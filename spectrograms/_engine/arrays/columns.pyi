from typing import Any

import numpy as np
from numpy.typing import NDArray

def moments(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]: ...
