"""Samples that know when they begin."""

from __future__ import annotations

import numpy as np

# typing and datetime are for checkers only.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from typing import Any

    from numpy.typing import NDArray


class Recorded(np.ndarray):
    """An array of samples with the time of the first one in `start`.

    Only the array itself has it: what is cut out of it or computed from it begins at another sample, or may.
    """

    start: float | dt.datetime = 0.0


def recorded(samples: NDArray[Any], start: float | dt.datetime) -> Any:
    """The same samples, from `start` on."""
    array = samples.view(Recorded)
    array.start = start
    return array
