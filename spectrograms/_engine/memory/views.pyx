"""Views of the caller's arrays that nobody else holds, and the one check of what is written to.

Shape, strides and dtype of an array can be set at any time: by another thread, by whatever runs while samples
are converted, by a signal handler. So they are asked of a view of our own.
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
    """Return a plain view of an array, new and of this caller alone; no Python code of a subclass runs."""
    return PyArray_View(array, NULL, &PyArray_Type)


cdef int require(cnp.ndarray array, int type_number, int ndim, Py_ssize_t rows, Py_ssize_t cols) except -1:
    """Refuse an array but a contiguous one of NumPy's type of that number and that shape."""
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
    # Bytes from the first to behind the last element, of the axes so far: those with the smallest steps.
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
    if count > reach // size:
        return True
    # Rows that stand between each other's elements: rare, and not larger than their memory.
    places = np.zeros(1, np.int64)
    for axis in range(ndim):
        steps = np.arange(cnp.PyArray_DIM(array, axis), dtype=np.int64) * cnp.PyArray_STRIDE(array, axis)
        places = np.add.outer(places, steps).reshape(-1)
    places.sort()
    return bool((np.diff(places) < size).any())


def _of_dlpack(out):
    """The memory of a tensor. Old capsules cannot say whether it may be written to; its array can."""
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
        If it gives no access to its memory.
    """
    if isinstance(out, np.ndarray):
        return private(out)
    try:
        return private(_of_dlpack(out) if hasattr(out, "__dlpack__") else np.asarray(memoryview(out)))
    except (TypeError, RuntimeError, BufferError):
        raise TypeError(f"{name} must be a writable array, got {type(out).__name__}") from None


cpdef cnp.ndarray writable(out, tuple shape, dtype, str name="out"):
    """Check an array to write to; return a view of it that nobody else holds.

    To be called when all samples are converted, so that nothing of the caller's runs behind it.

    Parameters
    ----------
    out : ndarray, or any writable array of the buffer protocol or DLPack
    shape : tuple of int
    dtype : numpy.dtype
    name : str
        What errors call it.

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
