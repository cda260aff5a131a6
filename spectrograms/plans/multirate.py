"""Constant-Q banks with kernels of full length, as their parameters describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectrograms.filterbanks.multirate import multirate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spectrograms.filterbanks.multirate import Multirate
    from spectrograms.params import CqtParams


def octaves_of(
    params: CqtParams, frequencies: NDArray[np.float64], sample_rate: float, hop_size: int
) -> Multirate:
    """The constant-Q bank whose octaves have rates of their own."""

    def window(length):
        return params.window.make(length, periodic=True)

    return multirate(
        frequencies, params.bins_per_octave, params.q_factor, sample_rate, hop_size,
        window=window, gamma=params.gamma, normalize=params.normalize,
    )  # fmt: skip
