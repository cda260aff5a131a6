"""Accepts one signal, whatever it comes as, and points a `Signal` at its memory.

Arrays of any real dtype, stride, byte order and alignment are read where they are, and converted block by
block. Everything else becomes an array first, in `intake`.
"""
import numpy as np

cimport numpy as cnp

from spectrograms._engine.memory.views cimport private
from spectrograms._engine.kernels.kernels cimport (
    SG_BOOL, SG_F16, SG_F32, SG_F64, SG_I8, SG_I16, SG_I32, SG_I64, SG_LONG_DOUBLE, SG_LOOSE_F32,
    SG_LOOSE_F64, SG_SWAPPED, SG_U8, SG_U16, SG_U32, SG_U64,
)
from spectrograms._common.intake import as_array, real

cnp.import_array()


cdef int sample_type(cnp.ndarray array) noexcept:
    """Return the number that the kernels have for the element type, or -1 if they cannot read it."""
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
        # NumPy's may be float64 where that of the compiler is longer, as on Windows.
        kind = SG_F64 if size == sizeof(double) else SG_LONG_DOUBLE
    elif type_number == cnp.NPY_BOOL:
        kind = SG_BOOL
    elif cnp.PyTypeNum_ISUNSIGNED(type_number):
        kind = SG_U8 if size == 1 else SG_U16 if size == 2 else SG_U32 if size == 4 else SG_U64
    elif cnp.PyTypeNum_ISSIGNED(type_number):
        kind = SG_I8 if size == 1 else SG_I16 if size == 2 else SG_I32 if size == 4 else SG_I64
    else:
        return -1
    # Other byte orders and addresses have conversions of their own. The plain ones of float32 and float64
    # promise alignment, because those types are also read without conversion; integers never are.
    if not cnp.PyArray_ISNOTSWAPPED(array):
        return SG_SWAPPED + kind
    if not cnp.PyArray_ISALIGNED(array):
        return SG_LOOSE_F32 if kind == SG_F32 else SG_LOOSE_F64 if kind == SG_F64 else kind
    return kind


cpdef cnp.ndarray readable(cnp.ndarray array, object given, str name="samples"):  # type: () -> NDArray[Any]
    """Return the array made from `given` in a dtype that `sample_type` knows: itself, or a converted copy."""
    if sample_type(array) >= 0:
        return array
    return real(array, name, given)


def one_dimensional(samples):  # type: (samples: ArrayLike) -> NDArray[Any]
    """Turn anything that holds the numbers of one signal into a 1-D ndarray.

    A number is one sample, and an array of shape (1, n) one channel.

    Raises
    ------
    TypeError, ValueError
        As for :func:`as_array`, and for more than one dimension.
    """
    return _one_dimensional(as_array(samples))


cdef cnp.ndarray _one_dimensional(cnp.ndarray array):
    if cnp.PyArray_NDIM(array) == 1:
        return array
    if cnp.PyArray_NDIM(array) == 0:
        return array.reshape(1)
    if cnp.PyArray_NDIM(array) == 2 and cnp.PyArray_DIM(array, 0) == 1:
        return array[0]  # of one channel, as torchaudio and others load it
    raise TypeError(
        f"samples must be 1-D, got an array of shape {np.shape(array)}; take one channel or the mean of all, "
        "or give several signals to compute_batch"
    )


cpdef cnp.ndarray of_dimension(value, str name, int ndim):  # type: (value: ArrayLike) -> NDArray[Any]
    """Turn an argument into a private ndarray of `ndim` axes; a single number counts as a vector."""
    cdef cnp.ndarray array = private(value) if cnp.PyArray_Check(value) else as_array(value, name)
    if cnp.PyArray_NDIM(array) == ndim:
        return array
    if cnp.PyArray_NDIM(array) == 0 and ndim == 1:
        return array.reshape(1)
    raise TypeError(f"{name} must be {ndim}-D, got an array of shape {np.shape(array)}")


def real_numbers(value, str name, int ndim):  # type: (value: ArrayLike) -> NDArray[Any]
    """Turn an argument into an ndarray of `ndim` axes that `sample_type` knows."""
    return readable(of_dimension(value, name, ndim), value, name)


cdef cnp.ndarray _of_floats(list samples):
    """Make an array of a list that begins with a float, as `as_array` would, but faster for plain floats."""
    try:
        return np.array(samples)
    except Exception:
        return as_array(samples)


cdef object attach(object samples, Signal *signal, str empty):
    """Point `signal` at 1-D samples; return the array that must stay alive meanwhile.

    `empty` is the text of the ValueError for a signal without samples. Once there is an array, no more Python
    code runs, so an array that the caller gave needs no private view.
    """
    cdef cnp.ndarray array
    # The two most common inputs first: checks and conversions of any object cost more than a short signal.
    if type(samples) is np.ndarray and sample_type(<cnp.ndarray>samples) >= 0:
        array = _one_dimensional(samples)
    elif type(samples) is list and (<list>samples) and type((<list>samples)[0]) is float:
        array = readable(_one_dimensional(_of_floats(samples)), samples)
    else:
        array = readable(_one_dimensional(as_array(samples)), samples)
    # After the conversions, which are the last to run code of the caller's.
    if array.shape[0] == 0:
        raise ValueError(empty)
    point(signal, array)
    return array


cdef void point(Signal *signal, cnp.ndarray array) noexcept:
    """Point `signal` at a 1-D array that can be read."""
    signal.data = <const char *>cnp.PyArray_DATA(array)
    signal.stride = cnp.PyArray_STRIDE(array, 0)
    signal.type = sample_type(array)
    signal.origin = 0
    signal.available = array.shape[0]
    signal.length = array.shape[0]
    signal.tail = 0


def as_signal(samples, str empty):  # type: (samples: ArrayLike) -> NDArray[Any]
    """Turn samples into a private 1-D ndarray, which the engine can read in place any number of times.

    Parameters
    ----------
    samples : array_like
    empty : str
        Text of the ValueError for a signal without samples.
    """
    cdef Signal signal
    return private(attach(samples, &signal, empty))
