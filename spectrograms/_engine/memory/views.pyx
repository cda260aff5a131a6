"""Views of the caller's arrays that nobody else holds, and the one check of what is written to.

Shape, strides and dtype of an array can be changed at any time: by another thread, by code that runs while
samples are converted, by a signal handler. They are therefore read from a view of our own.
"""
import numpy as np

cimport numpy as cnp

from cpython.object cimport PyObject, PyTypeObject

from spectrograms.errors import DimensionMismatchError

cnp.import_array()

cdef extern from "numpy/arrayobject.h":
    object PyArray_View(cnp.ndarray array, PyObject *dtype, PyTypeObject *cls)
    PyTypeObject PyArray_Type


cpdef cnp.ndarray private(cnp.ndarray array):
    """Return a new plain view of an array, which only the caller holds. No code of a subclass runs."""
    return PyArray_View(array, NULL, &PyArray_Type)


cdef int require(cnp.ndarray array, int type_number, int ndim, Py_ssize_t rows, Py_ssize_t cols) except -1:
    """Refuse every array but a contiguous one of that type, as NumPy numbers types, and that shape."""
    if cnp.PyArray_TYPE(array) != type_number or not cnp.PyArray_ISCARRAY_RO(array):
        raise TypeError(f"the array must be contiguous and of the working precision, got {array.dtype}")
    if (
        cnp.PyArray_NDIM(array) != ndim
        or cnp.PyArray_DIM(array, 0) != rows
        or ndim == 2 and cols >= 0 and cnp.PyArray_DIM(array, 1) != cols
    ):
        raise ValueError(f"the array must have {rows} rows, got shape {np.shape(array)}")
    return 0


cdef bint overlaps_itself(cnp.ndarray array) except -1:
    cdef int ndim = cnp.PyArray_NDIM(array)
    cdef Py_ssize_t size = cnp.PyArray_ITEMSIZE(array)
    # Take the axes by growing step. `reach` is the number of bytes that the axes taken so far cover: if the
    # next step is at least as long, copies along that axis cannot meet.
    cdef Py_ssize_t reach = size
    cdef Py_ssize_t count = 1
    cdef Py_ssize_t step, least
    cdef bint clear = True
    cdef int axis, _taken, chosen
    cdef bint[64] done  # as many axes as NumPy has
    if cnp.PyArray_IS_C_CONTIGUOUS(array):
        return False
    for axis in range(ndim):
        if cnp.PyArray_DIM(array, axis) == 0:
            return False
        done[axis] = False
    for _taken in range(ndim):
        chosen = -1
        least = 0
        for axis in range(ndim):
            step = abs(cnp.PyArray_STRIDE(array, axis))
            if not done[axis] and (chosen < 0 or step < least):
                chosen = axis
                least = step
        done[chosen] = True
        if cnp.PyArray_DIM(array, chosen) > 1:
            clear = clear and least >= reach
            reach += (cnp.PyArray_DIM(array, chosen) - 1) * least
            count *= cnp.PyArray_DIM(array, chosen)
    if clear:
        return False
    # More elements than fit in the bytes they cover: some must share.
    if count > reach // size:
        return True
    # Otherwise rows stand between each other's elements, or overlap. That is rare, and since there are no
    # more elements than their memory holds, comparing all addresses is affordable.
    places = np.zeros(1, np.int64)
    for axis in range(ndim):
        steps = np.arange(cnp.PyArray_DIM(array, axis), dtype=np.int64) * cnp.PyArray_STRIDE(array, axis)
        places = np.add.outer(places, steps).reshape(-1)
    places.sort()
    return bool((np.diff(places) < size).any())


def _of_dlpack(out):
    """Return the memory of a tensor as an array.

    A legacy DLPack capsule cannot say whether its memory is writable, so NumPy takes it for read-only. The
    tensor's own ``__array__`` can; its array is used if it is the same memory.
    """
    array = np.from_dlpack(out)
    if not array.flags.writeable and hasattr(out, "__array__"):
        same = np.asarray(out)
        if same.__array_interface__ == {**array.__array_interface__, "data": (array.ctypes.data, False)}:
            return same
    return array


cpdef cnp.ndarray as_output(out, str name="out"):
    """Return a private view of the memory of an array, or of an object of another library.

    Raises
    ------
    TypeError
        If it does not give access to its memory.
    """
    if isinstance(out, np.ndarray):
        return private(out)
    try:
        return private(_of_dlpack(out) if hasattr(out, "__dlpack__") else np.asarray(memoryview(out)))
    except (TypeError, RuntimeError, BufferError):
        raise TypeError(f"{name} must be a writable array, got {type(out).__name__}") from None


cpdef cnp.ndarray writable(out, tuple shape, dtype, str name="out"):
    """Check an array to write to; return a view of it that nobody else holds.

    Call this after all samples are converted, so that no code of the caller's runs between the check and the
    use.

    Parameters
    ----------
    out : ndarray, or any writable array of the buffer protocol or DLPack
    shape : tuple of int
    dtype : numpy.dtype
    name : str
        Name of the argument, for errors.

    Returns
    -------
    ndarray
        Any strides; no two elements share memory.

    Raises
    ------
    TypeError
        If it is no array, or has another number of dimensions or another dtype.
    DimensionMismatchError
        If an axis has another length.
    ValueError
        If it is read-only or misaligned, or overlaps itself.
    """
    cdef cnp.ndarray array = as_output(out, name)
    cdef int axis
    if cnp.PyArray_NDIM(array) != len(shape):
        raise TypeError(f"{name} must be {len(shape)}-D of shape {shape}, got shape {np.shape(array)}")
    if array.dtype != dtype:
        raise TypeError(f"{name} must have dtype {dtype}, got {array.dtype}")
    for axis in range(len(shape)):
        if cnp.PyArray_DIM(array, axis) != shape[axis]:
            raise DimensionMismatchError(
                shape[axis],
                cnp.PyArray_DIM(array, axis),
                f"{name} must have shape {shape}, axis {axis} differs",
            )
    if not cnp.PyArray_ISWRITEABLE(array):
        raise ValueError(f"{name} must be writable, got a read-only array")
    if not cnp.PyArray_ISALIGNED(array):
        raise ValueError(f"{name} must be aligned to its dtype, got a misaligned array")
    if overlaps_itself(array):
        strides = (<object>array).strides
        raise ValueError(f"{name} must not overlap itself, got shape {shape} and strides {strides}")
    return array
