"""Modified discrete cosine transform: block length, hop and window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from spectrograms._common.limits import MAX_LENGTH, fits
from spectrograms.errors import InvalidInputError
from spectrograms.params.base import Params
from spectrograms.params.checking import as_count
from spectrograms.params.window import WindowType, as_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class MdctParams(Params):
    """Blocks of a modified discrete cosine transform.

    Parameters
    ----------
    window_size : int
        Length of a block in samples, even, >= 4.
    hop_size : int
        Samples from one block to the next, >= 1; half of window_size for perfect reconstruction.
    window : WindowType, str or array_like
        Window of `window_size` samples.

    Attributes
    ----------
    n_coefficients : int
        ``window_size // 2``.

    Raises
    ------
    InvalidInputError
        If a value is out of range or a custom window has another length.
    MemoryError
        If `window_size` exceeds 2**28.

    See Also
    --------
    mdct, imdct : The transform and its inverse.

    Examples
    --------
    >>> import spectrograms as sg
    >>> params = sg.MdctParams(2048, 1024, "hann")
    >>> params.n_coefficients
    1024
    """

    window_size: int
    hop_size: int
    window: WindowType
    _shown = ("window_size", "hop_size", "n_coefficients")

    def __new__(cls, window_size: int, hop_size: int, window: WindowType | str | ArrayLike) -> Self:
        window_size = _as_window_size(window_size)
        hop_size = as_count("hop_size", hop_size, zero="hop_size must be > 0")
        window = as_window(window)
        _check_window_size(window_size)
        if window.size not in (None, window_size):
            raise InvalidInputError(
                f"Custom window size ({window.size}) must match window_size ({window_size})"
            )
        return cls._create(window_size, hop_size, window)

    @classmethod
    def sine_window(cls, window_size: int) -> Self:
        """Return half-overlapping blocks under ``sin(pi (n + 1/2) / window_size)``, for reconstruction.

        Parameters
        ----------
        window_size : int
            Length of a block in samples, even, >= 4.

        Raises
        ------
        InvalidInputError
            If it is not.
        MemoryError
            If it exceeds 2**28.

        See Also
        --------
        imdct : Gives the signal back.

        Examples
        --------
        >>> import spectrograms as sg
        >>> params = sg.MdctParams.sine_window(8)
        >>> params.hop_size
        4
        >>> (params.window.coefficients[:4] ** 2 + params.window.coefficients[4:] ** 2).round(12)
        array([1., 1., 1., 1.])
        """
        window_size = _as_window_size(window_size)
        _check_window_size(window_size)
        sine = np.sin(np.pi * (np.arange(window_size) + 0.5) / window_size)
        return cls(window_size, window_size // 2, WindowType.custom(sine))

    @property
    def n_coefficients(self) -> int:
        """Coefficients of a frame, half of `window_size`."""
        return self.window_size // 2


def _as_window_size(value):
    return as_count("window_size", value, zero="window_size must be > 0")


def _check_window_size(window_size):
    if window_size % 2:
        raise InvalidInputError(f"Invalid input: window_size must be even, got {window_size}")
    if window_size < 4:
        raise InvalidInputError(f"Invalid input: window_size must be >= 4, got {window_size}")
    fits("window_size", window_size, MAX_LENGTH)
