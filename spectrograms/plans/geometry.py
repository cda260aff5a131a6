"""Frame geometry: how many frames a signal has, which samples each one sees, and the words for both.

This arithmetic lives nowhere else, except that the engine counts frames itself, in C, at each call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.limits import MAX_LENGTH, MAX_TABLE, fits
from spectrograms.plans.units import window_gain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.params.stft import SpectrogramParams, StftParams


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameGeometry:
    """The frames of any signal; all lengths are in samples.

    Frame t is the `length` samples of the signal from ``t * hop - left - lead`` on. They are windowed and
    stand `window_at` zeros into a transform of `n_fft`. Plans make theirs with :meth:`of`. A frontend whose
    frames are centred makes one with :meth:`centred`, any other from the fields themselves: `first` follows
    from where the toolkit lets its last frame end.

    Parameters
    ----------
    n_fft : int
        Length of the transform.
    hop : int
        From one frame to the next.
    length : int
        Length of the window.
    window_at : int
        Zeros before the window in the transform.
    left : int
        How far the first frame begins before the first sample (or before the zeros that lead).
    first : int
        Length of the shortest signal with a first frame; each further `hop` samples give another.
    padding : str
        What stands beside the signal: one of ``frames.PADDINGS`` of the engine.
    reach : int
        How far the padding extends on each side; zeros beyond.
    lead : int
        Zeros that count as samples, before the signal.
    short_frames : int
        Frames of a signal that is shorter than `first`.
    """

    n_fft: int
    hop: int
    length: int
    left: int
    first: int
    window_at: int = 0
    padding: str = "zeros"
    reach: int = 0
    lead: int = 0
    short_frames: int = 0

    @classmethod
    def centred(
        cls, n_fft: int, hop: int, length: int, *, centre: bool = True, dropped: int = 0, **more: Any
    ) -> Self:
        """Frames of `n_fft` samples with the window in their middle.

        With `centre` the signal is padded so that the middle of frame t is sample ``t * hop``. So many of
        the last frames are `dropped`; `more` are further fields.
        """
        pad = n_fft // 2 if centre else 0
        at = (n_fft - length) // 2
        return cls(
            n_fft=n_fft, hop=hop, length=length, window_at=at,
            left=pad - at, first=n_fft - 2 * pad + dropped * hop, reach=pad, **more,
        )  # fmt: skip

    @classmethod
    def of(cls, stft: StftParams) -> Self:
        """The frames of a short-time transform: every signal has one, however short."""
        n_fft, hop, length = stft.n_fft, stft.hop_size, stft.win_length
        return cls.centred(n_fft, hop, length, centre=stft.centre, padding=stft.pad_mode, short_frames=1)

    def whole(self) -> Self:
        """The same frames as stretches of `n_fft` samples, without a window."""
        return replace(self, length=self.n_fft, window_at=0, left=self.left + self.window_at)

    def count(self, n_samples: int) -> int:
        """Number of frames of a signal."""
        n = n_samples + self.lead
        return self.short_frames if n < self.first else (n - self.first) // self.hop + 1

    @property
    def middle(self) -> int:
        """Index of the sample under the middle of the first window; may be negative."""
        return self.length // 2 - self.left - self.lead

    def span(self, n_frames: int) -> int:
        """Number of samples that `n_frames` frames in a row cover."""
        return (n_frames - 1) * self.hop + self.n_fft

    def covered(self, n_frames: int) -> tuple[int, int]:
        """Which of the samples that overlapping frames add up to belong to the signal.

        Returns
        -------
        first, number : int
            Centring is taken off both ends.
        """
        total = self.span(n_frames)
        # A single centred frame of even length would leave nothing, so it is returned whole.
        return (self.reach, total - 2 * self.reach) if total > 2 * self.reach else (0, total)

    def placed(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        """The window with zeros beside it, as the transform sees it, ndarray of float64, shape (n_fft,)."""
        whole = np.zeros(self.n_fft)
        whole[self.window_at : self.window_at + self.length] = window
        return whole

    def for_engine(self, window: NDArray[np.float64] | None) -> dict[str, Any]:
        """These frames, and their window, as keyword arguments of the engine."""
        return {
            "n_fft": self.n_fft, "hop": self.hop, "window": window, "window_at": self.window_at,
            "left": self.left, "padding": self.padding, "reach": self.reach, "lead": self.lead,
            "pad": self.n_fft - self.first + self.lead, "short_frames": self.short_frames,
        }  # fmt: skip

    def words(self) -> dict[str, Any]:
        """These frames as keyword arguments of ``conventions.words``."""
        return {
            "hop": self.hop, "window_length": self.length, "n_fft": self.n_fft, "window_at": self.window_at,
            "left": self.left + self.lead,
            "edges": self.padding if self.reach else "nothing added" if self.left <= 0 else "zeros",
        }  # fmt: skip


def check_size(stft: StftParams) -> None:
    """Refuse transforms that are too large, before anything is built for them."""
    if stft.n_fft > MAX_LENGTH:
        raise MemoryError(f"n_fft must be at most 2**28={MAX_LENGTH}, got {stft.n_fft}")


def window_of(
    stft: StftParams, measured: SpectrogramParams | None = None, one_sided: bool = True
) -> NDArray[np.float64]:
    """The window of a short-time transform, ndarray of float64, shape (win_length,).

    It takes the units of `measured` along, see :func:`spectrograms.plans.units.window_gain`.
    """
    check_size(stft)
    window = stft.window.make(stft.win_length, periodic=stft.periodic)
    gain = window_gain(measured, window, one_sided)
    return window if gain == 1.0 else window * gain


def engine_frames(
    stft: StftParams, measured: SpectrogramParams | None = None, one_sided: bool = True
) -> dict[str, Any]:
    """Frames and window of a short-time transform as keyword arguments of the engine."""
    return FrameGeometry.of(stft).for_engine(window_of(stft, measured, one_sided))


def frame_numbers(n_frames: int) -> NDArray[np.float64]:
    """The indices of frames as ndarray of float64, to make times from; a MemoryError for more than 2**28."""
    fits("n_frames", n_frames, MAX_TABLE, "frames")
    return np.arange(n_frames, dtype=np.float64)
