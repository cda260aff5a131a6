import numpy as np
from numpy.typing import NDArray

def gaussians(first: int, count: int) -> NDArray[np.float64]: ...
