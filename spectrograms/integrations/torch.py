"""Share results with PyTorch, and stack them into tensors.

Tensors on the CPU share the memory of the result, which lives as long as they do; a change of one shows in
the other. PyTorch has no read-only tensors: one made from a result whose ``data`` are read-only can be
written to all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Self

import numpy as np

from spectrograms.integrations.exchange import batch_shape, chromagram_labels, is_chromagram, labels, place

try:
    import torch
except ModuleNotFoundError as _error:
    if _error.name != "torch":
        raise
    raise ImportError(
        "PyTorch is not installed. Install it with: pip install torch", name="torch"
    ) from _error

__all__ = ["TorchChromagram", "TorchSpectrogram", "batch", "batch_with_metadata"]


@dataclass(eq=False)
class _OnDevice:
    """Moves between devices, for a dataclass with a `tensor`."""

    tensor: torch.Tensor

    def to(self, device: Any) -> Self:
        """Return the same with the tensor on another device; the labels are shared.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> transform = sg.compute_stft(np.ones(16000), sg.SpectrogramParams.speech_default(16000))
        >>> transform.to_torch(with_metadata=True).to("cpu").tensor.device
        device(type='cpu')
        """
        return replace(self, tensor=self.tensor.to(device))

    def cpu(self) -> Self:
        """Return the same with the tensor in CPU memory.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> transform = sg.compute_stft(np.ones(16000), sg.SpectrogramParams.speech_default(16000))
        >>> transform.to_torch(with_metadata=True).cpu().tensor.device
        device(type='cpu')
        """
        return replace(self, tensor=self.tensor.cpu())

    def cuda(self, device: Any = None) -> Self:
        """Return the same with the tensor on a CUDA device, by default the current one."""
        return replace(self, tensor=self.tensor.cuda(device))


# Compared by identity: whether tensors are equal has no single answer.
@dataclass(eq=False)
class TorchSpectrogram(_OnDevice):
    """A tensor with the labels of the result it came from.

    Parameters
    ----------
    tensor : torch.Tensor
        The values.
    frequencies, times : ndarray of float64, optional
        Frequency in Hz of each row and time in seconds of each column.
    params : object, optional
        The parameters of the result.
    shape : tuple of int, optional
        That of the result.
    db_range : tuple of two floats, optional
        Smallest and largest value in dB.

    See Also
    --------
    Spectrogram.to_torch : Makes it, given ``with_metadata=True``.
    TorchChromagram : The same for chromagrams.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> transform = sg.compute_stft(np.ones(16000), sg.SpectrogramParams.speech_default(16000))
    >>> labelled = transform.to_torch(with_metadata=True)
    >>> labelled.tensor.shape, labelled.frequencies.shape, labelled.times.shape
    (torch.Size([257, 101]), (257,), (101,))
    """

    tensor: torch.Tensor
    frequencies: np.ndarray | None = None
    times: np.ndarray | None = None
    params: Any = None
    shape: tuple[int, ...] | None = None
    db_range: tuple[float, float] | None = None


@dataclass(eq=False)
class TorchChromagram(_OnDevice):
    """A tensor with the labels of the chromagram it came from.

    Parameters
    ----------
    tensor : torch.Tensor
        The values.
    labels : list of str, optional
        Name of each row.
    params : object, optional
        The parameters of the chromagram.
    shape : tuple of int, optional
        That of the result.
    n_frames : int, optional
        Number of columns.

    See Also
    --------
    Chromagram.to_torch : Makes it, given ``with_metadata=True``.
    TorchSpectrogram : The same for other results.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> stft, chroma = sg.StftParams(2048, 512, "hann"), sg.ChromaParams()
    >>> labelled = sg.compute_chromagram(np.ones(22050), stft, 22050, chroma).to_torch(with_metadata=True)
    >>> labelled.tensor.shape, labelled.labels[:3], labelled.n_frames
    (torch.Size([12, 44]), ['C', 'C#', 'D'], 44)
    """

    tensor: torch.Tensor
    labels: list[str] | None = None
    params: Any = None
    shape: tuple[int, ...] | None = None
    n_frames: int | None = None


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
    """
    tensor = torch.from_dlpack(result).to(device=device, dtype=dtype, non_blocking=non_blocking)
    if not with_metadata:
        return tensor
    if is_chromagram(result):
        return TorchChromagram(tensor, **chromagram_labels(result))
    return TorchSpectrogram(tensor, **labels(result))


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
    pad : bool, default False
        Pad smaller results with zeros at the end of rows and columns.

    Returns
    -------
    torch.Tensor, shape (batch, n_bins, n_frames)

    Raises
    ------
    ValueError
        If there are no spectrograms, or they differ in shape and `pad` is False.

    See Also
    --------
    batch_with_metadata : Lists the labels, too.
    spectrograms.Batch.to_torch : Of a batch that a plan computed.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> from spectrograms.torch import batch
    >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000), sg.MelParams(80, 0.0, 8000.0))
    >>> batch([plan.compute(np.ones(16000)), plan.compute(np.ones(8000))], pad=True).shape
    torch.Size([2, 80, 101])
    """
    tensors = [_tensor(each) for each in spectrograms]
    shape = batch_shape([tuple(tensor.shape) for tensor in tensors], pad)
    kind = dtype or reduce(torch.promote_types, (tensor.dtype for tensor in tensors))
    stacked = torch.zeros(shape, dtype=kind)
    for i, tensor in enumerate(tensors):
        stacked[place(i, tensor.shape)] = tensor
    return stacked.to(device)


def batch_with_metadata(
    spectrograms: Iterable[Any], device: Any = "cpu", dtype: Any = None, pad: bool = False
) -> tuple[torch.Tensor, list[dict[str, Any]]]:
    """Stack results into one new tensor, and list their labels.

    Parameters
    ----------
    spectrograms, device, dtype, pad
        As for `batch`.

    Returns
    -------
    tensor : torch.Tensor, shape (batch, n_bins, n_frames)
    metadata : list of dict
        ``shape`` before padding, ``frequencies``, ``times`` and ``params`` of each, None if it lacks them,
        and ``db_range`` of spectrograms.

    Raises
    ------
    ValueError
        As `batch`.

    See Also
    --------
    batch : The tensor alone.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> from spectrograms.torch import batch_with_metadata
    >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000), sg.MelParams(80, 0.0, 8000.0))
    >>> results = [plan.compute(np.ones(16000)), plan.compute(np.ones(8000))]
    >>> tensor, metadata = batch_with_metadata(results, pad=True)
    >>> tensor.shape, [labels["shape"] for labels in metadata]
    (torch.Size([2, 80, 101]), [(80, 101), (80, 51)])
    """
    spectrograms = list(spectrograms)
    return batch(spectrograms, device, dtype, pad), [labels(each) for each in spectrograms]


def _tensor(each):
    return each.to_torch() if hasattr(each, "to_torch") else torch.from_dlpack(each)
