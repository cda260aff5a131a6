"""Gammatone filters of order 4 as cascades of four second-order sections with common poles.

For the centre c, with T the step between samples::

    b = 2 pi 1.019 (c / 9.26449 + 24.7)      g = exp(-b T)      h = 2 pi c T
    H_i(z) = T (1 + q_i / z) / (1 - 2 g cos(h) / z + g^2 / z^2)
    q_i    = -g (cos(h) + v_i sin(h)),  v = (s2, -s2, s1, -s1),  s1, s2 = sqrt(3 -+ 2 sqrt(2))

and the product is scaled to a gain of 1 at c.

References
----------
Slaney, "An efficient implementation of the Patterson-Holdsworth auditory filter bank", Apple Technical Report
35, 1993.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_S1 = np.sqrt(3.0 - 2.0 * np.sqrt(2.0))
_S2 = np.sqrt(3.0 + 2.0 * np.sqrt(2.0))


@np.errstate(all="ignore")  # at rates far above the centres a response may be 0
def gammatone_sections(centres: ArrayLike, sample_rate: float) -> NDArray[np.float64]:
    """Build the coefficients of the filters.

    Parameters
    ----------
    centres : array_like, shape (n_filters,)
        In Hz, up to half the sample rate.
    sample_rate : float

    Returns
    -------
    ndarray, shape (n_filters, 7), float64
        Gain, the coefficients of ``1 / z`` and ``1 / z**2`` in the common denominator, and the four q_i.
    """
    centres = np.asarray(centres, np.float64)
    bandwidth = 2.0 * np.pi * 1.019 * (centres / 9.26449 + 24.7)
    g = np.exp(-bandwidth / sample_rate)
    h = 2.0 * np.pi * centres / sample_rate
    zeros = [-g * (np.cos(h) + v * np.sin(h)) for v in (_S2, -_S2, _S1, -_S1)]
    p1, p2 = -2.0 * g * np.cos(h), g * g
    # T cancels: the gain is that of the whole cascade at z = exp(jh).
    z = np.exp(-1j * h)
    response = np.prod([1.0 + q * z for q in zeros], axis=0) / (1.0 + p1 * z + p2 * z * z) ** 4
    return np.stack([1.0 / np.abs(response), p1, p2, *zeros], axis=1)
