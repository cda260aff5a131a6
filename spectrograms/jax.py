"""Results as arrays of JAX, and batches of them. Needs JAX."""

from spectrograms.integrations.jax import (
    JaxChromagram,
    JaxSpectrogram,
    batch,
    batch_with_metadata,
)

__all__ = ["JaxChromagram", "JaxSpectrogram", "batch", "batch_with_metadata"]
