"""Share results with PyTorch, and stack them into tensors.

Tensors on the CPU share the memory of the result, which lives as long as they do; a change of one shows in
the other. PyTorch has no read-only tensors: one made from a result whose ``data`` are read-only can be
written to all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any, Self

from spectrograms._common.extras import Needed
from spectrograms.integrations import exchange

with Needed("PyTorch", "torch", "torch"):
    import torch

__all__ = ["TorchChromagram", "TorchSpectrogram", "batch", "batch_with_metadata"]


# What the examples of both classes start with.
_SHOWN = """%(examples)s
>>> transform = sg.compute_stft(np.ones(16000), sg.SpectrogramParams.speech_default(16000))"""
_bridge = partial(exchange.bridge, "torch", "Torch", "torch.Tensor", "tensor", shown=_SHOWN)


@dataclass(eq=False)
@_bridge()
class _OnDevice:
    """Moves between devices, for a dataclass with a `tensor`."""

    tensor: torch.Tensor

    def to(self, device: Any) -> Self:
        """Return the same with the tensor on another device; the labels are shared.

        %(shown)s
        >>> transform.to_torch(with_metadata=True).to("cpu").tensor.device
        device(type='cpu')
        """
        return replace(self, tensor=self.tensor.to(device))

    def cpu(self) -> Self:
        """Return the same with the tensor in CPU memory.

        %(shown)s
        >>> transform.to_torch(with_metadata=True).cpu().tensor.device
        device(type='cpu')
        """
        return replace(self, tensor=self.tensor.cpu())

    def cuda(self, device: Any = None) -> Self:
        """Return the same with the tensor on a CUDA device, by default the current one."""
        return replace(self, tensor=self.tensor.cuda(device))


# Compared by identity: whether tensors are equal has no single answer.
@dataclass(eq=False)
@_bridge()
class TorchSpectrogram(exchange.SpectrogramLabels, _OnDevice):
    """A tensor with the labels of the result it came from.

    %(labelled)s

    %(shown)s
    >>> labelled = transform.to_torch(with_metadata=True)
    >>> labelled.tensor.shape, labelled.frequencies.shape, labelled.times.shape
    (torch.Size([257, 101]), (257,), (101,))
    """


@dataclass(eq=False)
@_bridge()
class TorchChromagram(exchange.ChromagramLabels, _OnDevice):
    """A tensor with the labels of the chromagram it came from.

    %(labelled_chroma)s
    """


def to_torch(
    result: Any,
    device: Any = "cpu",
    with_metadata: bool = False,
    dtype: Any = None,
    non_blocking: bool = False,
) -> torch.Tensor | TorchSpectrogram | TorchChromagram:
    """Make a tensor from a result; every result class has this as a method.

    Parameters
    ----------
    result : Spectrogram or another result
    device : str or torch.device, default "cpu"
        Where to put the tensor. On the CPU, in the dtype of the result, it shares its memory.
    with_metadata : bool, default False
        Return the tensor in an object with the axes and parameters.
    dtype : torch.dtype, optional
        By default that of the result.
    non_blocking : bool, default False
        Copy to the device without waiting, where PyTorch can.

    Returns
    -------
    torch.Tensor, TorchSpectrogram or TorchChromagram
        With metadata a TorchChromagram for chromagrams, and a TorchSpectrogram for others; labels that the
        result lacks are None.

    Raises
    ------
    BufferError
        If the data of the result were made read-only, and PyTorch is so old that it asks for a kind of DLPack
        capsule that cannot say so.
    """
    tensor = torch.from_dlpack(result).to(device=device, dtype=dtype, non_blocking=non_blocking)
    if not with_metadata:
        return tensor
    return exchange.with_labels(result, tensor, TorchSpectrogram, TorchChromagram)


@_bridge("batch")
def batch(
    spectrograms: Iterable[Any], device: Any = "cpu", dtype: Any = None, pad: bool = False
) -> torch.Tensor:
    """Stack results into one new tensor.

    Parameters
    ----------
    spectrograms : iterable
        Results, or other objects with ``to_torch`` or that `torch.from_dlpack` accepts.
    device : str or torch.device, default "cpu"
        Where to put the tensor.
    dtype : torch.dtype, optional
        By default one that holds the values of all.
    %(stacked)s
    spectrograms.Batch.to_torch : Of a batch that a plan computed.

    %(two_results)s
    >>> batch(results, pad=True).shape
    torch.Size([2, 80, 101])
    """
    tensors = [_tensor(each) for each in spectrograms]
    shape = exchange.batch_shape([tuple(tensor.shape) for tensor in tensors], pad)
    kind = dtype or reduce(torch.promote_types, (tensor.dtype for tensor in tensors))
    stacked = torch.zeros(shape, dtype=kind)
    for i, tensor in enumerate(tensors):
        stacked[exchange.place(i, tensor.shape)] = tensor
    return stacked.to(device)


@_bridge("batch_with_metadata")
def batch_with_metadata(
    spectrograms: Iterable[Any], device: Any = "cpu", dtype: Any = None, pad: bool = False
) -> tuple[torch.Tensor, list[dict[str, Any]]]:
    """Stack results into one new tensor, and list their labels.

    %(stacked_with_labels)s
    """
    spectrograms = list(spectrograms)
    return batch(spectrograms, device, dtype, pad), [exchange.labels(each) for each in spectrograms]


def _tensor(each):
    return each.to_torch() if hasattr(each, "to_torch") else torch.from_dlpack(each)
