"""Share results with JAX, and stack them into arrays.

Arrays on the CPU share the memory of a float32 result. JAX assumes that arrays never change: do not write to
the result afterwards. Unless 64 bits are enabled, JAX turns float64 into float32 and complex128 into
complex64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np

from spectrograms._common.extras import Needed
from spectrograms.integrations import exchange

with Needed("JAX", "jax", "jax"):
    import jax

__all__ = ["JaxChromagram", "JaxSpectrogram", "batch", "batch_with_metadata"]


# What the examples of both classes start with.
_SHOWN = """%(examples)s
>>> params = sg.SpectrogramParams.speech_default(16000)
>>> labelled = sg.compute_linear_db_spectrogram(np.ones(16000), params).to_jax(with_metadata=True)"""
_bridge = partial(exchange.bridge, "jax", "Jax", "jax.Array", "array", shown=_SHOWN)


@dataclass(eq=False)
@_bridge()
class _OnDevice:
    """Moves between devices, for a dataclass with an `array`."""

    array: jax.Array

    def to_device(self, device: Any) -> Self:
        """Return the same with the array on another device; the labels are shared.

        `device` is a device of JAX, or the name of a platform, such as ``"cpu"``, for its first one.

        %(shown)s
        >>> labelled.to_device("cpu").array.shape
        (257, 101)
        """
        return replace(self, array=jax.device_put(self.array, _device(device)))

    def cpu(self) -> Self:
        """Return the same with the array in CPU memory.

        %(shown)s
        >>> labelled.cpu().array.shape
        (257, 101)
        """
        return self.to_device("cpu")

    def gpu(self, index: int = 0) -> Self:
        """Return the same with the array on a GPU, the first one by default."""
        return self.to_device(jax.devices("gpu")[index])


# Compared by identity: whether arrays are equal has no single answer.
@dataclass(eq=False)
@_bridge()
class JaxSpectrogram(exchange.SpectrogramLabels, _OnDevice):
    """An array of JAX with the labels of the result it came from.

    %(labelled)s

    %(shown)s
    >>> labelled.array.shape, labelled.frequencies.shape, labelled.times.shape
    ((257, 101), (257,), (101,))
    """


@dataclass(eq=False)
@_bridge()
class JaxChromagram(exchange.ChromagramLabels, _OnDevice):
    """An array of JAX with the labels of the chromagram it came from.

    %(labelled_chroma)s
    """


def to_jax(
    result: Any, device: Any = None, with_metadata: bool = False, dtype: Any = None
) -> jax.Array | JaxSpectrogram | JaxChromagram:
    """Make an array of JAX from a result; every result class has this as a method.

    Parameters
    ----------
    result : Spectrogram or another result
    device : jax.Device or str, optional
        A device, or the name of a platform for its first one. By default the CPU, sharing memory where the
        dtype stays the same.
    with_metadata : bool, default False
        Return the array in an object with the axes and parameters.
    dtype : dtype_like, optional
        By default that of the result, or its 32-bit form unless 64 bits are enabled in JAX.

    Returns
    -------
    jax.Array, JaxSpectrogram or JaxChromagram
        With metadata a JaxChromagram for chromagrams, and a JaxSpectrogram for others; labels that the result
        lacks are None.

    Raises
    ------
    RuntimeError
        If JAX has no platform of that name.
    """
    array = _placed(jax.dlpack.from_dlpack(result), device, dtype)
    if not with_metadata:
        return array
    return exchange.with_labels(result, array, JaxSpectrogram, JaxChromagram)


@_bridge("batch")
def batch(spectrograms: Iterable[Any], device: Any = None, dtype: Any = None, pad: bool = False) -> jax.Array:
    """Stack results into one new array.

    Parameters
    ----------
    spectrograms : iterable
        Results, or anything else that `numpy.asarray` accepts.
    device : jax.Device or str, optional
        A device, or the name of a platform for its first one. By default where JAX puts arrays.
    dtype : dtype_like, optional
        By default one that holds the values of all, or its 32-bit form unless 64 bits are enabled in JAX.
    %(stacked)s

    %(two_results)s
    >>> batch(results, pad=True).shape
    (2, 80, 101)
    """
    arrays = [np.asarray(each) for each in spectrograms]
    shape = exchange.batch_shape([array.shape for array in arrays], pad)
    stacked = np.zeros(shape, np.result_type(*arrays))
    for i, array in enumerate(arrays):
        stacked[exchange.place(i, array.shape)] = array
    return _placed(jax.numpy.asarray(stacked), device, dtype)


@_bridge("batch_with_metadata")
def batch_with_metadata(
    spectrograms: Iterable[Any], device: Any = None, dtype: Any = None, pad: bool = False
) -> tuple[jax.Array, list[dict[str, Any]]]:
    """Stack results into one new array, and list their labels.

    %(stacked_with_labels)s
    """
    spectrograms = list(spectrograms)
    return batch(spectrograms, device, dtype, pad), [exchange.labels(each) for each in spectrograms]


def _device(device):
    return jax.devices(device)[0] if isinstance(device, str) else device


def _placed(array, device, dtype):
    if device is not None:
        array = jax.device_put(array, _device(device))
    return array if dtype is None else array.astype(dtype)
