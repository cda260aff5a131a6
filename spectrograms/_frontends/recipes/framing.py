"""Where toolkits place their frames: fields of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def centred(
    n_fft: int, window: NDArray[Any], hop: int, padding: str, *, center: bool = True
) -> dict[str, Any]:
    """Frames of `n_fft` samples with the window in their middle, as torch.stft and librosa place them."""
    pad = n_fft // 2 if center else 0
    at = (n_fft - len(window)) // 2
    return {
        "n_fft": n_fft, "hop": hop, "window": window, "window_at": at, "left": pad - at,
        "first_frame_at": n_fft - 2 * pad, "padding": padding, "reach": pad,
    }  # fmt: skip


def whole_frames(n_fft: int, window: NDArray[Any], hop: int) -> dict[str, Any]:
    """Frames as long as the window, none beyond the signal, with zeros after each up to `n_fft`."""
    return {"n_fft": n_fft, "hop": hop, "window": window, "left": 0, "first_frame_at": len(window)}


def power_of_two(n: int) -> int:
    """The smallest power of two that is not below n."""
    return 1 << max(0, n - 1).bit_length()
