"""Results as PyTorch tensors, and batches of them. Needs PyTorch."""

from spectrograms.integrations.torch import (
    TorchChromagram,
    TorchSpectrogram,
    batch,
    batch_with_metadata,
)

__all__ = ["TorchChromagram", "TorchSpectrogram", "batch", "batch_with_metadata"]
