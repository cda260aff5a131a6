"""Fields of a recipe that place the frames as toolkits do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectrograms.plans.geometry import FrameGeometry

if TYPE_CHECKING:
    from numpy.typing import NDArray


def centred(
    n_fft: int, window: NDArray[Any], hop: int, padding: str, *, center: bool = True, dropped: int = 0
) -> dict[str, Any]:
    """Frames with the window in their middle, as torch.stft and librosa place them; see `FrameGeometry`."""
    frames = FrameGeometry.centred(n_fft, hop, len(window), centre=center, padding=padding, dropped=dropped)
    return {"frames": frames, "window": window}


def framed(n_fft: int, window: NDArray[Any], hop: int, **more: Any) -> dict[str, Any]:
    """Frames as long as the window, none beyond the signal unless `more` fields of the geometry say so."""
    fields = {"left": 0, "first": len(window), **more}
    return {"frames": FrameGeometry(n_fft=n_fft, hop=hop, length=len(window), **fields), "window": window}


def power_of_two(n: int) -> int:
    """The smallest power of two that is not below n."""
    return 1 << max(0, n - 1).bit_length()
