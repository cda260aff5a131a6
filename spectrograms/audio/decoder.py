"""What a decoder is: one open recording, read forward.

It has a rate, a number of channels and, where the file states it, a length. It is asked for the next samples
until none are left, and may be told to skip some.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Samples decoded at a time where some are cut off or skipped: always the same number, because some of
#: libsndfile's decoders give other samples, or none, for other numbers. Blocks of all codecs fit into this.
BLOCK_FRAMES = 60000


class Decoder(ABC):
    """An open recording.

    Attributes
    ----------
    sample_rate, n_channels : int
    format, subtype : str
        In the terms of libsndfile.
    length : int or None
        Samples per channel; None if it is known only after reading to the end.
    """

    #: Whose decoder it is.
    decoder = "libsndfile"
    sample_rate: int
    n_channels: int
    format: str
    subtype: str
    length: int | None
    #: Whether every stretch of samples stands in the file by itself, in bytes of its own.
    is_plain = False
    #: Whether :meth:`read` fills arrays of any layout whose channels are contiguous, too.
    any_layout = False

    def _describe(
        self, sample_rate: int, n_channels: int, container: str, subtype: str, length: int | None
    ) -> None:
        self.sample_rate, self.n_channels = sample_rate, n_channels
        self.format, self.subtype, self.length = container, subtype, length

    def expected(self) -> int:
        """About how many samples follow where no length is stated; 0 if that is not known."""
        return 0

    @abstractmethod
    def read(self, out: NDArray[np.float32]) -> int:
        """Fill `out`, shape (n, n_channels), with the next samples; fewer than n only at the end."""

    def skip(self, count: int) -> int:
        """Skip the next `count` samples. Returns how many there were."""
        scratch = np.empty((min(count, BLOCK_FRAMES), self.n_channels), dtype=np.float32)
        left = count
        while left and (n := self.read(scratch[: min(left, len(scratch))])):
            left -= n
        return count - left

    def count(self) -> int:
        """Samples per channel of the whole recording. Nothing can be read afterwards."""
        if self.length is None:
            return self.skip(1 << 62)
        return self.length

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()
