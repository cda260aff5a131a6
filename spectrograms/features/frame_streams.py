"""Streams that take frames instead of samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spectrograms.errors import InvalidInputError


class FrameStream:
    """Base of what takes frames one after the other, and keeps those that it still needs."""

    __slots__ = ("_flushed", "_kept")
    _kept: Any

    def _begin(self):
        self._kept = None
        self._flushed = False

    def _joined(self, frames: Any, as_spectra: Callable[[str, Any], Any]) -> Any:
        """Check new frames, and put them behind those that were kept."""
        if self._flushed:
            raise InvalidInputError("push after flush: reset begins a new stream")
        new = as_spectra("frames", frames)
        if new.ndim != 2:
            raise TypeError(f"frames must be 2-D, got shape {new.shape}")
        if self._kept is None:
            return new
        if (len(new), new.dtype) != (len(self._kept), self._kept.dtype):
            raise InvalidInputError(
                f"frames must have {len(self._kept)} bins of {self._kept.dtype}, "
                f"got {len(new)} of {new.dtype}"
            )
        return np.concatenate([self._kept, new], axis=1)
