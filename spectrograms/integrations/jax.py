"""Share results with JAX, and stack them into arrays.

Arrays on the CPU share the memory of a float32 result. JAX assumes that arrays never change: do not write to
the result afterwards. Unless 64 bits are enabled, JAX turns float64 into float32 and complex128 into
complex64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from spectrograms.integrations.exchange import batch_shape, chromagram_labels, is_chromagram, labels, place

try:
    import jax
except ModuleNotFoundError as _error:
    if _error.name != "jax":
        raise
    raise ImportError("JAX is not installed. Install it with: pip install jax", name="jax") from _error

__all__ = ["JaxChromagram", "JaxSpectrogram", "batch", "batch_with_metadata"]


@dataclass(eq=False)
class _OnDevice:
    """Moves between devices, for a dataclass with an `array`."""

    array: jax.Array

    def to_device(self, device: Any) -> Self:
        """Return the same with the array on another device; the labels are shared.

        `device` is a device of JAX, or the name of a platform, such as ``"cpu"``, for its first one.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams.speech_default(16000)
        >>> labelled = sg.compute_linear_db_spectrogram(np.ones(16000), params).to_jax(with_metadata=True)
        >>> labelled.to_device("cpu").array.shape
        (257, 101)
        """
        return replace(self, array=jax.device_put(self.array, _device(device)))

    def cpu(self) -> Self:
        """Return the same with the array in CPU memory.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams.speech_default(16000)
        >>> labelled = sg.compute_linear_db_spectrogram(np.ones(16000), params).to_jax(with_metadata=True)
        >>> labelled.cpu().array.shape
        (257, 101)
        """
        return self.to_device("cpu")

    def gpu(self, index: int = 0) -> Self:
        """Return the same with the array on a GPU, the first one by default."""
        return self.to_device(jax.devices("gpu")[index])


# Compared by identity: whether arrays are equal has no single answer.
@dataclass(eq=False)
class JaxSpectrogram(_OnDevice):
    """An array of JAX with the labels of the result it came from.

    Parameters
    ----------
    array : jax.Array
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
    Spectrogram.to_jax : Makes it, given ``with_metadata=True``.
    JaxChromagram : The same for chromagrams.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams.speech_default(16000)
    >>> labelled = sg.compute_linear_db_spectrogram(np.ones(16000), params).to_jax(with_metadata=True)
    >>> labelled.array.shape, labelled.frequencies.shape, labelled.times.shape
    ((257, 101), (257,), (101,))
    """

    array: jax.Array
    frequencies: np.ndarray | None = None
    times: np.ndarray | None = None
    params: Any = None
    shape: tuple[int, ...] | None = None
    db_range: tuple[float, float] | None = None


@dataclass(eq=False)
class JaxChromagram(_OnDevice):
    """An array of JAX with the labels of the chromagram it came from.

    Parameters
    ----------
    array : jax.Array
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
    Chromagram.to_jax : Makes it, given ``with_metadata=True``.
    JaxSpectrogram : The same for other results.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> stft, chroma = sg.StftParams(2048, 512, "hann"), sg.ChromaParams()
    >>> labelled = sg.compute_chromagram(np.ones(22050), stft, 22050, chroma).to_jax(with_metadata=True)
    >>> labelled.array.shape, labelled.labels[:3], labelled.n_frames
    ((12, 44), ['C', 'C#', 'D'], 44)
    """

    array: jax.Array
    labels: list[str] | None = None
    params: Any = None
    shape: tuple[int, ...] | None = None
    n_frames: int | None = None


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
    if is_chromagram(result):
        return JaxChromagram(array, **chromagram_labels(result))
    return JaxSpectrogram(array, **labels(result))


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
    pad : bool, default False
        Pad smaller results with zeros at the end of rows and columns.

    Returns
    -------
    jax.Array, shape (batch, n_bins, n_frames)

    Raises
    ------
    ValueError
        If there are no spectrograms, or they differ in shape and `pad` is False.

    See Also
    --------
    batch_with_metadata : Lists the labels, too.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> from spectrograms.jax import batch
    >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000), sg.MelParams(80, 0.0, 8000.0))
    >>> batch([plan.compute(np.ones(16000)), plan.compute(np.ones(8000))], pad=True).shape
    (2, 80, 101)
    """
    arrays = [np.asarray(each) for each in spectrograms]
    shape = batch_shape([array.shape for array in arrays], pad)
    stacked = np.zeros(shape, np.result_type(*arrays))
    for i, array in enumerate(arrays):
        stacked[place(i, array.shape)] = array
    return _placed(jax.numpy.asarray(stacked), device, dtype)


def batch_with_metadata(
    spectrograms: Iterable[Any], device: Any = None, dtype: Any = None, pad: bool = False
) -> tuple[jax.Array, list[dict[str, Any]]]:
    """Stack results into one new array, and list their labels.

    Parameters
    ----------
    spectrograms, device, dtype, pad
        As for `batch`.

    Returns
    -------
    array : jax.Array, shape (batch, n_bins, n_frames)
    metadata : list of dict
        ``shape`` before padding, ``frequencies``, ``times`` and ``params`` of each, None if it lacks them,
        and ``db_range`` of spectrograms.

    Raises
    ------
    ValueError
        As `batch`.

    See Also
    --------
    batch : The array alone.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> from spectrograms.jax import batch_with_metadata
    >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000), sg.MelParams(80, 0.0, 8000.0))
    >>> results = [plan.compute(np.ones(16000)), plan.compute(np.ones(8000))]
    >>> array, metadata = batch_with_metadata(results, pad=True)
    >>> array.shape, [labels["shape"] for labels in metadata]
    ((2, 80, 101), [(80, 101), (80, 51)])
    """
    spectrograms = list(spectrograms)
    return batch(spectrograms, device, dtype, pad), [labels(each) for each in spectrograms]


def _device(device):
    return jax.devices(device)[0] if isinstance(device, str) else device


def _placed(array, device, dtype):
    if device is not None:
        array = jax.device_put(array, _device(device))
    return array if dtype is None else array.astype(dtype)
