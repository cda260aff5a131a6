"""Accepts one signal, whatever it comes as, and points a `Signal` at its memory.

Arrays of any real dtype, stride, byte order and alignment are read where they are and converted block by
block; anything else becomes an array first, as NumPy would make it.
"""
import warnings
from os import PathLike

import numpy as np

cimport numpy as cnp

from spectrograms.engine.kernels cimport (
    SG_BOOL, SG_F16, SG_F32, SG_F64, SG_I8, SG_I16, SG_I32, SG_I64, SG_LONG_DOUBLE, SG_LOOSE_F32,
    SG_LOOSE_F64, SG_SWAPPED, SG_U8, SG_U16, SG_U32, SG_U64,
)

cnp.import_array()


cdef int sample_type(cnp.ndarray array) noexcept:
    """Element type as the kernels number them, or -1 where they cannot read it."""
    cdef int type_number = cnp.PyArray_TYPE(array)
    cdef Py_ssize_t size = cnp.PyArray_ITEMSIZE(array)
    cdef int kind
    if type_number == cnp.NPY_FLOAT32:
        kind = SG_F32
    elif type_number == cnp.NPY_FLOAT64:
        kind = SG_F64
    elif type_number == cnp.NPY_FLOAT16:
        kind = SG_F16
    elif type_number == cnp.NPY_LONGDOUBLE:
        kind = SG_LONG_DOUBLE
    elif type_number == cnp.NPY_BOOL:
        kind = SG_BOOL
    elif cnp.PyTypeNum_ISUNSIGNED(type_number):
        kind = SG_U8 if size == 1 else SG_U16 if size == 2 else SG_U32 if size == 4 else SG_U64
    elif cnp.PyTypeNum_ISSIGNED(type_number):
        kind = SG_I8 if size == 1 else SG_I16 if size == 2 else SG_I32 if size == 4 else SG_I64
    else:
        return -1
    if not cnp.PyArray_ISNOTSWAPPED(array):
        return SG_SWAPPED + kind
    if not cnp.PyArray_ISALIGNED(array):
        return SG_LOOSE_F32 if kind == SG_F32 else SG_LOOSE_F64 if kind == SG_F64 else kind
    return kind


cdef cnp.ndarray readable(cnp.ndarray array, object samples):
    """The array made of `samples` as one that `sample_type` knows: a copy of what is no array of numbers.

    Complex numbers lose their imaginary part, with NumPy's warning.
    """
    if sample_type(array) >= 0:
        return array
    if cnp.PyArray_ISCOMPLEX(array):
        warnings.warn(
            "Casting complex values to real discards the imaginary part", np.exceptions.ComplexWarning
        )
        return array.real
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        words = f"samples must be real numbers, got {type(samples).__name__}: {error}"
        if isinstance(samples, (str, PathLike)):
            words += "; read_audio gives the samples of a file"
        raise type(error)(words) from None


def as_array(samples):
    """Turn anything that holds numbers into an ndarray, without a copy where that is possible.

    Raises
    ------
    TypeError
        For None, and for memory of another device.
    ValueError
        For ragged lists.
    """
    if samples is None:
        raise TypeError("samples must be array-like, got None")
    if isinstance(samples, np.ndarray):
        return np.asarray(samples)
    device = getattr(samples, "__dlpack_device__", None)
    if device is not None:
        where = device()
        if not isinstance(where, tuple) or where[0] != 1:
            raise TypeError(
                f"samples must be in CPU memory, got a {type(samples).__name__} on device {where}; "
                "call .cpu() first"
            )
        try:
            return np.from_dlpack(samples)
        except (TypeError, RuntimeError, BufferError):
            pass  # An old producer, or one that wants another door.
    try:
        return np.asarray(samples)
    except ValueError as error:
        kind = type(samples).__name__
        words = f"samples must be one signal, got a {kind} of items of different shapes: {error}"
        if isinstance(samples, tuple) and len(samples) == 2:
            words += " Note that read_audio returns (samples, sample_rate)."
        raise ValueError(words) from None
    except TypeError as error:
        raise TypeError(f"samples cannot be made an array: {error}") from None


cpdef cnp.ndarray one_dimensional(samples):
    """Turn anything that holds the numbers of one signal into a 1-D ndarray; a number is one sample.

    Raises
    ------
    TypeError, ValueError
        As of :func:`as_array`, and for more than one dimension.
    """
    cdef cnp.ndarray array = samples if type(samples) is np.ndarray else as_array(samples)
    if cnp.PyArray_NDIM(array) == 1:
        return array
    if cnp.PyArray_NDIM(array) == 0:
        return array.reshape(1)
    raise TypeError(
        f"samples must be 1-D, got an array of shape {np.shape(array)}; take one channel or the mean of all, "
        "or give several signals to compute_batch"
    )


cdef object attach(object samples, Signal *signal, str empty):
    """Point `signal` at 1-D samples; return the array that must stay alive meanwhile.

    `empty` is the text of the ValueError for a signal without samples.
    """
    cdef cnp.ndarray array = readable(one_dimensional(samples), samples)
    if array.shape[0] == 0:
        raise ValueError(empty)
    signal.data = <const char *>cnp.PyArray_DATA(array)
    signal.stride = cnp.PyArray_STRIDE(array, 0)
    signal.type = sample_type(array)
    signal.origin = 0
    signal.available = array.shape[0]
    signal.length = array.shape[0]
    signal.tail = 0
    return array


def as_signal(samples, str empty):
    """Turn samples into a 1-D ndarray that the engine reads in place, as often as it likes.

    Parameters
    ----------
    samples : array_like
    empty : str
        Text of the ValueError for a signal without samples.
    """
    cdef Signal signal
    return attach(samples, &signal, empty)
