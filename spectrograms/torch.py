"""Results as PyTorch tensors, batches of them, and feature stores as datasets. Needs PyTorch."""

from spectrograms.integrations.torch import (
    TorchChromagram,
    TorchSpectrogram,
    batch,
    batch_with_metadata,
)
from spectrograms.integrations.torch_data import (
    FeatureDataset,
    FeatureItem,
    LengthBucketSampler,
    PaddedBatch,
    collate_padded,
)
from spectrograms.integrations.torch_frontend import Frontend
from spectrograms.integrations.torch_stream import IterableFeatureDataset

__all__ = [
    "FeatureDataset",
    "FeatureItem",
    "Frontend",
    "IterableFeatureDataset",
    "LengthBucketSampler",
    "PaddedBatch",
    "TorchChromagram",
    "TorchSpectrogram",
    "batch",
    "batch_with_metadata",
    "collate_padded",
]
